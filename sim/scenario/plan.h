// What is done to the world in one run, and when: the scenario's own actions, and those that the
// seed places. Concrete, so that it can be printed, and shrunk, as a scenario.
#pragma once

#include "sim/scenario/scenario.h"

namespace barnabas::scenario {

// Sorted by time; actions of the same time in the order of the text. What the seed begins, it also
// ends: at the latest half of `every` after the last moment of its line.
std::vector<At> plan(const Scenario& scenario);

// What is to be drawn for an action follows from this, and not from its place in the plan: it is
// the same when others are left out. Needs: an action of a plan.
std::uint64_t identity_of(const At& at, std::uint64_t seed);

}  // namespace barnabas::scenario
