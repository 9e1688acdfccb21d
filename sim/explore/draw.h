// The swarm: every seed is a scenario of its own. Cluster, settings, topics, clients and their
// lives, network and disk, what the admin asks for, the kinds of faults and how they overlap are
// drawn from one number, and what is expected is what has to hold under just that.
//
//     const Scenario scenario = draw(17);
//     puts(print(scenario).c_str());          a text that runs by itself, to the same trace hash
//
// A run is short: some ten seconds of work and faults, and then calm for long enough that clients
// that were disturbed have to be through.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sim/scenario/scenario.h"

namespace barnabas::explore {

// The same value for the same seed, in every build. Its file is named "swarm:17".
scenario::Scenario draw(std::uint64_t seed);

// "swarm:17" stands for a file wherever a scenario is asked for.
std::string swarm_file(std::uint64_t seed);
std::optional<std::uint64_t> swarm_seed(std::string_view file);

}  // namespace barnabas::explore
