// What a scenario expects, held against what the checkers know at the end of its run.
#pragma once

#include "sim/checkers/watch.h"
#include "sim/scenario/scenario.h"

namespace barnabas::scenario {

// Reports what does not hold.
void judge(const Expectation& expectation, sim::Watch& watch);

}  // namespace barnabas::scenario
