// A scenario's world: its brokers, its admin, its clients, and who they are to the checkers.
#pragma once

#include "engine/base/result.h"
#include "sim/checkers/cast.h"
#include "sim/scenario/scenario.h"
#include "sim/world/world.h"

namespace barnabas::scenario {

sim::WorldOptions world_options(const Scenario& scenario);

// Adds the nodes; nothing is started yet. What is wrong with the scenario's settings, in words, if
// something is.
Result<sim::Cast, std::string> assemble(const Scenario& scenario,
                                        Machine (*maker)(const settings::BrokerSettings&),
                                        sim::World& world);

}  // namespace barnabas::scenario
