// Vote: a candidate, or one that asks before it becomes one, wants to lead the metadata quorum.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct VoteRequest {
    static constexpr Api api{.key = ApiKey::vote,
                             .valid = {0, 2},
                             .flexible_from = 0,
                             .on = Listeners::controller,
                             .is_cluster_action = true};

    struct PartitionData {
        std::int32_t partition_index = 0;
        std::int32_t replica_epoch = 0;
        std::int32_t replica_id = 0;
        Uuid replica_directory_id;
        Uuid voter_directory_id;
        std::int32_t last_offset_epoch = 0;
        std::int64_t last_offset = 0;
        bool pre_vote = false;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("PartitionIndex", self.partition_index);
            field("ReplicaEpoch", self.replica_epoch);
            field("ReplicaId", self.replica_id, names_broker);
            field("ReplicaDirectoryId", self.replica_directory_id, since(1), ignorable);
            field("VoterDirectoryId", self.voter_directory_id, since(1), ignorable);
            field("LastOffsetEpoch", self.last_offset_epoch);
            field("LastOffset", self.last_offset);
            field("PreVote", self.pre_vote, since(2));
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

    std::optional<std::string> cluster_id;
    std::int32_t voter_id = -1;
    std::vector<TopicData> topics;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ClusterId", self.cluster_id, nullable(), defaults(null));
        field("VoterId", self.voter_id, since(1), defaults(-1), ignorable, names_broker);
        field("Topics", self.topics);
    }
};

struct VoteResponse {
    static constexpr Api api = VoteRequest::api;

    struct PartitionData {
        std::int32_t partition_index = 0;
        ErrorCode error_code = ErrorCode::none;
        std::int32_t leader_id = 0;
        std::int32_t leader_epoch = 0;
        bool vote_granted = false;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("PartitionIndex", self.partition_index);
            field("ErrorCode", self.error_code);
            field("LeaderId", self.leader_id, names_broker);
            field("LeaderEpoch", self.leader_epoch);
            field("VoteGranted", self.vote_granted);
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
