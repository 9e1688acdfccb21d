// AllocateProducerIds: a broker gets the next block.
#include "engine/controller/api/works.h"
#include "engine/controller/producer_ids.h"
#include "engine/controller/refusal.h"

namespace barnabas::controller {
namespace {

using protocol::AllocateProducerIdsRequest;
using protocol::AllocateProducerIdsResponse;

void allocate(ActiveController& controller, DecisionLog& log, AllocateProducerIdsRequest& request,
              AllocateProducerIdsResponse& response, Turn& turn) {
    const auto decision = decide_producer_ids(controller.latest(), NodeId(request.broker_id),
                                              BrokerEpoch(request.broker_epoch));
    response = decision.response;
    if (!controller.commit(decision, log, turn)) refuse_decided(response);
}

}  // namespace

std::unique_ptr<Work> work_on(AllocateProducerIdsRequest request) {
    using AllocateWork = AtOnce<AllocateProducerIdsRequest, AllocateProducerIdsResponse, &allocate>;
    return std::make_unique<WorkOf<AllocateWork>>(std::move(request));
}

}  // namespace barnabas::controller
