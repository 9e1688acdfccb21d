// CreateTopics: topic by topic, each decided on and committed by itself: none waits for another
// one's fault.
#include <map>

#include "engine/controller/api/works.h"
#include "engine/controller/refusal.h"
#include "engine/controller/topics.h"
#include "engine/controller/work.h"
#include "engine/metadata/listed_settings.h"

namespace barnabas::controller {
namespace {

using protocol::CreateTopicsRequest;
using protocol::CreateTopicsResponse;

// A topic that is made, or would be, is told with all of its settings.
void tell_configs(const settings::BrokerSettings& broker,
                  const CreateTopicsRequest::CreatableTopic& wanted,
                  CreateTopicsResponse::CreatableTopicResult& result) {
    if (result.error_code != protocol::ErrorCode::none) return;
    metadata::Settings overrides;
    for (const auto& setting : wanted.configs) {
        if (setting.value) overrides[setting.name] = *setting.value;
    }
    result.error_message.reset();
    result.configs.emplace();
    for (metadata::ListedConfig& config : metadata::topic_configs(overrides, broker)) {
        auto& told = result.configs->emplace_back();
        told.name = std::move(config.name);
        told.value = std::move(config.value);
        told.read_only = config.read_only;
        told.config_source = config.config_source;
        told.is_sensitive = config.is_sensitive;
    }
}

struct CreateTopicsWork {
    using Request = CreateTopicsRequest;

    explicit CreateTopicsWork(Request from) : request(std::move(from)) {}

    bool advance(ActiveController& controller, DecisionLog& log, Slice& slice, Turn& turn) {
        if (!count(controller, slice)) return false;
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
            slice.take(static_cast<std::uint32_t>(std::min<std::int64_t>(
                rows_of_topic + partitions_of(wanted, controller.topic_defaults()),
                Slice::rows_max)));
            make(controller, log, std::move(wanted), times, turn);
        }
        // What was decided on in earlier turns may be lost meanwhile: nobody knows which of it.
        if (losses && *losses != controller.losses()) refuse_decided(response.topics);
        return true;
    }

    bool discard(std::size_t elements) {
        for (; elements > 0 && !mentions.empty(); --elements) mentions.erase(mentions.begin());
        return elements > 0 && protocol::Discarder::discard(response, elements);
    }

    bool count(const ActiveController& controller, Slice& slice) {
        for (; counted < request.topics.size(); ++counted) {
            if (slice.is_over()) return false;
            slice.take();
            const auto& wanted = request.topics[counted];
            // One without partitions is refused; so many of those are, too.
            partitions += std::max<std::int64_t>(
                partitions_of(wanted, controller.topic_defaults()), 1);
            ++mentions[wanted.name];
        }
        return true;
    }

    void make(ActiveController& controller, DecisionLog& log,
              CreateTopicsRequest::CreatableTopic wanted, std::uint32_t times, Turn& turn) {
        CreateTopicsRequest one;
        one.timeout_ms = request.timeout_ms;
        one.validate_only = request.validate_only;
        const std::int64_t others =
            partitions - partitions_of(wanted, controller.topic_defaults());
        // The controller refuses one that is named more than once, however often.
        if (times > 1) one.topics.push_back(wanted);
        one.topics.push_back(std::move(wanted));
        auto decision = decide_create_topics(controller.latest(), controller.topic_defaults(), one,
                                             turn.random(Concern::placement),
                                             turn.random(Concern::identity), others);
        for (auto& result : decision.response.topics)
            tell_configs(controller.settings(), one.topics.back(), result);
        if (!decision.records.empty()) {
            if (!controller.commit(decision, log, turn))
                refuse_decided(decision.response.topics);
            else if (!losses)
                losses = controller.losses();
        }
        auto& result = response.topics.emplace_back(std::move(decision.response.topics.front()));
        answer_bytes += sizeof(result);
        if (result.configs) answer_bytes += result.configs->size() * bytes_of_config;
    }

    static constexpr std::int64_t rows_of_topic = 40;
    static constexpr std::uint64_t bytes_of_config = 160;

    Request request;
    std::size_t counted = 0;
    std::size_t at = 0;
    std::map<std::string, std::uint32_t> mentions;
    std::int64_t partitions = 0;  // that all of the request asks for
    CreateTopicsResponse response;
    std::optional<std::uint64_t> losses;  // before the first decision
    std::uint64_t answer_bytes = 0;
};

}  // namespace

std::unique_ptr<Work> work_on(CreateTopicsRequest request) {
    return std::make_unique<WorkOf<CreateTopicsWork>>(std::move(request));
}

}  // namespace barnabas::controller
