// AddPartitionsToTxn: partitions join a transaction. Up to version 3 by a client for itself, then
// by brokers for many.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct AddPartitionsToTxnRequest {
    static constexpr Api api{.key = ApiKey::add_partitions_to_txn,
                             .valid = {0, 5},
                             .flexible_from = 3,
                             .on = Listeners::broker};

    struct AddPartitionsToTxnTopic {
        static constexpr bool is_shared = true;

        std::string name;
        std::vector<std::int32_t> partitions;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Name", self.name, map_key, names_topic);
            field("Partitions", self.partitions);
        }
    };

    struct AddPartitionsToTxnTransaction {
        std::string transactional_id;
        std::int64_t producer_id = 0;
        std::int16_t producer_epoch = 0;
        bool verify_only = false;
        std::vector<AddPartitionsToTxnTopic> topics;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("TransactionalId", self.transactional_id, since(4), map_key, names_transaction);
            field("ProducerId", self.producer_id, since(4), names_producer);
            field("ProducerEpoch", self.producer_epoch, since(4));
            field("VerifyOnly", self.verify_only, since(4), defaults(false));
            field("Topics", self.topics, since(4));
        }
    };

    std::vector<AddPartitionsToTxnTransaction> transactions;
    std::string v3_and_below_transactional_id;
    std::int64_t v3_and_below_producer_id = 0;
    std::int16_t v3_and_below_producer_epoch = 0;
    std::vector<AddPartitionsToTxnTopic> v3_and_below_topics;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("Transactions", self.transactions, since(4));
        field("V3AndBelowTransactionalId", self.v3_and_below_transactional_id, until(3),
              names_transaction);
        field("V3AndBelowProducerId", self.v3_and_below_producer_id, until(3), names_producer);
        field("V3AndBelowProducerEpoch", self.v3_and_below_producer_epoch, until(3));
        field("V3AndBelowTopics", self.v3_and_below_topics, until(3));
    }
};

struct AddPartitionsToTxnResponse {
    static constexpr Api api = AddPartitionsToTxnRequest::api;

    struct AddPartitionsToTxnPartitionResult {
        static constexpr bool is_shared = true;

        std::int32_t partition_index = 0;
        ErrorCode partition_error_code = ErrorCode::none;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("PartitionIndex", self.partition_index, map_key);
            field("PartitionErrorCode", self.partition_error_code);
        }
    };

    struct AddPartitionsToTxnTopicResult {
        static constexpr bool is_shared = true;

        std::string name;
        std::vector<AddPartitionsToTxnPartitionResult> results_by_partition;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Name", self.name, map_key, names_topic);
            field("ResultsByPartition", self.results_by_partition);
        }
    };

    struct AddPartitionsToTxnResult {
        std::string transactional_id;
        std::vector<AddPartitionsToTxnTopicResult> topic_results;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("TransactionalId", self.transactional_id, since(4), map_key, names_transaction);
            field("TopicResults", self.topic_results, since(4));
        }
    };

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::vector<AddPartitionsToTxnResult> results_by_transaction;
    std::vector<AddPartitionsToTxnTopicResult> results_by_topic_v3_and_below;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ThrottleTimeMs", self.throttle_time_ms);
        field("ErrorCode", self.error_code, since(4), ignorable);
        field("ResultsByTransaction", self.results_by_transaction, since(4));
        field("ResultsByTopicV3AndBelow", self.results_by_topic_v3_and_below, until(3));
    }
};

}  // namespace barnabas::protocol
