// JoinGroup: a member enters a classic group and waits for the round to complete.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct JoinGroupRequest {
    static constexpr Api api{
        .key = ApiKey::join_group, .valid = {0, 9}, .flexible_from = 6, .on = Listeners::broker};

    struct JoinGroupRequestProtocol {
        std::string name;
        Bytes metadata;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Name", self.name, map_key);
            field("Metadata", self.metadata);
        }
    };

    std::string group_id;
    std::int32_t session_timeout_ms = 0;
    std::int32_t rebalance_timeout_ms = -1;
    std::string member_id;
    std::optional<std::string> group_instance_id;
    std::string protocol_type;
    std::vector<JoinGroupRequestProtocol> protocols;
    std::optional<std::string> reason;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("GroupId", self.group_id, names_group);
        field("SessionTimeoutMs", self.session_timeout_ms);
        field("RebalanceTimeoutMs", self.rebalance_timeout_ms, since(1), defaults(-1), ignorable);
        field("MemberId", self.member_id);
        field("GroupInstanceId", self.group_instance_id, since(5), nullable(5), defaults(null));
        field("ProtocolType", self.protocol_type);
        field("Protocols", self.protocols);
        field("Reason", self.reason, since(8), nullable(8), defaults(null), ignorable);
    }
};

struct JoinGroupResponse {
    static constexpr Api api = JoinGroupRequest::api;

    struct JoinGroupResponseMember {
        std::string member_id;
        std::optional<std::string> group_instance_id;
        Bytes metadata;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("MemberId", self.member_id);
            field("GroupInstanceId", self.group_instance_id, since(5), nullable(5), defaults(null),
                  ignorable);
            field("Metadata", self.metadata);
        }
    };

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::int32_t generation_id = -1;
    std::optional<std::string> protocol_type;
    std::optional<std::string> protocol_name = "";
    std::string leader;
    bool skip_assignment = false;
    std::string member_id;
    std::vector<JoinGroupResponseMember> members;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ThrottleTimeMs", self.throttle_time_ms, since(2), ignorable);
        field("ErrorCode", self.error_code);
        field("GenerationId", self.generation_id, defaults(-1));
        field("ProtocolType", self.protocol_type, since(7), nullable(7), defaults(null), ignorable);
        field("ProtocolName", self.protocol_name, nullable(7));
        field("Leader", self.leader);
        field("SkipAssignment", self.skip_assignment, since(9), defaults(false));
        field("MemberId", self.member_id);
        field("Members", self.members);
    }
};

}  // namespace barnabas::protocol
