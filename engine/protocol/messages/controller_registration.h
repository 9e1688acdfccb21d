// ControllerRegistration: a controller makes its listeners and features known.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct ControllerRegistrationRequest {
    static constexpr Api api{.key = ApiKey::controller_registration,
                             .valid = {0, 0},
                             .flexible_from = 0,
                             .on = Listeners::controller};

    struct Listener {
        std::string name;
        std::string host;
        std::uint16_t port = 0;
        std::int16_t security_protocol = 0;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Name", self.name, map_key);
            field("Host", self.host);
            field("Port", self.port);
            field("SecurityProtocol", self.security_protocol);
        }
    };

    struct Feature {
        std::string name;
        std::int16_t min_supported_version = 0;
        std::int16_t max_supported_version = 0;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Name", self.name, map_key);
            field("MinSupportedVersion", self.min_supported_version);
            field("MaxSupportedVersion", self.max_supported_version);
        }
    };

    std::int32_t controller_id = 0;
    Uuid incarnation_id;
    bool zk_migration_ready = false;
    std::vector<Listener> listeners;
    std::vector<Feature> features;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ControllerId", self.controller_id);
        field("IncarnationId", self.incarnation_id);
        field("ZkMigrationReady", self.zk_migration_ready);
        field("Listeners", self.listeners);
        field("Features", self.features);
    }
};

struct ControllerRegistrationResponse {
    static constexpr Api api = ControllerRegistrationRequest::api;

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = "";
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ThrottleTimeMs", self.throttle_time_ms);
        field("ErrorCode", self.error_code);
        field("ErrorMessage", self.error_message, nullable());
    }
};

}  // namespace barnabas::protocol
