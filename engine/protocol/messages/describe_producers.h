// DescribeProducers: producers that write to partitions, with their open transactions.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct DescribeProducersRequest {
    static constexpr Api api{.key = ApiKey::describe_producers,
                             .valid = {0, 0},
                             .flexible_from = 0,
                             .on = Listeners::broker};

    struct TopicRequest {
        std::string name;
        std::vector<std::int32_t> partition_indexes;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Name", self.name, names_topic);
            field("PartitionIndexes", self.partition_indexes);
        }
    };

    std::vector<TopicRequest> topics;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) { field("Topics", self.topics); }
};

struct DescribeProducersResponse {
    static constexpr Api api = DescribeProducersRequest::api;

    struct ProducerState {
        std::int64_t producer_id = 0;
        std::int32_t producer_epoch = 0;
        std::int32_t last_sequence = -1;
        std::int64_t last_timestamp = -1;
        std::int32_t coordinator_epoch = 0;
        std::int64_t current_txn_start_offset = -1;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("ProducerId", self.producer_id, names_producer);
            field("ProducerEpoch", self.producer_epoch);
            field("LastSequence", self.last_sequence, defaults(-1));
            field("LastTimestamp", self.last_timestamp, defaults(-1));
            field("CoordinatorEpoch", self.coordinator_epoch);
            field("CurrentTxnStartOffset", self.current_txn_start_offset, defaults(-1));
        }
    };

    struct PartitionResponse {
        std::int32_t partition_index = 0;
        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> error_message;
        std::vector<ProducerState> active_producers;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("PartitionIndex", self.partition_index);
            field("ErrorCode", self.error_code);
            field("ErrorMessage", self.error_message, nullable(), defaults(null));
            field("ActiveProducers", self.active_producers);
        }
    };

    struct TopicResponse {
        std::string name;
        std::vector<PartitionResponse> partitions;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Name", self.name, names_topic);
            field("Partitions", self.partitions);
        }
    };

    std::int32_t throttle_time_ms = 0;
    std::vector<TopicResponse> topics;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ThrottleTimeMs", self.throttle_time_ms);
        field("Topics", self.topics);
    }
};

}  // namespace barnabas::protocol
