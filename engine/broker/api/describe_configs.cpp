// DescribeConfigs: the settings of topics and of this broker, with where each comes from.

#include <fmt/format.h>

#include <algorithm>

#include "engine/broker/api/configs.h"
#include "engine/broker/api/routes.h"
#include "engine/protocol/error_text.h"

namespace barnabas::broker::api {
namespace {

using protocol::DescribeConfigsRequest;
using protocol::ErrorCode;
using ConfigsResult = protocol::DescribeConfigsResponse::DescribeConfigsResult;

void refuse_resource(ConfigsResult& result, ErrorCode code, std::string why) {
    result.error_code = code;
    result.error_message = protocol::error_text(std::move(why));
}

void describe_topic(const Node& node, ConfigsResult& result) {
    if (auto why = metadata::why_topic_name_is_invalid(result.resource_name)) {
        return refuse_resource(result, ErrorCode::invalid_topic_exception, *std::move(why));
    }
    if (node.image.topic(result.resource_name) == nullptr) {
        return refuse_resource(result, ErrorCode::unknown_topic_or_partition,
                               "This server does not host this topic.");
    }
    result.configs = topic_configs(
        node.image.settings(metadata::Resource::topic, result.resource_name), node.settings);
}

// The empty name stands for what all brokers share, which nobody has set.
void describe_broker(const Node& node, ConfigsResult& result) {
    if (result.resource_name.empty()) return;
    if (result.resource_name != std::to_string(node.id.value())) {
        return refuse_resource(result, ErrorCode::invalid_request,
                               fmt::format("Unexpected broker id, expected {} or empty string, but "
                                           "received {}",
                                           node.id.value(), result.resource_name));
    }
    result.configs = broker_configs(node.settings);
}

ConfigsResult describe_resource(const Node& node, const DescribeConfigsRequest& request,
                                const DescribeConfigsRequest::DescribeConfigsResource& wanted) {
    ConfigsResult result;
    result.resource_type = wanted.resource_type;
    result.resource_name = wanted.resource_name;
    switch (static_cast<metadata::Resource>(wanted.resource_type)) {
        case metadata::Resource::topic: describe_topic(node, result); break;
        case metadata::Resource::broker: describe_broker(node, result); break;
        default:
            refuse_resource(result, ErrorCode::invalid_request,
                            fmt::format("Settings of resources of type {} are not served yet.",
                                        wanted.resource_type));
    }
    if (wanted.configuration_keys && !wanted.configuration_keys->empty()) {
        std::erase_if(result.configs, [&](const ListedConfig& config) {
            return std::ranges::find(*wanted.configuration_keys, config.name) ==
                   wanted.configuration_keys->end();
        });
    }
    if (!request.include_synonyms) {
        for (ListedConfig& config : result.configs) config.synonyms.clear();
    }
    return result;
}

}  // namespace

void describe_configs(Node& node, const Call& call, const DescribeConfigsRequest& request,
                      Turn& turn) {
    protocol::DescribeConfigsResponse response;
    for (const auto& wanted : request.resources) {
        response.results.push_back(describe_resource(node, request, wanted));
    }
    node.reply(call.to, response, turn);
}

}  // namespace barnabas::broker::api
