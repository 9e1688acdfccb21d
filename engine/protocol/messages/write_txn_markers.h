// WriteTxnMarkers: the transaction coordinator has leaders write commit and abort markers.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct WriteTxnMarkersRequest {
    static constexpr Api api{.key = ApiKey::write_txn_markers,
                             .valid = {1, 2},
                             .flexible_from = 1,
                             .on = Listeners::broker,
                             .is_cluster_action = true};

    struct WritableTxnMarkerTopic {
        std::string name;
        std::vector<std::int32_t> partition_indexes;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Name", self.name, names_topic);
            field("PartitionIndexes", self.partition_indexes);
        }
    };

    struct WritableTxnMarker {
        std::int64_t producer_id = 0;
        std::int16_t producer_epoch = 0;
        bool transaction_result = false;
        std::vector<WritableTxnMarkerTopic> topics;
        std::int32_t coordinator_epoch = 0;
        std::int8_t transaction_version = 0;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("ProducerId", self.producer_id, names_producer);
            field("ProducerEpoch", self.producer_epoch);
            field("TransactionResult", self.transaction_result);
            field("Topics", self.topics);
            field("CoordinatorEpoch", self.coordinator_epoch);
            field("TransactionVersion", self.transaction_version, since(2), defaults(0), ignorable);
        }
    };

    std::vector<WritableTxnMarker> markers;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) { field("Markers", self.markers); }
};

struct WriteTxnMarkersResponse {
    static constexpr Api api = WriteTxnMarkersRequest::api;

    struct WritableTxnMarkerPartitionResult {
        std::int32_t partition_index = 0;
        ErrorCode error_code = ErrorCode::none;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("PartitionIndex", self.partition_index);
            field("ErrorCode", self.error_code);
        }
    };

    struct WritableTxnMarkerTopicResult {
        std::string name;
        std::vector<WritableTxnMarkerPartitionResult> partitions;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Name", self.name, names_topic);
            field("Partitions", self.partitions);
        }
    };

    struct WritableTxnMarkerResult {
        std::int64_t producer_id = 0;
        std::vector<WritableTxnMarkerTopicResult> topics;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("ProducerId", self.producer_id, names_producer);
            field("Topics", self.topics);
        }
    };

    std::vector<WritableTxnMarkerResult> markers;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) { field("Markers", self.markers); }
};

}  // namespace barnabas::protocol
