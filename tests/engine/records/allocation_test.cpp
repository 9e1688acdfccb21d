// What the codec and the records cost in allocations on the two paths that move data: nothing for
// the bytes of records and nothing for each record, whatever their number.
#include <gtest/gtest.h>

#include "engine/protocol/frame.h"
#include "engine/protocol/messages/fetch.h"
#include "engine/protocol/messages/produce.h"
#include "tests/engine/records/changed_batches.h"
#include "tests/support/counting_allocator.h"

namespace barnabas::records {
namespace {

Bytes batch_of(int count) {
    BatchBuilder builder;
    for (int i = 0; i < count; ++i) builder.add(now, as_bytes("key"), as_bytes("some value"));
    return builder.finish().batch;
}

template <class Request>
Bytes frame_of(const Request& request) {
    return protocol::frame_request({.api_version = 12, .client_id = "client"}, request)
        ->flatten()
        .from(4);
}

Bytes produce_frame(int records) {
    protocol::ProduceRequest request;
    request.topic_data.emplace_back().name = "orders";
    request.topic_data[0].partition_data.emplace_back().records = batch_of(records);
    return frame_of(request);
}

Bytes fetch_frame() {
    protocol::FetchRequest request;
    request.topics.emplace_back().topic = "orders";
    request.topics[0].partitions.emplace_back();
    return frame_of(request);
}

struct Cost {
    std::size_t times = 0;
    std::size_t bytes = 0;  // at most, at any time
};

Cost cost_of(auto&& work) {
    const std::size_t times = Allocated::times();
    const std::size_t held = Allocated::held();
    Allocated::restart();
    work();
    return {Allocated::times() - times, Allocated::most() - held};
}

template <class Request>
Request read_request(const Bytes& frame) {
    std::size_t at = 0;
    const auto header = protocol::decode_header(frame, at);
    CHECK(header);
    auto request = protocol::decode_at<Request>(frame, at, header->api_version);
    CHECK(request);
    return std::move(*request);
}

// One for each array that has elements; topic and client names are short enough for their strings.
TEST(Allocations, ReadingARequestTakesOneForEachListInIt) {
    const Bytes fetch = fetch_frame();
    EXPECT_EQ(cost_of([&] { read_request<protocol::FetchRequest>(fetch); }).times, 2u);
    for (const int records : {1, 20'000}) {
        const Bytes produce = produce_frame(records);
        const Cost cost = cost_of([&] { read_request<protocol::ProduceRequest>(produce); });
        EXPECT_EQ(cost.times, 2u) << records;
        EXPECT_LT(cost.bytes, 1024u) << records;
    }
}

TEST(Allocations, ValidatingAndStampingABatchTakesOneForItsNewHead) {
    const Rules rules{.now = WallTime(std::chrono::milliseconds(now))};
    for (const int records : {1, 20'000}) {
        const Bytes batch = batch_of(records);
        EXPECT_EQ(cost_of([&] { CHECK(validate_produce(batch, rules)); }).times, 0u) << records;
        const Prepared prepared = *validate_produce(batch, rules);
        const Cost cost = cost_of([&] { stamp(prepared, Offset(7), LeaderEpoch(1)); });
        EXPECT_LE(cost.times, 2u) << records;
        EXPECT_LT(cost.bytes, 512u) << records;
    }
}

TEST(Allocations, CuttingARunIntoBatchesAndRecordsTakesNone) {
    const Bytes batch = batch_of(20'000);
    const Cost cost = cost_of([&] {
        BatchReader run(batch);
        while (const auto one = run.next()) {
            CHECK(one->has_good_crc());
            RecordReader reader(one->header, one->bytes.view().subspan(batch_head_bytes));
            while (reader.next()) {}
            CHECK(reader.is_good());
        }
    });
    EXPECT_EQ(cost.times, 0u);
}

// The response itself, and records that lie elsewhere cost nothing.
TEST(Allocations, WritingAResponseTakesNoMoreThanItsOwnBytes) {
    protocol::ProduceResponse produced;
    produced.responses.emplace_back().name = "orders";
    produced.responses[0].partition_responses.emplace_back();
    const Cost produce = cost_of([&] { CHECK(protocol::frame_response(7, 12, produced)); });
    EXPECT_LE(produce.times, 3u);
    EXPECT_LT(produce.bytes, 1024u);

    protocol::FetchResponse fetched;
    fetched.responses.emplace_back().topic = "orders";
    auto& partition = fetched.responses[0].partitions.emplace_back();
    const auto cost_with = [&](protocol::Records records) {
        partition.records = std::move(records);
        return cost_of([&] { CHECK(protocol::frame_response(7, 12, fetched)); });
    };
    for (const Cost& fetch : {cost_with(protocol::External{.tag = 1, .size = 1 << 30}),
                              cost_with(Bytes::own(std::vector<std::uint8_t>(1 << 20)))}) {
        EXPECT_LE(fetch.times, 6u);
        EXPECT_LT(fetch.bytes, 1024u);
    }
}

}  // namespace
}  // namespace barnabas::records
