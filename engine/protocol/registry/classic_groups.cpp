#include "engine/protocol/messages/delete_groups.h"
#include "engine/protocol/messages/describe_groups.h"
#include "engine/protocol/messages/find_coordinator.h"
#include "engine/protocol/messages/heartbeat.h"
#include "engine/protocol/messages/join_group.h"
#include "engine/protocol/messages/leave_group.h"
#include "engine/protocol/messages/list_groups.h"
#include "engine/protocol/messages/offset_commit.h"
#include "engine/protocol/messages/offset_delete.h"
#include "engine/protocol/messages/offset_fetch.h"
#include "engine/protocol/messages/sync_group.h"
#include "engine/protocol/registry/entry.h"

namespace barnabas::protocol::registry {

Entries classic_groups() {
    return entries<OffsetCommitRequest, OffsetCommitResponse, OffsetFetchRequest,
                   OffsetFetchResponse, FindCoordinatorRequest, FindCoordinatorResponse,
                   JoinGroupRequest, JoinGroupResponse, HeartbeatRequest, HeartbeatResponse,
                   LeaveGroupRequest, LeaveGroupResponse, SyncGroupRequest, SyncGroupResponse,
                   DescribeGroupsRequest, DescribeGroupsResponse, ListGroupsRequest,
                   ListGroupsResponse, DeleteGroupsRequest, DeleteGroupsResponse,
                   OffsetDeleteRequest, OffsetDeleteResponse>();
}

}  // namespace barnabas::protocol::registry
