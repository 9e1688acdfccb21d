// What a process says when it dies of its own fault: version, the check that failed or the signal,
// and the last notes; and it saves what a recording still has in memory.
#pragma once

#include <cstdint>
#include <string>

#include "engine/runtime/occurrence.h"

namespace barnabas::host {

// For a program's main(): a failed CHECK, SIGSEGV, SIGBUS, SIGFPE, SIGILL and SIGABRT report to
// stderr, then the process dies of the signal as it would have.
void report_crashes();

// Keeps the note, and forgets the one before the last 64. Thread-safe.
void remember_note(const Occurrence& what);

// Bytes not yet written to `descriptor`, to be written there in a crash. The last caller wins; null
// ends it. Neither allocates nor locks, so that the report can read it from a signal handler.
struct Unsaved {
    int descriptor = -1;
    const std::uint8_t* data = nullptr;
    std::size_t size = 0;
};
void set_unsaved(const Unsaved* unsaved);

// The report's own text, without the recording.
std::string crash_report(const std::string& cause);

}  // namespace barnabas::host
