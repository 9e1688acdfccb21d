// OffsetCommit: a group remembers how far it has read.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct OffsetCommitRequest {
    static constexpr Api api{.key = ApiKey::offset_commit,
                             .valid = {2, 10},
                             .flexible_from = 8,
                             .on = Listeners::broker};

    struct OffsetCommitRequestPartition {
        std::int32_t partition_index = 0;
        std::int64_t committed_offset = 0;
        std::int32_t committed_leader_epoch = -1;
        std::optional<std::string> committed_metadata = "";
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("PartitionIndex", self.partition_index);
            field("CommittedOffset", self.committed_offset);
            field("CommittedLeaderEpoch", self.committed_leader_epoch, since(6), defaults(-1),
                  ignorable);
            field("CommittedMetadata", self.committed_metadata, nullable());
        }
    };

    struct OffsetCommitRequestTopic {
        std::string name;
        Uuid topic_id;
        std::vector<OffsetCommitRequestPartition> partitions;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Name", self.name, until(9), ignorable, names_topic);
            field("TopicId", self.topic_id, since(10), ignorable);
            field("Partitions", self.partitions);
        }
    };

    std::string group_id;
    std::int32_t generation_id_or_member_epoch = -1;
    std::string member_id;
    std::optional<std::string> group_instance_id;
    std::int64_t retention_time_ms = -1;
    std::vector<OffsetCommitRequestTopic> topics;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("GroupId", self.group_id, names_group);
        field("GenerationIdOrMemberEpoch", self.generation_id_or_member_epoch, since(1),
              defaults(-1), ignorable);
        field("MemberId", self.member_id, since(1), ignorable);
        field("GroupInstanceId", self.group_instance_id, since(7), nullable(7), defaults(null));
        field("RetentionTimeMs", self.retention_time_ms, since(2), until(4), defaults(-1),
              ignorable);
        field("Topics", self.topics);
    }
};

struct OffsetCommitResponse {
    static constexpr Api api = OffsetCommitRequest::api;

    struct OffsetCommitResponsePartition {
        std::int32_t partition_index = 0;
        ErrorCode error_code = ErrorCode::none;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("PartitionIndex", self.partition_index);
            field("ErrorCode", self.error_code);
        }
    };

    struct OffsetCommitResponseTopic {
        std::string name;
        Uuid topic_id;
        std::vector<OffsetCommitResponsePartition> partitions;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Name", self.name, until(9), ignorable, names_topic);
            field("TopicId", self.topic_id, since(10), ignorable);
            field("Partitions", self.partitions);
        }
    };

    std::int32_t throttle_time_ms = 0;
    std::vector<OffsetCommitResponseTopic> topics;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ThrottleTimeMs", self.throttle_time_ms, since(3), ignorable);
        field("Topics", self.topics);
    }
};

}  // namespace barnabas::protocol
