// DescribeAcls: the rules that match a filter.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct DescribeAclsRequest {
    static constexpr Api api{.key = ApiKey::describe_acls,
                             .valid = {1, 3},
                             .flexible_from = 2,
                             .on = Listeners::broker_and_controller};

    std::int8_t resource_type_filter = 0;
    std::optional<std::string> resource_name_filter = "";
    std::int8_t pattern_type_filter = 3;
    std::optional<std::string> principal_filter = "";
    std::optional<std::string> host_filter = "";
    std::int8_t operation = 0;
    std::int8_t permission_type = 0;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ResourceTypeFilter", self.resource_type_filter);
        field("ResourceNameFilter", self.resource_name_filter, nullable());
        field("PatternTypeFilter", self.pattern_type_filter, since(1), defaults(3));
        field("PrincipalFilter", self.principal_filter, nullable());
        field("HostFilter", self.host_filter, nullable());
        field("Operation", self.operation);
        field("PermissionType", self.permission_type);
    }
};

struct DescribeAclsResponse {
    static constexpr Api api = DescribeAclsRequest::api;

    struct AclDescription {
        std::string principal;
        std::string host;
        std::int8_t operation = 0;
        std::int8_t permission_type = 0;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Principal", self.principal);
            field("Host", self.host);
            field("Operation", self.operation);
            field("PermissionType", self.permission_type);
        }
    };

    struct DescribeAclsResource {
        std::int8_t resource_type = 0;
        std::string resource_name;
        std::int8_t pattern_type = 3;
        std::vector<AclDescription> acls;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("ResourceType", self.resource_type);
            field("ResourceName", self.resource_name);
            field("PatternType", self.pattern_type, since(1), defaults(3));
            field("Acls", self.acls);
        }
    };

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = "";
    std::vector<DescribeAclsResource> resources;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ThrottleTimeMs", self.throttle_time_ms);
        field("ErrorCode", self.error_code);
        field("ErrorMessage", self.error_message, nullable());
        field("Resources", self.resources);
    }
};

}  // namespace barnabas::protocol
