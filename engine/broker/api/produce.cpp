// Produce: each partition is asked to append its batch. The answer waits for all of them; with
// acks=0 there is none, and an error closes the connection, or the producer would never learn of
// it.

#include <fmt/format.h>

#include "engine/broker/api/routes.h"
#include "engine/broker/api/work.h"
#include "engine/protocol/error_text.h"

namespace barnabas::broker::api {
namespace {

using protocol::ErrorCode;
using protocol::ProduceRequest;
using protocol::ProduceResponse;
using ProduceResult = ProduceResponse::PartitionProduceResponse;

void put(ProduceResult& result, replication::Appended&& appended) {
    result.error_code = appended.code;
    result.base_offset = appended.base.value();
    result.log_append_time_ms = appended.append_time;
    result.log_start_offset = appended.log_start.value();
    if (appended.code == ErrorCode::none) return;
    result.base_offset = -1;
    result.log_append_time_ms = -1;
    result.error_message = appended.message.empty() ? std::string(protocol::text_of(appended.code))
                                                    : std::move(appended.message);
    for (const records::RecordError& bad : appended.record_errors) {
        auto& error = result.record_errors.emplace_back();
        error.batch_index = bad.batch_index;
        error.batch_index_error_message = bad.message;
    }
}

void refuse(ProduceResult& result, ErrorCode code, std::string message) {
    replication::Appended refused;
    refused.code = code;
    refused.message = std::move(message);
    put(result, std::move(refused));
}

void answer_produce(Node& node, const ReturnAddress& to, ProduceGather& gather, Turn& turn) {
    if (gather.wants_answer) return node.reply(to, std::move(gather.response), turn);
    for (const auto& topic : gather.response.responses) {
        for (const ProduceResult& result : topic.partition_responses) {
            if (result.error_code == ErrorCode::none) continue;
            return node.connections.hang_up(
                to.address,
                fmt::format("a produce with acks=0 to {}-{} failed: {}", topic.name, result.index,
                            protocol::name_of(result.error_code)),
                turn);
        }
    }
    node.connections.answer(to.address, {}, turn);
}

// One of the partitions that a request waits for has its result.
void count_down(Node& node, Address address, Turn& turn) {
    const auto row = node.gathers.find(address);
    CHECK(row != node.gathers.end());
    if (--row->second.unanswered > 0) return;
    answer_produce(node, row->second.to, std::get<ProduceGather>(row->second.of), turn);
    node.gathers.erase(row);
}

// Batch by batch, in the order of the request.
struct ProduceWork {
    using Request = ProduceRequest;

    explicit ProduceWork(const ReturnAddress& from) : to(from) {}

    bool advance(Node& node, Slice& slice, Turn& turn) {
        Gather& gather = node.gathers.add(to.address);
        auto& of = std::get<ProduceGather>(gather.of);
        if (!std::exchange(is_begun, true)) {
            gather.to = to;
            gather.unanswered = 1;  // until all were taken
            of.wants_answer = request.acks != 0;
            of.response.responses.reserve(request.topic_data.size());
        }
        records::Effort effort = turn_effort();
        TopicPlace place;
        if (at.partition > 0) {
            const auto& topic = request.topic_data[at.topic];
            place = place_of(node, topic.name, topic.topic_id);
        }
        const auto begin_topic = [&](const Request::TopicProduceData& topic) {
            place = place_of(node, topic.name, topic.topic_id);
            auto& results = of.response.responses.emplace_back();
            results.name = topic.name;
            results.topic_id = topic.topic_id;
            results.partition_responses.reserve(topic.partition_data.size());
        };
        if (!visit_some(request.topic_data, &Request::TopicProduceData::partition_data, at, slice,
                        begin_topic, [&](const auto&, const auto& data) {
                            ProduceResult& result = of.response.responses.back()
                                                        .partition_responses.emplace_back();
                            result.index = data.index;
                            answer_bytes += sizeof(result);
                            if (!ask(node, place, data, result, effort, turn))
                                ++gather.unanswered;
                        }))
            return false;
        count_down(node, to.address, turn);
        return true;
    }

    void abandon(Node& node, Turn& turn) {
        if (is_begun) count_down(node, to.address, turn);
    }

    // False when the result comes later.
    bool ask(Node& node, const TopicPlace& place, const Request::PartitionProduceData& data,
             ProduceResult& result, records::Effort& effort, Turn& turn) {
        if (request.acks < -1 || request.acks > 1) {
            refuse(result, ErrorCode::invalid_required_acks, "acks must be 0, 1 or -1");
            return true;
        }
        if (place.is_unknown_id) {
            refuse(result, ErrorCode::unknown_topic_id, "no topic has this id");
            return true;
        }
        auto answer = node.partitions.ask(
            asker_of(to.address, at, 0), place.slot(data.index),
            replication::Append{data.records.bytes(), request.acks, to.api_version}, effort, turn);
        if (!answer) return false;
        put(result, std::get<replication::Appended>(*std::move(answer)));
        return true;
    }

    ReturnAddress to;
    Request request;
    Place at;
    bool is_begun = false;
    std::uint64_t answer_bytes = 0;
};

}  // namespace

void produce(Node& node, const Call& call, Turn& turn) {
    begin_work<ProduceWork>(node, call, turn);
}

void on_appended(Node& node, const replication::Asker& asker, replication::Appended&& appended,
                 Turn& turn) {
    const Address address = address_of(asker);
    const auto row = node.gathers.find(address);
    CHECK(row != node.gathers.end());
    auto& topics = std::get<ProduceGather>(row->second.of).response.responses;
    put(topics[asker.topic].partition_responses[asker.partition], std::move(appended));
    count_down(node, address, turn);
}

}  // namespace barnabas::broker::api
