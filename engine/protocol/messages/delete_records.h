// DeleteRecords: moves the start of partitions up. Offset -1 means the high watermark.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct DeleteRecordsRequest {
    static constexpr Api api{.key = ApiKey::delete_records,
                             .valid = {0, 2},
                             .flexible_from = 2,
                             .on = Listeners::broker};

    struct DeleteRecordsPartition {
        std::int32_t partition_index = 0;
        std::int64_t offset = 0;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("PartitionIndex", self.partition_index);
            field("Offset", self.offset);
        }
    };

    struct DeleteRecordsTopic {
        std::string name;
        std::vector<DeleteRecordsPartition> partitions;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Name", self.name, names_topic);
            field("Partitions", self.partitions);
        }
    };

    std::vector<DeleteRecordsTopic> topics;
    std::int32_t timeout_ms = 0;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("Topics", self.topics);
        field("TimeoutMs", self.timeout_ms);
    }
};

struct DeleteRecordsResponse {
    static constexpr Api api = DeleteRecordsRequest::api;

    struct DeleteRecordsPartitionResult {
        std::int32_t partition_index = 0;
        std::int64_t low_watermark = 0;
        ErrorCode error_code = ErrorCode::none;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("PartitionIndex", self.partition_index, map_key);
            field("LowWatermark", self.low_watermark);
            field("ErrorCode", self.error_code);
        }
    };

    struct DeleteRecordsTopicResult {
        std::string name;
        std::vector<DeleteRecordsPartitionResult> partitions;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Name", self.name, map_key, names_topic);
            field("Partitions", self.partitions);
        }
    };

    std::int32_t throttle_time_ms = 0;
    std::vector<DeleteRecordsTopicResult> topics;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ThrottleTimeMs", self.throttle_time_ms);
        field("Topics", self.topics);
    }
};

}  // namespace barnabas::protocol
