#include "engine/protocol/messages/describe_cluster.h"
#include "engine/protocol/messages/envelope.h"
#include "engine/protocol/messages/get_telemetry_subscriptions.h"
#include "engine/protocol/messages/push_telemetry.h"
#include "engine/protocol/messages/update_features.h"
#include "tests/engine/protocol/typed/typed.h"

namespace barnabas::protocol::typed {

void add_cluster(Rewrites& all) {
    add<DescribeClusterRequest, DescribeClusterResponse, UpdateFeaturesRequest,
        UpdateFeaturesResponse, EnvelopeRequest, EnvelopeResponse, GetTelemetrySubscriptionsRequest,
        GetTelemetrySubscriptionsResponse, PushTelemetryRequest, PushTelemetryResponse>(all);
}

}  // namespace barnabas::protocol::typed
