// CreateAcls: new access rules.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct CreateAclsRequest {
    static constexpr Api api{.key = ApiKey::create_acls,
                             .valid = {1, 3},
                             .flexible_from = 2,
                             .on = Listeners::broker_and_controller,
                             .is_forwardable = true};

    struct AclCreation {
        std::int8_t resource_type = 0;
        std::string resource_name;
        std::int8_t resource_pattern_type = 3;
        std::string principal;
        std::string host;
        std::int8_t operation = 0;
        std::int8_t permission_type = 0;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("ResourceType", self.resource_type);
            field("ResourceName", self.resource_name);
            field("ResourcePatternType", self.resource_pattern_type, since(1), defaults(3));
            field("Principal", self.principal);
            field("Host", self.host);
            field("Operation", self.operation);
            field("PermissionType", self.permission_type);
        }
    };

    std::vector<AclCreation> creations;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) { field("Creations", self.creations); }
};

struct CreateAclsResponse {
    static constexpr Api api = CreateAclsRequest::api;

    struct AclCreationResult {
        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> error_message = "";
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("ErrorCode", self.error_code);
            field("ErrorMessage", self.error_message, nullable());
        }
    };

    std::int32_t throttle_time_ms = 0;
    std::vector<AclCreationResult> results;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ThrottleTimeMs", self.throttle_time_ms);
        field("Results", self.results);
    }
};

}  // namespace barnabas::protocol
