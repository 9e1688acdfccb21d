#include "engine/protocol/messages/consumer_group_describe.h"
#include "engine/protocol/messages/consumer_group_heartbeat.h"
#include "engine/protocol/messages/share_group_describe.h"
#include "engine/protocol/messages/share_group_heartbeat.h"
#include "engine/protocol/messages/streams_group_describe.h"
#include "engine/protocol/messages/streams_group_heartbeat.h"
#include "engine/protocol/registry/entry.h"

namespace barnabas::protocol::registry {

Entries new_groups() {
    return entries<
        ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse, ConsumerGroupDescribeRequest,
        ConsumerGroupDescribeResponse, ShareGroupHeartbeatRequest, ShareGroupHeartbeatResponse,
        ShareGroupDescribeRequest, ShareGroupDescribeResponse, StreamsGroupHeartbeatRequest,
        StreamsGroupHeartbeatResponse, StreamsGroupDescribeRequest, StreamsGroupDescribeResponse>();
}

}  // namespace barnabas::protocol::registry
