// What one part of a pass may still use: so much time, so many bytes. Time is that of the clock on
// the wall, which is cheap to read: a thread that had to wait for a processor ends its pass early.
#pragma once

#include <algorithm>
#include <cstdint>

#include "engine/host/timers.h"

namespace barnabas::host {

struct Allowance {
    Instant until = Instant::max();
    std::uint64_t bytes = UINT64_MAX;

    bool is_spent() const { return bytes == 0 || monotonic_clock() >= until; }
    void take(std::uint64_t count) { bytes -= std::min(count, bytes); }
};

}  // namespace barnabas::host
