// AlterPartition: a partition's leader asks the controller for another in-sync set.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct AlterPartitionRequest {
    static constexpr Api api{.key = ApiKey::alter_partition,
                             .valid = {2, 3},
                             .flexible_from = 0,
                             .on = Listeners::controller,
                             .is_cluster_action = true};

    struct BrokerState {
        std::int32_t broker_id = 0;
        std::int64_t broker_epoch = -1;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("BrokerId", self.broker_id, since(3), names_broker);
            field("BrokerEpoch", self.broker_epoch, since(3), defaults(-1));
        }
    };

    struct PartitionData {
        std::int32_t partition_index = 0;
        std::int32_t leader_epoch = 0;
        std::vector<std::int32_t> new_isr;
        std::vector<BrokerState> new_isr_with_epochs;
        std::int8_t leader_recovery_state = 0;
        std::int32_t partition_epoch = 0;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("PartitionIndex", self.partition_index);
            field("LeaderEpoch", self.leader_epoch);
            field("NewIsr", self.new_isr, until(2), names_broker);
            field("NewIsrWithEpochs", self.new_isr_with_epochs, since(3));
            field("LeaderRecoveryState", self.leader_recovery_state, since(1), defaults(0));
            field("PartitionEpoch", self.partition_epoch);
        }
    };

    struct TopicData {
        Uuid topic_id;
        std::vector<PartitionData> partitions;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("TopicId", self.topic_id, since(2), ignorable);
            field("Partitions", self.partitions);
        }
    };

    std::int32_t broker_id = 0;
    std::int64_t broker_epoch = -1;
    std::vector<TopicData> topics;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("BrokerId", self.broker_id, names_broker);
        field("BrokerEpoch", self.broker_epoch, defaults(-1));
        field("Topics", self.topics);
    }
};

struct AlterPartitionResponse {
    static constexpr Api api = AlterPartitionRequest::api;

    struct PartitionData {
        std::int32_t partition_index = 0;
        ErrorCode error_code = ErrorCode::none;
        std::int32_t leader_id = 0;
        std::int32_t leader_epoch = 0;
        std::vector<std::int32_t> isr;
        std::int8_t leader_recovery_state = 0;
        std::int32_t partition_epoch = 0;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("PartitionIndex", self.partition_index);
            field("ErrorCode", self.error_code);
            field("LeaderId", self.leader_id, names_broker);
            field("LeaderEpoch", self.leader_epoch);
            field("Isr", self.isr, names_broker);
            field("LeaderRecoveryState", self.leader_recovery_state, since(1), defaults(0),
                  ignorable);
            field("PartitionEpoch", self.partition_epoch);
        }
    };

    struct TopicData {
        Uuid topic_id;
        std::vector<PartitionData> partitions;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("TopicId", self.topic_id, since(2), ignorable);
            field("Partitions", self.partitions);
        }
    };

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::vector<TopicData> topics;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ThrottleTimeMs", self.throttle_time_ms);
        field("ErrorCode", self.error_code);
        field("Topics", self.topics);
    }
};

}  // namespace barnabas::protocol
