// BrokerHeartbeat: what a broker wants to be: unfenced, gone, or without some of its directories.
#include <algorithm>

#include "engine/controller/api/works.h"
#include "engine/controller/refusal.h"
#include "engine/controller/registrations.h"

namespace barnabas::controller {
namespace {

using protocol::BrokerHeartbeatRequest;
using protocol::BrokerHeartbeatResponse;
using protocol::ErrorCode;

// The registered directories that are not offline.
std::vector<Uuid> online_directories(const metadata::BrokerRow& broker,
                                     const std::vector<Uuid>& offline) {
    std::vector<Uuid> online = broker.directories;
    std::erase_if(online, [&](const Uuid& one) {
        return std::ranges::find(offline, one) != offline.end();
    });
    return online;
}

void hear(ActiveController& controller, DecisionLog& log, BrokerHeartbeatRequest& request,
          BrokerHeartbeatResponse& response, Turn& turn) {
    const NodeId id(request.broker_id);
    const auto found = controller.latest().brokers().find(id);
    if (found == controller.latest().brokers().end()) {
        response.error_code = ErrorCode::broker_id_not_registered;
        return;
    }
    if (found->second.epoch != BrokerEpoch(request.broker_epoch)) {
        response.error_code = ErrorCode::stale_broker_epoch;
        return;
    }
    const std::vector<Uuid> online = online_directories(found->second, request.offline_log_dirs);
    const auto commit = [&](std::vector<metadata::Record> records) {
        if (!controller.commit(std::move(records), log, turn)) refuse_decided(response);
        return response.error_code == ErrorCode::none;
    };
    if (online != found->second.directories &&
        !commit(decide_directories(controller.latest(), id, online)))
        return;
    response.is_caught_up = request.current_metadata_offset >= request.broker_epoch;
    response.should_shut_down = request.want_shut_down;
    if (request.want_shut_down) {
        if (commit(decide_controlled_shutdown(controller.latest(), id)))
            commit(decide_fence(controller.latest(), id));
        return;
    }
    response.is_fenced = request.want_fence || !response.is_caught_up;
    if (!response.is_fenced)
        commit(decide_unfence(controller.latest(), id, !request.offline_log_dirs.empty()));
}

}  // namespace

std::unique_ptr<Work> work_on(BrokerHeartbeatRequest request) {
    using HearWork = AtOnce<BrokerHeartbeatRequest, BrokerHeartbeatResponse, &hear>;
    return std::make_unique<WorkOf<HearWork>>(std::move(request));
}

}  // namespace barnabas::controller
