// Settings as the configuration APIs list them: the value, where it comes from, what else could
// give it.
#pragma once

#include "engine/metadata/image.h"
#include "engine/protocol/messages/describe_configs.h"
#include "engine/settings/broker_settings.h"

namespace barnabas::metadata {

using ListedConfig = protocol::DescribeConfigsResponse::DescribeConfigsResourceResult;

// Every setting of a topic, sorted by name; those that Kafka calls internal only when they are set.
std::vector<ListedConfig> topic_configs(const Settings& overrides,
                                        const settings::BrokerSettings& broker);
std::vector<ListedConfig> broker_configs(const settings::BrokerSettings& broker);
// What the metadata says of all brokers, and nothing else.
std::vector<ListedConfig> configs_of_all_brokers(const Settings& of_all);

}  // namespace barnabas::metadata
