// DescribeProducers: who writes to a partition, and whose transactions are open in it.

#include "engine/broker/api/routes.h"
#include "engine/broker/api/work.h"
#include "engine/metadata/topic_names.h"
#include "engine/protocol/error_text.h"
#include "engine/protocol/messages/describe_producers.h"

namespace barnabas::broker::api {
namespace {

using protocol::DescribeProducersRequest;
using protocol::DescribeProducersResponse;
using protocol::ErrorCode;
using Partition = DescribeProducersResponse::PartitionResponse;

struct DescribeProducersWork {
    using Request = DescribeProducersRequest;

    explicit DescribeProducersWork(const ReturnAddress& from) : to(from) {}

    bool advance(Node& node, Slice& slice, Turn& turn) {
        for (; !slice.is_over(); slice.take()) {
            if (next) {
                add_producer(node);
            } else if (at.topic == request.topics.size()) {
                node.reply(to, std::move(response), turn);
                return true;
            } else if (response.topics.size() == at.topic) {
                begin_topic();
            } else if (at.partition == request.topics[at.topic].partition_indexes.size()) {
                at = {at.topic + 1, 0};
            } else {
                begin_partition(node);
            }
        }
        return false;
    }

    bool discard(std::size_t elements) { return protocol::Discarder::discard(response, elements); }

    void begin_topic() {
        const auto& topic = request.topics[at.topic];
        auto& results = response.topics.emplace_back();
        results.name = topic.name;
        results.partitions.reserve(topic.partition_indexes.size());
        answer_bytes += sizeof(results) + topic.name.size();
    }

    const Replica* find(Node& node, std::int32_t index) const {
        return node.replicas.find(response.topics.back().name, PartitionIndex(index));
    }

    void begin_partition(Node& node) {
        Partition& result = response.topics.back().partitions.emplace_back();
        result.partition_index = request.topics[at.topic].partition_indexes[at.partition++];
        answer_bytes += sizeof(result);
        if (const auto why = metadata::why_topic_name_is_invalid(response.topics.back().name)) {
            result.error_code = ErrorCode::invalid_topic_exception;
            result.error_message = protocol::error_text(*why);
            answer_bytes += result.error_message->size();
            return;
        }
        const Replica* replica = find(node, result.partition_index);
        result.error_code = node.standing(replica);
        if (result.error_code != ErrorCode::none) return;
        const log::ProducerStates* states = replica->log.producer_states();
        if (states == nullptr || states->producers().empty()) return;
        result.active_producers.reserve(states->producers().size());
        next = states->producers().begin()->first;
    }

    // The next one of the partition: others may have come and gone since the last slice.
    void add_producer(Node& node) {
        Partition& result = response.topics.back().partitions.back();
        const Replica* replica = find(node, result.partition_index);
        const log::ProducerStates* states = replica ? replica->log.producer_states() : nullptr;
        const ProducerId from = *std::exchange(next, std::nullopt);
        if (states == nullptr) return;
        auto found = states->producers().lower_bound(from);
        if (found == states->producers().end()) return;
        const auto& [id, producer] = *found;
        auto& row = result.active_producers.emplace_back();
        row.producer_id = id.value();
        row.producer_epoch = producer.epoch.value();
        if (const auto* last = producer.last_batch()) row.last_sequence = last->last_sequence;
        row.last_timestamp = producer.last_timestamp;
        row.coordinator_epoch = producer.coordinator_epoch;
        if (producer.transaction_first)
            row.current_txn_start_offset = producer.transaction_first->value();
        answer_bytes += sizeof(row);
        if (++found != states->producers().end()) next = found->first;
    }

    ReturnAddress to;
    Request request;
    DescribeProducersResponse response;
    Place at;                        // in the request
    std::optional<ProducerId> next;  // of the partition that was begun last
    std::uint64_t answer_bytes = 0;
};

}  // namespace

void describe_producers(Node& node, const Call& call, Turn& turn) {
    begin_work<DescribeProducersWork>(node, call, turn);
}

}  // namespace barnabas::broker::api
