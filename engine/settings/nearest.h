// The setting that a misspelt name most likely means.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "engine/settings/table.h"

namespace barnabas::settings {

// The fewest letters put in, taken out, exchanged or swapped with their neighbour; of equals the
// first. Nothing when even that is a different word: more than a quarter of the letters differ.
std::optional<std::string_view> nearest_name(std::string_view name, std::span<const Setting> among);
// The same of any words.
std::optional<std::string_view> nearest_word(std::string_view word,
                                             std::span<const std::string_view> among);

}  // namespace barnabas::settings
