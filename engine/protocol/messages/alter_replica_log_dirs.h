// AlterReplicaLogDirs: moves replicas between directories of one broker.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct AlterReplicaLogDirsRequest {
    static constexpr Api api{.key = ApiKey::alter_replica_log_dirs,
                             .valid = {1, 2},
                             .flexible_from = 2,
                             .on = Listeners::broker};

    struct AlterReplicaLogDirTopic {
        std::string name;
        std::vector<std::int32_t> partitions;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Name", self.name, map_key, names_topic);
            field("Partitions", self.partitions);
        }
    };

    struct AlterReplicaLogDir {
        std::string path;
        std::vector<AlterReplicaLogDirTopic> topics;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Path", self.path, map_key);
            field("Topics", self.topics);
        }
    };

    std::vector<AlterReplicaLogDir> dirs;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) { field("Dirs", self.dirs); }
};

struct AlterReplicaLogDirsResponse {
    static constexpr Api api = AlterReplicaLogDirsRequest::api;

    struct AlterReplicaLogDirPartitionResult {
        std::int32_t partition_index = 0;
        ErrorCode error_code = ErrorCode::none;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("PartitionIndex", self.partition_index);
            field("ErrorCode", self.error_code);
        }
    };

    struct AlterReplicaLogDirTopicResult {
        std::string topic_name;
        std::vector<AlterReplicaLogDirPartitionResult> partitions;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("TopicName", self.topic_name, names_topic);
            field("Partitions", self.partitions);
        }
    };

    std::int32_t throttle_time_ms = 0;
    std::vector<AlterReplicaLogDirTopicResult> results;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ThrottleTimeMs", self.throttle_time_ms);
        field("Results", self.results);
    }
};

}  // namespace barnabas::protocol
