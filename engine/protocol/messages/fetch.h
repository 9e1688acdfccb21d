// Fetch: consumers and followers read batches; a controller's followers read the metadata log
// with it. Records come out as they lie in the log.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct FetchRequest {
    static constexpr Api api{.key = ApiKey::fetch,
                             .valid = {4, 18},
                             .flexible_from = 12,
                             .on = Listeners::broker_and_controller};

    struct ReplicaState {
        std::int32_t replica_id = -1;
        std::int64_t replica_epoch = -1;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("ReplicaId", self.replica_id, since(15), defaults(-1), names_broker);
            field("ReplicaEpoch", self.replica_epoch, since(15), defaults(-1));
        }
    };

    struct FetchPartition {
        std::int32_t partition = 0;
        std::int32_t current_leader_epoch = -1;
        std::int64_t fetch_offset = 0;
        std::int32_t last_fetched_epoch = -1;
        std::int64_t log_start_offset = -1;
        std::int32_t partition_max_bytes = 0;
        Uuid replica_directory_id;
        std::int64_t high_watermark = INT64_MAX;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Partition", self.partition);
            field("CurrentLeaderEpoch", self.current_leader_epoch, since(9), defaults(-1),
                  ignorable);
            field("FetchOffset", self.fetch_offset);
            field("LastFetchedEpoch", self.last_fetched_epoch, since(12), defaults(-1));
            field("LogStartOffset", self.log_start_offset, since(5), defaults(-1), ignorable);
            field("PartitionMaxBytes", self.partition_max_bytes);
            field("ReplicaDirectoryId", self.replica_directory_id, since(17), tag(0), ignorable);
            field("HighWatermark", self.high_watermark, since(18), defaults(INT64_MAX), tag(1),
                  ignorable);
        }
    };

    struct FetchTopic {
        std::string topic;
        Uuid topic_id;
        std::vector<FetchPartition> partitions;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Topic", self.topic, until(12), ignorable, names_topic);
            field("TopicId", self.topic_id, since(13), ignorable);
            field("Partitions", self.partitions);
        }
    };

    struct ForgottenTopic {
        std::string topic;
        Uuid topic_id;
        std::vector<std::int32_t> partitions;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Topic", self.topic, since(7), until(12), ignorable, names_topic);
            field("TopicId", self.topic_id, since(13), ignorable);
            field("Partitions", self.partitions, since(7));
        }
    };

    std::optional<std::string> cluster_id;
    std::int32_t replica_id = -1;
    ReplicaState replica_state;
    std::int32_t max_wait_ms = 0;
    std::int32_t min_bytes = 0;
    std::int32_t max_bytes = INT32_MAX;
    std::int8_t isolation_level = 0;
    std::int32_t session_id = 0;
    std::int32_t session_epoch = -1;
    std::vector<FetchTopic> topics;
    std::vector<ForgottenTopic> forgotten_topics_data;
    std::string rack_id;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ClusterId", self.cluster_id, since(12), nullable(12), defaults(null), tag(0),
              ignorable);
        field("ReplicaId", self.replica_id, until(14), defaults(-1), names_broker);
        field("ReplicaState", self.replica_state, since(15), tag(1));
        field("MaxWaitMs", self.max_wait_ms);
        field("MinBytes", self.min_bytes);
        field("MaxBytes", self.max_bytes, since(3), defaults(INT32_MAX), ignorable);
        field("IsolationLevel", self.isolation_level, since(4), defaults(0), ignorable);
        field("SessionId", self.session_id, since(7), defaults(0), ignorable);
        field("SessionEpoch", self.session_epoch, since(7), defaults(-1), ignorable);
        field("Topics", self.topics);
        field("ForgottenTopicsData", self.forgotten_topics_data, since(7));
        field("RackId", self.rack_id, since(11), defaults(empty), ignorable);
    }
};

struct FetchResponse {
    static constexpr Api api = FetchRequest::api;

    struct EpochEndOffset {
        std::int32_t epoch = -1;
        std::int64_t end_offset = -1;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Epoch", self.epoch, since(12), defaults(-1));
            field("EndOffset", self.end_offset, since(12), defaults(-1));
        }
    };

    struct LeaderIdAndEpoch {
        std::int32_t leader_id = -1;
        std::int32_t leader_epoch = -1;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("LeaderId", self.leader_id, since(12), defaults(-1), names_broker);
            field("LeaderEpoch", self.leader_epoch, since(12), defaults(-1));
        }
    };

    struct SnapshotId {
        std::int64_t end_offset = -1;
        std::int32_t epoch = -1;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("EndOffset", self.end_offset, defaults(-1));
            field("Epoch", self.epoch, defaults(-1));
        }
    };

    struct AbortedTransaction {
        std::int64_t producer_id = 0;
        std::int64_t first_offset = 0;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("ProducerId", self.producer_id, since(4), names_producer);
            field("FirstOffset", self.first_offset, since(4));
        }
    };

    struct PartitionData {
        std::int32_t partition_index = 0;
        ErrorCode error_code = ErrorCode::none;
        std::int64_t high_watermark = 0;
        std::int64_t last_stable_offset = -1;
        std::int64_t log_start_offset = -1;
        EpochEndOffset diverging_epoch;
        LeaderIdAndEpoch current_leader;
        SnapshotId snapshot_id;
        std::optional<std::vector<AbortedTransaction>> aborted_transactions{std::in_place};
        std::int32_t preferred_read_replica = -1;
        Records records;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("PartitionIndex", self.partition_index);
            field("ErrorCode", self.error_code);
            field("HighWatermark", self.high_watermark);
            field("LastStableOffset", self.last_stable_offset, since(4), defaults(-1), ignorable);
            field("LogStartOffset", self.log_start_offset, since(5), defaults(-1), ignorable);
            field("DivergingEpoch", self.diverging_epoch, since(12), tag(0));
            field("CurrentLeader", self.current_leader, since(12), tag(1));
            field("SnapshotId", self.snapshot_id, since(12), tag(2));
            field("AbortedTransactions", self.aborted_transactions, since(4), nullable(4),
                  ignorable);
            field("PreferredReadReplica", self.preferred_read_replica, since(11), defaults(-1),
                  names_broker);
            field("Records", self.records, nullable());
        }
    };

    struct FetchableTopicResponse {
        std::string topic;
        Uuid topic_id;
        std::vector<PartitionData> partitions;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Topic", self.topic, until(12), ignorable, names_topic);
            field("TopicId", self.topic_id, since(13), ignorable);
            field("Partitions", self.partitions);
        }
    };

    struct NodeEndpoint {
        std::int32_t node_id = 0;
        std::string host;
        std::int32_t port = 0;
        std::optional<std::string> rack;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("NodeId", self.node_id, since(16), map_key, names_broker);
            field("Host", self.host, since(16));
            field("Port", self.port, since(16));
            field("Rack", self.rack, since(16), nullable(16), defaults(null));
        }
    };

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::int32_t session_id = 0;
    std::vector<FetchableTopicResponse> responses;
    std::vector<NodeEndpoint> node_endpoints;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ThrottleTimeMs", self.throttle_time_ms, since(1), ignorable);
        field("ErrorCode", self.error_code, since(7), ignorable);
        field("SessionId", self.session_id, since(7), defaults(0));
        field("Responses", self.responses);
        field("NodeEndpoints", self.node_endpoints, since(16), tag(0));
    }
};

}  // namespace barnabas::protocol
