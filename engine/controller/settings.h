// Changes to settings that the cluster keeps, one by one.
#pragma once

#include <optional>
#include <string>

#include "engine/controller/decision.h"
#include "engine/metadata/image.h"
#include "engine/protocol/messages/incremental_alter_configs.h"

namespace barnabas::controller {

// Resource by resource: topics, a broker, all brokers. The changes to one are made together or not
// at all.
Decision<protocol::IncrementalAlterConfigsResponse> decide_alter_configs(
    const metadata::Image& latest, const protocol::IncrementalAlterConfigsRequest& request);

// The first thing that is wrong with the settings of a topic, in Kafka's kind of words.
std::optional<std::string> why_settings_are_invalid(const metadata::Settings& settings);

}  // namespace barnabas::controller
