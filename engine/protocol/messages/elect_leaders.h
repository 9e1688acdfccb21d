// ElectLeaders: gives partitions back to their preferred leader, or any replica when none is in
// sync.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct ElectLeadersRequest {
    static constexpr Api api{.key = ApiKey::elect_leaders,
                             .valid = {0, 2},
                             .flexible_from = 2,
                             .on = Listeners::broker_and_controller,
                             .is_forwardable = true};

    struct TopicPartitions {
        std::string topic;
        std::vector<std::int32_t> partitions;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Topic", self.topic, map_key, names_topic);
            field("Partitions", self.partitions);
        }
    };

    std::int8_t election_type = 0;
    std::optional<std::vector<TopicPartitions>> topic_partitions{std::in_place};
    std::int32_t timeout_ms = 60000;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ElectionType", self.election_type, since(1));
        field("TopicPartitions", self.topic_partitions, nullable());
        field("TimeoutMs", self.timeout_ms, defaults(60000));
    }
};

struct ElectLeadersResponse {
    static constexpr Api api = ElectLeadersRequest::api;

    struct PartitionResult {
        std::int32_t partition_id = 0;
        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> error_message = "";
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("PartitionId", self.partition_id);
            field("ErrorCode", self.error_code);
            field("ErrorMessage", self.error_message, nullable());
        }
    };

    struct ReplicaElectionResult {
        std::string topic;
        std::vector<PartitionResult> partition_result;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Topic", self.topic, names_topic);
            field("PartitionResult", self.partition_result);
        }
    };

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::vector<ReplicaElectionResult> replica_election_results;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ThrottleTimeMs", self.throttle_time_ms);
        field("ErrorCode", self.error_code, since(1));
        field("ReplicaElectionResults", self.replica_election_results);
    }
};

}  // namespace barnabas::protocol
