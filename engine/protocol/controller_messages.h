// What brokers ask of the active controller, for themselves and for their clients: Kafka's own
// messages, the same within one process and between two.
#pragma once

#include <variant>

#include "engine/protocol/asking.h"
#include "engine/protocol/messages/allocate_producer_ids.h"
#include "engine/protocol/messages/assign_replicas_to_dirs.h"
#include "engine/protocol/messages/broker_heartbeat.h"
#include "engine/protocol/messages/broker_registration.h"
#include "engine/protocol/messages/create_topics.h"
#include "engine/protocol/messages/incremental_alter_configs.h"

namespace barnabas::protocol {

struct ControllerRequest {
    std::variant<CreateTopicsRequest, IncrementalAlterConfigsRequest, AllocateProducerIdsRequest,
                 BrokerRegistrationRequest, BrokerHeartbeatRequest, AssignReplicasToDirsRequest>
        message;
};
struct ControllerResponse {
    std::variant<CreateTopicsResponse, IncrementalAlterConfigsResponse, AllocateProducerIdsResponse,
                 BrokerRegistrationResponse, BrokerHeartbeatResponse, AssignReplicasToDirsResponse>
        message;
};

}  // namespace barnabas::protocol
