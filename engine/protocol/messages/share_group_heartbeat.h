// ShareGroupHeartbeat: a share group's member joins, subscribes, leaves and gets its assignment.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct ShareGroupHeartbeatRequest {
    static constexpr Api api{.key = ApiKey::share_group_heartbeat,
                             .valid = {1, 1},
                             .flexible_from = 0,
                             .on = Listeners::broker};

    std::string group_id;
    std::string member_id;
    std::int32_t member_epoch = 0;
    std::optional<std::string> rack_id;
    std::optional<std::vector<std::string>> subscribed_topic_names;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("GroupId", self.group_id, names_group);
        field("MemberId", self.member_id);
        field("MemberEpoch", self.member_epoch);
        field("RackId", self.rack_id, nullable(), defaults(null));
        field("SubscribedTopicNames", self.subscribed_topic_names, nullable(), defaults(null),
              names_topic);
    }
};

struct ShareGroupHeartbeatResponse {
    static constexpr Api api = ShareGroupHeartbeatRequest::api;

    struct TopicPartitions {
        static constexpr bool is_shared = true;

        Uuid topic_id;
        std::vector<std::int32_t> partitions;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("TopicId", self.topic_id);
            field("Partitions", self.partitions);
        }
    };

    struct Assignment {
        std::vector<TopicPartitions> topic_partitions;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("TopicPartitions", self.topic_partitions);
        }
    };

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message;
    std::optional<std::string> member_id;
    std::int32_t member_epoch = 0;
    std::int32_t heartbeat_interval_ms = 0;
    std::optional<Assignment> assignment;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ThrottleTimeMs", self.throttle_time_ms);
        field("ErrorCode", self.error_code);
        field("ErrorMessage", self.error_message, nullable(), defaults(null));
        field("MemberId", self.member_id, nullable(), defaults(null));
        field("MemberEpoch", self.member_epoch);
        field("HeartbeatIntervalMs", self.heartbeat_interval_ms);
        field("Assignment", self.assignment, nullable(), defaults(null));
    }
};

}  // namespace barnabas::protocol
