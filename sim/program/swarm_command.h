// `barnabas sim swarm`: many seeds of one scenario, or of what each seed draws, and a table at the
// end. What is asked of it, and its exit code.
#pragma once

#include "sim/program/seeds.h"

namespace barnabas::program {

int swarm(const SeedsWanted& wanted);
// For each guard: how many seeds, and how much CPU, it takes until a rule is broken without it.
int swarm_of_guards(SeedsWanted wanted);

}  // namespace barnabas::program
