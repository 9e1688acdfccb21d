// DescribeQuorum: leader, voters and observers of the metadata quorum and how far each has come.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct DescribeQuorumRequest {
    static constexpr Api api{.key = ApiKey::describe_quorum,
                             .valid = {0, 2},
                             .flexible_from = 0,
                             .on = Listeners::broker_and_controller,
                             .is_cluster_action = true,
                             .is_forwardable = true};

    struct PartitionData {
        std::int32_t partition_index = 0;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("PartitionIndex", self.partition_index);
        }
    };

    struct TopicData {
        std::string topic_name;
        std::vector<PartitionData> partitions;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("TopicName", self.topic_name, names_topic);
            field("Partitions", self.partitions);
        }
    };

    std::vector<TopicData> topics;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) { field("Topics", self.topics); }
};

struct DescribeQuorumResponse {
    static constexpr Api api = DescribeQuorumRequest::api;

    struct ReplicaState {
        static constexpr bool is_shared = true;

        std::int32_t replica_id = 0;
        Uuid replica_directory_id;
        std::int64_t log_end_offset = 0;
        std::int64_t last_fetch_timestamp = -1;
        std::int64_t last_caught_up_timestamp = -1;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("ReplicaId", self.replica_id, names_broker);
            field("ReplicaDirectoryId", self.replica_directory_id, since(2));
            field("LogEndOffset", self.log_end_offset);
            field("LastFetchTimestamp", self.last_fetch_timestamp, since(1), defaults(-1),
                  ignorable);
            field("LastCaughtUpTimestamp", self.last_caught_up_timestamp, since(1), defaults(-1),
                  ignorable);
        }
    };

    struct PartitionData {
        std::int32_t partition_index = 0;
        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> error_message = "";
        std::int32_t leader_id = 0;
        std::int32_t leader_epoch = 0;
        std::int64_t high_watermark = 0;
        std::vector<ReplicaState> current_voters;
        std::vector<ReplicaState> observers;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("PartitionIndex", self.partition_index);
            field("ErrorCode", self.error_code);
            field("ErrorMessage", self.error_message, since(2), nullable(2), ignorable);
            field("LeaderId", self.leader_id, names_broker);
            field("LeaderEpoch", self.leader_epoch);
            field("HighWatermark", self.high_watermark);
            field("CurrentVoters", self.current_voters);
            field("Observers", self.observers);
        }
    };

    struct TopicData {
        std::string topic_name;
        std::vector<PartitionData> partitions;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("TopicName", self.topic_name, names_topic);
            field("Partitions", self.partitions);
        }
    };

    struct Listener {
        std::string name;
        std::string host;
        std::uint16_t port = 0;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Name", self.name, since(2), map_key);
            field("Host", self.host, since(2));
            field("Port", self.port, since(2));
        }
    };

    struct Node {
        std::int32_t node_id = 0;
        std::vector<Listener> listeners;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("NodeId", self.node_id, since(2), map_key, names_broker);
            field("Listeners", self.listeners, since(2));
        }
    };

    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = "";
    std::vector<TopicData> topics;
    std::vector<Node> nodes;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ErrorCode", self.error_code);
        field("ErrorMessage", self.error_message, since(2), nullable(2), ignorable);
        field("Topics", self.topics);
        field("Nodes", self.nodes, since(2));
    }
};

}  // namespace barnabas::protocol
