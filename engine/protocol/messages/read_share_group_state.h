// ReadShareGroupState: a leader loads the state of its share partitions.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct ReadShareGroupStateRequest {
    static constexpr Api api{.key = ApiKey::read_share_group_state,
                             .valid = {0, 0},
                             .flexible_from = 0,
                             .on = Listeners::broker,
                             .is_cluster_action = true};

    struct PartitionData {
        std::int32_t partition = 0;
        std::int32_t leader_epoch = 0;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Partition", self.partition);
            field("LeaderEpoch", self.leader_epoch);
        }
    };

    struct ReadStateData {
        Uuid topic_id;
        std::vector<PartitionData> partitions;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("TopicId", self.topic_id);
            field("Partitions", self.partitions);
        }
    };

    std::string group_id;
    std::vector<ReadStateData> topics;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("GroupId", self.group_id);
        field("Topics", self.topics);
    }
};

struct ReadShareGroupStateResponse {
    static constexpr Api api = ReadShareGroupStateRequest::api;

    struct StateBatch {
        std::int64_t first_offset = 0;
        std::int64_t last_offset = 0;
        std::int8_t delivery_state = 0;
        std::int16_t delivery_count = 0;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("FirstOffset", self.first_offset);
            field("LastOffset", self.last_offset);
            field("DeliveryState", self.delivery_state);
            field("DeliveryCount", self.delivery_count);
        }
    };

    struct PartitionResult {
        std::int32_t partition = 0;
        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> error_message;
        std::int32_t state_epoch = 0;
        std::int64_t start_offset = 0;
        std::vector<StateBatch> state_batches;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Partition", self.partition);
            field("ErrorCode", self.error_code);
            field("ErrorMessage", self.error_message, nullable(), defaults(null));
            field("StateEpoch", self.state_epoch);
            field("StartOffset", self.start_offset);
            field("StateBatches", self.state_batches);
        }
    };

    struct ReadStateResult {
        Uuid topic_id;
        std::vector<PartitionResult> partitions;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("TopicId", self.topic_id);
            field("Partitions", self.partitions);
        }
    };

    std::vector<ReadStateResult> results;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) { field("Results", self.results); }
};

}  // namespace barnabas::protocol
