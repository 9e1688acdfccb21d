// WriteShareGroupState: a leader stores what changed in its share partitions.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct WriteShareGroupStateRequest {
    static constexpr Api api{.key = ApiKey::write_share_group_state,
                             .valid = {0, 1},
                             .flexible_from = 0,
                             .on = Listeners::broker,
                             .is_cluster_action = true};

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

    struct PartitionData {
        std::int32_t partition = 0;
        std::int32_t state_epoch = 0;
        std::int32_t leader_epoch = 0;
        std::int64_t start_offset = 0;
        std::int32_t delivery_complete_count = -1;
        std::vector<StateBatch> state_batches;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Partition", self.partition);
            field("StateEpoch", self.state_epoch);
            field("LeaderEpoch", self.leader_epoch);
            field("StartOffset", self.start_offset);
            field("DeliveryCompleteCount", self.delivery_complete_count, since(1), defaults(-1),
                  ignorable);
            field("StateBatches", self.state_batches);
        }
    };

    struct WriteStateData {
        Uuid topic_id;
        std::vector<PartitionData> partitions;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("TopicId", self.topic_id);
            field("Partitions", self.partitions);
        }
    };

    std::string group_id;
    std::vector<WriteStateData> topics;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("GroupId", self.group_id);
        field("Topics", self.topics);
    }
};

struct WriteShareGroupStateResponse {
    static constexpr Api api = WriteShareGroupStateRequest::api;

    struct PartitionResult {
        std::int32_t partition = 0;
        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> error_message;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Partition", self.partition);
            field("ErrorCode", self.error_code);
            field("ErrorMessage", self.error_message, nullable(), defaults(null));
        }
    };

    struct WriteStateResult {
        Uuid topic_id;
        std::vector<PartitionResult> partitions;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("TopicId", self.topic_id);
            field("Partitions", self.partitions);
        }
    };

    std::vector<WriteStateResult> results;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) { field("Results", self.results); }
};

}  // namespace barnabas::protocol
