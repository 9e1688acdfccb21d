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
                add_producer(node, turn);
            } else if (at.topic == request.topics.size()) {
                node.reply(to, std::move(response), turn);
                return true;
            } else if (response.topics.size() == at.topic) {
                begin_topic();
            } else if (at.partition == request.topics[at.topic].partition_indexes.size()) {
                at = {at.topic + 1, 0};
            } else {
                begin_partition(node, turn);
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

    replication::ListedProducers ask(Node& node, const Partition& result, ProducerId from,
                                     Turn& turn) const {
        records::Effort none(0);
        const auto answer = node.partitions.ask(
            asker_of(to.address, {}, 0),
            place_of(node, response.topics.back().name, {}).slot(result.partition_index),
            replication::ListProducers{from, 1}, none, turn);
        return std::get<replication::ListedProducers>(*answer);
    }

    void begin_partition(Node& node, Turn& turn) {
        Partition& result = response.topics.back().partitions.emplace_back();
        result.partition_index = request.topics[at.topic].partition_indexes[at.partition++];
        answer_bytes += sizeof(result);
        if (const auto why = metadata::why_topic_name_is_invalid(response.topics.back().name)) {
            result.error_code = ErrorCode::invalid_topic_exception;
            result.error_message = protocol::error_text(*why);
            answer_bytes += result.error_message->size();
            return;
        }
        const replication::ListedProducers listed = ask(node, result, ProducerId(INT64_MIN), turn);
        result.error_code = listed.code;
        if (listed.producers.empty()) return;
        result.active_producers.reserve(listed.count);
        next = listed.producers.front().first;
    }

    // The next one of the partition: others may have come and gone since the last slice.
    void add_producer(Node& node, Turn& turn) {
        Partition& result = response.topics.back().partitions.back();
        const auto listed = ask(node, result, *std::exchange(next, std::nullopt), turn);
        if (listed.producers.empty()) return;
        const auto& [id, producer] = listed.producers.front();
        auto& row = result.active_producers.emplace_back();
        row.producer_id = id.value();
        row.producer_epoch = producer.epoch.value();
        if (const auto* last = producer.last_batch()) row.last_sequence = last->last_sequence;
        row.last_timestamp = producer.last_timestamp;
        row.coordinator_epoch = producer.coordinator_epoch;
        if (producer.transaction_first)
            row.current_txn_start_offset = producer.transaction_first->value();
        answer_bytes += sizeof(row);
        next = listed.next;
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
