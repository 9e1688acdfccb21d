// The later lives of clients: a process that was killed comes back as another one with the same
// work, and goes on where what it had written down ends.
#pragma once

#include <optional>

#include "engine/runtime/machine.h"

namespace barnabas::sim {

// What a client that died as `machine` begins its next life with; nothing when it is no client of
// ours, or begins each life anew.
std::optional<Machine> next_life_of(const Machine& machine);

}  // namespace barnabas::sim
