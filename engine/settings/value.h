// The value of one setting, as text: held against its type and bounds once, when it comes in, and
// read as its type afterwards.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/settings/table.h"

namespace barnabas::settings {

// The text without white space around it; or why it will not do, without the value itself when that
// is a password.
Result<std::string, std::string> check_value(const Setting& setting, std::string_view text);

// What to show a person: "[hidden]" for a password.
std::string shown(const Setting& setting, std::string_view text);

// Nothing when the text is no such value. A real number comes in millionths, cut off behind them
// and held at the ends of int64; so Kafka's "1.7976931348623157E308" is simply the largest.
std::optional<std::int64_t> to_number(std::string_view text);
std::optional<std::int64_t> to_millionths(std::string_view text);
std::optional<bool> to_flag(std::string_view text);
std::vector<std::string> to_list(std::string_view text);

std::string_view trimmed(std::string_view text);
std::string upper_case(std::string_view text);

}  // namespace barnabas::settings
