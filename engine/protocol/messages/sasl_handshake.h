// SaslHandshake: a client names the mechanism by which it wants to authenticate.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct SaslHandshakeRequest {
    static constexpr Api api{
        .key = ApiKey::sasl_handshake, .valid = {0, 1}, .on = Listeners::broker_and_controller};

    std::string mechanism;

    static void describe(auto& field, auto& self) { field("Mechanism", self.mechanism); }
};

struct SaslHandshakeResponse {
    static constexpr Api api = SaslHandshakeRequest::api;

    ErrorCode error_code = ErrorCode::none;
    std::vector<std::string> mechanisms;

    static void describe(auto& field, auto& self) {
        field("ErrorCode", self.error_code);
        field("Mechanisms", self.mechanisms);
    }
};

}  // namespace barnabas::protocol
