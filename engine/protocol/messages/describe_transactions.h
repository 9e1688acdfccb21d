// DescribeTransactions: state of transactional ids.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct DescribeTransactionsRequest {
    static constexpr Api api{.key = ApiKey::describe_transactions,
                             .valid = {0, 0},
                             .flexible_from = 0,
                             .on = Listeners::broker};

    std::vector<std::string> transactional_ids;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("TransactionalIds", self.transactional_ids, names_transaction);
    }
};

struct DescribeTransactionsResponse {
    static constexpr Api api = DescribeTransactionsRequest::api;

    struct TopicData {
        std::string topic;
        std::vector<std::int32_t> partitions;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Topic", self.topic, map_key, names_topic);
            field("Partitions", self.partitions);
        }
    };

    struct TransactionState {
        ErrorCode error_code = ErrorCode::none;
        std::string transactional_id;
        std::string transaction_state;
        std::int32_t transaction_timeout_ms = 0;
        std::int64_t transaction_start_time_ms = 0;
        std::int64_t producer_id = 0;
        std::int16_t producer_epoch = 0;
        std::vector<TopicData> topics;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("ErrorCode", self.error_code);
            field("TransactionalId", self.transactional_id, names_transaction);
            field("TransactionState", self.transaction_state);
            field("TransactionTimeoutMs", self.transaction_timeout_ms);
            field("TransactionStartTimeMs", self.transaction_start_time_ms);
            field("ProducerId", self.producer_id, names_producer);
            field("ProducerEpoch", self.producer_epoch);
            field("Topics", self.topics);
        }
    };

    std::int32_t throttle_time_ms = 0;
    std::vector<TransactionState> transaction_states;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ThrottleTimeMs", self.throttle_time_ms);
        field("TransactionStates", self.transaction_states);
    }
};

}  // namespace barnabas::protocol
