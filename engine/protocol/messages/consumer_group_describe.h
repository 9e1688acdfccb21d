// ConsumerGroupDescribe: state, members and assignments of consumer groups.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct ConsumerGroupDescribeRequest {
    static constexpr Api api{.key = ApiKey::consumer_group_describe,
                             .valid = {0, 1},
                             .flexible_from = 0,
                             .on = Listeners::broker};

    std::vector<std::string> group_ids;
    bool include_authorized_operations = false;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("GroupIds", self.group_ids, names_group);
        field("IncludeAuthorizedOperations", self.include_authorized_operations);
    }
};

struct ConsumerGroupDescribeResponse {
    static constexpr Api api = ConsumerGroupDescribeRequest::api;

    struct TopicPartitions {
        static constexpr bool is_shared = true;

        Uuid topic_id;
        std::string topic_name;
        std::vector<std::int32_t> partitions;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("TopicId", self.topic_id);
            field("TopicName", self.topic_name, names_topic);
            field("Partitions", self.partitions);
        }
    };

    struct Assignment {
        static constexpr bool is_shared = true;

        std::vector<TopicPartitions> topic_partitions;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("TopicPartitions", self.topic_partitions);
        }
    };

    struct Member {
        std::string member_id;
        std::optional<std::string> instance_id;
        std::optional<std::string> rack_id;
        std::int32_t member_epoch = 0;
        std::string client_id;
        std::string client_host;
        std::vector<std::string> subscribed_topic_names;
        std::optional<std::string> subscribed_topic_regex;
        Assignment assignment;
        Assignment target_assignment;
        std::int8_t member_type = -1;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("MemberId", self.member_id);
            field("InstanceId", self.instance_id, nullable(), defaults(null));
            field("RackId", self.rack_id, nullable(), defaults(null));
            field("MemberEpoch", self.member_epoch);
            field("ClientId", self.client_id);
            field("ClientHost", self.client_host);
            field("SubscribedTopicNames", self.subscribed_topic_names, names_topic);
            field("SubscribedTopicRegex", self.subscribed_topic_regex, nullable(), defaults(null));
            field("Assignment", self.assignment);
            field("TargetAssignment", self.target_assignment);
            field("MemberType", self.member_type, since(1), defaults(-1), ignorable);
        }
    };

    struct DescribedGroup {
        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> error_message;
        std::string group_id;
        std::string group_state;
        std::int32_t group_epoch = 0;
        std::int32_t assignment_epoch = 0;
        std::string assignor_name;
        std::vector<Member> members;
        std::int32_t authorized_operations = INT32_MIN;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("ErrorCode", self.error_code);
            field("ErrorMessage", self.error_message, nullable(), defaults(null));
            field("GroupId", self.group_id, names_group);
            field("GroupState", self.group_state);
            field("GroupEpoch", self.group_epoch);
            field("AssignmentEpoch", self.assignment_epoch);
            field("AssignorName", self.assignor_name);
            field("Members", self.members);
            field("AuthorizedOperations", self.authorized_operations, defaults(INT32_MIN));
        }
    };

    std::int32_t throttle_time_ms = 0;
    std::vector<DescribedGroup> groups;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ThrottleTimeMs", self.throttle_time_ms);
        field("Groups", self.groups);
    }
};

}  // namespace barnabas::protocol
