// UnregisterBroker: removes a broker that will not come back.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct UnregisterBrokerRequest {
    static constexpr Api api{.key = ApiKey::unregister_broker,
                             .valid = {0, 0},
                             .flexible_from = 0,
                             .on = Listeners::broker_and_controller,
                             .is_forwardable = true};

    std::int32_t broker_id = 0;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("BrokerId", self.broker_id, names_broker);
    }
};

struct UnregisterBrokerResponse {
    static constexpr Api api = UnregisterBrokerRequest::api;

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
