// ExpireDelegationToken: ends a token, at once with a negative period.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct ExpireDelegationTokenRequest {
    static constexpr Api api{.key = ApiKey::expire_delegation_token,
                             .valid = {1, 2},
                             .flexible_from = 2,
                             .on = Listeners::broker_and_controller,
                             .is_forwardable = true};

    Bytes hmac;
    std::int64_t expiry_time_period_ms = 0;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("Hmac", self.hmac);
        field("ExpiryTimePeriodMs", self.expiry_time_period_ms);
    }
};

struct ExpireDelegationTokenResponse {
    static constexpr Api api = ExpireDelegationTokenRequest::api;

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
