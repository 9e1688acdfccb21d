// StreamsGroupDescribe: topology, members and tasks of streams groups.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct StreamsGroupDescribeRequest {
    static constexpr Api api{.key = ApiKey::streams_group_describe,
                             .valid = {0, 0},
                             .flexible_from = 0,
                             .on = Listeners::broker};

    std::vector<std::string> group_ids;
    bool include_authorized_operations = false;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("GroupIds", self.group_ids, names_group);
        field("IncludeAuthorizedOperations", self.include_authorized_operations);
    }
};

struct StreamsGroupDescribeResponse {
    static constexpr Api api = StreamsGroupDescribeRequest::api;

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

    struct Subtopology {
        std::string subtopology_id;
        std::vector<std::string> source_topics;
        std::vector<std::string> repartition_sink_topics;
        std::vector<TopicInfo> state_changelog_topics;
        std::vector<TopicInfo> repartition_source_topics;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("SubtopologyId", self.subtopology_id);
            field("SourceTopics", self.source_topics, names_topic);
            field("RepartitionSinkTopics", self.repartition_sink_topics, names_topic);
            field("StateChangelogTopics", self.state_changelog_topics);
            field("RepartitionSourceTopics", self.repartition_source_topics);
        }
    };

    struct Topology {
        std::int32_t epoch = 0;
        std::optional<std::vector<Subtopology>> subtopologies;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Epoch", self.epoch);
            field("Subtopologies", self.subtopologies, nullable(), defaults(null));
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

    struct Assignment {
        static constexpr bool is_shared = true;

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

    struct Member {
        std::string member_id;
        std::int32_t member_epoch = 0;
        std::optional<std::string> instance_id;
        std::optional<std::string> rack_id;
        std::string client_id;
        std::string client_host;
        std::int32_t topology_epoch = 0;
        std::string process_id;
        std::optional<Endpoint> user_endpoint;
        std::vector<KeyValue> client_tags;
        std::vector<TaskOffset> task_offsets;
        std::vector<TaskOffset> task_end_offsets;
        Assignment assignment;
        Assignment target_assignment;
        bool is_classic = false;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("MemberId", self.member_id);
            field("MemberEpoch", self.member_epoch);
            field("InstanceId", self.instance_id, nullable(), defaults(null));
            field("RackId", self.rack_id, nullable(), defaults(null));
            field("ClientId", self.client_id);
            field("ClientHost", self.client_host);
            field("TopologyEpoch", self.topology_epoch);
            field("ProcessId", self.process_id);
            field("UserEndpoint", self.user_endpoint, nullable(), defaults(null));
            field("ClientTags", self.client_tags);
            field("TaskOffsets", self.task_offsets);
            field("TaskEndOffsets", self.task_end_offsets);
            field("Assignment", self.assignment);
            field("TargetAssignment", self.target_assignment);
            field("IsClassic", self.is_classic);
        }
    };

    struct DescribedGroup {
        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> error_message;
        std::string group_id;
        std::string group_state;
        std::int32_t group_epoch = 0;
        std::int32_t assignment_epoch = 0;
        std::optional<Topology> topology;
        std::vector<Member> members;
        std::int32_t authorized_operations = INT32_MIN;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("ErrorCode", self.error_code);
            field("ErrorMessage", self.error_message, nullable(), defaults(null));
            field("GroupId", self.group_id, names_group);
            field("GroupState", self.group_state);
            field("GroupEpoch", self.group_epoch);
            field("AssignmentEpoch", self.assignment_epoch);
            field("Topology", self.topology, nullable(), defaults(null));
            field("Members", self.members);
            field("AuthorizedOperations", self.authorized_operations, defaults(INT32_MIN));
        }
    };

    std::int32_t throttle_time_ms = 0;
    std::vector<DescribedGroup> groups;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ThrottleTimeMs", self.throttle_time_ms);
        field("Groups", self.groups);
    }
};

}  // namespace barnabas::protocol
