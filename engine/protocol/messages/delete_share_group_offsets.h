// DeleteShareGroupOffsets: an empty share group forgets topics.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct DeleteShareGroupOffsetsRequest {
    static constexpr Api api{.key = ApiKey::delete_share_group_offsets,
                             .valid = {0, 0},
                             .flexible_from = 0,
                             .on = Listeners::broker};

    struct DeleteShareGroupOffsetsRequestTopic {
        std::string topic_name;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("TopicName", self.topic_name, names_topic);
        }
    };

    std::string group_id;
    std::vector<DeleteShareGroupOffsetsRequestTopic> topics;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("GroupId", self.group_id, names_group);
        field("Topics", self.topics);
    }
};

struct DeleteShareGroupOffsetsResponse {
    static constexpr Api api = DeleteShareGroupOffsetsRequest::api;

    struct DeleteShareGroupOffsetsResponseTopic {
        std::string topic_name;
        Uuid topic_id;
        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> error_message;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("TopicName", self.topic_name, names_topic);
            field("TopicId", self.topic_id);
            field("ErrorCode", self.error_code);
            field("ErrorMessage", self.error_message, nullable(), defaults(null));
        }
    };

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message;
    std::vector<DeleteShareGroupOffsetsResponseTopic> responses;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ThrottleTimeMs", self.throttle_time_ms);
        field("ErrorCode", self.error_code);
        field("ErrorMessage", self.error_message, nullable(), defaults(null));
        field("Responses", self.responses);
    }
};

}  // namespace barnabas::protocol
