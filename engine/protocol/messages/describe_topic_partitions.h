// DescribeTopicPartitions: partitions page by page, with eligible leader replicas.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct DescribeTopicPartitionsRequest {
    static constexpr Api api{.key = ApiKey::describe_topic_partitions,
                             .valid = {0, 0},
                             .flexible_from = 0,
                             .on = Listeners::broker};

    struct TopicRequest {
        std::string name;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) { field("Name", self.name, names_topic); }
    };

    struct Cursor {
        std::string topic_name;
        std::int32_t partition_index = 0;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("TopicName", self.topic_name, names_topic);
            field("PartitionIndex", self.partition_index);
        }
    };

    std::vector<TopicRequest> topics;
    std::int32_t response_partition_limit = 2000;
    std::optional<Cursor> cursor;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("Topics", self.topics);
        field("ResponsePartitionLimit", self.response_partition_limit, defaults(2000));
        field("Cursor", self.cursor, nullable(), defaults(null));
    }
};

struct DescribeTopicPartitionsResponse {
    static constexpr Api api = DescribeTopicPartitionsRequest::api;

    struct DescribeTopicPartitionsResponsePartition {
        ErrorCode error_code = ErrorCode::none;
        std::int32_t partition_index = 0;
        std::int32_t leader_id = 0;
        std::int32_t leader_epoch = -1;
        std::vector<std::int32_t> replica_nodes;
        std::vector<std::int32_t> isr_nodes;
        std::optional<std::vector<std::int32_t>> eligible_leader_replicas;
        std::optional<std::vector<std::int32_t>> last_known_elr;
        std::vector<std::int32_t> offline_replicas;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("ErrorCode", self.error_code);
            field("PartitionIndex", self.partition_index);
            field("LeaderId", self.leader_id, names_broker);
            field("LeaderEpoch", self.leader_epoch, defaults(-1), ignorable);
            field("ReplicaNodes", self.replica_nodes, names_broker);
            field("IsrNodes", self.isr_nodes, names_broker);
            field("EligibleLeaderReplicas", self.eligible_leader_replicas, nullable(),
                  defaults(null), names_broker);
            field("LastKnownElr", self.last_known_elr, nullable(), defaults(null), names_broker);
            field("OfflineReplicas", self.offline_replicas, ignorable, names_broker);
        }
    };

    struct DescribeTopicPartitionsResponseTopic {
        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> name = "";
        Uuid topic_id;
        bool is_internal = false;
        std::vector<DescribeTopicPartitionsResponsePartition> partitions;
        std::int32_t topic_authorized_operations = INT32_MIN;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("ErrorCode", self.error_code);
            field("Name", self.name, nullable(), map_key, names_topic);
            field("TopicId", self.topic_id, ignorable);
            field("IsInternal", self.is_internal, defaults(false), ignorable);
            field("Partitions", self.partitions);
            field("TopicAuthorizedOperations", self.topic_authorized_operations,
                  defaults(INT32_MIN));
        }
    };

    struct Cursor {
        std::string topic_name;
        std::int32_t partition_index = 0;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("TopicName", self.topic_name, names_topic);
            field("PartitionIndex", self.partition_index);
        }
    };

    std::int32_t throttle_time_ms = 0;
    std::vector<DescribeTopicPartitionsResponseTopic> topics;
    std::optional<Cursor> next_cursor;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ThrottleTimeMs", self.throttle_time_ms, ignorable);
        field("Topics", self.topics);
        field("NextCursor", self.next_cursor, nullable(), defaults(null));
    }
};

}  // namespace barnabas::protocol
