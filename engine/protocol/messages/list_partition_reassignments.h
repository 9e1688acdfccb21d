// ListPartitionReassignments: moves that are under way.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct ListPartitionReassignmentsRequest {
    static constexpr Api api{.key = ApiKey::list_partition_reassignments,
                             .valid = {0, 0},
                             .flexible_from = 0,
                             .on = Listeners::broker_and_controller,
                             .is_forwardable = true};

    struct ListPartitionReassignmentsTopics {
        std::string name;
        std::vector<std::int32_t> partition_indexes;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Name", self.name, names_topic);
            field("PartitionIndexes", self.partition_indexes);
        }
    };

    std::int32_t timeout_ms = 60000;
    std::optional<std::vector<ListPartitionReassignmentsTopics>> topics;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("TimeoutMs", self.timeout_ms, defaults(60000));
        field("Topics", self.topics, nullable(), defaults(null));
    }
};

struct ListPartitionReassignmentsResponse {
    static constexpr Api api = ListPartitionReassignmentsRequest::api;

    struct OngoingPartitionReassignment {
        std::int32_t partition_index = 0;
        std::vector<std::int32_t> replicas;
        std::vector<std::int32_t> adding_replicas;
        std::vector<std::int32_t> removing_replicas;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("PartitionIndex", self.partition_index);
            field("Replicas", self.replicas, names_broker);
            field("AddingReplicas", self.adding_replicas, names_broker);
            field("RemovingReplicas", self.removing_replicas, names_broker);
        }
    };

    struct OngoingTopicReassignment {
        std::string name;
        std::vector<OngoingPartitionReassignment> partitions;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Name", self.name, names_topic);
            field("Partitions", self.partitions);
        }
    };

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = "";
    std::vector<OngoingTopicReassignment> topics;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ThrottleTimeMs", self.throttle_time_ms);
        field("ErrorCode", self.error_code);
        field("ErrorMessage", self.error_message, nullable());
        field("Topics", self.topics);
    }
};

}  // namespace barnabas::protocol
