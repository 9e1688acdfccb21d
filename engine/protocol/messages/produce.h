// Produce: a client hands batches to the leaders of partitions. With acks 0 there is no response.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct ProduceRequest {
    static constexpr Api api{
        .key = ApiKey::produce, .valid = {3, 13}, .flexible_from = 9, .on = Listeners::broker};

    struct PartitionProduceData {
        std::int32_t index = 0;
        Records records;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Index", self.index);
            field("Records", self.records, nullable());
        }
    };

    struct TopicProduceData {
        std::string name;
        Uuid topic_id;
        std::vector<PartitionProduceData> partition_data;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Name", self.name, until(12), map_key, ignorable, names_topic);
            field("TopicId", self.topic_id, since(13), map_key, ignorable);
            field("PartitionData", self.partition_data);
        }
    };

    std::optional<std::string> transactional_id;
    std::int16_t acks = 0;
    std::int32_t timeout_ms = 0;
    std::vector<TopicProduceData> topic_data;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("TransactionalId", self.transactional_id, since(3), nullable(3), defaults(null),
              names_transaction);
        field("Acks", self.acks);
        field("TimeoutMs", self.timeout_ms);
        field("TopicData", self.topic_data);
    }
};

struct ProduceResponse {
    static constexpr Api api = ProduceRequest::api;

    struct BatchIndexAndErrorMessage {
        std::int32_t batch_index = 0;
        std::optional<std::string> batch_index_error_message;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("BatchIndex", self.batch_index, since(8));
            field("BatchIndexErrorMessage", self.batch_index_error_message, since(8), nullable(8),
                  defaults(null));
        }
    };

    struct LeaderIdAndEpoch {
        std::int32_t leader_id = -1;
        std::int32_t leader_epoch = -1;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("LeaderId", self.leader_id, since(10), defaults(-1), names_broker);
            field("LeaderEpoch", self.leader_epoch, since(10), defaults(-1));
        }
    };

    struct PartitionProduceResponse {
        std::int32_t index = 0;
        ErrorCode error_code = ErrorCode::none;
        std::int64_t base_offset = 0;
        std::int64_t log_append_time_ms = -1;
        std::int64_t log_start_offset = -1;
        std::vector<BatchIndexAndErrorMessage> record_errors;
        std::optional<std::string> error_message;
        LeaderIdAndEpoch current_leader;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Index", self.index);
            field("ErrorCode", self.error_code);
            field("BaseOffset", self.base_offset);
            field("LogAppendTimeMs", self.log_append_time_ms, since(2), defaults(-1), ignorable);
            field("LogStartOffset", self.log_start_offset, since(5), defaults(-1), ignorable);
            field("RecordErrors", self.record_errors, since(8), ignorable);
            field("ErrorMessage", self.error_message, since(8), nullable(8), defaults(null),
                  ignorable);
            field("CurrentLeader", self.current_leader, since(10), tag(0));
        }
    };

    struct TopicProduceResponse {
        std::string name;
        Uuid topic_id;
        std::vector<PartitionProduceResponse> partition_responses;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Name", self.name, until(12), map_key, ignorable, names_topic);
            field("TopicId", self.topic_id, since(13), map_key, ignorable);
            field("PartitionResponses", self.partition_responses);
        }
    };

    struct NodeEndpoint {
        std::int32_t node_id = 0;
        std::string host;
        std::int32_t port = 0;
        std::optional<std::string> rack;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("NodeId", self.node_id, since(10), map_key, names_broker);
            field("Host", self.host, since(10));
            field("Port", self.port, since(10));
            field("Rack", self.rack, since(10), nullable(10), defaults(null));
        }
    };

    std::vector<TopicProduceResponse> responses;
    std::int32_t throttle_time_ms = 0;
    std::vector<NodeEndpoint> node_endpoints;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("Responses", self.responses);
        field("ThrottleTimeMs", self.throttle_time_ms, since(1), defaults(0), ignorable);
        field("NodeEndpoints", self.node_endpoints, since(10), tag(0));
    }
};

}  // namespace barnabas::protocol
