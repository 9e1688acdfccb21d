#include "engine/base/crc32c.h"
#include "engine/protocol/frame.h"
#include "engine/protocol/messages/fetch.h"
#include "engine/protocol/messages/produce.h"
#include "engine/records/validate.h"
#include "tests/bench/load.h"
#include "tests/bench/operations.h"
#include "tests/support/log_on_disk.h"

namespace barnabas::bench {
namespace {

// So that no result is thinned away.
void keep(const auto& value) { asm volatile("" : : "r"(&value) : "memory"); }

std::string shape(std::size_t record_bytes, std::size_t batch_bytes) {
    return std::to_string(record_bytes) + "B-in-" + std::to_string(batch_bytes >> 10) + "KB";
}

Bytes body_of(const Chain& frame) { return frame.flatten().from(support::frame_prefix_bytes); }

Bytes produce_frame(const Load& load) {
    protocol::ProduceRequest request;
    request.acks = 1;
    request.topic_data.push_back(
        {.name = "orders", .topic_id = {}, .partition_data = {}, .unknown_tags = {}});
    request.topic_data[0].partition_data.push_back(
        {.index = 0, .records = load.batch, .unknown_tags = {}});
    return body_of(*protocol::frame_request({.api_version = 12}, request));
}

Bytes fetch_frame() {
    protocol::FetchRequest request;
    request.topics.emplace_back().topic = "orders";
    request.topics[0].partitions.emplace_back();
    return body_of(*protocol::frame_request({.api_version = 12}, request));
}

template <class Request>
void decode_frame(const Bytes& frame) {
    std::size_t at = 0;
    const auto header = protocol::decode_header(frame, at);
    CHECK(header);
    const auto request = protocol::decode<Request>(frame.from(at), header->api_version);
    CHECK(request);
    keep(*request);
}

protocol::ProduceResponse produce_response() {
    protocol::ProduceResponse response;
    response.responses.emplace_back().name = "orders";
    response.responses[0].partition_responses.emplace_back();
    return response;
}

protocol::FetchResponse fetch_response() {
    protocol::FetchResponse response;
    response.responses.emplace_back().topic = "orders";
    response.responses[0].partitions.emplace_back().records =
        protocol::Records(protocol::External{.tag = 1, .size = 1 << 20});
    return response;
}

// A log whose disk says yes to everything and keeps nothing.
struct LogWithoutADisk {
    tests::LogOnDisk made;

    LogWithoutADisk() { made.open(); }
    void append(const records::Prepared& batch) {
        Turn turn = made.turn();
        CHECK(made.log.append(batch, LeaderEpoch(0), turn));
        settle();
    }
    void settle() {
        while (!made.effects.empty()) {
            std::vector<Effect> asked = std::exchange(made.effects, {});
            Turn turn = made.turn();
            for (const Effect& effect : asked) answer(effect, turn);
        }
    }
    void answer(const Effect& effect, Turn& turn) {
        std::visit(
            [&](const auto& one) {
                if constexpr (requires { one.operation; }) {
                    event::StorageDone done;
                    done.operation = one.operation;
                    made.log.on(done, turn);
                }
            },
            effect);
    }
};

}  // namespace

std::vector<Operation> operations_of_records() {
    std::vector<Operation> all;
    all.push_back({"crc32c-256KB", 256 << 10, [] {
                       const auto bytes = std::make_shared<std::vector<std::uint8_t>>(256 << 10);
                       return [bytes] { keep(crc32c(ByteView(*bytes))); };
                   }});
    for (const std::size_t record : {1024, 100}) {
        for (const std::size_t batch : {4 << 10, 256 << 10}) {
            all.push_back({"validate-" + shape(record, batch), batch, [=] {
                               const Load load = load_of(batch, record);
                               records::Rules rules;
                               rules.now = WallTime(std::chrono::milliseconds(wall_milliseconds()));
                               return [=] {
                                   const auto checked =
                                       records::validate_produce(load.batch, rules);
                                   CHECK(checked);
                                   keep(*checked);
                               };
                           }});
        }
    }
    return all;
}

std::vector<Operation> operations_of_codec() {
    return {
        {"decode-produce-request", 0,
         [] {
             const Bytes frame = produce_frame(load_of(4 << 10, 100));
             return [=] { decode_frame<protocol::ProduceRequest>(frame); };
         }},
        {"decode-fetch-request", 0,
         [] {
             const Bytes frame = fetch_frame();
             return [=] { decode_frame<protocol::FetchRequest>(frame); };
         }},
        {"encode-produce-response", 0,
         [] {
             const auto response = produce_response();
             return [=] { keep(*protocol::frame_response(7, 12, response)); };
         }},
        {"encode-fetch-response", 0,
         [] {
             const auto response = fetch_response();
             return [=] { keep(*protocol::frame_response(7, 12, response)); };
         }},
    };
}

std::vector<Operation> operations_of_log() {
    return {
        {"append-4KB", 4 << 10,
         [] {
             const auto log = std::make_shared<LogWithoutADisk>();
             const Load load = load_of(4 << 10, 100);
             const auto batch = *records::validate_produce(
                 load.batch, {.now = WallTime(std::chrono::milliseconds(wall_milliseconds()))});
             return [=] { log->append(batch); };
         }},
        {"locate-at-the-tail", 0,
         [] {
             const auto log = std::make_shared<LogWithoutADisk>();
             const Load load = load_of(4 << 10, 100);
             const auto batch = *records::validate_produce(
                 load.batch, {.now = WallTime(std::chrono::milliseconds(wall_milliseconds()))});
             for (int i = 0; i < 1000; ++i) log->append(batch);
             return [=] {
                 Turn turn = log->made.turn();
                 const Offset end = log->made.log.written_end();
                 keep(log->made.log.locate(Offset(end.value() - load.records), end, 1 << 20,
                                           log::LookupId(1), turn));
             };
         }},
    };
}

}  // namespace barnabas::bench
