// CreateTopics: makes topics, by count or by an assignment of replicas. -1 stands for the
// broker's default.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct CreateTopicsRequest {
    static constexpr Api api{.key = ApiKey::create_topics,
                             .valid = {2, 7},
                             .flexible_from = 5,
                             .on = Listeners::broker_and_controller,
                             .is_forwardable = true};

    struct CreatableReplicaAssignment {
        std::int32_t partition_index = 0;
        std::vector<std::int32_t> broker_ids;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("PartitionIndex", self.partition_index, map_key);
            field("BrokerIds", self.broker_ids, names_broker);
        }
    };

    struct CreatableTopicConfig {
        std::string name;
        std::optional<std::string> value = "";
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Name", self.name, map_key);
            field("Value", self.value, nullable());
        }
    };

    struct CreatableTopic {
        std::string name;
        std::int32_t num_partitions = 0;
        std::int16_t replication_factor = 0;
        std::vector<CreatableReplicaAssignment> assignments;
        std::vector<CreatableTopicConfig> configs;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Name", self.name, map_key, names_topic);
            field("NumPartitions", self.num_partitions);
            field("ReplicationFactor", self.replication_factor);
            field("Assignments", self.assignments);
            field("Configs", self.configs);
        }
    };

    std::vector<CreatableTopic> topics;
    std::int32_t timeout_ms = 60000;
    bool validate_only = false;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("Topics", self.topics);
        field("timeoutMs", self.timeout_ms, defaults(60000));
        field("validateOnly", self.validate_only, since(1), defaults(false));
    }
};

struct CreateTopicsResponse {
    static constexpr Api api = CreateTopicsRequest::api;

    struct CreatableTopicConfigs {
        std::string name;
        std::optional<std::string> value = "";
        bool read_only = false;
        std::int8_t config_source = -1;
        bool is_sensitive = false;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Name", self.name, since(5));
            field("Value", self.value, since(5), nullable(5));
            field("ReadOnly", self.read_only, since(5));
            field("ConfigSource", self.config_source, since(5), defaults(-1), ignorable);
            field("IsSensitive", self.is_sensitive, since(5));
        }
    };

    struct CreatableTopicResult {
        std::string name;
        Uuid topic_id;
        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> error_message = "";
        ErrorCode topic_config_error_code = ErrorCode::none;
        std::int32_t num_partitions = -1;
        std::int16_t replication_factor = -1;
        std::optional<std::vector<CreatableTopicConfigs>> configs{std::in_place};
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Name", self.name, map_key, names_topic);
            field("TopicId", self.topic_id, since(7), ignorable);
            field("ErrorCode", self.error_code);
            field("ErrorMessage", self.error_message, since(1), nullable(), ignorable);
            field("TopicConfigErrorCode", self.topic_config_error_code, since(5), tag(0),
                  ignorable);
            field("NumPartitions", self.num_partitions, since(5), defaults(-1), ignorable);
            field("ReplicationFactor", self.replication_factor, since(5), defaults(-1), ignorable);
            field("Configs", self.configs, since(5), nullable(5), ignorable);
        }
    };

    std::int32_t throttle_time_ms = 0;
    std::vector<CreatableTopicResult> topics;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ThrottleTimeMs", self.throttle_time_ms, since(2), ignorable);
        field("Topics", self.topics);
    }
};

}  // namespace barnabas::protocol
