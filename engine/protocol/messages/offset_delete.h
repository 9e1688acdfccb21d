// OffsetDelete: a group forgets how far it has read in some partitions.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct OffsetDeleteRequest {
    static constexpr Api api{
        .key = ApiKey::offset_delete, .valid = {0, 0}, .on = Listeners::broker};

    struct OffsetDeleteRequestPartition {
        std::int32_t partition_index = 0;

        static void describe(auto& field, auto& self) {
            field("PartitionIndex", self.partition_index);
        }
    };

    struct OffsetDeleteRequestTopic {
        std::string name;
        std::vector<OffsetDeleteRequestPartition> partitions;

        static void describe(auto& field, auto& self) {
            field("Name", self.name, map_key, names_topic);
            field("Partitions", self.partitions);
        }
    };

    std::string group_id;
    std::vector<OffsetDeleteRequestTopic> topics;

    static void describe(auto& field, auto& self) {
        field("GroupId", self.group_id, names_group);
        field("Topics", self.topics);
    }
};

struct OffsetDeleteResponse {
    static constexpr Api api = OffsetDeleteRequest::api;

    struct OffsetDeleteResponsePartition {
        std::int32_t partition_index = 0;
        ErrorCode error_code = ErrorCode::none;

        static void describe(auto& field, auto& self) {
            field("PartitionIndex", self.partition_index, map_key);
            field("ErrorCode", self.error_code);
        }
    };

    struct OffsetDeleteResponseTopic {
        std::string name;
        std::vector<OffsetDeleteResponsePartition> partitions;

        static void describe(auto& field, auto& self) {
            field("Name", self.name, map_key, names_topic);
            field("Partitions", self.partitions);
        }
    };

    ErrorCode error_code = ErrorCode::none;
    std::int32_t throttle_time_ms = 0;
    std::vector<OffsetDeleteResponseTopic> topics;

    static void describe(auto& field, auto& self) {
        field("ErrorCode", self.error_code);
        field("ThrottleTimeMs", self.throttle_time_ms, ignorable);
        field("Topics", self.topics);
    }
};

}  // namespace barnabas::protocol
