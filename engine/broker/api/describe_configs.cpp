// DescribeConfigs: the settings of topics and of this broker, with where each comes from.

#include <fmt/format.h>

#include <algorithm>

#include "engine/broker/api/routes.h"
#include "engine/broker/api/work.h"
#include "engine/metadata/listed_settings.h"
#include "engine/metadata/topic_names.h"
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
    result.configs = metadata::topic_configs(
        node.image.settings(metadata::Resource::topic, result.resource_name), node.settings);
}

// The empty name stands for what is said of all brokers.
void describe_broker(const Node& node, ConfigsResult& result) {
    if (result.resource_name.empty()) {
        result.configs = metadata::configs_of_all_brokers(
            node.image.settings(metadata::Resource::broker, ""));
        return;
    }
    if (result.resource_name != std::to_string(node.id.value())) {
        return refuse_resource(result, ErrorCode::invalid_request,
                      fmt::format("Unexpected broker id, expected {} or empty string, but "
                                  "received {}",
                                  node.id.value(), result.resource_name));
    }
    result.configs = metadata::broker_configs(node.settings);
}

ConfigsResult describe_resource(const Node& node,
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
    return result;
}

// Resource by resource: all of its settings, then those are kept that are asked for.
struct DescribeConfigsWork {
    using Request = DescribeConfigsRequest;

    explicit DescribeConfigsWork(const ReturnAddress& from) : to(from) {}

    bool advance(Node& node, Slice& slice, Turn& turn) {
        response.results.reserve(request.resources.size());
        while (!slice.is_over()) {
            slice.take();
            if (at == request.resources.size()) {
                node.reply(to, std::move(response), turn);
                return true;
            }
            const auto& wanted = request.resources[at];
            if (response.results.size() == at) {
                response.results.push_back(describe_resource(node, wanted));
                slice.take(static_cast<std::uint32_t>(response.results.back().configs.size()));
                is_wanted.assign(response.results.back().configs.size(), false);
                key = 0;
            }
            if (!look_at_keys(wanted, slice)) return false;
            end_result(wanted);
            ++at;
        }
        return false;
    }

    bool discard(std::size_t elements) { return protocol::Discarder::discard(response, elements); }

    static bool has_keys(const DescribeConfigsRequest::DescribeConfigsResource& wanted) {
        return wanted.configuration_keys && !wanted.configuration_keys->empty();
    }

    bool look_at_keys(const DescribeConfigsRequest::DescribeConfigsResource& wanted, Slice& slice) {
        if (!has_keys(wanted)) return true;
        const auto& configs = response.results.back().configs;
        const auto& keys = *wanted.configuration_keys;
        for (; key < keys.size(); ++key) {
            if (slice.is_over()) return false;
            slice.take();
            const auto found =
                std::ranges::lower_bound(configs, keys[key], {}, &metadata::ListedConfig::name);
            if (found != configs.end() && found->name == keys[key])
                is_wanted[static_cast<std::size_t>(found - configs.begin())] = true;
        }
        return true;
    }

    void end_result(const DescribeConfigsRequest::DescribeConfigsResource& wanted) {
        auto& configs = response.results.back().configs;
        if (has_keys(wanted)) {
            std::size_t kept = 0;
            for (std::size_t i = 0; i < configs.size(); ++i) {
                if (!is_wanted[i]) continue;
                if (kept != i) configs[kept] = std::move(configs[i]);
                ++kept;
            }
            configs.resize(kept);
            configs.shrink_to_fit();
        }
        if (!request.include_synonyms) {
            for (metadata::ListedConfig& config : configs) config.synonyms = {};
        }
        answer_bytes += sizeof(ConfigsResult);
        for (const metadata::ListedConfig& config : configs) {
            answer_bytes += sizeof(config) + config.name.size();
            if (config.value) answer_bytes += config.value->size();
            for (const auto& synonym : config.synonyms) answer_bytes += sizeof(synonym);
        }
    }

    ReturnAddress to;
    Request request;
    std::size_t at = 0;           // of the resources
    std::size_t key = 0;          // of the resource's
    std::vector<bool> is_wanted;  // of its settings
    protocol::DescribeConfigsResponse response;
    std::uint64_t answer_bytes = 0;
};

}  // namespace

void describe_configs(Node& node, const Call& call, Turn& turn) {
    begin_work<DescribeConfigsWork>(node, call, turn);
}

}  // namespace barnabas::broker::api
