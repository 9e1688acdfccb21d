// Many seeds of one scenario: how many hold, and which do not.
#pragma once

#include <map>

#include "sim/scenario/run.h"

namespace barnabas::explore {

struct Swarm {
    std::string scenario;
    std::uint64_t seeds = 0;
    std::uint64_t passed = 0;
    std::uint64_t too_small = 0;
    std::vector<std::pair<std::uint64_t, std::string>> violated;  // seed, its first broken rule
    std::uint64_t events = 0;
    Duration time{};                              // virtual, of all together
    sim::Counts counts;                           // of all together
    std::map<std::string, std::uint64_t> faults;  // by kind

    void add(const scenario::Report& report);
    std::string text() const;
};

}  // namespace barnabas::explore
