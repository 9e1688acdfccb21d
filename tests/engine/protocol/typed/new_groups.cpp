#include "engine/protocol/messages/consumer_group_describe.h"
#include "engine/protocol/messages/consumer_group_heartbeat.h"
#include "engine/protocol/messages/share_group_describe.h"
#include "engine/protocol/messages/share_group_heartbeat.h"
#include "engine/protocol/messages/streams_group_describe.h"
#include "engine/protocol/messages/streams_group_heartbeat.h"
#include "tests/engine/protocol/typed/typed.h"

namespace barnabas::protocol::typed {

void add_new_groups(Rewrites& all) {
    add<ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse, ConsumerGroupDescribeRequest,
        ConsumerGroupDescribeResponse, ShareGroupHeartbeatRequest, ShareGroupHeartbeatResponse,
        ShareGroupDescribeRequest, ShareGroupDescribeResponse, StreamsGroupHeartbeatRequest,
        StreamsGroupHeartbeatResponse, StreamsGroupDescribeRequest, StreamsGroupDescribeResponse>(
        all);
}

}  // namespace barnabas::protocol::typed
