// How much a fetch gives out: of one partition, and of all together, whether records are found at
// once or by a look into files.
#include "tests/engine/broker/test_broker.h"

namespace barnabas::broker {
namespace {

using protocol::ErrorCode;

class Fetches : public testing::Test {
  protected:
    void begin(std::int32_t partitions, std::vector<std::string> assignments = {}) {
        assignments.push_back("log.dirs=/data");
        broker = TestBroker(std::move(assignments));
        broker.start();
        client = broker.connect();
        make_topic(broker, client, "orders", partitions);
        request.topics.emplace_back().topic = "orders";
        for (std::int32_t i = 0; i < partitions; ++i) {
            auto& wanted = request.topics[0].partitions.emplace_back();
            wanted.partition = i;
            wanted.partition_max_bytes = 1 << 20;
        }
    }
    // Batches of about so many bytes each.
    void produce(std::int32_t partition, int count, std::size_t size) {
        for (int i = 0; i < count; ++i) {
            auto produce = produce_to("orders", batch_of({std::string(size - 71, 'x')}));
            produce.topic_data[0].partition_data[0].index = partition;
            const auto answer = broker.ask<protocol::ProduceResponse>(client, produce, 9);
            ASSERT_EQ(answer.responses.at(0).partition_responses.at(0).error_code,
                      ErrorCode::none);
        }
    }
    // Where batches stand is in memory no more: each needs a look into the files.
    void forget_places() {
        broker.kill();
        broker.start();
        client = broker.connect();
    }
    std::vector<Bytes> fetch() {
        const auto answer = broker.ask<protocol::FetchResponse>(client, request, 12);
        std::vector<Bytes> all;
        for (const auto& partition : answer.responses.at(0).partitions) {
            EXPECT_EQ(partition.error_code, ErrorCode::none);
            all.push_back(partition.records.bytes());
        }
        return all;
    }
    // Those that are there as a whole.
    static int batches_in(const Bytes& run) {
        int count = 0;
        records::BatchReader batches(run);
        while (batches.next()) ++count;
        return count;
    }
    static int batches_in(const std::vector<Bytes>& runs) {
        int count = 0;
        for (const Bytes& run : runs) count += batches_in(run);
        return count;
    }
    static std::size_t size_of(const std::vector<Bytes>& runs) {
        std::size_t size = 0;
        for (const Bytes& run : runs) size += run.size();
        return size;
    }

    TestBroker broker;
    ConnectionId client;
    protocol::FetchRequest request;
};

TEST_F(Fetches, OnlyTheFirstPartitionWithRecordsGivesABatchBeyondTheBound) {
    begin(4);
    for (const std::int32_t partition : {1, 2, 3}) produce(partition, 2, 1000);
    for (const bool is_cold : {false, true}) {
        if (is_cold) forget_places();
        request.max_bytes = 1;
        auto runs = fetch();
        EXPECT_EQ(runs[1].size(), size_of(runs)) << is_cold;
        EXPECT_EQ(batches_in(runs), 1) << is_cold;
        // The same where the bound is the partition's.
        request.max_bytes = 1 << 20;
        for (auto& wanted : request.topics[0].partitions) wanted.partition_max_bytes = 1;
        runs = fetch();
        EXPECT_EQ(batches_in(runs[1]), 1) << is_cold;
        EXPECT_EQ(batches_in(runs), 1) << is_cold;
        for (auto& wanted : request.topics[0].partitions) wanted.partition_max_bytes = 1 << 20;
    }
}

TEST_F(Fetches, AllPartitionsTogetherKeepToMaxBytes) {
    begin(5);
    for (std::int32_t partition = 0; partition < 5; ++partition) produce(partition, 3, 1000);
    for (const bool is_cold : {false, true}) {
        if (is_cold) forget_places();
        request.max_bytes = 7500;
        const auto runs = fetch();
        EXPECT_LE(size_of(runs), 7500u) << is_cold;
        EXPECT_EQ(batches_in(runs), 7) << is_cold;
        EXPECT_EQ(batches_in(runs[0]), 3) << is_cold;
        EXPECT_EQ(batches_in(runs[1]), 3) << is_cold;
    }
}

// What one lookup might have found and did not is left for others: the consumer need not ask again.
TEST_F(Fetches, WhatLookupsLeaveIsGivenToOthers) {
    begin(20);
    for (std::int32_t partition = 0; partition < 20; ++partition) produce(partition, 1, 200);
    forget_places();
    request.max_bytes = 3 << 20;
    const auto runs = fetch();
    EXPECT_EQ(batches_in(runs), 20);
}

// The answer will name the file: nobody may close it under the answer.
TEST_F(Fetches, FilesOfAnUnfinishedFetchAreKept) {
    begin(2);
    produce(1, 1, 200);
    forget_places();
    produce(0, 1, 200);
    broker.send_only(client, request, 12);
    ASSERT_FALSE(broker.has_answer(client)) << "the lookup is not done";
    EXPECT_EQ(broker.broker().node().promised_files().size(), 1u);
    broker.settle();
    ASSERT_TRUE(broker.has_answer(client));
    EXPECT_TRUE(broker.broker().node().promised_files().empty());
}

TEST_F(Fetches, TheBrokersOwnBoundHoldsToo) {
    begin(3, {"fetch.max.bytes=2048"});
    for (std::int32_t partition = 0; partition < 3; ++partition) produce(partition, 3, 1000);
    for (const bool is_cold : {false, true}) {
        if (is_cold) forget_places();
        EXPECT_EQ(batches_in(fetch()), 2) << is_cold;
    }
}

// In whatever order the disk answers: the bounds hold, each run begins with a whole batch, and
// there is some run as long as some partition has records.
TEST_F(Fetches, BoundsHoldAndProgressIsMadeWhateverIsFoundFirst) {
    constexpr std::int32_t partitions = 8;
    begin(partitions);
    for (std::int32_t partition = 0; partition < partitions; ++partition)
        produce(partition, partition % 4, 200 + 300 * static_cast<std::size_t>(partition));
    forget_places();
    for (const std::int32_t partition : {2, 5}) produce(partition, 2, 500);
    Random dice(11);
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        broker.shuffle(seed);
        request.max_bytes = static_cast<std::int32_t>(dice.below(8000));
        bool has_records = false;
        for (auto& wanted : request.topics[0].partitions) {
            wanted.partition_max_bytes = static_cast<std::int32_t>(dice.below(4000));
            const auto& partitions = broker.broker().node().partitions.table();
            const auto end = partitions.at(static_cast<std::uint32_t>(wanted.partition))
                                 ->log.log_end_offset();
            wanted.fetch_offset =
                static_cast<std::int64_t>(dice.below(static_cast<std::uint64_t>(end.value()) + 1));
            has_records |= Offset(wanted.fetch_offset) < end;
        }
        const auto runs = fetch();
        std::size_t first_beyond = 0;  // of the one batch that may be larger than allowed
        for (std::size_t i = 0; i < runs.size(); ++i) {
            if (runs[i].empty()) continue;
            ASSERT_GE(batches_in(runs[i]), 1) << seed;
            const auto max = request.topics[0].partitions[i].partition_max_bytes;
            if (runs[i].size() <= static_cast<std::size_t>(max)) continue;
            ASSERT_EQ(first_beyond, 0u) << seed;
            first_beyond = records::BatchHeader::parse(runs[i])->size();
            ASSERT_EQ(runs[i].size(), first_beyond) << seed;
        }
        const bool is_single = batches_in(runs) == 1;
        ASSERT_LE(size_of(runs), static_cast<std::size_t>(request.max_bytes) +
                                     (is_single ? size_of(runs) : first_beyond))
            << seed;
        ASSERT_EQ(has_records, size_of(runs) > 0) << seed;
    }
}

}  // namespace
}  // namespace barnabas::broker
