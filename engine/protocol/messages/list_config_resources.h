// ListConfigResources: the resources that have settings of their own. In version 0 the client
// metrics only.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct ListConfigResourcesRequest {
    static constexpr Api api{.key = ApiKey::list_config_resources,
                             .valid = {0, 1},
                             .flexible_from = 0,
                             .on = Listeners::broker};

    std::vector<std::int8_t> resource_types;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ResourceTypes", self.resource_types, since(1));
    }
};

struct ListConfigResourcesResponse {
    static constexpr Api api = ListConfigResourcesRequest::api;

    struct ConfigResource {
        std::string resource_name;
        std::int8_t resource_type = 16;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("ResourceName", self.resource_name);
            field("ResourceType", self.resource_type, since(1), defaults(16), ignorable);
        }
    };

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::vector<ConfigResource> config_resources;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ThrottleTimeMs", self.throttle_time_ms);
        field("ErrorCode", self.error_code);
        field("ConfigResources", self.config_resources);
    }
};

}  // namespace barnabas::protocol
