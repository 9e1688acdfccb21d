// ReadShareGroupStateSummary: start offset and epochs of share partitions, without their batches.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct ReadShareGroupStateSummaryRequest {
    static constexpr Api api{.key = ApiKey::read_share_group_state_summary,
                             .valid = {0, 1},
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

    struct ReadStateSummaryData {
        Uuid topic_id;
        std::vector<PartitionData> partitions;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("TopicId", self.topic_id);
            field("Partitions", self.partitions);
        }
    };

    std::string group_id;
    std::vector<ReadStateSummaryData> topics;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("GroupId", self.group_id);
        field("Topics", self.topics);
    }
};

struct ReadShareGroupStateSummaryResponse {
    static constexpr Api api = ReadShareGroupStateSummaryRequest::api;

    struct PartitionResult {
        std::int32_t partition = 0;
        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> error_message;
        std::int32_t state_epoch = 0;
        std::int32_t leader_epoch = 0;
        std::int64_t start_offset = 0;
        std::int32_t delivery_complete_count = -1;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Partition", self.partition);
            field("ErrorCode", self.error_code);
            field("ErrorMessage", self.error_message, nullable(), defaults(null));
            field("StateEpoch", self.state_epoch);
            field("LeaderEpoch", self.leader_epoch);
            field("StartOffset", self.start_offset);
            field("DeliveryCompleteCount", self.delivery_complete_count, since(1), defaults(-1),
                  ignorable);
        }
    };

    struct ReadStateSummaryResult {
        Uuid topic_id;
        std::vector<PartitionResult> partitions;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("TopicId", self.topic_id);
            field("Partitions", self.partitions);
        }
    };

    std::vector<ReadStateSummaryResult> results;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) { field("Results", self.results); }
};

}  // namespace barnabas::protocol
