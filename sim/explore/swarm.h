// Many seeds together: how many hold, which do not, and what they came to.
#pragma once

#include <map>

#include "sim/explore/outcome.h"

namespace barnabas::explore {

struct Swarm {
    struct Struck {
        std::uint64_t times = 0;
        std::uint64_t seeds = 0;
    };

    std::string title;  // the scenario's file, or what else its seeds have in common
    std::uint64_t seeds = 0;
    std::uint64_t passed = 0;
    std::uint64_t too_small = 0;  // no rule was broken, in too short a run to count by itself
    std::vector<Outcome> violated;
    std::uint64_t events = 0;
    Duration time{};                       // virtual, of all together
    Duration cpu{};                        // of all their processes
    sim::Counts counts;                    // of all together
    std::map<std::string, Struck> faults;  // by kind
    std::vector<Duration> recoveries;      // of all together

    void add(const Outcome& outcome);
    std::string text() const;
};

// The command that runs it again.
std::string reproduce(const Outcome& outcome);

}  // namespace barnabas::explore
