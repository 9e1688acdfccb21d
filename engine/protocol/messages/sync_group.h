// SyncGroup: the leader of a classic group hands in the assignment, each member gets its part.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct SyncGroupRequest {
    static constexpr Api api{
        .key = ApiKey::sync_group, .valid = {0, 5}, .flexible_from = 4, .on = Listeners::broker};

    struct SyncGroupRequestAssignment {
        std::string member_id;
        Bytes assignment;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("MemberId", self.member_id);
            field("Assignment", self.assignment);
        }
    };

    std::string group_id;
    std::int32_t generation_id = 0;
    std::string member_id;
    std::optional<std::string> group_instance_id;
    std::optional<std::string> protocol_type;
    std::optional<std::string> protocol_name;
    std::vector<SyncGroupRequestAssignment> assignments;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("GroupId", self.group_id, names_group);
        field("GenerationId", self.generation_id);
        field("MemberId", self.member_id);
        field("GroupInstanceId", self.group_instance_id, since(3), nullable(3), defaults(null));
        field("ProtocolType", self.protocol_type, since(5), nullable(5), defaults(null), ignorable);
        field("ProtocolName", self.protocol_name, since(5), nullable(5), defaults(null), ignorable);
        field("Assignments", self.assignments);
    }
};

struct SyncGroupResponse {
    static constexpr Api api = SyncGroupRequest::api;

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> protocol_type;
    std::optional<std::string> protocol_name;
    Bytes assignment;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ThrottleTimeMs", self.throttle_time_ms, since(1), ignorable);
        field("ErrorCode", self.error_code);
        field("ProtocolType", self.protocol_type, since(5), nullable(5), defaults(null), ignorable);
        field("ProtocolName", self.protocol_name, since(5), nullable(5), defaults(null), ignorable);
        field("Assignment", self.assignment);
    }
};

}  // namespace barnabas::protocol
