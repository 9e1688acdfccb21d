#include "engine/protocol/messages/describe_cluster.h"
#include "engine/protocol/messages/envelope.h"
#include "engine/protocol/messages/get_telemetry_subscriptions.h"
#include "engine/protocol/messages/push_telemetry.h"
#include "engine/protocol/messages/update_features.h"
#include "engine/protocol/registry/entry.h"

namespace barnabas::protocol::registry {

Entries cluster() {
    return entries<DescribeClusterRequest, DescribeClusterResponse, UpdateFeaturesRequest,
                   UpdateFeaturesResponse, EnvelopeRequest, EnvelopeResponse,
                   GetTelemetrySubscriptionsRequest, GetTelemetrySubscriptionsResponse,
                   PushTelemetryRequest, PushTelemetryResponse>();
}

}  // namespace barnabas::protocol::registry
