// Makes a failing scenario small: fewer actions, fewer clients, less workload, no setting and no
// expectation that does not matter, times as round as they may be, while the same rule is broken.
// What is left is a scenario that a person can read, without random faults, which fails by itself.
#pragma once

#include "sim/scenario/run.h"

namespace barnabas::explore {

struct Shrunk {
    scenario::Scenario scenario;
    std::string rule;        // that it breaks
    std::uint64_t runs = 0;  // that it took
};

// Nothing when the scenario breaks no rule. At most so many runs.
std::optional<Shrunk> shrink(const scenario::Scenario& failing, std::uint64_t runs_most,
                             scenario::Run::BrokerMaker maker = nullptr);

}  // namespace barnabas::explore
