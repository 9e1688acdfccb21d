// EndTxn: commit or abort. From version 5 on the answer carries the producer's next epoch.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct EndTxnRequest {
    static constexpr Api api{
        .key = ApiKey::end_txn, .valid = {0, 5}, .flexible_from = 3, .on = Listeners::broker};

    std::string transactional_id;
    std::int64_t producer_id = 0;
    std::int16_t producer_epoch = 0;
    bool committed = false;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("TransactionalId", self.transactional_id, names_transaction);
        field("ProducerId", self.producer_id, names_producer);
        field("ProducerEpoch", self.producer_epoch);
        field("Committed", self.committed);
    }
};

struct EndTxnResponse {
    static constexpr Api api = EndTxnRequest::api;

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::int64_t producer_id = -1;
    std::int16_t producer_epoch = -1;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ThrottleTimeMs", self.throttle_time_ms);
        field("ErrorCode", self.error_code);
        field("ProducerId", self.producer_id, since(5), defaults(-1), ignorable, names_producer);
        field("ProducerEpoch", self.producer_epoch, since(5), defaults(-1), ignorable);
    }
};

}  // namespace barnabas::protocol
