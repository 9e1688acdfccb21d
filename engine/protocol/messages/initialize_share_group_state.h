// InitializeShareGroupState: a group coordinator has the share coordinator make state for
// partitions.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct InitializeShareGroupStateRequest {
    static constexpr Api api{.key = ApiKey::initialize_share_group_state,
                             .valid = {0, 0},
                             .flexible_from = 0,
                             .on = Listeners::broker,
                             .is_cluster_action = true};

    struct PartitionData {
        std::int32_t partition = 0;
        std::int32_t state_epoch = 0;
        std::int64_t start_offset = 0;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Partition", self.partition);
            field("StateEpoch", self.state_epoch);
            field("StartOffset", self.start_offset);
        }
    };

    struct InitializeStateData {
        Uuid topic_id;
        std::vector<PartitionData> partitions;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("TopicId", self.topic_id);
            field("Partitions", self.partitions);
        }
    };

    std::string group_id;
    std::vector<InitializeStateData> topics;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("GroupId", self.group_id);
        field("Topics", self.topics);
    }
};

struct InitializeShareGroupStateResponse {
    static constexpr Api api = InitializeShareGroupStateRequest::api;

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

    struct InitializeStateResult {
        Uuid topic_id;
        std::vector<PartitionResult> partitions;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("TopicId", self.topic_id);
            field("Partitions", self.partitions);
        }
    };

    std::vector<InitializeStateResult> results;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) { field("Results", self.results); }
};

}  // namespace barnabas::protocol
