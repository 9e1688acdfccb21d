// What clients and brokers put into byte fields: a classic consumer's subscription and
// assignment, the principal in an Envelope. Each stands behind its version (int16).
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct ConsumerProtocolSubscription {
    static constexpr Format format{.kind = Kind::data, .valid = {0, 3}};

    struct TopicPartition {
        std::string topic;
        std::vector<std::int32_t> partitions;

        static void describe(auto& field, auto& self) {
            field("Topic", self.topic, since(1), map_key, names_topic);
            field("Partitions", self.partitions, since(1));
        }
    };

    std::vector<std::string> topics;
    std::optional<Bytes> user_data;
    std::vector<TopicPartition> owned_partitions;
    std::int32_t generation_id = -1;
    std::optional<std::string> rack_id;

    static void describe(auto& field, auto& self) {
        field("Topics", self.topics);
        field("UserData", self.user_data, nullable(), defaults(null), zero_copy);
        field("OwnedPartitions", self.owned_partitions, since(1), ignorable);
        field("GenerationId", self.generation_id, since(2), defaults(-1), ignorable);
        field("RackId", self.rack_id, since(3), nullable(3), defaults(null), ignorable);
    }
};

struct ConsumerProtocolAssignment {
    static constexpr Format format{.kind = Kind::data, .valid = {0, 3}};

    struct TopicPartition {
        std::string topic;
        std::vector<std::int32_t> partitions;

        static void describe(auto& field, auto& self) {
            field("Topic", self.topic, map_key, names_topic);
            field("Partitions", self.partitions);
        }
    };

    std::vector<TopicPartition> assigned_partitions;
    std::optional<Bytes> user_data;

    static void describe(auto& field, auto& self) {
        field("AssignedPartitions", self.assigned_partitions);
        field("UserData", self.user_data, nullable(), defaults(null), zero_copy);
    }
};

struct DefaultPrincipalData {
    static constexpr Format format{.kind = Kind::data, .valid = {0, 0}, .flexible_from = 0};

    std::string type;
    std::string name;
    bool token_authenticated = false;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("Type", self.type);
        field("Name", self.name);
        field("TokenAuthenticated", self.token_authenticated);
    }
};

}  // namespace barnabas::protocol
