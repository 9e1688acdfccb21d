// Where the engine's notes go on a real machine: one line each to a descriptor, stderr by default,
// by way of a thread of its own. Lines that the descriptor does not take are dropped and counted.
//
//   2026-11-23T04:14:38.123Z warning REFUSED   127.0.0.1:40112  frame of 200 MB is beyond the limit
//
// A kind of note that repeats is cut short: of each kind and sort of subject ("orders-0" and
// "orders-1" are one sort) so many a second are printed, and the rest is counted. Every note, also
// one that is not printed, is kept for the crash report (crash.h).
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "engine/base/time.h"
#include "engine/host/line_writer.h"
#include "engine/runtime/occurrence.h"

namespace barnabas::host {

class LogSink {
  public:
    struct Options {
        int descriptor = 2;
        Severity at_least = Severity::info;
        std::uint32_t lines_per_second = 20;  // of one kind and sort of subject
    };

    // What is left of what was said when the descriptor has taken nothing for so long is given up.
    static constexpr Duration patience_at_end = std::chrono::milliseconds(500);

    LogSink();
    explicit LogSink(Options options);

    // Thread-safe.
    void write(const Occurrence& what);
    void write(const Occurrence& what, WallTime now);
    // Prints what was suppressed and is overdue. To be called now and then; and at the end, with
    // `all`.
    void settle(WallTime now, bool all = false);
    bool has_suppressed() const { return suppressed_ > 0 || writer_.may_have_dropped(); }
    // Waits until all is written. False when the descriptor takes no more for so long.
    bool wait_until_written(Duration patience) { return writer_.wait_until_written(patience); }

  private:
    struct Window {
        WallTime began;
        std::uint32_t printed = 0;
        std::uint32_t suppressed = 0;
        Severity severity = Severity::info;
    };
    using Sort = std::pair<Occurrence::Kind, std::string>;
    static constexpr Duration window = std::chrono::seconds(1);
    static constexpr std::size_t sorts_max = 1024;

    void print(WallTime now, const Occurrence& what);
    void tell_of_dropped(WallTime now);
    void close_window(WallTime now, const Sort& sort, Window& ended);

    Options options_;
    bool has_colours_;
    std::mutex mutex_;
    std::map<Sort, Window> windows_;
    std::uint64_t suppressed_ = 0;
    std::string line_;
    LineWriter writer_;
};

WallTime wall_clock();

}  // namespace barnabas::host
