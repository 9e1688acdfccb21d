// Messages to bytes and back: what each request of the data path costs, and the largest and the
// most frequent ones beside it.
#include "engine/protocol/frame.h"
#include "engine/protocol/messages/consumer_group_heartbeat.h"
#include "engine/protocol/messages/fetch.h"
#include "engine/protocol/messages/metadata.h"
#include "engine/protocol/messages/produce.h"
#include "tests/bench/load.h"
#include "tests/bench/operations.h"

namespace barnabas::bench {
namespace {

using namespace protocol;

constexpr std::int16_t data_path_version = 12;
constexpr std::int16_t metadata_version = 12;
constexpr std::int16_t heartbeat_version = 1;
constexpr int metadata_partitions = 1000;

ProduceRequest produce_request() {
    ProduceRequest request;
    request.acks = 1;
    request.topic_data.emplace_back().name = "orders";
    request.topic_data[0].partition_data.emplace_back().records = load_of(4 << 10, 100).batch;
    return request;
}

ProduceResponse produce_response() {
    ProduceResponse response;
    response.responses.emplace_back().name = "orders";
    response.responses[0].partition_responses.emplace_back();
    return response;
}

FetchRequest fetch_request() {
    FetchRequest request;
    request.topics.emplace_back().topic = "orders";
    request.topics[0].partitions.emplace_back();
    return request;
}

FetchResponse fetch_response(Records records) {
    FetchResponse response;
    response.responses.emplace_back().topic = "orders";
    response.responses[0].partitions.emplace_back().records = std::move(records);
    return response;
}

// Ten topics of a hundred partitions with three replicas each.
MetadataResponse metadata_response() {
    MetadataResponse response;
    for (const int node : {1, 2, 3}) {
        auto& broker = response.brokers.emplace_back();
        broker.node_id = node;
        broker.host = "broker-" + std::to_string(node) + ".example";
        broker.port = 9092;
    }
    constexpr int topics = 10;
    for (int i = 0; i < topics; ++i) {
        auto& topic = response.topics.emplace_back();
        topic.name = "topic-" + std::to_string(i);
        for (int partition = 0; partition < metadata_partitions / topics; ++partition) {
            auto& row = topic.partitions.emplace_back();
            row.partition_index = partition;
            row.leader_id = 1;
            row.leader_epoch = 5;
            row.replica_nodes = row.isr_nodes = {1, 2, 3};
        }
    }
    return response;
}

ConsumerGroupHeartbeatRequest heartbeat_request() {
    ConsumerGroupHeartbeatRequest request;
    request.group_id = "readers";
    request.member_id = "F1tCMVfTQaGyWYVmOJZxyQ";
    request.member_epoch = 7;
    return request;
}

ConsumerGroupHeartbeatResponse heartbeat_response() {
    ConsumerGroupHeartbeatResponse response;
    response.member_id = "F1tCMVfTQaGyWYVmOJZxyQ";
    response.member_epoch = 7;
    response.heartbeat_interval_ms = 5000;
    return response;
}

template <class Request>
Bytes request_frame(const Request& request, std::int16_t version) {
    return frame_request({.api_version = version, .client_id = "client"}, request)
        ->flatten()
        .from(support::frame_prefix_bytes);
}

template <class Request>
Operation decoding_request(std::string name, Request (*make)(), std::int16_t version) {
    return {std::move(name), 0, [=] {
                const Bytes frame = request_frame(make(), version);
                return [=] {
                    std::size_t at = 0;
                    const auto header = decode_header(frame, at);
                    CHECK(header);
                    const auto request = decode_at<Request>(frame, at, header->api_version);
                    CHECK(request);
                    keep(*request);
                };
            }};
}

template <class Request>
Operation encoding_request(std::string name, Request (*make)(), std::int16_t version) {
    return {std::move(name), 0, [=] {
                const Request request = make();
                return [=] {
                    const RequestHeader header{.api_version = version, .client_id = "client"};
                    keep(*frame_request(header, request));
                };
            }};
}

template <class Response>
Operation decoding_response(std::string name, const Response& response, std::int16_t version) {
    return {std::move(name), 0, [=] {
                const Bytes body = Bytes::own(*encode(response, version));
                return [=] {
                    const auto read = decode<Response>(body, version);
                    CHECK(read);
                    keep(*read);
                };
            }};
}

template <class Response>
Operation encoding_response(std::string name, const Response& response, std::int16_t version) {
    return {std::move(name), 0,
            [=] { return [=] { keep(*frame_response(7, version, response)); }; }};
}

}  // namespace

std::vector<Operation> operations_of_codec() {
    const Records elsewhere(External{.tag = 1, .size = 1 << 20});
    const Records at_hand(load_of(4 << 10, 100).batch);
    return {
        decoding_request("decode-produce-request", produce_request, data_path_version),
        encoding_request("encode-produce-request", produce_request, data_path_version),
        decoding_response("decode-produce-response", produce_response(), data_path_version),
        encoding_response("encode-produce-response", produce_response(), data_path_version),
        decoding_request("decode-fetch-request", fetch_request, data_path_version),
        encoding_request("encode-fetch-request", fetch_request, data_path_version),
        decoding_response("decode-fetch-response", fetch_response(at_hand), data_path_version),
        encoding_response("encode-fetch-response", fetch_response(elsewhere), data_path_version),
        decoding_response("decode-metadata-1000", metadata_response(), metadata_version),
        encoding_response("encode-metadata-1000", metadata_response(), metadata_version),
        decoding_request("decode-heartbeat-request", heartbeat_request, heartbeat_version),
        encoding_response("encode-heartbeat-response", heartbeat_response(), heartbeat_version),
    };
}

}  // namespace barnabas::bench
