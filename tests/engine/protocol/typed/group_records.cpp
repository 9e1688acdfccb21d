#include "engine/protocol/messages/group_records.h"
#include "tests/engine/protocol/typed/typed.h"

namespace barnabas::protocol::typed {

void add_group_records(Rewrites& all) {
    add<LegacyOffsetCommitKey, LegacyOffsetCommitValue, OffsetCommitKey, OffsetCommitValue,
        GroupMetadataKey, GroupMetadataValue, ConsumerGroupMetadataKey, ConsumerGroupMetadataValue,
        ConsumerGroupPartitionMetadataKey, ConsumerGroupPartitionMetadataValue,
        ConsumerGroupMemberMetadataKey, ConsumerGroupMemberMetadataValue,
        ConsumerGroupTargetAssignmentMetadataKey, ConsumerGroupTargetAssignmentMetadataValue,
        ConsumerGroupTargetAssignmentMemberKey, ConsumerGroupTargetAssignmentMemberValue,
        ConsumerGroupCurrentMemberAssignmentKey, ConsumerGroupCurrentMemberAssignmentValue,
        ConsumerGroupRegularExpressionKey, ConsumerGroupRegularExpressionValue>(all);
}

}  // namespace barnabas::protocol::typed
