// InitProducerId: a producer id and epoch, for idempotence and for transactions; fences whoever
// used the same transactional id before.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct InitProducerIdRequest {
    static constexpr Api api{.key = ApiKey::init_producer_id,
                             .valid = {0, 6},
                             .flexible_from = 2,
                             .on = Listeners::broker,
                             .latest_is_unstable = true};

    std::optional<std::string> transactional_id = "";
    std::int32_t transaction_timeout_ms = 0;
    std::int64_t producer_id = -1;
    std::int16_t producer_epoch = -1;
    bool enable_2pc = false;
    bool keep_prepared_txn = false;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("TransactionalId", self.transactional_id, nullable(), names_transaction);
        field("TransactionTimeoutMs", self.transaction_timeout_ms);
        field("ProducerId", self.producer_id, since(3), defaults(-1), names_producer);
        field("ProducerEpoch", self.producer_epoch, since(3), defaults(-1));
        field("Enable2Pc", self.enable_2pc, since(6), defaults(false));
        field("KeepPreparedTxn", self.keep_prepared_txn, since(6), defaults(false));
    }
};

struct InitProducerIdResponse {
    static constexpr Api api = InitProducerIdRequest::api;

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::int64_t producer_id = -1;
    std::int16_t producer_epoch = 0;
    std::int64_t ongoing_txn_producer_id = -1;
    std::int16_t ongoing_txn_producer_epoch = -1;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ThrottleTimeMs", self.throttle_time_ms, ignorable);
        field("ErrorCode", self.error_code);
        field("ProducerId", self.producer_id, defaults(-1), names_producer);
        field("ProducerEpoch", self.producer_epoch);
        field("OngoingTxnProducerId", self.ongoing_txn_producer_id, since(6), defaults(-1),
              names_producer);
        field("OngoingTxnProducerEpoch", self.ongoing_txn_producer_epoch, since(6), defaults(-1));
    }
};

}  // namespace barnabas::protocol
