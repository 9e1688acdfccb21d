// What a log keeps beside its batches: the snapshot of its producers, and the records that tell
// where tiered segments are.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct ProducerSnapshot {
    static constexpr Format format{.kind = Kind::data, .valid = {1, 1}};

    struct ProducerEntry {
        std::int64_t producer_id = 0;
        std::int16_t epoch = 0;
        std::int32_t last_sequence = 0;
        std::int64_t last_offset = 0;
        std::int32_t offset_delta = 0;
        std::int64_t timestamp = 0;
        std::int32_t coordinator_epoch = 0;
        std::int64_t current_txn_first_offset = 0;

        static void describe(auto& field, auto& self) {
            field("ProducerId", self.producer_id, since(1), until(1));
            field("Epoch", self.epoch, since(1), until(1));
            field("LastSequence", self.last_sequence, since(1), until(1));
            field("LastOffset", self.last_offset, since(1), until(1));
            field("OffsetDelta", self.offset_delta, since(1), until(1));
            field("Timestamp", self.timestamp, since(1), until(1));
            field("CoordinatorEpoch", self.coordinator_epoch, since(1), until(1));
            field("CurrentTxnFirstOffset", self.current_txn_first_offset, since(1), until(1));
        }
    };

    std::uint32_t crc = 0;
    std::vector<ProducerEntry> producer_entries;

    static void describe(auto& field, auto& self) {
        field("Crc", self.crc, since(1), until(1));
        field("ProducerEntries", self.producer_entries, since(1), until(1));
    }
};

struct RemoteLogSegmentMetadataRecord {
    static constexpr Format format{
        .kind = Kind::metadata, .key = 0, .valid = {0, 0}, .flexible_from = 0};

    struct TopicIdPartitionEntry {
        std::string name;
        Uuid id;
        std::int32_t partition = 0;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Name", self.name);
            field("Id", self.id);
            field("Partition", self.partition);
        }
    };

    struct RemoteLogSegmentIdEntry {
        TopicIdPartitionEntry topic_id_partition;
        Uuid id;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("TopicIdPartition", self.topic_id_partition);
            field("Id", self.id);
        }
    };

    struct SegmentLeaderEpochEntry {
        std::int32_t leader_epoch = 0;
        std::int64_t offset = 0;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("LeaderEpoch", self.leader_epoch);
            field("Offset", self.offset);
        }
    };

    RemoteLogSegmentIdEntry remote_log_segment_id;
    std::int64_t start_offset = 0;
    std::int64_t end_offset = 0;
    std::int32_t broker_id = 0;
    std::int64_t max_timestamp_ms = 0;
    std::int64_t event_timestamp_ms = 0;
    std::vector<SegmentLeaderEpochEntry> segment_leader_epochs;
    std::int32_t segment_size_in_bytes = 0;
    std::optional<Bytes> custom_metadata;
    std::int8_t remote_log_segment_state = 0;
    bool txn_index_empty = false;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("RemoteLogSegmentId", self.remote_log_segment_id);
        field("StartOffset", self.start_offset);
        field("EndOffset", self.end_offset);
        field("BrokerId", self.broker_id);
        field("MaxTimestampMs", self.max_timestamp_ms);
        field("EventTimestampMs", self.event_timestamp_ms);
        field("SegmentLeaderEpochs", self.segment_leader_epochs);
        field("SegmentSizeInBytes", self.segment_size_in_bytes);
        field("CustomMetadata", self.custom_metadata, nullable(), defaults(null));
        field("RemoteLogSegmentState", self.remote_log_segment_state);
        field("TxnIndexEmpty", self.txn_index_empty, tag(0));
    }
};

struct RemoteLogSegmentMetadataUpdateRecord {
    static constexpr Format format{
        .kind = Kind::metadata, .key = 1, .valid = {0, 0}, .flexible_from = 0};

    struct TopicIdPartitionEntry {
        std::string name;
        Uuid id;
        std::int32_t partition = 0;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Name", self.name);
            field("Id", self.id);
            field("Partition", self.partition);
        }
    };

    struct RemoteLogSegmentIdEntry {
        TopicIdPartitionEntry topic_id_partition;
        Uuid id;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("TopicIdPartition", self.topic_id_partition);
            field("Id", self.id);
        }
    };

    RemoteLogSegmentIdEntry remote_log_segment_id;
    std::int32_t broker_id = 0;
    std::int64_t event_timestamp_ms = 0;
    std::optional<Bytes> custom_metadata;
    std::int8_t remote_log_segment_state = 0;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("RemoteLogSegmentId", self.remote_log_segment_id);
        field("BrokerId", self.broker_id);
        field("EventTimestampMs", self.event_timestamp_ms);
        field("CustomMetadata", self.custom_metadata, nullable(), defaults(null));
        field("RemoteLogSegmentState", self.remote_log_segment_state);
    }
};

struct RemotePartitionDeleteMetadataRecord {
    static constexpr Format format{
        .kind = Kind::metadata, .key = 2, .valid = {0, 0}, .flexible_from = 0};

    struct TopicIdPartitionEntry {
        std::string name;
        Uuid id;
        std::int32_t partition = 0;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Name", self.name);
            field("Id", self.id);
            field("Partition", self.partition);
        }
    };

    TopicIdPartitionEntry topic_id_partition;
    std::int32_t broker_id = 0;
    std::int64_t event_timestamp_ms = 0;
    std::int8_t remote_partition_delete_state = 0;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("TopicIdPartition", self.topic_id_partition);
        field("BrokerId", self.broker_id);
        field("EventTimestampMs", self.event_timestamp_ms);
        field("RemotePartitionDeleteState", self.remote_partition_delete_state);
    }
};

struct RemoteLogSegmentMetadataSnapshotRecord {
    static constexpr Format format{
        .kind = Kind::metadata, .key = 3, .valid = {0, 0}, .flexible_from = 0};

    struct SegmentLeaderEpochEntry {
        std::int32_t leader_epoch = 0;
        std::int64_t offset = 0;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("LeaderEpoch", self.leader_epoch);
            field("Offset", self.offset);
        }
    };

    Uuid segment_id;
    std::int64_t start_offset = 0;
    std::int64_t end_offset = 0;
    std::int32_t broker_id = 0;
    std::int64_t max_timestamp_ms = 0;
    std::int64_t event_timestamp_ms = 0;
    std::vector<SegmentLeaderEpochEntry> segment_leader_epochs;
    std::int32_t segment_size_in_bytes = 0;
    std::optional<Bytes> custom_metadata;
    std::int8_t remote_log_segment_state = 0;
    bool txn_index_empty = false;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("SegmentId", self.segment_id);
        field("StartOffset", self.start_offset);
        field("EndOffset", self.end_offset);
        field("BrokerId", self.broker_id);
        field("MaxTimestampMs", self.max_timestamp_ms);
        field("EventTimestampMs", self.event_timestamp_ms);
        field("SegmentLeaderEpochs", self.segment_leader_epochs);
        field("SegmentSizeInBytes", self.segment_size_in_bytes);
        field("CustomMetadata", self.custom_metadata, nullable(), defaults(null));
        field("RemoteLogSegmentState", self.remote_log_segment_state);
        field("TxnIndexEmpty", self.txn_index_empty, tag(0));
    }
};

}  // namespace barnabas::protocol
