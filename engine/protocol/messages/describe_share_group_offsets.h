// DescribeShareGroupOffsets: where share groups begin to read in each partition.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct DescribeShareGroupOffsetsRequest {
    static constexpr Api api{.key = ApiKey::describe_share_group_offsets,
                             .valid = {0, 1},
                             .flexible_from = 0,
                             .on = Listeners::broker};

    struct DescribeShareGroupOffsetsRequestTopic {
        std::string topic_name;
        std::vector<std::int32_t> partitions;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("TopicName", self.topic_name, names_topic);
            field("Partitions", self.partitions);
        }
    };

    struct DescribeShareGroupOffsetsRequestGroup {
        std::string group_id;
        std::optional<std::vector<DescribeShareGroupOffsetsRequestTopic>> topics{std::in_place};
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("GroupId", self.group_id, names_group);
            field("Topics", self.topics, nullable());
        }
    };

    std::vector<DescribeShareGroupOffsetsRequestGroup> groups;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) { field("Groups", self.groups); }
};

struct DescribeShareGroupOffsetsResponse {
    static constexpr Api api = DescribeShareGroupOffsetsRequest::api;

    struct DescribeShareGroupOffsetsResponsePartition {
        std::int32_t partition_index = 0;
        std::int64_t start_offset = 0;
        std::int32_t leader_epoch = 0;
        std::int64_t lag = -1;
        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> error_message;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("PartitionIndex", self.partition_index);
            field("StartOffset", self.start_offset);
            field("LeaderEpoch", self.leader_epoch);
            field("Lag", self.lag, since(1), defaults(-1), ignorable);
            field("ErrorCode", self.error_code);
            field("ErrorMessage", self.error_message, nullable(), defaults(null));
        }
    };

    struct DescribeShareGroupOffsetsResponseTopic {
        std::string topic_name;
        Uuid topic_id;
        std::vector<DescribeShareGroupOffsetsResponsePartition> partitions;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("TopicName", self.topic_name, names_topic);
            field("TopicId", self.topic_id);
            field("Partitions", self.partitions);
        }
    };

    struct DescribeShareGroupOffsetsResponseGroup {
        std::string group_id;
        std::vector<DescribeShareGroupOffsetsResponseTopic> topics;
        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> error_message;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("GroupId", self.group_id, names_group);
            field("Topics", self.topics);
            field("ErrorCode", self.error_code);
            field("ErrorMessage", self.error_message, nullable(), defaults(null));
        }
    };

    std::int32_t throttle_time_ms = 0;
    std::vector<DescribeShareGroupOffsetsResponseGroup> groups;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ThrottleTimeMs", self.throttle_time_ms);
        field("Groups", self.groups);
    }
};

}  // namespace barnabas::protocol
