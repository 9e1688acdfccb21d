// Records of __consumer_offsets for streams groups.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct StreamsGroupMetadataKey {
    static constexpr Format format{.kind = Kind::coordinator_key, .key = 17, .valid = {0, 0}};

    std::string group_id;

    static void describe(auto& field, auto& self) { field("GroupId", self.group_id, until(0)); }
};

struct StreamsGroupMetadataValue {
    static constexpr Format format{
        .kind = Kind::coordinator_value, .key = 17, .valid = {0, 0}, .flexible_from = 0};

    struct LastAssignmentConfig {
        static constexpr bool is_shared = true;

        std::string key;
        std::string value;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Key", self.key);
            field("Value", self.value);
        }
    };

    std::int32_t epoch = 0;
    std::int64_t metadata_hash = 0;
    std::int32_t validated_topology_epoch = -1;
    std::optional<std::vector<LastAssignmentConfig>> last_assignment_configs{std::in_place};
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("Epoch", self.epoch);
        field("MetadataHash", self.metadata_hash);
        field("ValidatedTopologyEpoch", self.validated_topology_epoch, defaults(-1), tag(0));
        field("LastAssignmentConfigs", self.last_assignment_configs, nullable(), tag(1));
    }
};

struct StreamsGroupMemberMetadataKey {
    static constexpr Format format{.kind = Kind::coordinator_key, .key = 19, .valid = {0, 0}};

    std::string group_id;
    std::string member_id;

    static void describe(auto& field, auto& self) {
        field("GroupId", self.group_id, until(0));
        field("MemberId", self.member_id, until(0));
    }
};

struct StreamsGroupMemberMetadataValue {
    static constexpr Format format{
        .kind = Kind::coordinator_value, .key = 19, .valid = {0, 0}, .flexible_from = 0};

    struct Endpoint {
        static constexpr bool is_shared = true;

        std::string host;
        std::uint16_t port = 0;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Host", self.host);
            field("Port", self.port);
        }
    };

    struct KeyValue {
        static constexpr bool is_shared = true;

        std::string key;
        std::string value;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Key", self.key);
            field("Value", self.value);
        }
    };

    std::optional<std::string> instance_id = "";
    std::optional<std::string> rack_id = "";
    std::string client_id;
    std::string client_host;
    std::int32_t rebalance_timeout_ms = -1;
    std::int32_t topology_epoch = 0;
    std::string process_id;
    std::optional<Endpoint> user_endpoint;
    std::vector<KeyValue> client_tags;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("InstanceId", self.instance_id, nullable());
        field("RackId", self.rack_id, nullable());
        field("ClientId", self.client_id);
        field("ClientHost", self.client_host);
        field("RebalanceTimeoutMs", self.rebalance_timeout_ms, defaults(-1));
        field("TopologyEpoch", self.topology_epoch);
        field("ProcessId", self.process_id);
        field("UserEndpoint", self.user_endpoint, nullable(), defaults(null));
        field("ClientTags", self.client_tags);
    }
};

struct StreamsGroupTargetAssignmentMetadataKey {
    static constexpr Format format{.kind = Kind::coordinator_key, .key = 20, .valid = {0, 0}};

    std::string group_id;

    static void describe(auto& field, auto& self) { field("GroupId", self.group_id, until(0)); }
};

struct StreamsGroupTargetAssignmentMetadataValue {
    static constexpr Format format{
        .kind = Kind::coordinator_value, .key = 20, .valid = {0, 0}, .flexible_from = 0};

    std::int32_t assignment_epoch = 0;
    std::int64_t assignment_timestamp = 0;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("AssignmentEpoch", self.assignment_epoch);
        field("AssignmentTimestamp", self.assignment_timestamp, defaults(0), tag(0), ignorable);
    }
};

struct StreamsGroupTargetAssignmentMemberKey {
    static constexpr Format format{.kind = Kind::coordinator_key, .key = 21, .valid = {0, 0}};

    std::string group_id;
    std::string member_id;

    static void describe(auto& field, auto& self) {
        field("GroupId", self.group_id, until(0));
        field("MemberId", self.member_id, until(0));
    }
};

struct StreamsGroupTargetAssignmentMemberValue {
    static constexpr Format format{
        .kind = Kind::coordinator_value, .key = 21, .valid = {0, 0}, .flexible_from = 0};

    struct TaskIds {
        static constexpr bool is_shared = true;

        std::string subtopology_id;
        std::vector<std::int32_t> partitions;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("SubtopologyId", self.subtopology_id);
            field("Partitions", self.partitions);
        }
    };

    std::vector<TaskIds> active_tasks;
    std::vector<TaskIds> standby_tasks;
    std::vector<TaskIds> warmup_tasks;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ActiveTasks", self.active_tasks);
        field("StandbyTasks", self.standby_tasks);
        field("WarmupTasks", self.warmup_tasks);
    }
};

struct StreamsGroupCurrentMemberAssignmentKey {
    static constexpr Format format{.kind = Kind::coordinator_key, .key = 22, .valid = {0, 0}};

    std::string group_id;
    std::string member_id;

    static void describe(auto& field, auto& self) {
        field("GroupId", self.group_id, until(0));
        field("MemberId", self.member_id, until(0));
    }
};

struct StreamsGroupCurrentMemberAssignmentValue {
    static constexpr Format format{
        .kind = Kind::coordinator_value, .key = 22, .valid = {0, 0}, .flexible_from = 0};

    struct TaskIds {
        static constexpr bool is_shared = true;

        std::string subtopology_id;
        std::vector<std::int32_t> partitions;
        std::optional<std::vector<std::int32_t>> assignment_epochs{std::in_place};
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("SubtopologyId", self.subtopology_id);
            field("Partitions", self.partitions);
            field("AssignmentEpochs", self.assignment_epochs, nullable(), tag(0));
        }
    };

    std::int32_t member_epoch = 0;
    std::int32_t previous_member_epoch = 0;
    std::int8_t state = 0;
    std::vector<TaskIds> active_tasks;
    std::vector<TaskIds> standby_tasks;
    std::vector<TaskIds> warmup_tasks;
    std::vector<TaskIds> active_tasks_pending_revocation;
    std::vector<TaskIds> standby_tasks_pending_revocation;
    std::vector<TaskIds> warmup_tasks_pending_revocation;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("MemberEpoch", self.member_epoch);
        field("PreviousMemberEpoch", self.previous_member_epoch);
        field("State", self.state);
        field("ActiveTasks", self.active_tasks);
        field("StandbyTasks", self.standby_tasks);
        field("WarmupTasks", self.warmup_tasks);
        field("ActiveTasksPendingRevocation", self.active_tasks_pending_revocation);
        field("StandbyTasksPendingRevocation", self.standby_tasks_pending_revocation);
        field("WarmupTasksPendingRevocation", self.warmup_tasks_pending_revocation);
    }
};

struct StreamsGroupTopologyKey {
    static constexpr Format format{.kind = Kind::coordinator_key, .key = 23, .valid = {0, 0}};

    std::string group_id;

    static void describe(auto& field, auto& self) { field("GroupId", self.group_id, until(0)); }
};

struct StreamsGroupTopologyValue {
    static constexpr Format format{
        .kind = Kind::coordinator_value, .key = 23, .valid = {0, 0}, .flexible_from = 0};

    struct TopicConfig {
        static constexpr bool is_shared = true;

        std::string key;
        std::string value;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("key", self.key);
            field("value", self.value);
        }
    };

    struct TopicInfo {
        static constexpr bool is_shared = true;

        std::string name;
        std::int32_t partitions = 0;
        std::int16_t replication_factor = 0;
        std::vector<TopicConfig> topic_configs;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Name", self.name);
            field("Partitions", self.partitions);
            field("ReplicationFactor", self.replication_factor);
            field("TopicConfigs", self.topic_configs);
        }
    };

    struct CopartitionGroup {
        std::vector<std::int16_t> source_topics;
        std::vector<std::int16_t> source_topic_regex;
        std::vector<std::int16_t> repartition_source_topics;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("SourceTopics", self.source_topics);
            field("SourceTopicRegex", self.source_topic_regex);
            field("RepartitionSourceTopics", self.repartition_source_topics);
        }
    };

    struct Subtopology {
        std::string subtopology_id;
        std::vector<std::string> source_topics;
        std::vector<std::string> source_topic_regex;
        std::vector<TopicInfo> state_changelog_topics;
        std::vector<std::string> repartition_sink_topics;
        std::vector<TopicInfo> repartition_source_topics;
        std::vector<CopartitionGroup> copartition_groups;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("SubtopologyId", self.subtopology_id);
            field("SourceTopics", self.source_topics);
            field("SourceTopicRegex", self.source_topic_regex);
            field("StateChangelogTopics", self.state_changelog_topics);
            field("RepartitionSinkTopics", self.repartition_sink_topics);
            field("RepartitionSourceTopics", self.repartition_source_topics);
            field("CopartitionGroups", self.copartition_groups);
        }
    };

    std::int32_t epoch = 0;
    std::vector<Subtopology> subtopologies;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("Epoch", self.epoch);
        field("Subtopologies", self.subtopologies);
    }
};

}  // namespace barnabas::protocol
