// FetchSnapshot: a piece of a snapshot of the metadata log.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct FetchSnapshotRequest {
    static constexpr Api api{.key = ApiKey::fetch_snapshot,
                             .valid = {0, 1},
                             .flexible_from = 0,
                             .on = Listeners::controller};

    struct SnapshotId {
        std::int64_t end_offset = 0;
        std::int32_t epoch = 0;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("EndOffset", self.end_offset);
            field("Epoch", self.epoch);
        }
    };

    struct PartitionSnapshot {
        std::int32_t partition = 0;
        std::int32_t current_leader_epoch = 0;
        SnapshotId snapshot_id;
        std::int64_t position = 0;
        Uuid replica_directory_id;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Partition", self.partition);
            field("CurrentLeaderEpoch", self.current_leader_epoch);
            field("SnapshotId", self.snapshot_id);
            field("Position", self.position);
            field("ReplicaDirectoryId", self.replica_directory_id, since(1), tag(0), ignorable);
        }
    };

    struct TopicSnapshot {
        std::string name;
        std::vector<PartitionSnapshot> partitions;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Name", self.name, names_topic);
            field("Partitions", self.partitions);
        }
    };

    std::optional<std::string> cluster_id;
    std::int32_t replica_id = -1;
    std::int32_t max_bytes = INT32_MAX;
    std::vector<TopicSnapshot> topics;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ClusterId", self.cluster_id, nullable(), defaults(null), tag(0));
        field("ReplicaId", self.replica_id, defaults(-1), names_broker);
        field("MaxBytes", self.max_bytes, defaults(INT32_MAX));
        field("Topics", self.topics);
    }
};

struct FetchSnapshotResponse {
    static constexpr Api api = FetchSnapshotRequest::api;

    struct SnapshotId {
        std::int64_t end_offset = 0;
        std::int32_t epoch = 0;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("EndOffset", self.end_offset);
            field("Epoch", self.epoch);
        }
    };

    struct LeaderIdAndEpoch {
        std::int32_t leader_id = 0;
        std::int32_t leader_epoch = 0;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("LeaderId", self.leader_id, names_broker);
            field("LeaderEpoch", self.leader_epoch);
        }
    };

    struct PartitionSnapshot {
        std::int32_t index = 0;
        ErrorCode error_code = ErrorCode::none;
        SnapshotId snapshot_id;
        LeaderIdAndEpoch current_leader;
        std::int64_t size = 0;
        std::int64_t position = 0;
        Records unaligned_records;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Index", self.index);
            field("ErrorCode", self.error_code);
            field("SnapshotId", self.snapshot_id);
            field("CurrentLeader", self.current_leader, tag(0));
            field("Size", self.size);
            field("Position", self.position);
            field("UnalignedRecords", self.unaligned_records);
        }
    };

    struct TopicSnapshot {
        std::string name;
        std::vector<PartitionSnapshot> partitions;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Name", self.name, names_topic);
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

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::vector<TopicSnapshot> topics;
    std::vector<NodeEndpoint> node_endpoints;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ThrottleTimeMs", self.throttle_time_ms, ignorable);
        field("ErrorCode", self.error_code);
        field("Topics", self.topics);
        field("NodeEndpoints", self.node_endpoints, since(1), tag(0));
    }
};

}  // namespace barnabas::protocol
