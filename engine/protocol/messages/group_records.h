// Records of __consumer_offsets: committed offsets, classic groups, consumer groups. Each
// record's key says by its number what its value is.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct LegacyOffsetCommitKey {
    static constexpr Format format{.kind = Kind::coordinator_key, .key = 0, .valid = {0, 0}};

    std::string group;
    std::string topic;
    std::int32_t partition = 0;

    static void describe(auto& field, auto& self) {
        field("group", self.group, until(0));
        field("topic", self.topic, until(0));
        field("partition", self.partition, until(0));
    }
};

struct LegacyOffsetCommitValue {
    static constexpr Format format{.kind = Kind::coordinator_value, .key = 0, .valid = {0, 0}};

    std::int64_t offset = 0;
    std::string metadata;
    std::int64_t commit_timestamp = 0;

    static void describe(auto& field, auto& self) {
        field("offset", self.offset, until(0));
        field("metadata", self.metadata, until(0));
        field("commitTimestamp", self.commit_timestamp, until(0));
    }
};

struct OffsetCommitKey {
    static constexpr Format format{.kind = Kind::coordinator_key, .key = 1, .valid = {0, 0}};

    std::string group;
    std::string topic;
    std::int32_t partition = 0;

    static void describe(auto& field, auto& self) {
        field("group", self.group, until(0));
        field("topic", self.topic, until(0));
        field("partition", self.partition, until(0));
    }
};

struct OffsetCommitValue {
    static constexpr Format format{
        .kind = Kind::coordinator_value, .key = 1, .valid = {0, 4}, .flexible_from = 4};

    std::int64_t offset = 0;
    std::int32_t leader_epoch = -1;
    std::string metadata;
    std::int64_t commit_timestamp = 0;
    std::int64_t expire_timestamp = -1;
    Uuid topic_id;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("offset", self.offset);
        field("leaderEpoch", self.leader_epoch, since(3), defaults(-1), ignorable);
        field("metadata", self.metadata);
        field("commitTimestamp", self.commit_timestamp);
        field("expireTimestamp", self.expire_timestamp, since(1), until(1), defaults(-1),
              ignorable);
        field("topicId", self.topic_id, since(4), tag(0), ignorable);
    }
};

struct GroupMetadataKey {
    static constexpr Format format{.kind = Kind::coordinator_key, .key = 2, .valid = {0, 0}};

    std::string group;

    static void describe(auto& field, auto& self) { field("group", self.group, until(0)); }
};

struct GroupMetadataValue {
    static constexpr Format format{
        .kind = Kind::coordinator_value, .key = 2, .valid = {0, 4}, .flexible_from = 4};

    struct MemberMetadata {
        static constexpr bool is_shared = true;

        std::string member_id;
        std::optional<std::string> group_instance_id;
        std::string client_id;
        std::string client_host;
        std::int32_t rebalance_timeout = -1;
        std::int32_t session_timeout = 0;
        Bytes subscription;
        Bytes assignment;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("memberId", self.member_id);
            field("groupInstanceId", self.group_instance_id, since(3), nullable(3), defaults(null),
                  ignorable);
            field("clientId", self.client_id);
            field("clientHost", self.client_host);
            field("rebalanceTimeout", self.rebalance_timeout, since(1), defaults(-1), ignorable);
            field("sessionTimeout", self.session_timeout);
            field("subscription", self.subscription);
            field("assignment", self.assignment);
        }
    };

    std::string protocol_type;
    std::int32_t generation = 0;
    std::optional<std::string> protocol = "";
    std::optional<std::string> leader = "";
    std::int64_t current_state_timestamp = -1;
    std::vector<MemberMetadata> members;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("protocolType", self.protocol_type);
        field("generation", self.generation);
        field("protocol", self.protocol, nullable());
        field("leader", self.leader, nullable());
        field("currentStateTimestamp", self.current_state_timestamp, since(2), defaults(-1),
              ignorable);
        field("members", self.members);
    }
};

struct ConsumerGroupMetadataKey {
    static constexpr Format format{.kind = Kind::coordinator_key, .key = 3, .valid = {0, 0}};

    std::string group_id;

    static void describe(auto& field, auto& self) { field("GroupId", self.group_id, until(0)); }
};

struct ConsumerGroupMetadataValue {
    static constexpr Format format{
        .kind = Kind::coordinator_value, .key = 3, .valid = {0, 0}, .flexible_from = 0};

    std::int32_t epoch = 0;
    std::int64_t metadata_hash = 0;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("Epoch", self.epoch);
        field("MetadataHash", self.metadata_hash, defaults(0), tag(0));
    }
};

struct ConsumerGroupPartitionMetadataKey {
    static constexpr Format format{.kind = Kind::coordinator_key, .key = 4, .valid = {0, 0}};

    std::string group_id;

    static void describe(auto& field, auto& self) { field("GroupId", self.group_id, until(0)); }
};

struct ConsumerGroupPartitionMetadataValue {
    static constexpr Format format{
        .kind = Kind::coordinator_value, .key = 4, .valid = {0, 0}, .flexible_from = 0};

    struct PartitionMetadata {
        std::int32_t partition = 0;
        std::vector<std::string> racks;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Partition", self.partition);
            field("Racks", self.racks);
        }
    };

    struct TopicMetadata {
        Uuid topic_id;
        std::string topic_name;
        std::int32_t num_partitions = 0;
        std::vector<PartitionMetadata> partition_metadata;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("TopicId", self.topic_id);
            field("TopicName", self.topic_name);
            field("NumPartitions", self.num_partitions);
            field("PartitionMetadata", self.partition_metadata);
        }
    };

    std::vector<TopicMetadata> topics;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) { field("Topics", self.topics); }
};

struct ConsumerGroupMemberMetadataKey {
    static constexpr Format format{.kind = Kind::coordinator_key, .key = 5, .valid = {0, 0}};

    std::string group_id;
    std::string member_id;

    static void describe(auto& field, auto& self) {
        field("GroupId", self.group_id, until(0));
        field("MemberId", self.member_id, until(0));
    }
};

// Of a member that joined by the classic protocol. Not nested: an optional one is present from the
// start, which a nested type is not complete enough for.
struct ClassicProtocol {
    std::string name;
    Bytes metadata;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("Name", self.name);
        field("Metadata", self.metadata);
    }
};

struct ClassicMemberMetadata {
    std::int32_t session_timeout_ms = 0;
    std::vector<ClassicProtocol> supported_protocols;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("SessionTimeoutMs", self.session_timeout_ms);
        field("SupportedProtocols", self.supported_protocols);
    }
};

struct ConsumerGroupMemberMetadataValue {
    static constexpr Format format{
        .kind = Kind::coordinator_value, .key = 5, .valid = {0, 0}, .flexible_from = 0};

    std::optional<std::string> instance_id = "";
    std::optional<std::string> rack_id = "";
    std::string client_id;
    std::string client_host;
    std::vector<std::string> subscribed_topic_names;
    std::optional<std::string> subscribed_topic_regex = "";
    std::int32_t rebalance_timeout_ms = -1;
    std::optional<std::string> server_assignor = "";
    std::optional<ClassicMemberMetadata> classic_member_metadata = ClassicMemberMetadata{};
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("InstanceId", self.instance_id, nullable());
        field("RackId", self.rack_id, nullable());
        field("ClientId", self.client_id);
        field("ClientHost", self.client_host);
        field("SubscribedTopicNames", self.subscribed_topic_names);
        field("SubscribedTopicRegex", self.subscribed_topic_regex, nullable());
        field("RebalanceTimeoutMs", self.rebalance_timeout_ms, defaults(-1));
        field("ServerAssignor", self.server_assignor, nullable());
        field("ClassicMemberMetadata", self.classic_member_metadata, nullable(), tag(0));
    }
};

struct ConsumerGroupTargetAssignmentMetadataKey {
    static constexpr Format format{.kind = Kind::coordinator_key, .key = 6, .valid = {0, 0}};

    std::string group_id;

    static void describe(auto& field, auto& self) { field("GroupId", self.group_id, until(0)); }
};

struct ConsumerGroupTargetAssignmentMetadataValue {
    static constexpr Format format{
        .kind = Kind::coordinator_value, .key = 6, .valid = {0, 0}, .flexible_from = 0};

    std::int32_t assignment_epoch = 0;
    std::int64_t assignment_timestamp = 0;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("AssignmentEpoch", self.assignment_epoch);
        field("AssignmentTimestamp", self.assignment_timestamp, defaults(0), tag(0), ignorable);
    }
};

struct ConsumerGroupTargetAssignmentMemberKey {
    static constexpr Format format{.kind = Kind::coordinator_key, .key = 7, .valid = {0, 0}};

    std::string group_id;
    std::string member_id;

    static void describe(auto& field, auto& self) {
        field("GroupId", self.group_id, until(0));
        field("MemberId", self.member_id, until(0));
    }
};

struct ConsumerGroupTargetAssignmentMemberValue {
    static constexpr Format format{
        .kind = Kind::coordinator_value, .key = 7, .valid = {0, 0}, .flexible_from = 0};

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

struct ConsumerGroupCurrentMemberAssignmentKey {
    static constexpr Format format{.kind = Kind::coordinator_key, .key = 8, .valid = {0, 0}};

    std::string group_id;
    std::string member_id;

    static void describe(auto& field, auto& self) {
        field("GroupId", self.group_id, until(0));
        field("MemberId", self.member_id, until(0));
    }
};

struct ConsumerGroupCurrentMemberAssignmentValue {
    static constexpr Format format{
        .kind = Kind::coordinator_value, .key = 8, .valid = {0, 0}, .flexible_from = 0};

    struct TopicPartitions {
        static constexpr bool is_shared = true;

        Uuid topic_id;
        std::vector<std::int32_t> partitions;
        std::optional<std::vector<std::int32_t>> assignment_epochs{std::in_place};
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("TopicId", self.topic_id);
            field("Partitions", self.partitions);
            field("AssignmentEpochs", self.assignment_epochs, nullable(), tag(0));
        }
    };

    std::int32_t member_epoch = 0;
    std::int32_t previous_member_epoch = 0;
    std::int8_t state = 0;
    std::vector<TopicPartitions> assigned_partitions;
    std::vector<TopicPartitions> partitions_pending_revocation;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("MemberEpoch", self.member_epoch);
        field("PreviousMemberEpoch", self.previous_member_epoch);
        field("State", self.state);
        field("AssignedPartitions", self.assigned_partitions);
        field("PartitionsPendingRevocation", self.partitions_pending_revocation);
    }
};

struct ConsumerGroupRegularExpressionKey {
    static constexpr Format format{.kind = Kind::coordinator_key, .key = 16, .valid = {0, 0}};

    std::string group_id;
    std::string regular_expression;

    static void describe(auto& field, auto& self) {
        field("GroupId", self.group_id, until(0));
        field("RegularExpression", self.regular_expression, until(0));
    }
};

struct ConsumerGroupRegularExpressionValue {
    static constexpr Format format{
        .kind = Kind::coordinator_value, .key = 16, .valid = {0, 0}, .flexible_from = 0};

    std::vector<std::string> topics;
    std::int64_t version = 0;
    std::int64_t timestamp = 0;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("Topics", self.topics);
        field("Version", self.version);
        field("Timestamp", self.timestamp);
    }
};

}  // namespace barnabas::protocol
