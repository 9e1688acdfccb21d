// StreamsGroupHeartbeat: a Streams process joins with its topology, reports its tasks and gets
// its assignment. What has not changed is null.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct StreamsGroupHeartbeatRequest {
    static constexpr Api api{.key = ApiKey::streams_group_heartbeat,
                             .valid = {0, 0},
                             .flexible_from = 0,
                             .on = Listeners::broker};

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

    struct TopicInfo {
        static constexpr bool is_shared = true;

        std::string name;
        std::int32_t partitions = 0;
        std::int16_t replication_factor = 0;
        std::vector<KeyValue> topic_configs;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Name", self.name, names_topic);
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
            field("SourceTopics", self.source_topics, names_topic);
            field("SourceTopicRegex", self.source_topic_regex);
            field("StateChangelogTopics", self.state_changelog_topics);
            field("RepartitionSinkTopics", self.repartition_sink_topics, names_topic);
            field("RepartitionSourceTopics", self.repartition_source_topics);
            field("CopartitionGroups", self.copartition_groups);
        }
    };

    struct Topology {
        std::int32_t epoch = 0;
        std::vector<Subtopology> subtopologies;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Epoch", self.epoch);
            field("Subtopologies", self.subtopologies);
        }
    };

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

    struct TaskOffset {
        static constexpr bool is_shared = true;

        std::string subtopology_id;
        std::int32_t partition = 0;
        std::int64_t offset = 0;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("SubtopologyId", self.subtopology_id);
            field("Partition", self.partition);
            field("Offset", self.offset);
        }
    };

    std::string group_id;
    std::string member_id;
    std::int32_t member_epoch = 0;
    std::int32_t endpoint_information_epoch = 0;
    std::optional<std::string> instance_id;
    std::optional<std::string> rack_id;
    std::int32_t rebalance_timeout_ms = -1;
    std::optional<Topology> topology;
    std::optional<std::vector<TaskIds>> active_tasks;
    std::optional<std::vector<TaskIds>> standby_tasks;
    std::optional<std::vector<TaskIds>> warmup_tasks;
    std::optional<std::string> process_id;
    std::optional<Endpoint> user_endpoint;
    std::optional<std::vector<KeyValue>> client_tags;
    std::optional<std::vector<TaskOffset>> task_offsets;
    std::optional<std::vector<TaskOffset>> task_end_offsets;
    bool shutdown_application = false;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("GroupId", self.group_id, names_group);
        field("MemberId", self.member_id);
        field("MemberEpoch", self.member_epoch);
        field("EndpointInformationEpoch", self.endpoint_information_epoch);
        field("InstanceId", self.instance_id, nullable(), defaults(null));
        field("RackId", self.rack_id, nullable(), defaults(null));
        field("RebalanceTimeoutMs", self.rebalance_timeout_ms, defaults(-1));
        field("Topology", self.topology, nullable(), defaults(null));
        field("ActiveTasks", self.active_tasks, nullable(), defaults(null));
        field("StandbyTasks", self.standby_tasks, nullable(), defaults(null));
        field("WarmupTasks", self.warmup_tasks, nullable(), defaults(null));
        field("ProcessId", self.process_id, nullable(), defaults(null));
        field("UserEndpoint", self.user_endpoint, nullable(), defaults(null));
        field("ClientTags", self.client_tags, nullable(), defaults(null));
        field("TaskOffsets", self.task_offsets, nullable(), defaults(null));
        field("TaskEndOffsets", self.task_end_offsets, nullable(), defaults(null));
        field("ShutdownApplication", self.shutdown_application, defaults(false));
    }
};

struct StreamsGroupHeartbeatResponse {
    static constexpr Api api = StreamsGroupHeartbeatRequest::api;

    struct Status {
        static constexpr bool is_shared = true;

        std::int8_t status_code = 0;
        std::string status_detail;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("StatusCode", self.status_code);
            field("StatusDetail", self.status_detail);
        }
    };

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

    struct TopicPartition {
        static constexpr bool is_shared = true;

        std::string topic;
        std::vector<std::int32_t> partitions;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Topic", self.topic, names_topic);
            field("Partitions", self.partitions);
        }
    };

    struct EndpointToPartitions {
        Endpoint user_endpoint;
        std::vector<TopicPartition> active_partitions;
        std::vector<TopicPartition> standby_partitions;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("UserEndpoint", self.user_endpoint);
            field("ActivePartitions", self.active_partitions);
            field("StandbyPartitions", self.standby_partitions);
        }
    };

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message;
    std::string member_id;
    std::int32_t member_epoch = 0;
    std::int32_t heartbeat_interval_ms = 0;
    std::int32_t acceptable_recovery_lag = 0;
    std::int32_t task_offset_interval_ms = 0;
    std::optional<std::vector<Status>> status{std::in_place};
    std::optional<std::vector<TaskIds>> active_tasks;
    std::optional<std::vector<TaskIds>> standby_tasks;
    std::optional<std::vector<TaskIds>> warmup_tasks;
    std::int32_t endpoint_information_epoch = 0;
    std::optional<std::vector<EndpointToPartitions>> partitions_by_user_endpoint;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ThrottleTimeMs", self.throttle_time_ms);
        field("ErrorCode", self.error_code);
        field("ErrorMessage", self.error_message, nullable(), defaults(null));
        field("MemberId", self.member_id);
        field("MemberEpoch", self.member_epoch);
        field("HeartbeatIntervalMs", self.heartbeat_interval_ms);
        field("AcceptableRecoveryLag", self.acceptable_recovery_lag);
        field("TaskOffsetIntervalMs", self.task_offset_interval_ms);
        field("Status", self.status, nullable());
        field("ActiveTasks", self.active_tasks, nullable(), defaults(null));
        field("StandbyTasks", self.standby_tasks, nullable(), defaults(null));
        field("WarmupTasks", self.warmup_tasks, nullable(), defaults(null));
        field("EndpointInformationEpoch", self.endpoint_information_epoch);
        field("PartitionsByUserEndpoint", self.partitions_by_user_endpoint, nullable(),
              defaults(null));
    }
};

}  // namespace barnabas::protocol
