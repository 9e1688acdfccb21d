// FindCoordinator: which broker looks after a group, a transactional id or a share partition. Up
// to version 3 one key at a time, then several.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct FindCoordinatorRequest {
    static constexpr Api api{.key = ApiKey::find_coordinator,
                             .valid = {0, 6},
                             .flexible_from = 3,
                             .on = Listeners::broker};

    std::string key;
    std::int8_t key_type = 0;
    std::vector<std::string> coordinator_keys;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("Key", self.key, until(3));
        field("KeyType", self.key_type, since(1), defaults(0));
        field("CoordinatorKeys", self.coordinator_keys, since(4));
    }
};

struct FindCoordinatorResponse {
    static constexpr Api api = FindCoordinatorRequest::api;

    struct Coordinator {
        std::string key;
        std::int32_t node_id = 0;
        std::string host;
        std::int32_t port = 0;
        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> error_message = "";
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Key", self.key, since(4));
            field("NodeId", self.node_id, since(4), names_broker);
            field("Host", self.host, since(4));
            field("Port", self.port, since(4));
            field("ErrorCode", self.error_code, since(4));
            field("ErrorMessage", self.error_message, since(4), nullable(4), ignorable);
        }
    };

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = "";
    std::int32_t node_id = 0;
    std::string host;
    std::int32_t port = 0;
    std::vector<Coordinator> coordinators;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ThrottleTimeMs", self.throttle_time_ms, since(1), ignorable);
        field("ErrorCode", self.error_code, until(3));
        field("ErrorMessage", self.error_message, since(1), until(3), nullable(1, 3), ignorable);
        field("NodeId", self.node_id, until(3), names_broker);
        field("Host", self.host, until(3));
        field("Port", self.port, until(3));
        field("Coordinators", self.coordinators, since(4));
    }
};

}  // namespace barnabas::protocol
