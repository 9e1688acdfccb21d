// Two clocks that do not mix. Instant: deadlines within one run; it may drift and never steps.
// WallTime: record timestamps and ages of stored things; it may step. Both come in as arguments.
#pragma once

#include <chrono>
#include <cstdint>

namespace barnabas {

using Duration = std::chrono::nanoseconds;

struct MonotonicClock {  // a tag: it has no now()
    using duration = std::chrono::nanoseconds;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<MonotonicClock>;
    static constexpr bool is_steady = true;
};
struct CivilClock {  // a tag; milliseconds since 1970, as Kafka's timestamps
    using duration = std::chrono::milliseconds;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<CivilClock>;
    static constexpr bool is_steady = false;
};

using Instant = MonotonicClock::time_point;
using WallTime = CivilClock::time_point;

using namespace std::chrono_literals;

}  // namespace barnabas
