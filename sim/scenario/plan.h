// What is done to the world in one run, and when: the scenario's own actions, and those that the
// seed places. Concrete, so that it can be printed, and shrunk, as a scenario.
#pragma once

#include "sim/scenario/scenario.h"

namespace barnabas::scenario {

// Sorted by time; actions of the same time in the order of the text. What the seed begins, it also
// ends, within half of `every`.
std::vector<At> plan(const Scenario& scenario);

}  // namespace barnabas::scenario
