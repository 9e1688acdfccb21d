// DescribeLogDirs: what lies in a broker's directories, and how large it is.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct DescribeLogDirsRequest {
    static constexpr Api api{.key = ApiKey::describe_log_dirs,
                             .valid = {1, 5},
                             .flexible_from = 2,
                             .on = Listeners::broker};

    struct DescribableLogDirTopic {
        std::string topic;
        std::vector<std::int32_t> partitions;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Topic", self.topic, map_key, names_topic);
            field("Partitions", self.partitions);
        }
    };

    std::optional<std::vector<DescribableLogDirTopic>> topics{std::in_place};
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) { field("Topics", self.topics, nullable()); }
};

struct DescribeLogDirsResponse {
    static constexpr Api api = DescribeLogDirsRequest::api;

    struct DescribeLogDirsPartition {
        std::int32_t partition_index = 0;
        std::int64_t partition_size = 0;
        std::int64_t offset_lag = 0;
        bool is_future_key = false;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("PartitionIndex", self.partition_index);
            field("PartitionSize", self.partition_size);
            field("OffsetLag", self.offset_lag);
            field("IsFutureKey", self.is_future_key);
        }
    };

    struct DescribeLogDirsTopic {
        std::string name;
        std::vector<DescribeLogDirsPartition> partitions;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Name", self.name, names_topic);
            field("Partitions", self.partitions);
        }
    };

    struct DescribeLogDirsResult {
        ErrorCode error_code = ErrorCode::none;
        std::string log_dir;
        std::vector<DescribeLogDirsTopic> topics;
        std::int64_t total_bytes = -1;
        std::int64_t usable_bytes = -1;
        bool is_cordoned = false;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("ErrorCode", self.error_code);
            field("LogDir", self.log_dir);
            field("Topics", self.topics);
            field("TotalBytes", self.total_bytes, since(4), defaults(-1), ignorable);
            field("UsableBytes", self.usable_bytes, since(4), defaults(-1), ignorable);
            field("IsCordoned", self.is_cordoned, since(5), defaults(false), ignorable);
        }
    };

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::vector<DescribeLogDirsResult> results;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ThrottleTimeMs", self.throttle_time_ms);
        field("ErrorCode", self.error_code, since(3), ignorable);
        field("Results", self.results);
    }
};

}  // namespace barnabas::protocol
