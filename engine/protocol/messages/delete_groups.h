// DeleteGroups: removes groups without members.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct DeleteGroupsRequest {
    static constexpr Api api{
        .key = ApiKey::delete_groups, .valid = {0, 2}, .flexible_from = 2, .on = Listeners::broker};

    std::vector<std::string> groups_names;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("GroupsNames", self.groups_names, names_group);
    }
};

struct DeleteGroupsResponse {
    static constexpr Api api = DeleteGroupsRequest::api;

    struct DeletableGroupResult {
        std::string group_id;
        ErrorCode error_code = ErrorCode::none;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("GroupId", self.group_id, map_key, names_group);
            field("ErrorCode", self.error_code);
        }
    };

    std::int32_t throttle_time_ms = 0;
    std::vector<DeletableGroupResult> results;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ThrottleTimeMs", self.throttle_time_ms);
        field("Results", self.results);
    }
};

}  // namespace barnabas::protocol
