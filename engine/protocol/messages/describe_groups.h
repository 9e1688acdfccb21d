// DescribeGroups: state and members of classic groups.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct DescribeGroupsRequest {
    static constexpr Api api{.key = ApiKey::describe_groups,
                             .valid = {0, 6},
                             .flexible_from = 5,
                             .on = Listeners::broker};

    std::vector<std::string> groups;
    bool include_authorized_operations = false;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("Groups", self.groups, names_group);
        field("IncludeAuthorizedOperations", self.include_authorized_operations, since(3));
    }
};

struct DescribeGroupsResponse {
    static constexpr Api api = DescribeGroupsRequest::api;

    struct DescribedGroupMember {
        std::string member_id;
        std::optional<std::string> group_instance_id;
        std::string client_id;
        std::string client_host;
        Bytes member_metadata;
        Bytes member_assignment;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("MemberId", self.member_id);
            field("GroupInstanceId", self.group_instance_id, since(4), nullable(4), defaults(null),
                  ignorable);
            field("ClientId", self.client_id);
            field("ClientHost", self.client_host);
            field("MemberMetadata", self.member_metadata);
            field("MemberAssignment", self.member_assignment);
        }
    };

    struct DescribedGroup {
        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> error_message;
        std::string group_id;
        std::string group_state;
        std::string protocol_type;
        std::string protocol_data;
        std::vector<DescribedGroupMember> members;
        std::int32_t authorized_operations = INT32_MIN;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("ErrorCode", self.error_code);
            field("ErrorMessage", self.error_message, since(6), nullable(6), defaults(null));
            field("GroupId", self.group_id, names_group);
            field("GroupState", self.group_state);
            field("ProtocolType", self.protocol_type);
            field("ProtocolData", self.protocol_data);
            field("Members", self.members);
            field("AuthorizedOperations", self.authorized_operations, since(3),
                  defaults(INT32_MIN));
        }
    };

    std::int32_t throttle_time_ms = 0;
    std::vector<DescribedGroup> groups;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ThrottleTimeMs", self.throttle_time_ms, since(1), ignorable);
        field("Groups", self.groups);
    }
};

}  // namespace barnabas::protocol
