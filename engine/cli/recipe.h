// From what a person wrote to the settings of a broker; and the same again out of a recording, so
// that a replay builds the machine that was recorded.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/settings/broker_settings.h"

namespace barnabas::cli {

// Where a node keeps its data when nobody says: ${XDG_DATA_HOME:-~/.local/share}/barnabas.
std::string default_log_directory();

// Reads the file (a relative one, from here), parses, prints problems and warnings to stderr.
// Nothing when the broker must not start.
std::optional<settings::BrokerSettings> settings_from(const std::string& config_file,
                                                      const std::vector<std::string>& assignments);

// The text that a recording keeps, and back.
std::string recording_setup(const settings::BrokerSettings& settings);
Result<settings::BrokerSettings, std::string> settings_of_recording(const std::string& setup);

}  // namespace barnabas::cli
