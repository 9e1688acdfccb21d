// IncrementalAlterConfigs: the controller decides, the records are committed and in force; then the
// answer.

#include <map>

#include "engine/broker/api/routes.h"
#include "engine/broker/api/work.h"

namespace barnabas::broker::api {
namespace {

using protocol::IncrementalAlterConfigsRequest;
using protocol::IncrementalAlterConfigsResponse;

// Resource by resource, each decided on and committed by itself.
struct AlterConfigsWork {
    using Request = IncrementalAlterConfigsRequest;

    explicit AlterConfigsWork(const ReturnAddress& from) : to(from) {}

    bool advance(Node& node, Slice& slice, Turn& turn) {
        for (; counted < request.resources.size(); ++counted) {
            if (slice.is_over()) return false;
            slice.take();
            const auto& resource = request.resources[counted];
            ++mentions[{resource.resource_type, resource.resource_name}];
        }
        response.responses.reserve(request.resources.size());
        for (; at < request.resources.size(); ++at) {
            if (slice.is_over()) return false;
            auto& resource = request.resources[at];
            if (!cut_short(resource.configs, slice)) return false;
            slice.take(rows_of_resource);
            alter(node, std::move(resource), turn);
        }
        conclude(node, turn);
        return true;
    }

    bool discard(std::size_t elements) {
        for (; elements > 0 && !mentions.empty(); --elements) mentions.erase(mentions.begin());
        return elements > 0 && protocol::Discarder::discard(response, elements);
    }

    void alter(Node& node, IncrementalAlterConfigsRequest::AlterConfigsResource resource,
               Turn& turn) {
        IncrementalAlterConfigsRequest one;
        one.validate_only = request.validate_only;
        // The controller refuses one that is named more than once, however often.
        if (mentions.at({resource.resource_type, resource.resource_name}) > 1)
            one.resources.push_back(resource);
        one.resources.push_back(std::move(resource));
        auto decision = node.controller.decide_alter_configs(one);
        if (!decision.records.empty()) {
            if (node.commit(decision, turn)) {
                if (!losses) losses = node.metadata_losses;
            } else {
                refuse_decided(decision.response.responses);
            }
        }
        response.responses.push_back(std::move(decision.response.responses.front()));
        answer_bytes += sizeof(response.responses.back()) + bytes_of_text;
    }

    void conclude(Node& node, Turn& turn) {
        // What was decided on in earlier turns may be lost meanwhile: nobody knows which of it.
        if (losses && *losses != node.metadata_losses) {
            refuse_decided(response.responses);
            losses.reset();
        }
        const Offset end = node.quorum.end_offset();
        if (!losses || end <= node.quorum.high_watermark())
            return node.reply(to, std::move(response), turn);
        node.waits_for_commit.push_back({to, end, std::move(response)});
    }

    static constexpr std::uint32_t rows_of_resource = 40;
    static constexpr std::uint64_t bytes_of_text = 128;

    ReturnAddress to;
    Request request;
    std::size_t counted = 0;
    std::size_t at = 0;
    std::map<std::pair<std::int8_t, std::string>, std::uint32_t> mentions;
    IncrementalAlterConfigsResponse response;
    std::optional<std::uint64_t> losses;  // of metadata, before the first decision
    std::uint64_t answer_bytes = 0;
};

}  // namespace

void alter_configs(Node& node, const Call& call, Turn& turn) {
    begin_work<AlterConfigsWork>(node, call, turn);
}

}  // namespace barnabas::broker::api
