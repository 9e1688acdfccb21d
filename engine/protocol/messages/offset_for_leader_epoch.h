// OffsetForLeaderEpoch: where a leader epoch ended, so that a reader finds where logs part.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct OffsetForLeaderEpochRequest {
    static constexpr Api api{.key = ApiKey::offset_for_leader_epoch,
                             .valid = {2, 4},
                             .flexible_from = 4,
                             .on = Listeners::broker};

    struct OffsetForLeaderPartition {
        std::int32_t partition = 0;
        std::int32_t current_leader_epoch = -1;
        std::int32_t leader_epoch = 0;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Partition", self.partition);
            field("CurrentLeaderEpoch", self.current_leader_epoch, since(2), defaults(-1),
                  ignorable);
            field("LeaderEpoch", self.leader_epoch);
        }
    };

    struct OffsetForLeaderTopic {
        std::string topic;
        std::vector<OffsetForLeaderPartition> partitions;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Topic", self.topic, map_key, names_topic);
            field("Partitions", self.partitions);
        }
    };

    std::int32_t replica_id = -2;
    std::vector<OffsetForLeaderTopic> topics;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ReplicaId", self.replica_id, since(3), defaults(-2), ignorable, names_broker);
        field("Topics", self.topics);
    }
};

struct OffsetForLeaderEpochResponse {
    static constexpr Api api = OffsetForLeaderEpochRequest::api;

    struct EpochEndOffset {
        ErrorCode error_code = ErrorCode::none;
        std::int32_t partition = 0;
        std::int32_t leader_epoch = -1;
        std::int64_t end_offset = -1;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("ErrorCode", self.error_code);
            field("Partition", self.partition);
            field("LeaderEpoch", self.leader_epoch, since(1), defaults(-1), ignorable);
            field("EndOffset", self.end_offset, defaults(-1));
        }
    };

    struct OffsetForLeaderTopicResult {
        std::string topic;
        std::vector<EpochEndOffset> partitions;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Topic", self.topic, map_key, names_topic);
            field("Partitions", self.partitions);
        }
    };

    std::int32_t throttle_time_ms = 0;
    std::vector<OffsetForLeaderTopicResult> topics;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ThrottleTimeMs", self.throttle_time_ms, since(2), ignorable);
        field("Topics", self.topics);
    }
};

}  // namespace barnabas::protocol
