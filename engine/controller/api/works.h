// What controllers serve: one work an API, one file an API.
#pragma once

#include <memory>

#include "engine/controller/work.h"

namespace barnabas::controller {

std::unique_ptr<Work> work_on(protocol::CreateTopicsRequest request);
std::unique_ptr<Work> work_on(protocol::IncrementalAlterConfigsRequest request);
std::unique_ptr<Work> work_on(protocol::AllocateProducerIdsRequest request);
std::unique_ptr<Work> work_on(protocol::BrokerRegistrationRequest request);
std::unique_ptr<Work> work_on(protocol::BrokerHeartbeatRequest request);
std::unique_ptr<Work> work_on(protocol::AssignReplicasToDirsRequest request);

// The work on a request that is short, or is decided on as a whole.
template <class R, class Answer,
          void (*handle)(ActiveController& controller, DecisionLog& log, R& request,
                         Answer& response, Turn& turn)>
struct AtOnce {
    using Request = R;

    explicit AtOnce(Request from) : request(std::move(from)) {}
    bool advance(ActiveController& controller, DecisionLog& log, Slice&, Turn& turn) {
        handle(controller, log, request, response, turn);
        return true;
    }

    Request request;
    Answer response;
};

// No resource has so many settings: what is wrong with a longer list shows in the first of them.
// True when the others are gone.
template <class Config>
bool cut_short(std::vector<Config>& configs, Slice& slice) {
    constexpr std::size_t looked_at = 1000;
    for (; configs.size() > looked_at; configs.pop_back(), slice.take())
        if (slice.is_over()) return false;
    return true;
}

}  // namespace barnabas::controller
