// ShareFetch: acquires records for a share group's member, and acknowledges earlier ones.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct ShareFetchRequest {
    static constexpr Api api{
        .key = ApiKey::share_fetch, .valid = {1, 2}, .flexible_from = 0, .on = Listeners::broker};

    struct AcknowledgementBatch {
        std::int64_t first_offset = 0;
        std::int64_t last_offset = 0;
        std::vector<std::int8_t> acknowledge_types;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("FirstOffset", self.first_offset);
            field("LastOffset", self.last_offset);
            field("AcknowledgeTypes", self.acknowledge_types);
        }
    };

    struct FetchPartition {
        std::int32_t partition_index = 0;
        std::int32_t partition_max_bytes = 0;
        std::vector<AcknowledgementBatch> acknowledgement_batches;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("PartitionIndex", self.partition_index, map_key);
            field("PartitionMaxBytes", self.partition_max_bytes, until(0));
            field("AcknowledgementBatches", self.acknowledgement_batches);
        }
    };

    struct FetchTopic {
        Uuid topic_id;
        std::vector<FetchPartition> partitions;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("TopicId", self.topic_id, map_key);
            field("Partitions", self.partitions);
        }
    };

    struct ForgottenTopic {
        Uuid topic_id;
        std::vector<std::int32_t> partitions;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("TopicId", self.topic_id);
            field("Partitions", self.partitions);
        }
    };

    std::optional<std::string> group_id;
    std::optional<std::string> member_id = "";
    std::int32_t share_session_epoch = 0;
    std::int32_t max_wait_ms = 0;
    std::int32_t min_bytes = 0;
    std::int32_t max_bytes = INT32_MAX;
    std::int32_t max_records = 0;
    std::int32_t batch_size = 0;
    std::int8_t share_acquire_mode = 0;
    bool is_renew_ack = false;
    std::vector<FetchTopic> topics;
    std::vector<ForgottenTopic> forgotten_topics_data;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("GroupId", self.group_id, nullable(), defaults(null), names_group);
        field("MemberId", self.member_id, nullable());
        field("ShareSessionEpoch", self.share_session_epoch);
        field("MaxWaitMs", self.max_wait_ms);
        field("MinBytes", self.min_bytes);
        field("MaxBytes", self.max_bytes, defaults(INT32_MAX));
        field("MaxRecords", self.max_records, since(1));
        field("BatchSize", self.batch_size, since(1));
        field("ShareAcquireMode", self.share_acquire_mode, since(2), defaults(0), ignorable);
        field("IsRenewAck", self.is_renew_ack, since(2), defaults(false));
        field("Topics", self.topics);
        field("ForgottenTopicsData", self.forgotten_topics_data);
    }
};

struct ShareFetchResponse {
    static constexpr Api api = ShareFetchRequest::api;

    struct LeaderIdAndEpoch {
        std::int32_t leader_id = 0;
        std::int32_t leader_epoch = 0;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("LeaderId", self.leader_id);
            field("LeaderEpoch", self.leader_epoch);
        }
    };

    struct AcquiredRecords {
        std::int64_t first_offset = 0;
        std::int64_t last_offset = 0;
        std::int16_t delivery_count = 0;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("FirstOffset", self.first_offset);
            field("LastOffset", self.last_offset);
            field("DeliveryCount", self.delivery_count);
        }
    };

    struct PartitionData {
        std::int32_t partition_index = 0;
        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> error_message;
        ErrorCode acknowledge_error_code = ErrorCode::none;
        std::optional<std::string> acknowledge_error_message;
        LeaderIdAndEpoch current_leader;
        Records records;
        std::vector<AcquiredRecords> acquired_records;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("PartitionIndex", self.partition_index);
            field("ErrorCode", self.error_code);
            field("ErrorMessage", self.error_message, nullable(), defaults(null));
            field("AcknowledgeErrorCode", self.acknowledge_error_code);
            field("AcknowledgeErrorMessage", self.acknowledge_error_message, nullable(),
                  defaults(null));
            field("CurrentLeader", self.current_leader);
            field("Records", self.records, nullable(0, 0));
            field("AcquiredRecords", self.acquired_records);
        }
    };

    struct ShareFetchableTopicResponse {
        Uuid topic_id;
        std::vector<PartitionData> partitions;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("TopicId", self.topic_id, map_key);
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
            field("NodeId", self.node_id, map_key, names_broker);
            field("Host", self.host);
            field("Port", self.port);
            field("Rack", self.rack, nullable(), defaults(null));
        }
    };

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message;
    std::int32_t acquisition_lock_timeout_ms = 0;
    std::vector<ShareFetchableTopicResponse> responses;
    std::vector<NodeEndpoint> node_endpoints;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ThrottleTimeMs", self.throttle_time_ms);
        field("ErrorCode", self.error_code);
        field("ErrorMessage", self.error_message, nullable(), defaults(null));
        field("AcquisitionLockTimeoutMs", self.acquisition_lock_timeout_ms, since(1));
        field("Responses", self.responses);
        field("NodeEndpoints", self.node_endpoints);
    }
};

}  // namespace barnabas::protocol
