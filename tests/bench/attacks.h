// What a hostile client does to a broker for a while, by name.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tests/bench/measure.h"

namespace barnabas::bench {

struct Attack {
    std::string name;
    // Makes what it needs; `topics` of 1,000 partitions are everything that there is.
    std::function<void(std::uint16_t port, int topics)> prepare;
    // Until then, on connections of its own; whoever runs it may also end it at any time.
    std::function<void(std::uint16_t port, Clock::time_point until)> run;
};

const std::vector<Attack>& attacks();

}  // namespace barnabas::bench
