#include "engine/protocol/messages/share_records.h"
#include "engine/protocol/messages/streams_records.h"
#include "engine/protocol/registry/entry.h"

namespace barnabas::protocol::registry {

Entries streams_and_share_records() {
    return entries<StreamsGroupMetadataKey, StreamsGroupMetadataValue,
                   StreamsGroupMemberMetadataKey, StreamsGroupMemberMetadataValue,
                   StreamsGroupTargetAssignmentMetadataKey,
                   StreamsGroupTargetAssignmentMetadataValue, StreamsGroupTargetAssignmentMemberKey,
                   StreamsGroupTargetAssignmentMemberValue, StreamsGroupCurrentMemberAssignmentKey,
                   StreamsGroupCurrentMemberAssignmentValue, StreamsGroupTopologyKey,
                   StreamsGroupTopologyValue, ShareGroupMetadataKey, ShareGroupMetadataValue,
                   ShareGroupMemberMetadataKey, ShareGroupMemberMetadataValue,
                   ShareGroupTargetAssignmentMetadataKey, ShareGroupTargetAssignmentMetadataValue,
                   ShareGroupTargetAssignmentMemberKey, ShareGroupTargetAssignmentMemberValue,
                   ShareGroupCurrentMemberAssignmentKey, ShareGroupCurrentMemberAssignmentValue,
                   ShareGroupStatePartitionMetadataKey, ShareGroupStatePartitionMetadataValue,
                   ShareSnapshotKey, ShareSnapshotValue, ShareUpdateKey, ShareUpdateValue>();
}

}  // namespace barnabas::protocol::registry
