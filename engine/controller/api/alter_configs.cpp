// IncrementalAlterConfigs: resource by resource, each decided on and committed by itself.
#include <map>

#include "engine/controller/api/works.h"
#include "engine/controller/refusal.h"
#include "engine/controller/settings.h"
#include "engine/controller/work.h"

namespace barnabas::controller {
namespace {

using protocol::IncrementalAlterConfigsRequest;
using protocol::IncrementalAlterConfigsResponse;

struct AlterConfigsWork {
    using Request = IncrementalAlterConfigsRequest;

    explicit AlterConfigsWork(Request from) : request(std::move(from)) {}

    bool advance(ActiveController& controller, DecisionLog& log, Slice& slice, Turn& turn) {
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
            alter(controller, log, std::move(resource), turn);
        }
        // What was decided on in earlier turns may be lost meanwhile: nobody knows which of it.
        if (losses && *losses != controller.losses()) refuse_decided(response.responses);
        return true;
    }

    bool discard(std::size_t elements) {
        for (; elements > 0 && !mentions.empty(); --elements) mentions.erase(mentions.begin());
        return elements > 0 && protocol::Discarder::discard(response, elements);
    }

    void alter(ActiveController& controller, DecisionLog& log,
               IncrementalAlterConfigsRequest::AlterConfigsResource resource, Turn& turn) {
        IncrementalAlterConfigsRequest one;
        one.validate_only = request.validate_only;
        // The controller refuses one that is named more than once, however often.
        if (mentions.at({resource.resource_type, resource.resource_name}) > 1)
            one.resources.push_back(resource);
        one.resources.push_back(std::move(resource));
        auto decision = decide_alter_configs(controller.latest(), one);
        if (!decision.records.empty()) {
            if (!controller.commit(decision, log, turn))
                refuse_decided(decision.response.responses);
            else if (!losses)
                losses = controller.losses();
        }
        response.responses.push_back(std::move(decision.response.responses.front()));
        answer_bytes += sizeof(response.responses.back()) + bytes_of_text;
    }

    static constexpr std::uint32_t rows_of_resource = 40;
    static constexpr std::uint64_t bytes_of_text = 128;

    Request request;
    std::size_t counted = 0;
    std::size_t at = 0;
    std::map<std::pair<std::int8_t, std::string>, std::uint32_t> mentions;
    IncrementalAlterConfigsResponse response;
    std::optional<std::uint64_t> losses;  // before the first decision
    std::uint64_t answer_bytes = 0;
};

}  // namespace

std::unique_ptr<Work> work_on(IncrementalAlterConfigsRequest request) {
    return std::make_unique<WorkOf<AlterConfigsWork>>(std::move(request));
}

}  // namespace barnabas::controller
