// RenewDelegationToken: moves a token's expiry.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct RenewDelegationTokenRequest {
    static constexpr Api api{.key = ApiKey::renew_delegation_token,
                             .valid = {1, 2},
                             .flexible_from = 2,
                             .on = Listeners::broker_and_controller,
                             .is_forwardable = true};

    Bytes hmac;
    std::int64_t renew_period_ms = 0;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("Hmac", self.hmac);
        field("RenewPeriodMs", self.renew_period_ms);
    }
};

struct RenewDelegationTokenResponse {
    static constexpr Api api = RenewDelegationTokenRequest::api;

    ErrorCode error_code = ErrorCode::none;
    std::int64_t expiry_timestamp_ms = 0;
    std::int32_t throttle_time_ms = 0;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ErrorCode", self.error_code);
        field("ExpiryTimestampMs", self.expiry_timestamp_ms);
        field("ThrottleTimeMs", self.throttle_time_ms);
    }
};

}  // namespace barnabas::protocol
