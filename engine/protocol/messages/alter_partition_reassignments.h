// AlterPartitionReassignments: moves partitions to other brokers; null replicas cancel a move.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct AlterPartitionReassignmentsRequest {
    static constexpr Api api{.key = ApiKey::alter_partition_reassignments,
                             .valid = {0, 1},
                             .flexible_from = 0,
                             .on = Listeners::broker_and_controller,
                             .is_forwardable = true};

    struct ReassignablePartition {
        std::int32_t partition_index = 0;
        std::optional<std::vector<std::int32_t>> replicas;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("PartitionIndex", self.partition_index);
            field("Replicas", self.replicas, nullable(), defaults(null), names_broker);
        }
    };

    struct ReassignableTopic {
        std::string name;
        std::vector<ReassignablePartition> partitions;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Name", self.name, names_topic);
            field("Partitions", self.partitions);
        }
    };

    std::int32_t timeout_ms = 60000;
    bool allow_replication_factor_change = true;
    std::vector<ReassignableTopic> topics;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("TimeoutMs", self.timeout_ms, defaults(60000));
        field("AllowReplicationFactorChange", self.allow_replication_factor_change, since(1),
              defaults(true));
        field("Topics", self.topics);
    }
};

struct AlterPartitionReassignmentsResponse {
    static constexpr Api api = AlterPartitionReassignmentsRequest::api;

    struct ReassignablePartitionResponse {
        std::int32_t partition_index = 0;
        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> error_message = "";
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("PartitionIndex", self.partition_index);
            field("ErrorCode", self.error_code);
            field("ErrorMessage", self.error_message, nullable());
        }
    };

    struct ReassignableTopicResponse {
        std::string name;
        std::vector<ReassignablePartitionResponse> partitions;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Name", self.name, names_topic);
            field("Partitions", self.partitions);
        }
    };

    std::int32_t throttle_time_ms = 0;
    bool allow_replication_factor_change = true;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = "";
    std::vector<ReassignableTopicResponse> responses;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ThrottleTimeMs", self.throttle_time_ms);
        field("AllowReplicationFactorChange", self.allow_replication_factor_change, since(1),
              defaults(true), ignorable);
        field("ErrorCode", self.error_code);
        field("ErrorMessage", self.error_message, nullable());
        field("Responses", self.responses);
    }
};

}  // namespace barnabas::protocol
