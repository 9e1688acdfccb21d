// Records of transactions: state in __transaction_state, and the markers that end them in every
// log that they touched.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct TransactionLogKey {
    static constexpr Format format{.kind = Kind::coordinator_key, .key = 0, .valid = {0, 0}};

    std::string transactional_id;

    static void describe(auto& field, auto& self) {
        field("TransactionalId", self.transactional_id, until(0));
    }
};

// Version 0 has none of the tagged fields: Kafka's definition gives them tagged versions only.
struct TransactionLogValue {
    static constexpr Format format{
        .kind = Kind::coordinator_value, .key = 0, .valid = {0, 1}, .flexible_from = 1};

    struct PartitionsSchema {
        std::string topic;
        std::vector<std::int32_t> partition_ids;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Topic", self.topic);
            field("PartitionIds", self.partition_ids);
        }
    };

    std::int64_t producer_id = 0;
    std::int64_t previous_producer_id = -1;
    std::int64_t next_producer_id = -1;
    std::int16_t producer_epoch = 0;
    std::int16_t next_producer_epoch = -1;
    std::int32_t transaction_timeout_ms = 0;
    std::int8_t transaction_status = 0;
    std::optional<std::vector<PartitionsSchema>> transaction_partitions{std::in_place};
    std::int64_t transaction_last_update_timestamp_ms = 0;
    std::int64_t transaction_start_timestamp_ms = 0;
    std::int16_t client_transaction_version = 0;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ProducerId", self.producer_id);
        field("PreviousProducerId", self.previous_producer_id, since(1), defaults(-1), tag(0));
        field("NextProducerId", self.next_producer_id, since(1), defaults(-1), tag(1));
        field("ProducerEpoch", self.producer_epoch);
        field("NextProducerEpoch", self.next_producer_epoch, since(1), defaults(-1), tag(3));
        field("TransactionTimeoutMs", self.transaction_timeout_ms);
        field("TransactionStatus", self.transaction_status);
        field("TransactionPartitions", self.transaction_partitions, nullable());
        field("TransactionLastUpdateTimestampMs", self.transaction_last_update_timestamp_ms);
        field("TransactionStartTimestampMs", self.transaction_start_timestamp_ms);
        field("ClientTransactionVersion", self.client_transaction_version, since(1), defaults(0),
              tag(2));
    }
};

struct EndTxnMarker {
    static constexpr Format format{.kind = Kind::data, .valid = {0, 0}};

    std::int32_t coordinator_epoch = 0;

    static void describe(auto& field, auto& self) {
        field("CoordinatorEpoch", self.coordinator_epoch);
    }
};

}  // namespace barnabas::protocol
