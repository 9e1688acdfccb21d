// CreateTopics: the controller decides, the records are committed, the logs open; then the answer.

#include <map>

#include "engine/broker/api/configs.h"
#include "engine/broker/api/routes.h"
#include "engine/broker/api/work.h"

namespace barnabas::broker::api {
namespace {

using protocol::CreateTopicsRequest;
using protocol::CreateTopicsResponse;

// A topic that is made, or would be, is told with all of its settings.
void tell_configs(const Node& node, const CreateTopicsRequest::CreatableTopic& wanted,
                  CreateTopicsResponse::CreatableTopicResult& result) {
    if (result.error_code != protocol::ErrorCode::none) return;
    metadata::Settings overrides;
    for (const auto& setting : wanted.configs) {
        if (setting.value) overrides[setting.name] = *setting.value;
    }
    result.error_message.reset();
    result.configs.emplace();
    for (ListedConfig& config : topic_configs(overrides, node.settings)) {
        auto& told = result.configs->emplace_back();
        told.name = std::move(config.name);
        told.value = std::move(config.value);
        told.read_only = config.read_only;
        told.config_source = config.config_source;
        told.is_sensitive = config.is_sensitive;
    }
}

// Topic by topic, each decided on and committed by itself: none waits for another one's fault.
struct CreateTopicsWork {
    using Request = CreateTopicsRequest;

    explicit CreateTopicsWork(const ReturnAddress& from) : to(from) {}

    bool advance(Node& node, Slice& slice, Turn& turn) {
        if (!count(node, slice)) return false;
        response.topics.reserve(mentions.size());
        for (; at < request.topics.size(); ++at) {
            if (slice.is_over()) return false;
            slice.take();
            CreateTopicsRequest::CreatableTopic& wanted = request.topics[at];
            if (!cut_short(wanted.configs, slice)) return false;
            const auto mentioned = mentions.find(wanted.name);
            if (mentioned == mentions.end()) continue;  // the refusal has been told
            const std::uint32_t times = mentioned->second;
            mentions.erase(mentioned);
            slice.take(static_cast<std::uint32_t>(
                std::min<std::int64_t>(rows_of_topic + node.controller.partitions_of(wanted),
                                       Slice::rows_max)));
            make(node, std::move(wanted), times, turn);
        }
        conclude(node, turn);
        return true;
    }

    bool discard(std::size_t elements) {
        for (; elements > 0 && !mentions.empty(); --elements) mentions.erase(mentions.begin());
        return elements > 0 && protocol::Discarder::discard(response, elements);
    }

    bool count(const Node& node, Slice& slice) {
        for (; counted < request.topics.size(); ++counted) {
            if (slice.is_over()) return false;
            slice.take();
            const auto& wanted = request.topics[counted];
            // One without partitions is refused; so many of those are, too.
            partitions += std::max<std::int64_t>(node.controller.partitions_of(wanted), 1);
            ++mentions[wanted.name];
        }
        return true;
    }

    void make(Node& node, CreateTopicsRequest::CreatableTopic wanted, std::uint32_t times,
              Turn& turn) {
        CreateTopicsRequest one;
        one.timeout_ms = request.timeout_ms;
        one.validate_only = request.validate_only;
        const std::int64_t others = partitions - node.controller.partitions_of(wanted);
        // The controller refuses one that is named more than once, however often.
        if (times > 1) one.topics.push_back(wanted);
        one.topics.push_back(std::move(wanted));
        auto decision = node.controller.decide_create_topics(
            one, turn.random(Concern::placement), turn.random(Concern::identity), others);
        for (auto& result : decision.response.topics) tell_configs(node, one.topics.back(), result);
        if (!decision.records.empty()) {
            if (node.commit(decision, turn)) {
                if (!losses) losses = node.metadata_losses;
                to_settle.push_back(one.topics.back().name);
            } else {
                refuse_decided(decision.response.topics);
            }
        }
        auto& result = response.topics.emplace_back(std::move(decision.response.topics.front()));
        answer_bytes += sizeof(result);
        if (result.configs) answer_bytes += result.configs->size() * bytes_of_config;
    }

    void conclude(Node& node, Turn& turn) {
        // What was decided on in earlier turns may be lost meanwhile: nobody knows which of it.
        if (losses && *losses != node.metadata_losses) {
            refuse_decided(response.topics);
            to_settle.clear();
        }
        if (node.settle(to_settle)) return node.reply(to, std::move(response), turn);
        node.waits_for_topics.push_back(
            {to, node.quorum.end_offset(), std::move(to_settle), std::move(response)});
    }

    static constexpr std::int64_t rows_of_topic = 40;
    static constexpr std::uint64_t bytes_of_config = 160;

    ReturnAddress to;
    Request request;
    std::size_t counted = 0;
    std::size_t at = 0;
    std::map<std::string, std::uint32_t> mentions;
    std::int64_t partitions = 0;  // that all of the request asks for
    CreateTopicsResponse response;
    std::vector<std::string> to_settle;
    std::optional<std::uint64_t> losses;  // of metadata, before the first decision
    std::uint64_t answer_bytes = 0;
};

}  // namespace

void create_topics(Node& node, const Call& call, Turn& turn) {
    begin_work<CreateTopicsWork>(node, call, turn);
}

}  // namespace barnabas::broker::api
