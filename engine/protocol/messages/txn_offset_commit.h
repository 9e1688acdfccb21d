// TxnOffsetCommit: offsets that count once the transaction commits.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct TxnOffsetCommitRequest {
    static constexpr Api api{.key = ApiKey::txn_offset_commit,
                             .valid = {0, 5},
                             .flexible_from = 3,
                             .on = Listeners::broker};

    struct TxnOffsetCommitRequestPartition {
        std::int32_t partition_index = 0;
        std::int64_t committed_offset = 0;
        std::int32_t committed_leader_epoch = -1;
        std::optional<std::string> committed_metadata = "";
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("PartitionIndex", self.partition_index);
            field("CommittedOffset", self.committed_offset);
            field("CommittedLeaderEpoch", self.committed_leader_epoch, since(2), defaults(-1),
                  ignorable);
            field("CommittedMetadata", self.committed_metadata, nullable());
        }
    };

    struct TxnOffsetCommitRequestTopic {
        std::string name;
        std::vector<TxnOffsetCommitRequestPartition> partitions;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Name", self.name, names_topic);
            field("Partitions", self.partitions);
        }
    };

    std::string transactional_id;
    std::string group_id;
    std::int64_t producer_id = 0;
    std::int16_t producer_epoch = 0;
    std::int32_t generation_id = -1;
    std::string member_id;
    std::optional<std::string> group_instance_id;
    std::vector<TxnOffsetCommitRequestTopic> topics;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("TransactionalId", self.transactional_id, names_transaction);
        field("GroupId", self.group_id, names_group);
        field("ProducerId", self.producer_id, names_producer);
        field("ProducerEpoch", self.producer_epoch);
        field("GenerationId", self.generation_id, since(3), defaults(-1));
        field("MemberId", self.member_id, since(3), defaults(empty));
        field("GroupInstanceId", self.group_instance_id, since(3), nullable(3), defaults(null));
        field("Topics", self.topics);
    }
};

struct TxnOffsetCommitResponse {
    static constexpr Api api = TxnOffsetCommitRequest::api;

    struct TxnOffsetCommitResponsePartition {
        std::int32_t partition_index = 0;
        ErrorCode error_code = ErrorCode::none;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("PartitionIndex", self.partition_index);
            field("ErrorCode", self.error_code);
        }
    };

    struct TxnOffsetCommitResponseTopic {
        std::string name;
        std::vector<TxnOffsetCommitResponsePartition> partitions;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Name", self.name, names_topic);
            field("Partitions", self.partitions);
        }
    };

    std::int32_t throttle_time_ms = 0;
    std::vector<TxnOffsetCommitResponseTopic> topics;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ThrottleTimeMs", self.throttle_time_ms);
        field("Topics", self.topics);
    }
};

}  // namespace barnabas::protocol
