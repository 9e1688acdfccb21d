// CreatePartitions: raises the number of partitions of topics.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct CreatePartitionsRequest {
    static constexpr Api api{.key = ApiKey::create_partitions,
                             .valid = {0, 3},
                             .flexible_from = 2,
                             .on = Listeners::broker_and_controller,
                             .is_forwardable = true};

    struct CreatePartitionsAssignment {
        std::vector<std::int32_t> broker_ids;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("BrokerIds", self.broker_ids, names_broker);
        }
    };

    struct CreatePartitionsTopic {
        std::string name;
        std::int32_t count = 0;
        std::optional<std::vector<CreatePartitionsAssignment>> assignments{std::in_place};
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Name", self.name, map_key, names_topic);
            field("Count", self.count);
            field("Assignments", self.assignments, nullable());
        }
    };

    std::vector<CreatePartitionsTopic> topics;
    std::int32_t timeout_ms = 0;
    bool validate_only = false;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("Topics", self.topics);
        field("TimeoutMs", self.timeout_ms);
        field("ValidateOnly", self.validate_only);
    }
};

struct CreatePartitionsResponse {
    static constexpr Api api = CreatePartitionsRequest::api;

    struct CreatePartitionsTopicResult {
        std::string name;
        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> error_message;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Name", self.name, names_topic);
            field("ErrorCode", self.error_code);
            field("ErrorMessage", self.error_message, nullable(), defaults(null));
        }
    };

    std::int32_t throttle_time_ms = 0;
    std::vector<CreatePartitionsTopicResult> results;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ThrottleTimeMs", self.throttle_time_ms);
        field("Results", self.results);
    }
};

}  // namespace barnabas::protocol
