// DeleteShareGroupState: the share coordinator forgets partitions of a group.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct DeleteShareGroupStateRequest {
    static constexpr Api api{.key = ApiKey::delete_share_group_state,
                             .valid = {0, 0},
                             .flexible_from = 0,
                             .on = Listeners::broker,
                             .is_cluster_action = true};

    struct PartitionData {
        std::int32_t partition = 0;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) { field("Partition", self.partition); }
    };

    struct DeleteStateData {
        Uuid topic_id;
        std::vector<PartitionData> partitions;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("TopicId", self.topic_id);
            field("Partitions", self.partitions);
        }
    };

    std::string group_id;
    std::vector<DeleteStateData> topics;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("GroupId", self.group_id);
        field("Topics", self.topics);
    }
};

struct DeleteShareGroupStateResponse {
    static constexpr Api api = DeleteShareGroupStateRequest::api;

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

    struct DeleteStateResult {
        Uuid topic_id;
        std::vector<PartitionResult> partitions;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("TopicId", self.topic_id);
            field("Partitions", self.partitions);
        }
    };

    std::vector<DeleteStateResult> results;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) { field("Results", self.results); }
};

}  // namespace barnabas::protocol
