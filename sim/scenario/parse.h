// Between a scenario and its text.
#pragma once

#include <string>
#include <string_view>

#include "sim/scenario/scenario.h"
#include "sim/scenario/words.h"

namespace barnabas::scenario {

// Reads a scenario. `file` is a name for messages only. All lines are read, whatever is wrong with
// those above. What is named must stand above: a producer's topic, an action's client.
Result<Scenario, Mistakes> parse(std::string_view text, std::string_view file);

// The text that parses into the same scenario (but for `file`).
std::string print(const Scenario& scenario);

}  // namespace barnabas::scenario
