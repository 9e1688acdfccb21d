// CreateTopics: the controller decides, the records are committed, the logs open; then the answer.

#include "engine/broker/api/configs.h"
#include "engine/broker/api/routes.h"

namespace barnabas::broker::api {
namespace {

// Nothing of what was decided came to be.
void refuse_all(protocol::CreateTopicsResponse& response) {
    for (auto& topic : response.topics) {
        if (topic.error_code != protocol::ErrorCode::none) continue;
        topic.error_code = protocol::ErrorCode::kafka_storage_error;
        topic.error_message = "the metadata log cannot be written";
    }
}

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
    if (!node.commit(decision.records, turn)) {
        refuse_all(decision.response);
        return node.reply(call.to, decision.response, turn);
    }
    TopicsRow row{call.to, {}, {}};
    for (const auto& topic : decision.response.topics) {
        if (topic.error_code == protocol::ErrorCode::none) row.topics.push_back(topic.name);
    }
    row.then = std::move(decision.response);
    node.waits_for_topics.push_back(std::move(row));
}

void on_metadata_lost(Node& node, Turn& turn) {
    node.controller.forget_uncommitted(node.image);
    for (TopicsRow& row : node.waits_for_topics) {
        auto* response = std::get_if<protocol::CreateTopicsResponse>(&row.then);
        if (response) refuse_all(*response);
    }
    on_producer_ids_lost(node, turn);
    on_topics_settled(node, turn);
    refuse_uncommitted(node, turn);
}

void on_topics_settled(Node& node, Turn& turn) {
    for (TopicsRow& row : std::exchange(node.waits_for_topics, {})) {
        if (!node.settle(row.topics)) {
            node.waits_for_topics.push_back(std::move(row));
        } else if (const auto* request = std::get_if<protocol::MetadataRequest>(&row.then)) {
            answer_metadata(node, row.to, *request, turn);
        } else {
            node.reply(row.to, std::get<protocol::CreateTopicsResponse>(row.then), turn);
        }
    }
}

}  // namespace barnabas::broker::api
