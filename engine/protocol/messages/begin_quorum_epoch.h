// BeginQuorumEpoch: a new quorum leader makes itself known to the voters.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct BeginQuorumEpochRequest {
    static constexpr Api api{.key = ApiKey::begin_quorum_epoch,
                             .valid = {0, 1},
                             .flexible_from = 1,
                             .on = Listeners::controller,
                             .is_cluster_action = true};

    struct PartitionData {
        std::int32_t partition_index = 0;
        Uuid voter_directory_id;
        std::int32_t leader_id = 0;
        std::int32_t leader_epoch = 0;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("PartitionIndex", self.partition_index);
            field("VoterDirectoryId", self.voter_directory_id, since(1), ignorable);
            field("LeaderId", self.leader_id, names_broker);
            field("LeaderEpoch", self.leader_epoch);
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

    struct LeaderEndpoint {
        std::string name;
        std::string host;
        std::uint16_t port = 0;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Name", self.name, since(1), map_key);
            field("Host", self.host, since(1));
            field("Port", self.port, since(1));
        }
    };

    std::optional<std::string> cluster_id;
    std::int32_t voter_id = -1;
    std::vector<TopicData> topics;
    std::vector<LeaderEndpoint> leader_endpoints;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ClusterId", self.cluster_id, nullable(), defaults(null));
        field("VoterId", self.voter_id, since(1), defaults(-1), ignorable, names_broker);
        field("Topics", self.topics);
        field("LeaderEndpoints", self.leader_endpoints, since(1), ignorable);
    }
};

struct BeginQuorumEpochResponse {
    static constexpr Api api = BeginQuorumEpochRequest::api;

    struct PartitionData {
        std::int32_t partition_index = 0;
        ErrorCode error_code = ErrorCode::none;
        std::int32_t leader_id = 0;
        std::int32_t leader_epoch = 0;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("PartitionIndex", self.partition_index);
            field("ErrorCode", self.error_code);
            field("LeaderId", self.leader_id, names_broker);
            field("LeaderEpoch", self.leader_epoch);
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

    struct NodeEndpoint {
        std::int32_t node_id = 0;
        std::string host;
        std::uint16_t port = 0;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("NodeId", self.node_id, since(1), map_key, names_broker);
            field("Host", self.host, since(1));
            field("Port", self.port, since(1));
        }
    };

    ErrorCode error_code = ErrorCode::none;
    std::vector<TopicData> topics;
    std::vector<NodeEndpoint> node_endpoints;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ErrorCode", self.error_code);
        field("Topics", self.topics);
        field("NodeEndpoints", self.node_endpoints, since(1), tag(0));
    }
};

}  // namespace barnabas::protocol
