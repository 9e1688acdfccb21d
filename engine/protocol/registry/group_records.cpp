#include "engine/protocol/messages/group_records.h"
#include "engine/protocol/registry/entry.h"

namespace barnabas::protocol::registry {

Entries group_records() {
    return entries<
        LegacyOffsetCommitKey, LegacyOffsetCommitValue, OffsetCommitKey, OffsetCommitValue,
        GroupMetadataKey, GroupMetadataValue, ConsumerGroupMetadataKey, ConsumerGroupMetadataValue,
        ConsumerGroupPartitionMetadataKey, ConsumerGroupPartitionMetadataValue,
        ConsumerGroupMemberMetadataKey, ConsumerGroupMemberMetadataValue,
        ConsumerGroupTargetAssignmentMetadataKey, ConsumerGroupTargetAssignmentMetadataValue,
        ConsumerGroupTargetAssignmentMemberKey, ConsumerGroupTargetAssignmentMemberValue,
        ConsumerGroupCurrentMemberAssignmentKey, ConsumerGroupCurrentMemberAssignmentValue,
        ConsumerGroupRegularExpressionKey, ConsumerGroupRegularExpressionValue>();
}

}  // namespace barnabas::protocol::registry
