// CreateTopics: the controller decides, the records are committed, the logs open; then the answer.

#include "engine/broker/api/configs.h"
#include "engine/broker/api/routes.h"

namespace barnabas::broker::api {
namespace {

// Each topic that is made, or would be, is told with all of its settings.
void tell_configs(const Node& node, const protocol::CreateTopicsRequest& request,
                  protocol::CreateTopicsResponse& response) {
    std::map<std::string_view, metadata::Settings> overrides;
    for (const auto& wanted : request.topics) {
        for (const auto& setting : wanted.configs) {
            if (setting.value) overrides[wanted.name][setting.name] = *setting.value;
        }
    }
    for (auto& topic : response.topics) {
        if (topic.error_code != protocol::ErrorCode::none) continue;
        topic.error_message.reset();
        topic.configs.emplace();
        for (ListedConfig& config : topic_configs(overrides[topic.name], node.settings)) {
            auto& told = topic.configs->emplace_back();
            told.name = std::move(config.name);
            told.value = std::move(config.value);
            told.read_only = config.read_only;
            told.config_source = config.config_source;
            told.is_sensitive = config.is_sensitive;
        }
    }
}

}  // namespace

void create_topics(Node& node, const Call& call, const protocol::CreateTopicsRequest& request,
                   Turn& turn) {
    auto decision = node.controller.decide_create_topics(request, turn.random(Concern::placement),
                                                         turn.random(Concern::identity));
    tell_configs(node, request, decision.response);
    if (decision.records.empty()) return node.reply(call.to, decision.response, turn);
    if (!node.commit(decision, turn)) {
        refuse_decided(decision.response.topics);
        return node.reply(call.to, decision.response, turn);
    }
    TopicsRow row{call.to, node.quorum.end_offset(), {}, {}};
    for (const auto& topic : decision.response.topics) {
        if (topic.error_code == protocol::ErrorCode::none) row.topics.push_back(topic.name);
    }
    row.then = std::move(decision.response);
    node.waits_for_topics.push_back(std::move(row));
}

}  // namespace barnabas::broker::api
