// AlterShareGroupOffsets: moves where an empty share group begins to read.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct AlterShareGroupOffsetsRequest {
    static constexpr Api api{.key = ApiKey::alter_share_group_offsets,
                             .valid = {0, 0},
                             .flexible_from = 0,
                             .on = Listeners::broker};

    struct AlterShareGroupOffsetsRequestPartition {
        std::int32_t partition_index = 0;
        std::int64_t start_offset = 0;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("PartitionIndex", self.partition_index);
            field("StartOffset", self.start_offset);
        }
    };

    struct AlterShareGroupOffsetsRequestTopic {
        std::string topic_name;
        std::vector<AlterShareGroupOffsetsRequestPartition> partitions;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("TopicName", self.topic_name, map_key, names_topic);
            field("Partitions", self.partitions);
        }
    };

    std::string group_id;
    std::vector<AlterShareGroupOffsetsRequestTopic> topics;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("GroupId", self.group_id, names_group);
        field("Topics", self.topics);
    }
};

struct AlterShareGroupOffsetsResponse {
    static constexpr Api api = AlterShareGroupOffsetsRequest::api;

    struct AlterShareGroupOffsetsResponsePartition {
        std::int32_t partition_index = 0;
        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> error_message;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("PartitionIndex", self.partition_index);
            field("ErrorCode", self.error_code);
            field("ErrorMessage", self.error_message, nullable(), defaults(null));
        }
    };

    struct AlterShareGroupOffsetsResponseTopic {
        std::string topic_name;
        Uuid topic_id;
        std::vector<AlterShareGroupOffsetsResponsePartition> partitions;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("TopicName", self.topic_name, map_key, names_topic);
            field("TopicId", self.topic_id);
            field("Partitions", self.partitions);
        }
    };

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message;
    std::vector<AlterShareGroupOffsetsResponseTopic> responses;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ThrottleTimeMs", self.throttle_time_ms);
        field("ErrorCode", self.error_code);
        field("ErrorMessage", self.error_message, nullable(), defaults(null));
        field("Responses", self.responses);
    }
};

}  // namespace barnabas::protocol
