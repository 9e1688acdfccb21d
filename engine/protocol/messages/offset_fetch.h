// OffsetFetch: how far groups have read. Up to version 7 one group at a time, then several.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct OffsetFetchRequest {
    static constexpr Api api{
        .key = ApiKey::offset_fetch, .valid = {1, 10}, .flexible_from = 6, .on = Listeners::broker};

    struct OffsetFetchRequestTopic {
        std::string name;
        std::vector<std::int32_t> partition_indexes;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Name", self.name, until(7), names_topic);
            field("PartitionIndexes", self.partition_indexes, until(7));
        }
    };

    struct OffsetFetchRequestTopics {
        std::string name;
        Uuid topic_id;
        std::vector<std::int32_t> partition_indexes;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Name", self.name, since(8), until(9), ignorable, names_topic);
            field("TopicId", self.topic_id, since(10), ignorable);
            field("PartitionIndexes", self.partition_indexes, since(8));
        }
    };

    struct OffsetFetchRequestGroup {
        std::string group_id;
        std::optional<std::string> member_id;
        std::int32_t member_epoch = -1;
        std::optional<std::vector<OffsetFetchRequestTopics>> topics{std::in_place};
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("GroupId", self.group_id, since(8), names_group);
            field("MemberId", self.member_id, since(9), nullable(9), defaults(null), ignorable);
            field("MemberEpoch", self.member_epoch, since(9), defaults(-1), ignorable);
            field("Topics", self.topics, since(8), nullable(8));
        }
    };

    std::string group_id;
    std::optional<std::vector<OffsetFetchRequestTopic>> topics{std::in_place};
    std::vector<OffsetFetchRequestGroup> groups;
    bool require_stable = false;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("GroupId", self.group_id, until(7), names_group);
        field("Topics", self.topics, until(7), nullable(2, 7));
        field("Groups", self.groups, since(8));
        field("RequireStable", self.require_stable, since(7), defaults(false));
    }
};

struct OffsetFetchResponse {
    static constexpr Api api = OffsetFetchRequest::api;

    struct OffsetFetchResponsePartition {
        std::int32_t partition_index = 0;
        std::int64_t committed_offset = 0;
        std::int32_t committed_leader_epoch = -1;
        std::optional<std::string> metadata = "";
        ErrorCode error_code = ErrorCode::none;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("PartitionIndex", self.partition_index, until(7));
            field("CommittedOffset", self.committed_offset, until(7));
            field("CommittedLeaderEpoch", self.committed_leader_epoch, since(5), until(7),
                  defaults(-1), ignorable);
            field("Metadata", self.metadata, until(7), nullable(0, 7));
            field("ErrorCode", self.error_code, until(7));
        }
    };

    struct OffsetFetchResponseTopic {
        std::string name;
        std::vector<OffsetFetchResponsePartition> partitions;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Name", self.name, until(7), names_topic);
            field("Partitions", self.partitions, until(7));
        }
    };

    struct OffsetFetchResponsePartitions {
        std::int32_t partition_index = 0;
        std::int64_t committed_offset = 0;
        std::int32_t committed_leader_epoch = -1;
        std::optional<std::string> metadata = "";
        ErrorCode error_code = ErrorCode::none;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("PartitionIndex", self.partition_index, since(8));
            field("CommittedOffset", self.committed_offset, since(8));
            field("CommittedLeaderEpoch", self.committed_leader_epoch, since(8), defaults(-1),
                  ignorable);
            field("Metadata", self.metadata, since(8), nullable(8));
            field("ErrorCode", self.error_code, since(8));
        }
    };

    struct OffsetFetchResponseTopics {
        std::string name;
        Uuid topic_id;
        std::vector<OffsetFetchResponsePartitions> partitions;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Name", self.name, since(8), until(9), ignorable, names_topic);
            field("TopicId", self.topic_id, since(10), ignorable);
            field("Partitions", self.partitions, since(8));
        }
    };

    struct OffsetFetchResponseGroup {
        std::string group_id;
        std::vector<OffsetFetchResponseTopics> topics;
        ErrorCode error_code = ErrorCode::none;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("GroupId", self.group_id, since(8), names_group);
            field("Topics", self.topics, since(8));
            field("ErrorCode", self.error_code, since(8), defaults(0));
        }
    };

    std::int32_t throttle_time_ms = 0;
    std::vector<OffsetFetchResponseTopic> topics;
    ErrorCode error_code = ErrorCode::none;
    std::vector<OffsetFetchResponseGroup> groups;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ThrottleTimeMs", self.throttle_time_ms, since(3), ignorable);
        field("Topics", self.topics, until(7));
        field("ErrorCode", self.error_code, since(2), until(7), defaults(0), ignorable);
        field("Groups", self.groups, since(8));
    }
};

}  // namespace barnabas::protocol
