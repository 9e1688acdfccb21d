// ShareAcknowledge: accepts, releases, rejects or renews acquired records.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct ShareAcknowledgeRequest {
    static constexpr Api api{.key = ApiKey::share_acknowledge,
                             .valid = {1, 2},
                             .flexible_from = 0,
                             .on = Listeners::broker};

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

    struct AcknowledgePartition {
        std::int32_t partition_index = 0;
        std::vector<AcknowledgementBatch> acknowledgement_batches;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("PartitionIndex", self.partition_index, map_key);
            field("AcknowledgementBatches", self.acknowledgement_batches);
        }
    };

    struct AcknowledgeTopic {
        Uuid topic_id;
        std::vector<AcknowledgePartition> partitions;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("TopicId", self.topic_id, map_key);
            field("Partitions", self.partitions);
        }
    };

    std::optional<std::string> group_id;
    std::optional<std::string> member_id = "";
    std::int32_t share_session_epoch = 0;
    bool is_renew_ack = false;
    std::vector<AcknowledgeTopic> topics;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("GroupId", self.group_id, nullable(), defaults(null), names_group);
        field("MemberId", self.member_id, nullable());
        field("ShareSessionEpoch", self.share_session_epoch);
        field("IsRenewAck", self.is_renew_ack, since(2), defaults(false));
        field("Topics", self.topics);
    }
};

struct ShareAcknowledgeResponse {
    static constexpr Api api = ShareAcknowledgeRequest::api;

    struct LeaderIdAndEpoch {
        std::int32_t leader_id = 0;
        std::int32_t leader_epoch = 0;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("LeaderId", self.leader_id);
            field("LeaderEpoch", self.leader_epoch);
        }
    };

    struct PartitionData {
        std::int32_t partition_index = 0;
        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> error_message;
        LeaderIdAndEpoch current_leader;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("PartitionIndex", self.partition_index);
            field("ErrorCode", self.error_code);
            field("ErrorMessage", self.error_message, nullable(), defaults(null));
            field("CurrentLeader", self.current_leader);
        }
    };

    struct ShareAcknowledgeTopicResponse {
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
    std::vector<ShareAcknowledgeTopicResponse> responses;
    std::vector<NodeEndpoint> node_endpoints;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ThrottleTimeMs", self.throttle_time_ms);
        field("ErrorCode", self.error_code);
        field("ErrorMessage", self.error_message, nullable(), defaults(null));
        field("AcquisitionLockTimeoutMs", self.acquisition_lock_timeout_ms, since(2), ignorable);
        field("Responses", self.responses);
        field("NodeEndpoints", self.node_endpoints);
    }
};

}  // namespace barnabas::protocol
