// AddOffsetsToTxn: a group's offsets partition joins a transaction.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct AddOffsetsToTxnRequest {
    static constexpr Api api{.key = ApiKey::add_offsets_to_txn,
                             .valid = {0, 4},
                             .flexible_from = 3,
                             .on = Listeners::broker};

    std::string transactional_id;
    std::int64_t producer_id = 0;
    std::int16_t producer_epoch = 0;
    std::string group_id;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("TransactionalId", self.transactional_id, names_transaction);
        field("ProducerId", self.producer_id, names_producer);
        field("ProducerEpoch", self.producer_epoch);
        field("GroupId", self.group_id, names_group);
    }
};

struct AddOffsetsToTxnResponse {
    static constexpr Api api = AddOffsetsToTxnRequest::api;

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ThrottleTimeMs", self.throttle_time_ms);
        field("ErrorCode", self.error_code);
    }
};

}  // namespace barnabas::protocol
