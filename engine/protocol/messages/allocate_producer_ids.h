// AllocateProducerIds: a broker gets a block of producer ids from the controller.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct AllocateProducerIdsRequest {
    static constexpr Api api{.key = ApiKey::allocate_producer_ids,
                             .valid = {0, 0},
                             .flexible_from = 0,
                             .on = Listeners::controller,
                             .is_cluster_action = true,
                             .is_forwardable = true};

    std::int32_t broker_id = 0;
    std::int64_t broker_epoch = -1;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("BrokerId", self.broker_id, names_broker);
        field("BrokerEpoch", self.broker_epoch, defaults(-1));
    }
};

struct AllocateProducerIdsResponse {
    static constexpr Api api = AllocateProducerIdsRequest::api;

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::int64_t producer_id_start = 0;
    std::int32_t producer_id_len = 0;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ThrottleTimeMs", self.throttle_time_ms);
        field("ErrorCode", self.error_code);
        field("ProducerIdStart", self.producer_id_start, names_producer);
        field("ProducerIdLen", self.producer_id_len);
    }
};

}  // namespace barnabas::protocol
