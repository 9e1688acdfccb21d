// Metadata: who leads which partition, and where the brokers are. A null list of topics means all
// of them (an empty one does so in version 0).
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct MetadataRequest {
    static constexpr Api api{
        .key = ApiKey::metadata, .valid = {0, 13}, .flexible_from = 9, .on = Listeners::broker};

    struct MetadataRequestTopic {
        Uuid topic_id;
        std::optional<std::string> name = "";
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("TopicId", self.topic_id, since(10), ignorable);
            field("Name", self.name, nullable(10), names_topic);
        }
    };

    std::optional<std::vector<MetadataRequestTopic>> topics{std::in_place};
    bool allow_auto_topic_creation = true;
    bool include_cluster_authorized_operations = false;
    bool include_topic_authorized_operations = false;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("Topics", self.topics, nullable(1));
        field("AllowAutoTopicCreation", self.allow_auto_topic_creation, since(4), defaults(true));
        field("IncludeClusterAuthorizedOperations", self.include_cluster_authorized_operations,
              since(8), until(10));
        field("IncludeTopicAuthorizedOperations", self.include_topic_authorized_operations,
              since(8));
    }
};

struct MetadataResponse {
    static constexpr Api api = MetadataRequest::api;

    struct MetadataResponseBroker {
        std::int32_t node_id = 0;
        std::string host;
        std::int32_t port = 0;
        std::optional<std::string> rack;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("NodeId", self.node_id, map_key, names_broker);
            field("Host", self.host);
            field("Port", self.port);
            field("Rack", self.rack, since(1), nullable(1), defaults(null), ignorable);
        }
    };

    struct MetadataResponsePartition {
        ErrorCode error_code = ErrorCode::none;
        std::int32_t partition_index = 0;
        std::int32_t leader_id = 0;
        std::int32_t leader_epoch = -1;
        std::vector<std::int32_t> replica_nodes;
        std::vector<std::int32_t> isr_nodes;
        std::vector<std::int32_t> offline_replicas;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("ErrorCode", self.error_code);
            field("PartitionIndex", self.partition_index);
            field("LeaderId", self.leader_id, names_broker);
            field("LeaderEpoch", self.leader_epoch, since(7), defaults(-1), ignorable);
            field("ReplicaNodes", self.replica_nodes, names_broker);
            field("IsrNodes", self.isr_nodes, names_broker);
            field("OfflineReplicas", self.offline_replicas, since(5), ignorable, names_broker);
        }
    };

    struct MetadataResponseTopic {
        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> name = "";
        Uuid topic_id;
        bool is_internal = false;
        std::vector<MetadataResponsePartition> partitions;
        std::int32_t topic_authorized_operations = INT32_MIN;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("ErrorCode", self.error_code);
            field("Name", self.name, nullable(12), map_key, names_topic);
            field("TopicId", self.topic_id, since(10), ignorable);
            field("IsInternal", self.is_internal, since(1), defaults(false), ignorable);
            field("Partitions", self.partitions);
            field("TopicAuthorizedOperations", self.topic_authorized_operations, since(8),
                  defaults(INT32_MIN));
        }
    };

    std::int32_t throttle_time_ms = 0;
    std::vector<MetadataResponseBroker> brokers;
    std::optional<std::string> cluster_id;
    std::int32_t controller_id = -1;
    std::vector<MetadataResponseTopic> topics;
    std::int32_t cluster_authorized_operations = INT32_MIN;
    ErrorCode error_code = ErrorCode::none;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ThrottleTimeMs", self.throttle_time_ms, since(3), ignorable);
        field("Brokers", self.brokers);
        field("ClusterId", self.cluster_id, since(2), nullable(2), defaults(null), ignorable);
        field("ControllerId", self.controller_id, since(1), defaults(-1), ignorable, names_broker);
        field("Topics", self.topics);
        field("ClusterAuthorizedOperations", self.cluster_authorized_operations, since(8),
              until(10), defaults(INT32_MIN));
        field("ErrorCode", self.error_code, since(13), ignorable);
    }
};

}  // namespace barnabas::protocol
