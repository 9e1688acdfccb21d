// DescribeProducers: who writes to a partition, and whose transactions are open in it.

#include "engine/broker/api/routes.h"
#include "engine/protocol/error_text.h"

namespace barnabas::broker::api {
namespace {

using protocol::DescribeProducersRequest;
using protocol::DescribeProducersResponse;
using protocol::ErrorCode;
using Partition = DescribeProducersResponse::PartitionResponse;

void list_producers(const log::ProducerStates& states, Partition& result) {
    for (const auto& [id, producer] : states.producers()) {
        auto& row = result.active_producers.emplace_back();
        row.producer_id = id.value();
        row.producer_epoch = producer.epoch.value();
        if (const auto* last = producer.last_batch()) row.last_sequence = last->last_sequence;
        row.last_timestamp = producer.last_timestamp;
        row.coordinator_epoch = producer.coordinator_epoch;
        if (producer.transaction_first)
            row.current_txn_start_offset = producer.transaction_first->value();
    }
}

}  // namespace

void describe_producers(Node& node, const Call& call, const DescribeProducersRequest& request,
                        Turn& turn) {
    DescribeProducersResponse response;
    for (const auto& topic : request.topics) {
        auto& results = response.topics.emplace_back();
        results.name = topic.name;
        const auto why = metadata::why_topic_name_is_invalid(topic.name);
        for (const std::int32_t index : topic.partition_indexes) {
            Partition& result = results.partitions.emplace_back();
            result.partition_index = index;
            if (why) {
                result.error_code = ErrorCode::invalid_topic_exception;
                result.error_message = protocol::error_text(*why);
                continue;
            }
            const Replica* replica = node.replicas.find(topic.name, PartitionIndex(index));
            result.error_code = node.standing(replica);
            if (result.error_code != ErrorCode::none) continue;
            if (const log::ProducerStates* states = replica->log.producer_states())
                list_producers(*states, result);
        }
    }
    node.reply(call.to, response, turn);
}

}  // namespace barnabas::broker::api
