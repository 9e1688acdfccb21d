// GetTelemetrySubscriptions: which metrics a client should push.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct GetTelemetrySubscriptionsRequest {
    static constexpr Api api{.key = ApiKey::get_telemetry_subscriptions,
                             .valid = {0, 0},
                             .flexible_from = 0,
                             .on = Listeners::broker};

    Uuid client_instance_id;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ClientInstanceId", self.client_instance_id);
    }
};

struct GetTelemetrySubscriptionsResponse {
    static constexpr Api api = GetTelemetrySubscriptionsRequest::api;

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    Uuid client_instance_id;
    std::int32_t subscription_id = 0;
    std::vector<std::int8_t> accepted_compression_types;
    std::int32_t push_interval_ms = 0;
    std::int32_t telemetry_max_bytes = 0;
    bool delta_temporality = false;
    std::vector<std::string> requested_metrics;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ThrottleTimeMs", self.throttle_time_ms);
        field("ErrorCode", self.error_code);
        field("ClientInstanceId", self.client_instance_id);
        field("SubscriptionId", self.subscription_id);
        field("AcceptedCompressionTypes", self.accepted_compression_types);
        field("PushIntervalMs", self.push_interval_ms);
        field("TelemetryMaxBytes", self.telemetry_max_bytes);
        field("DeltaTemporality", self.delta_temporality);
        field("RequestedMetrics", self.requested_metrics);
    }
};

}  // namespace barnabas::protocol
