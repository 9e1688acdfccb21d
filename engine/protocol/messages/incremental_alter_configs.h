// IncrementalAlterConfigs: sets, deletes, appends to and subtracts from single settings.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct IncrementalAlterConfigsRequest {
    static constexpr Api api{.key = ApiKey::incremental_alter_configs,
                             .valid = {0, 1},
                             .flexible_from = 1,
                             .on = Listeners::broker_and_controller,
                             .is_forwardable = true};

    struct AlterableConfig {
        std::string name;
        std::int8_t config_operation = 0;
        std::optional<std::string> value = "";
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Name", self.name, map_key);
            field("ConfigOperation", self.config_operation, map_key);
            field("Value", self.value, nullable());
        }
    };

    struct AlterConfigsResource {
        std::int8_t resource_type = 0;
        std::string resource_name;
        std::vector<AlterableConfig> configs;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("ResourceType", self.resource_type, map_key);
            field("ResourceName", self.resource_name, map_key);
            field("Configs", self.configs);
        }
    };

    std::vector<AlterConfigsResource> resources;
    bool validate_only = false;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("Resources", self.resources);
        field("ValidateOnly", self.validate_only);
    }
};

struct IncrementalAlterConfigsResponse {
    static constexpr Api api = IncrementalAlterConfigsRequest::api;

    struct AlterConfigsResourceResponse {
        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> error_message = "";
        std::int8_t resource_type = 0;
        std::string resource_name;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("ErrorCode", self.error_code);
            field("ErrorMessage", self.error_message, nullable());
            field("ResourceType", self.resource_type);
            field("ResourceName", self.resource_name);
        }
    };

    std::int32_t throttle_time_ms = 0;
    std::vector<AlterConfigsResourceResponse> responses;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ThrottleTimeMs", self.throttle_time_ms);
        field("Responses", self.responses);
    }
};

}  // namespace barnabas::protocol
