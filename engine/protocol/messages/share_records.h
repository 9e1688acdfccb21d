// Records of share groups: their members in __consumer_offsets, the state of their partitions in
// __share_group_state.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct ShareGroupMetadataKey {
    static constexpr Format format{.kind = Kind::coordinator_key, .key = 11, .valid = {0, 0}};

    std::string group_id;

    static void describe(auto& field, auto& self) { field("GroupId", self.group_id, until(0)); }
};

struct ShareGroupMetadataValue {
    static constexpr Format format{
        .kind = Kind::coordinator_value, .key = 11, .valid = {0, 0}, .flexible_from = 0};

    std::int32_t epoch = 0;
    std::int64_t metadata_hash = 0;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("Epoch", self.epoch);
        field("MetadataHash", self.metadata_hash);
    }
};

struct ShareGroupMemberMetadataKey {
    static constexpr Format format{.kind = Kind::coordinator_key, .key = 10, .valid = {0, 0}};

    std::string group_id;
    std::string member_id;

    static void describe(auto& field, auto& self) {
        field("GroupId", self.group_id, until(0));
        field("MemberId", self.member_id, until(0));
    }
};

struct ShareGroupMemberMetadataValue {
    static constexpr Format format{
        .kind = Kind::coordinator_value, .key = 10, .valid = {0, 0}, .flexible_from = 0};

    std::optional<std::string> rack_id = "";
    std::string client_id;
    std::string client_host;
    std::vector<std::string> subscribed_topic_names;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("RackId", self.rack_id, nullable());
        field("ClientId", self.client_id);
        field("ClientHost", self.client_host);
        field("SubscribedTopicNames", self.subscribed_topic_names);
    }
};

struct ShareGroupTargetAssignmentMetadataKey {
    static constexpr Format format{.kind = Kind::coordinator_key, .key = 12, .valid = {0, 0}};

    std::string group_id;

    static void describe(auto& field, auto& self) { field("GroupId", self.group_id, until(0)); }
};

struct ShareGroupTargetAssignmentMetadataValue {
    static constexpr Format format{
        .kind = Kind::coordinator_value, .key = 12, .valid = {0, 0}, .flexible_from = 0};

    std::int32_t assignment_epoch = 0;
    std::int64_t assignment_timestamp = 0;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("AssignmentEpoch", self.assignment_epoch);
        field("AssignmentTimestamp", self.assignment_timestamp, defaults(0), tag(0), ignorable);
    }
};

struct ShareGroupTargetAssignmentMemberKey {
    static constexpr Format format{.kind = Kind::coordinator_key, .key = 13, .valid = {0, 0}};

    std::string group_id;
    std::string member_id;

    static void describe(auto& field, auto& self) {
        field("GroupId", self.group_id, until(0));
        field("MemberId", self.member_id, until(0));
    }
};

struct ShareGroupTargetAssignmentMemberValue {
    static constexpr Format format{
        .kind = Kind::coordinator_value, .key = 13, .valid = {0, 0}, .flexible_from = 0};

    struct TopicPartition {
        Uuid topic_id;
        std::vector<std::int32_t> partitions;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("TopicId", self.topic_id);
            field("Partitions", self.partitions);
        }
    };

    std::vector<TopicPartition> topic_partitions;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("TopicPartitions", self.topic_partitions);
    }
};

struct ShareGroupCurrentMemberAssignmentKey {
    static constexpr Format format{.kind = Kind::coordinator_key, .key = 14, .valid = {0, 0}};

    std::string group_id;
    std::string member_id;

    static void describe(auto& field, auto& self) {
        field("GroupId", self.group_id, until(0));
        field("MemberId", self.member_id, until(0));
    }
};

struct ShareGroupCurrentMemberAssignmentValue {
    static constexpr Format format{
        .kind = Kind::coordinator_value, .key = 14, .valid = {0, 0}, .flexible_from = 0};

    struct TopicPartitions {
        static constexpr bool is_shared = true;

        Uuid topic_id;
        std::vector<std::int32_t> partitions;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("TopicId", self.topic_id);
            field("Partitions", self.partitions);
        }
    };

    std::int32_t member_epoch = 0;
    std::int32_t previous_member_epoch = 0;
    std::int8_t state = 0;
    std::vector<TopicPartitions> assigned_partitions;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("MemberEpoch", self.member_epoch);
        field("PreviousMemberEpoch", self.previous_member_epoch);
        field("State", self.state);
        field("AssignedPartitions", self.assigned_partitions);
    }
};

struct ShareGroupStatePartitionMetadataKey {
    static constexpr Format format{.kind = Kind::coordinator_key, .key = 15, .valid = {0, 0}};

    std::string group_id;

    static void describe(auto& field, auto& self) { field("GroupId", self.group_id, until(0)); }
};

struct ShareGroupStatePartitionMetadataValue {
    static constexpr Format format{
        .kind = Kind::coordinator_value, .key = 15, .valid = {0, 0}, .flexible_from = 0};

    struct TopicPartitionsInfo {
        static constexpr bool is_shared = true;

        Uuid topic_id;
        std::string topic_name;
        std::vector<std::int32_t> partitions;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("TopicId", self.topic_id);
            field("TopicName", self.topic_name);
            field("Partitions", self.partitions);
        }
    };

    struct TopicInfo {
        static constexpr bool is_shared = true;

        Uuid topic_id;
        std::string topic_name;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("TopicId", self.topic_id);
            field("TopicName", self.topic_name);
        }
    };

    std::vector<TopicPartitionsInfo> initializing_topics;
    std::vector<TopicPartitionsInfo> initialized_topics;
    std::vector<TopicInfo> deleting_topics;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("InitializingTopics", self.initializing_topics);
        field("InitializedTopics", self.initialized_topics);
        field("DeletingTopics", self.deleting_topics);
    }
};

struct ShareSnapshotKey {
    static constexpr Format format{.kind = Kind::coordinator_key, .key = 0, .valid = {0, 0}};

    std::string group_id;
    Uuid topic_id;
    std::int32_t partition = 0;

    static void describe(auto& field, auto& self) {
        field("GroupId", self.group_id, until(0));
        field("TopicId", self.topic_id, until(0));
        field("Partition", self.partition, until(0));
    }
};

struct ShareSnapshotValue {
    static constexpr Format format{
        .kind = Kind::coordinator_value, .key = 0, .valid = {0, 0}, .flexible_from = 0};

    struct StateBatch {
        std::int64_t first_offset = 0;
        std::int64_t last_offset = 0;
        std::int8_t delivery_state = 0;
        std::int16_t delivery_count = 0;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("FirstOffset", self.first_offset);
            field("LastOffset", self.last_offset);
            field("DeliveryState", self.delivery_state);
            field("DeliveryCount", self.delivery_count);
        }
    };

    std::int32_t snapshot_epoch = 0;
    std::int32_t state_epoch = 0;
    std::int32_t leader_epoch = 0;
    std::int64_t start_offset = 0;
    std::int32_t delivery_complete_count = -1;
    std::int64_t create_timestamp = 0;
    std::int64_t write_timestamp = 0;
    std::vector<StateBatch> state_batches;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("SnapshotEpoch", self.snapshot_epoch);
        field("StateEpoch", self.state_epoch);
        field("LeaderEpoch", self.leader_epoch);
        field("StartOffset", self.start_offset);
        field("DeliveryCompleteCount", self.delivery_complete_count, defaults(-1), tag(0));
        field("CreateTimestamp", self.create_timestamp);
        field("WriteTimestamp", self.write_timestamp);
        field("StateBatches", self.state_batches);
    }
};

struct ShareUpdateKey {
    static constexpr Format format{.kind = Kind::coordinator_key, .key = 1, .valid = {0, 0}};

    std::string group_id;
    Uuid topic_id;
    std::int32_t partition = 0;

    static void describe(auto& field, auto& self) {
        field("GroupId", self.group_id, until(0));
        field("TopicId", self.topic_id, until(0));
        field("Partition", self.partition, until(0));
    }
};

struct ShareUpdateValue {
    static constexpr Format format{
        .kind = Kind::coordinator_value, .key = 1, .valid = {0, 0}, .flexible_from = 0};

    struct StateBatch {
        std::int64_t first_offset = 0;
        std::int64_t last_offset = 0;
        std::int8_t delivery_state = 0;
        std::int16_t delivery_count = 0;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("FirstOffset", self.first_offset);
            field("LastOffset", self.last_offset);
            field("DeliveryState", self.delivery_state);
            field("DeliveryCount", self.delivery_count);
        }
    };

    std::int32_t snapshot_epoch = 0;
    std::int32_t leader_epoch = 0;
    std::int64_t start_offset = 0;
    std::int32_t delivery_complete_count = -1;
    std::vector<StateBatch> state_batches;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("SnapshotEpoch", self.snapshot_epoch);
        field("LeaderEpoch", self.leader_epoch);
        field("StartOffset", self.start_offset);
        field("DeliveryCompleteCount", self.delivery_complete_count, defaults(-1), tag(0));
        field("StateBatches", self.state_batches);
    }
};

}  // namespace barnabas::protocol
