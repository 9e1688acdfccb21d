// AssignReplicasToDirs: a broker tells the controller in which directory replicas lie.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct AssignReplicasToDirsRequest {
    static constexpr Api api{.key = ApiKey::assign_replicas_to_dirs,
                             .valid = {0, 0},
                             .flexible_from = 0,
                             .on = Listeners::controller};

    struct PartitionData {
        std::int32_t partition_index = 0;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("PartitionIndex", self.partition_index);
        }
    };

    struct TopicData {
        Uuid topic_id;
        std::vector<PartitionData> partitions;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("TopicId", self.topic_id);
            field("Partitions", self.partitions);
        }
    };

    struct DirectoryData {
        Uuid id;
        std::vector<TopicData> topics;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Id", self.id);
            field("Topics", self.topics);
        }
    };

    std::int32_t broker_id = 0;
    std::int64_t broker_epoch = -1;
    std::vector<DirectoryData> directories;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("BrokerId", self.broker_id, names_broker);
        field("BrokerEpoch", self.broker_epoch, defaults(-1));
        field("Directories", self.directories);
    }
};

struct AssignReplicasToDirsResponse {
    static constexpr Api api = AssignReplicasToDirsRequest::api;

    struct PartitionData {
        std::int32_t partition_index = 0;
        ErrorCode error_code = ErrorCode::none;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("PartitionIndex", self.partition_index);
            field("ErrorCode", self.error_code);
        }
    };

    struct TopicData {
        Uuid topic_id;
        std::vector<PartitionData> partitions;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("TopicId", self.topic_id);
            field("Partitions", self.partitions);
        }
    };

    struct DirectoryData {
        Uuid id;
        std::vector<TopicData> topics;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Id", self.id);
            field("Topics", self.topics);
        }
    };

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::vector<DirectoryData> directories;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ThrottleTimeMs", self.throttle_time_ms);
        field("ErrorCode", self.error_code);
        field("Directories", self.directories);
    }
};

}  // namespace barnabas::protocol
