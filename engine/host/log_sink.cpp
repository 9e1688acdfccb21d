#include "engine/host/log_sink.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <utility>

#include "engine/host/crash.h"

namespace barnabas::host {
namespace {

std::string_view colour_of(Severity severity) {
    switch (severity) {
        case Severity::debug: return "\033[2m";
        case Severity::info: return "";
        case Severity::warning: return "\033[33m";
        case Severity::error: return "\033[31m";
    }
    return "";
}

// What came from a peer must not steer a terminal, nor look like a line of its own.
void append_printable(std::string& line, std::string_view text) {
    for (const char one : text) {
        const auto byte = static_cast<unsigned char>(one);
        line += byte < 0x20 || byte == 0x7f ? '?' : one;
    }
}

std::string sort_of(std::string_view subject) {
    std::string sort;
    for (const char one : subject) {
        const bool is_digit = one >= '0' && one <= '9';
        if (!is_digit) sort += one;
        if (is_digit && (sort.empty() || sort.back() != '#')) sort += '#';
    }
    return sort;
}

}  // namespace

WallTime wall_clock() {
    return WallTime(std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::system_clock::now().time_since_epoch()));
}

LogSink::LogSink() : LogSink(Options{}) {}

LogSink::LogSink(Options options)
    : options_(options),
      has_colours_(::isatty(options.descriptor) == 1),
      writer_(options.descriptor) {}

void LogSink::write(const Occurrence& what) { write(what, wall_clock()); }

void LogSink::write(const Occurrence& what, WallTime now) {
    remember_note(what);
    if (what.severity < options_.at_least) return;
    const std::lock_guard guard(mutex_);
    tell_of_dropped(now);
    const Sort sort{what.kind, sort_of(what.subject)};
    if (windows_.size() >= sorts_max && !windows_.contains(sort)) {
        for (auto& [old, ended] : windows_) close_window(now, old, ended);
        windows_.clear();
    }
    Window& current = windows_[sort];
    if (now - current.began >= window || now < current.began) {
        close_window(now, sort, current);
        current = {now, 0, 0, what.severity};
    }
    if (current.printed >= options_.lines_per_second) {
        ++current.suppressed;
        ++suppressed_;
        return;
    }
    ++current.printed;
    print(now, what);
}

void LogSink::settle(WallTime now, bool all) {
    const std::lock_guard guard(mutex_);
    tell_of_dropped(now);
    if (suppressed_ == 0) return;
    for (auto& [sort, current] : windows_)
        if (all || now - current.began >= window) close_window(now, sort, current);
}

void LogSink::tell_of_dropped(WallTime now) {
    if (const std::uint64_t count = writer_.take_dropped(); count > 0)
        print(now, {Occurrence::Kind::refused, Severity::warning, "log",
                    fmt::format("{} lines were dropped: nobody took them", count)});
}

void LogSink::close_window(WallTime now, const Sort& sort, Window& ended) {
    if (ended.suppressed == 0) return;
    suppressed_ -= ended.suppressed;
    print(now, {sort.first, ended.severity, sort.second,
                fmt::format("{} more suppressed", std::exchange(ended.suppressed, 0))});
}

void LogSink::print(WallTime now, const Occurrence& what) {
    const std::chrono::sys_time<std::chrono::milliseconds> time(now.time_since_epoch());
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
    line_ = fmt::format("{:%FT%T}.{:03}Z {}{:<7}{} {:<14} ", fmt::gmtime(seconds),
                        (time - seconds).count(), has_colours_ ? colour_of(what.severity) : "",
                        name_of(what.severity), has_colours_ ? "\033[0m" : "", name_of(what.kind));
    append_printable(line_, what.subject);
    line_ += what.subject.empty() ? "" : "  ";
    append_printable(line_, what.text);
    if (line_.size() >= LineWriter::line_max) line_.resize(LineWriter::line_max - 1);
    line_ += '\n';
    writer_.write(line_);
}

}  // namespace barnabas::host
