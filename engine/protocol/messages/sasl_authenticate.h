// SaslAuthenticate: one step of an authentication exchange.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct SaslAuthenticateRequest {
    static constexpr Api api{.key = ApiKey::sasl_authenticate,
                             .valid = {0, 2},
                             .flexible_from = 2,
                             .on = Listeners::broker_and_controller};

    Bytes auth_bytes;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) { field("AuthBytes", self.auth_bytes); }
};

struct SaslAuthenticateResponse {
    static constexpr Api api = SaslAuthenticateRequest::api;

    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = "";
    Bytes auth_bytes;
    std::int64_t session_lifetime_ms = 0;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ErrorCode", self.error_code);
        field("ErrorMessage", self.error_message, nullable());
        field("AuthBytes", self.auth_bytes);
        field("SessionLifetimeMs", self.session_lifetime_ms, since(1), defaults(0), ignorable);
    }
};

}  // namespace barnabas::protocol
