// Is a scenario's run the same every time? Runs it twice, and on a difference finds the first event
// that differs.
#pragma once

#include "sim/scenario/run.h"

namespace barnabas::explore {

struct Difference {
    std::uint64_t event = 0;  // the number of the first event that differs, from 1
    std::string first;        // what happened there: time, node, event; each run's own
    std::string second;
};

struct Comparison {
    scenario::Report first;
    scenario::Report second;
    std::optional<Difference> difference;  // nothing: the same, hash for hash

    std::string text() const;
};

// Needs: Run::make() takes the scenario.
Comparison run_twice(const scenario::Scenario& scenario,
                     scenario::Run::BrokerMaker maker = nullptr);

}  // namespace barnabas::explore
