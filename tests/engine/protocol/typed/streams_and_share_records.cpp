#include "engine/protocol/messages/share_records.h"
#include "engine/protocol/messages/streams_records.h"
#include "tests/engine/protocol/typed/typed.h"

namespace barnabas::protocol::typed {

void add_streams_and_share_records(Rewrites& all) {
    add<StreamsGroupMetadataKey, StreamsGroupMetadataValue, StreamsGroupMemberMetadataKey,
        StreamsGroupMemberMetadataValue, StreamsGroupTargetAssignmentMetadataKey,
        StreamsGroupTargetAssignmentMetadataValue, StreamsGroupTargetAssignmentMemberKey,
        StreamsGroupTargetAssignmentMemberValue, StreamsGroupCurrentMemberAssignmentKey,
        StreamsGroupCurrentMemberAssignmentValue, StreamsGroupTopologyKey,
        StreamsGroupTopologyValue, ShareGroupMetadataKey, ShareGroupMetadataValue,
        ShareGroupMemberMetadataKey, ShareGroupMemberMetadataValue,
        ShareGroupTargetAssignmentMetadataKey, ShareGroupTargetAssignmentMetadataValue,
        ShareGroupTargetAssignmentMemberKey, ShareGroupTargetAssignmentMemberValue,
        ShareGroupCurrentMemberAssignmentKey, ShareGroupCurrentMemberAssignmentValue,
        ShareGroupStatePartitionMetadataKey, ShareGroupStatePartitionMetadataValue,
        ShareSnapshotKey, ShareSnapshotValue, ShareUpdateKey, ShareUpdateValue>(all);
}

}  // namespace barnabas::protocol::typed
