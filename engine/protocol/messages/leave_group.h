// LeaveGroup: members leave a classic group. Up to version 2 one at a time.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct LeaveGroupRequest {
    static constexpr Api api{
        .key = ApiKey::leave_group, .valid = {0, 5}, .flexible_from = 4, .on = Listeners::broker};

    struct MemberIdentity {
        std::string member_id;
        std::optional<std::string> group_instance_id;
        std::optional<std::string> reason;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("MemberId", self.member_id, since(3));
            field("GroupInstanceId", self.group_instance_id, since(3), nullable(3), defaults(null));
            field("Reason", self.reason, since(5), nullable(5), defaults(null), ignorable);
        }
    };

    std::string group_id;
    std::string member_id;
    std::vector<MemberIdentity> members;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("GroupId", self.group_id, names_group);
        field("MemberId", self.member_id, until(2));
        field("Members", self.members, since(3));
    }
};

struct LeaveGroupResponse {
    static constexpr Api api = LeaveGroupRequest::api;

    struct MemberResponse {
        std::string member_id;
        std::optional<std::string> group_instance_id = "";
        ErrorCode error_code = ErrorCode::none;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("MemberId", self.member_id, since(3));
            field("GroupInstanceId", self.group_instance_id, since(3), nullable(3));
            field("ErrorCode", self.error_code, since(3));
        }
    };

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::vector<MemberResponse> members;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ThrottleTimeMs", self.throttle_time_ms, since(1), ignorable);
        field("ErrorCode", self.error_code);
        field("Members", self.members, since(3));
    }
};

}  // namespace barnabas::protocol
