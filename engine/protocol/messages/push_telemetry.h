// PushTelemetry: a client's metrics, in OpenTelemetry's form.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct PushTelemetryRequest {
    static constexpr Api api{.key = ApiKey::push_telemetry,
                             .valid = {0, 0},
                             .flexible_from = 0,
                             .on = Listeners::broker};

    Uuid client_instance_id;
    std::int32_t subscription_id = 0;
    bool terminating = false;
    std::int8_t compression_type = 0;
    Bytes metrics;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ClientInstanceId", self.client_instance_id);
        field("SubscriptionId", self.subscription_id);
        field("Terminating", self.terminating);
        field("CompressionType", self.compression_type);
        field("Metrics", self.metrics, zero_copy);
    }
};

struct PushTelemetryResponse {
    static constexpr Api api = PushTelemetryRequest::api;

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ThrottleTimeMs", self.throttle_time_ms);
        field("ErrorCode", self.error_code);
    }
};

}  // namespace barnabas::protocol
