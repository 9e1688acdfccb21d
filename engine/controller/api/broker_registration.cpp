// BrokerRegistration: what an earlier life of the broker led has no leader any more, then the new
// one is registered.
#include "engine/controller/api/works.h"
#include "engine/controller/refusal.h"
#include "engine/controller/registrations.h"

namespace barnabas::controller {
namespace {

using protocol::BrokerRegistrationRequest;
using protocol::BrokerRegistrationResponse;

void enroll(ActiveController& controller, DecisionLog& log, BrokerRegistrationRequest& request,
            BrokerRegistrationResponse& response, Turn& turn) {
    Registration broker{NodeId(request.broker_id), request.incarnation_id, {}, request.rack,
                        request.log_dirs};
    for (auto& listener : request.listeners) {
        broker.listeners.push_back({std::move(listener.name), std::move(listener.host),
                                    listener.port, listener.security_protocol});
    }
    if (!controller.commit(decide_fence(controller.latest(), broker.id), log, turn))
        return refuse_decided(response);
    const Offset at = log.end_offset();
    if (!controller.commit(decide_registration(broker, at), log, turn))
        return refuse_decided(response);
    response.broker_epoch = at.value();
}

}  // namespace

std::unique_ptr<Work> work_on(BrokerRegistrationRequest request) {
    using EnrollWork = AtOnce<BrokerRegistrationRequest, BrokerRegistrationResponse, &enroll>;
    return std::make_unique<WorkOf<EnrollWork>>(std::move(request));
}

}  // namespace barnabas::controller
