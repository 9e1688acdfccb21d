// Envelope: a broker passes a client's request on to the controller, with who the client is.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct EnvelopeRequest {
    static constexpr Api api{.key = ApiKey::envelope,
                             .valid = {0, 0},
                             .flexible_from = 0,
                             .on = Listeners::controller,
                             .is_cluster_action = true};

    Bytes request_data;
    std::optional<Bytes> request_principal = Bytes();
    Bytes client_host_address;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("RequestData", self.request_data, zero_copy);
        field("RequestPrincipal", self.request_principal, nullable());
        field("ClientHostAddress", self.client_host_address);
    }
};

struct EnvelopeResponse {
    static constexpr Api api = EnvelopeRequest::api;

    std::optional<Bytes> response_data;
    ErrorCode error_code = ErrorCode::none;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ResponseData", self.response_data, nullable(), defaults(null), zero_copy);
        field("ErrorCode", self.error_code);
    }
};

}  // namespace barnabas::protocol
