// What a scenario expects, held against the ledger at the end of its run.
#pragma once

#include "sim/checkers/ledger.h"
#include "sim/scenario/scenario.h"

namespace barnabas::scenario {

// Reports to the ledger what does not hold.
void judge(const Expectation& expectation, sim::Ledger& ledger);

}  // namespace barnabas::scenario
