// ListOffsets: the earliest, latest or timestamped offset of partitions. Negative timestamps are
// questions: -1 latest, -2 earliest, -3 that of the largest timestamp, -4 earliest kept locally,
// -5 latest tiered.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct ListOffsetsRequest {
    static constexpr Api api{
        .key = ApiKey::list_offsets, .valid = {1, 11}, .flexible_from = 6, .on = Listeners::broker};

    struct ListOffsetsPartition {
        std::int32_t partition_index = 0;
        std::int32_t current_leader_epoch = -1;
        std::int64_t timestamp = 0;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("PartitionIndex", self.partition_index);
            field("CurrentLeaderEpoch", self.current_leader_epoch, since(4), defaults(-1),
                  ignorable);
            field("Timestamp", self.timestamp);
        }
    };

    struct ListOffsetsTopic {
        std::string name;
        std::vector<ListOffsetsPartition> partitions;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Name", self.name, names_topic);
            field("Partitions", self.partitions);
        }
    };

    std::int32_t replica_id = 0;
    std::int8_t isolation_level = 0;
    std::vector<ListOffsetsTopic> topics;
    std::int32_t timeout_ms = 0;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ReplicaId", self.replica_id, names_broker);
        field("IsolationLevel", self.isolation_level, since(2));
        field("Topics", self.topics);
        field("TimeoutMs", self.timeout_ms, since(10), ignorable);
    }
};

struct ListOffsetsResponse {
    static constexpr Api api = ListOffsetsRequest::api;

    struct ListOffsetsPartitionResponse {
        std::int32_t partition_index = 0;
        ErrorCode error_code = ErrorCode::none;
        std::int64_t timestamp = -1;
        std::int64_t offset = -1;
        std::int32_t leader_epoch = -1;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("PartitionIndex", self.partition_index);
            field("ErrorCode", self.error_code);
            field("Timestamp", self.timestamp, since(1), defaults(-1));
            field("Offset", self.offset, since(1), defaults(-1));
            field("LeaderEpoch", self.leader_epoch, since(4), defaults(-1));
        }
    };

    struct ListOffsetsTopicResponse {
        std::string name;
        std::vector<ListOffsetsPartitionResponse> partitions;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Name", self.name, names_topic);
            field("Partitions", self.partitions);
        }
    };

    std::int32_t throttle_time_ms = 0;
    std::vector<ListOffsetsTopicResponse> topics;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ThrottleTimeMs", self.throttle_time_ms, since(2), ignorable);
        field("Topics", self.topics);
    }
};

}  // namespace barnabas::protocol
