// ListGroups: the groups that a broker looks after.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct ListGroupsRequest {
    static constexpr Api api{
        .key = ApiKey::list_groups, .valid = {0, 5}, .flexible_from = 3, .on = Listeners::broker};

    std::vector<std::string> states_filter;
    std::vector<std::string> types_filter;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("StatesFilter", self.states_filter, since(4));
        field("TypesFilter", self.types_filter, since(5));
    }
};

struct ListGroupsResponse {
    static constexpr Api api = ListGroupsRequest::api;

    struct ListedGroup {
        std::string group_id;
        std::string protocol_type;
        std::string group_state;
        std::string group_type;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("GroupId", self.group_id, names_group);
            field("ProtocolType", self.protocol_type);
            field("GroupState", self.group_state, since(4), ignorable);
            field("GroupType", self.group_type, since(5), ignorable);
        }
    };

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::vector<ListedGroup> groups;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ThrottleTimeMs", self.throttle_time_ms, since(1), ignorable);
        field("ErrorCode", self.error_code);
        field("Groups", self.groups);
    }
};

}  // namespace barnabas::protocol
