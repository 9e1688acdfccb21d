// Heartbeat: a member of a classic group says that it lives, and hears of a rebalance.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct HeartbeatRequest {
    static constexpr Api api{
        .key = ApiKey::heartbeat, .valid = {0, 4}, .flexible_from = 4, .on = Listeners::broker};

    std::string group_id;
    std::int32_t generation_id = 0;
    std::string member_id;
    std::optional<std::string> group_instance_id;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("GroupId", self.group_id, names_group);
        field("GenerationId", self.generation_id);
        field("MemberId", self.member_id);
        field("GroupInstanceId", self.group_instance_id, since(3), nullable(3), defaults(null));
    }
};

struct HeartbeatResponse {
    static constexpr Api api = HeartbeatRequest::api;

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ThrottleTimeMs", self.throttle_time_ms, since(1), ignorable);
        field("ErrorCode", self.error_code);
    }
};

}  // namespace barnabas::protocol
