#include "engine/host/crash.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <string_view>

#include "engine/base/check.h"

namespace barnabas::host {
namespace {

constexpr std::size_t notes_kept = 64;
constexpr std::size_t note_size_max = 240;
constexpr std::array fatal_signals = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

struct KeptNote {
    std::array<char, note_size_max> text;
    std::size_t size = 0;

    void append(std::string_view more) {
        for (const char one : more) {
            if (size == text.size()) return;
            const auto byte = static_cast<unsigned char>(one);
            text[size++] = byte < 0x20 || byte == 0x7f ? '?' : one;
        }
    }
};

// Fixed storage: a report may come when nothing can be allocated any more.
struct KeptNotes {
    std::mutex mutex;
    std::array<KeptNote, notes_kept> notes;
    std::atomic<std::uint64_t> count = 0;
};
KeptNotes kept;
std::atomic<const Unsaved*> unsaved_bytes = nullptr;
std::atomic<bool> is_reporting = false;

// Calls `line` with each kept note, oldest first. Takes no lock: the process is dying.
template <class Line>
void each_note(Line line) {
    const std::uint64_t count = kept.count.load();
    for (std::uint64_t at = count > notes_kept ? count - notes_kept : 0; at < count; ++at) {
        const KeptNote& note = kept.notes[at % notes_kept];
        line(std::string_view(note.text.data(), note.size));
    }
}

// False when not all is taken within a moment: who dies must not hang for want of a reader.
bool put(int descriptor, std::string_view text) {
    constexpr int patience_milliseconds = 100;
    constexpr std::size_t step_max = 4096;  // what a pipe takes whole when it takes anything
    while (!text.empty()) {
        pollfd about{descriptor, POLLOUT, 0};
        if (::poll(&about, 1, patience_milliseconds) <= 0) return false;
        const ssize_t count = ::write(descriptor, text.data(), std::min(text.size(), step_max));
        if (count <= 0) return false;
        text.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

template <class Put>
void compose(std::string_view cause, Put text) {
    text("barnabas " BARNABAS_VERSION " stopped: ");
    text(cause);
    text("\nThe last notes, oldest first:\n");
    each_note([&](std::string_view note) {
        text("  ");
        text(note);
        text("\n");
    });
}

// Only what a signal handler may do.
void report(std::string_view cause) {
    if (is_reporting.exchange(true)) return;
    bool is_read = true;
    compose(cause, [&](std::string_view text) { is_read = is_read && put(STDERR_FILENO, text); });
    const Unsaved* unsaved = unsaved_bytes.load();
    if (!unsaved || !unsaved->data) return;
    put(unsaved->descriptor, {reinterpret_cast<const char*>(unsaved->data), unsaved->size});
}

void on_check_failed(const CheckFailure& failure) {
    std::array<char, 512> cause;
    const int size =
        std::snprintf(cause.data(), cause.size(), "%.*s:%d: CHECK failed: %.*s",
                      static_cast<int>(failure.file.size()), failure.file.data(), failure.line,
                      static_cast<int>(failure.expression.size()), failure.expression.data());
    report({cause.data(), std::min(static_cast<std::size_t>(size), cause.size() - 1)});
}

void on_fatal_signal(int signal) {
    switch (signal) {
        case SIGSEGV: report("SIGSEGV (a bad memory access)"); break;
        case SIGBUS: report("SIGBUS (a bad memory access, or a file that was cut)"); break;
        case SIGFPE: report("SIGFPE (a bad arithmetic operation)"); break;
        case SIGILL: report("SIGILL (a bad instruction)"); break;
        default: report("SIGABRT (something else called abort)"); break;
    }
    ::raise(signal);  // the handler was reset: the process dies of it when this returns
}

}  // namespace

void report_crashes() {
    set_check_handler(&on_check_failed);
    struct sigaction action{};
    action.sa_handler = &on_fatal_signal;
    action.sa_flags = static_cast<int>(SA_RESETHAND | SA_NODEFER);
    for (const int signal : fatal_signals) ::sigaction(signal, &action, nullptr);
}

void remember_note(const Occurrence& what) {
    const std::lock_guard guard(kept.mutex);
    const std::uint64_t count = kept.count.load();
    KeptNote& note = kept.notes[count % notes_kept];
    note.size = 0;
    note.append(name_of(what.severity));
    note.append(" ");
    note.append(name_of(what.kind));
    note.append(" ");
    note.append(what.subject);
    note.append("  ");
    note.append(what.text);
    kept.count.store(count + 1);
}

void set_unsaved(const Unsaved* unsaved) { unsaved_bytes.store(unsaved); }

std::string crash_report(const std::string& cause) {
    std::string report;
    compose(cause, [&](std::string_view text) { report += text; });
    return report;
}

}  // namespace barnabas::host
