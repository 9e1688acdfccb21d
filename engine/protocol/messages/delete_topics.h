// DeleteTopics: by name, or from version 6 on by id.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct DeleteTopicsRequest {
    static constexpr Api api{.key = ApiKey::delete_topics,
                             .valid = {1, 6},
                             .flexible_from = 4,
                             .on = Listeners::broker_and_controller,
                             .is_forwardable = true};

    struct DeleteTopicState {
        std::optional<std::string> name;
        Uuid topic_id;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Name", self.name, since(6), nullable(6), defaults(null), names_topic);
            field("TopicId", self.topic_id, since(6));
        }
    };

    std::vector<DeleteTopicState> topics;
    std::vector<std::string> topic_names;
    std::int32_t timeout_ms = 0;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("Topics", self.topics, since(6));
        field("TopicNames", self.topic_names, until(5), ignorable, names_topic);
        field("TimeoutMs", self.timeout_ms);
    }
};

struct DeleteTopicsResponse {
    static constexpr Api api = DeleteTopicsRequest::api;

    struct DeletableTopicResult {
        std::optional<std::string> name = "";
        Uuid topic_id;
        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> error_message;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Name", self.name, nullable(6), map_key, names_topic);
            field("TopicId", self.topic_id, since(6), ignorable);
            field("ErrorCode", self.error_code);
            field("ErrorMessage", self.error_message, since(5), nullable(5), defaults(null),
                  ignorable);
        }
    };

    std::int32_t throttle_time_ms = 0;
    std::vector<DeletableTopicResult> responses;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ThrottleTimeMs", self.throttle_time_ms, since(1), ignorable);
        field("Responses", self.responses);
    }
};

}  // namespace barnabas::protocol
