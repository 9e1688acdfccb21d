// Compaction as clients of a broker meet it.
#include "tests/engine/broker/test_broker.h"

namespace barnabas::broker {
namespace {

using protocol::ErrorCode;
using protocol::FetchResponse;
using protocol::ProduceResponse;

constexpr std::size_t value_bytes = 200'000;  // five make a segment of 1 MiB

std::vector<std::string> compacting(std::vector<std::string> more = {}) {
    std::vector<std::string> all{"log.dirs=/data", "log.cleanup.policy=compact",
                                 "log.segment.bytes=1048576", "log.cleaner.backoff.ms=1000"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

struct CompactedTopic {
    TestBroker broker;
    ConnectionId client{};

    explicit CompactedTopic(std::vector<std::string> settings) : broker(std::move(settings)) {
        broker.start();
        client = broker.connect();
        make_topic(broker, client, "orders");
    }
    ErrorCode put(const std::string& key, char value, const std::string& name = "orders",
                  std::int64_t timestamp = 1'795'400'000'000) {
        records::BatchBuilder batch;
        const std::string filled(value_bytes, value);
        batch.add(timestamp, as_bytes(key), as_bytes(filled));
        const Bytes bytes = records::stamp(batch.finish(), Offset(0), no_leader_epoch).flatten();
        const auto response = broker.ask<ProduceResponse>(client, produce_to(name, bytes), 9);
        return response.responses.at(0).partition_responses.at(0).error_code;
    }
    void put_rounds(int rounds, const std::string& name = "orders") {
        for (int round = 0; round < rounds; ++round)
            for (const char* key : {"a", "b", "c"}) put(key, static_cast<char>('0' + round), name);
    }
    std::vector<std::pair<std::string, char>> records() {
        std::vector<std::pair<std::string, char>> found;
        for (Offset at(0);;) {
            const auto response = broker.ask<FetchResponse>(client, fetch_from("orders", at), 12);
            const auto& partition = response.responses.at(0).partitions.at(0);
            records::BatchReader batches(partition.records.bytes());
            const Offset before = at;
            while (const auto batch = batches.next()) {
                EXPECT_TRUE(batch->has_good_crc());
                const Bytes body = batch->records();
                records::RecordReader reader(batch->header, body);
                while (const auto record = reader.next())
                    found.emplace_back(as_text(*record->key), as_text(*record->value).front());
                at = batch->header.next_offset();
            }
            if (at == before) return found;
        }
    }
    std::string checkpoint() {
        if (!broker.disk().has("/data/cleaner-offset-checkpoint")) return "";
        const auto& bytes = broker.disk().bytes("/data/cleaner-offset-checkpoint");
        return {bytes.begin(), bytes.end()};
    }
};

TEST(Compaction, ATopicShrinksAndEachKeyKeepsItsLastValue) {
    CompactedTopic topic(compacting());
    topic.put_rounds(7);
    topic.broker.pass(1s);
    // 21 records, 20 of them sealed; the last of each key among those stay, and the active one.
    const auto records = topic.records();
    EXPECT_EQ(records.size(), 3u + 1u);
    EXPECT_EQ(records[0], std::pair(std::string("c"), '5'));
    EXPECT_EQ(topic.checkpoint(), "0\n1\norders 0 20\n");
    // Nothing is dirty now; then producers go on, and so does the cleaner.
    topic.broker.pass(1s);
    EXPECT_EQ(topic.records(), records);
    topic.put_rounds(7);
    topic.broker.pass(1s);
    EXPECT_LE(topic.records().size(), 5u);
    EXPECT_EQ(topic.records().back(), std::pair(std::string("c"), '6'));
}

TEST(Compaction, TheCheckpointIsReadAtTheStart) {
    CompactedTopic topic(compacting());
    topic.put_rounds(7);
    topic.broker.pass(1s);
    ASSERT_EQ(topic.checkpoint(), "0\n1\norders 0 20\n");
    topic.broker.kill();
    topic.broker.start();
    topic.client = topic.broker.connect();
    topic.broker.notes().clear();
    topic.broker.pass(1s);
    EXPECT_FALSE(topic.broker.has_note("compacted up to"));
    EXPECT_EQ(topic.records().size(), 4u);
}

// How far logs were cleaned is a file like others: a medium that fails under it is not trusted.
TEST(Compaction, AMediumThatFailsUnderItsCheckpointTakesTheDirectoryOffline) {
    for (const bool is_read : {false, true}) {
        CompactedTopic topic(
            compacting({"log.dirs=/data,/other", "metadata.log.dir=/metadata"}));
        const std::string checkpoint = "/data/cleaner-offset-checkpoint";
        if (!is_read) topic.broker.disk().break_directory(checkpoint + ".tmp");
        topic.put_rounds(7);
        topic.broker.pass(1s);
        if (is_read) {
            ASSERT_EQ(topic.put("a", '7'), ErrorCode::none);
            topic.broker.kill();
            topic.broker.disk().break_directory(checkpoint);
            topic.broker.start();
            topic.client = topic.broker.connect();
        }
        EXPECT_EQ(topic.put("a", '8'), ErrorCode::kafka_storage_error);
        EXPECT_TRUE(topic.broker.has_note("is offline"));
        EXPECT_TRUE(topic.broker.broker().is_serving());
        make_topic(topic.broker, topic.client, "more");
        EXPECT_TRUE(topic.broker.disk().has("/other/more-0/partition.metadata"));
    }
}

TEST(Compaction, ACheckpointForWhichThereIsNoRoomIsSaidAndTheTopicIsServed) {
    CompactedTopic topic(compacting());
    topic.put_rounds(7);
    topic.broker.disk().fail_path("/data/cleaner-offset-checkpoint.tmp", StorageStatus::no_space);
    topic.broker.pass(1s);
    EXPECT_TRUE(topic.broker.has_note("more is cleaned than need be"));
    EXPECT_EQ(topic.checkpoint(), "");
    EXPECT_EQ(topic.put("a", '8'), ErrorCode::none);
    topic.put_rounds(7);
    topic.broker.pass(2s);
    EXPECT_NE(topic.checkpoint(), "");
}

// Power loss made the log shorter than what its checkpoint says was cleaned. A client that writes
// at once does not hide that.
TEST(Compaction, ACheckpointBeyondTheLogsEndIsDroppedBeforeAnyoneWrites) {
    CompactedTopic topic(compacting());
    topic.broker.kill();
    const std::string stale = "0\n1\norders 0 20\n";
    topic.broker.disk().put("/data/cleaner-offset-checkpoint", {stale.begin(), stale.end()});
    topic.broker.begin();
    while (!topic.broker.broker().is_serving()) ASSERT_TRUE(topic.broker.step());
    topic.client = topic.broker.connect();
    records::BatchBuilder batch;
    for (int i = 0; i < 20; ++i) batch.add(1'795'400'000'000, as_bytes("old"), as_bytes("x"));
    const Bytes bytes = records::stamp(batch.finish(), Offset(0), no_leader_epoch).flatten();
    topic.broker.ask<ProduceResponse>(topic.client, produce_to("orders", bytes), 9);
    topic.put_rounds(2);
    topic.broker.pass(1s);
    const auto records = topic.records();
    EXPECT_EQ(std::ranges::count(records, "old", [](const auto& record) { return record.first; }),
              1);
}

TEST(Compaction, ALogThatFindsNoRoomLetsTheOthersGoFirstAndWaitsLongerEachTime) {
    CompactedTopic topic(compacting());
    make_topic(topic.broker, topic.client, "small");
    for (int i = 0; i < 21; ++i) topic.put("key" + std::to_string(i), 'x');
    topic.put_rounds(7, "small");
    topic.broker.disk().set_space(topic.broker.disk().used() + 4 * value_bytes);
    topic.broker.pass(1s);
    EXPECT_TRUE(topic.broker.has_note("compaction was given up: the disk is full"));
    EXPECT_EQ(topic.checkpoint(), "");
    topic.broker.pass(1s);
    EXPECT_EQ(topic.checkpoint(), "0\n1\nsmall 0 20\n");
    topic.broker.notes().clear();
    for (int i = 0; i < 60; ++i) topic.broker.pass(1s);
    const auto given_up = std::ranges::count_if(topic.broker.notes(), [](const auto& note) {
        return note.text.find("compaction was given up") != std::string::npos;
    });
    EXPECT_GE(given_up, 3);
    EXPECT_LE(given_up, 6);
    topic.broker.disk().set_space(UINT64_MAX);
    for (int i = 0; i < 70; ++i) topic.broker.pass(1s);
    EXPECT_EQ(topic.checkpoint(), "0\n2\norders 0 20\nsmall 0 20\n");
}

TEST(Compaction, ASegmentIsRolledBeforeItsFirstRecordWaitsLongerThanItMay) {
    constexpr std::int64_t now = 1'795'400'000'000;
    for (const char* policy : {"compact", "delete"}) {
        CompactedTopic topic({"log.dirs=/data", std::string("log.cleanup.policy=") + policy,
                              "log.cleaner.max.compaction.lag.ms=1000"});
        topic.put("a", '1', "orders", now);
        topic.put("b", '1', "orders", now + 1000);
        topic.put("c", '1', "orders", now + 1001);
        const auto* partition = topic.broker.broker().node().partitions.table().at(0);
        EXPECT_EQ(partition->log.segment_count(), policy == std::string("compact") ? 2u : 1u);
    }
}

TEST(Compaction, ABackoffWithoutEndIsWaitedFor) {
    CompactedTopic topic({"log.dirs=/data", "log.cleanup.policy=compact",
                          "log.segment.bytes=1048576",
                          "log.cleaner.backoff.ms=9223372036854775807"});
    topic.put_rounds(7);
    topic.broker.pass(60s);
    EXPECT_EQ(topic.records().size(), 21u);
}

TEST(Compaction, WithoutTheCleanerNothingGoes) {
    CompactedTopic topic(compacting({"log.cleaner.enable=false"}));
    topic.put_rounds(7);
    topic.broker.pass(60s);
    EXPECT_EQ(topic.records().size(), 21u);
    EXPECT_EQ(topic.checkpoint(), "");
}

TEST(Compaction, TheDirtyRatioHoldsItBack) {
    CompactedTopic topic(compacting({"log.cleaner.min.cleanable.ratio=1"}));
    topic.put_rounds(7);
    topic.broker.pass(60s);
    EXPECT_EQ(topic.records().size(), 21u);
}

TEST(Compaction, TheBufferBoundsHowFarOneCleaningGoes) {
    // Two keys a cleaning: several follow each other until all is clean.
    CompactedTopic topic(compacting({"log.cleaner.dedupe.buffer.size=48",
                                     "log.cleaner.io.buffer.load.factor=1",
                                     "log.cleaner.min.cleanable.ratio=0"}));
    topic.put_rounds(7);
    topic.broker.pass(1s);
    EXPECT_TRUE(topic.broker.has_note("compacted up to offset 2:"));
    EXPECT_EQ(topic.checkpoint(), "0\n1\norders 0 20\n");
    EXPECT_EQ(topic.records().size(), 4u);
}

TEST(Compaction, TheThrottleSpreadsItOverTime) {
    // 4 MB are read twice and 0.6 MB written: at 1 MB/s that takes more than 8 seconds.
    CompactedTopic topic(compacting({"log.cleaner.io.max.bytes.per.second=1000000"}));
    topic.put_rounds(7);
    topic.broker.pass(1s);
    for (int i = 0; i < 70; ++i) {
        topic.broker.pass(100ms);
        EXPECT_EQ(topic.checkpoint(), "") << i;
    }
    for (int i = 0; i < 300; ++i) topic.broker.pass(100ms);
    EXPECT_EQ(topic.checkpoint(), "0\n1\norders 0 20\n");
    EXPECT_EQ(topic.records().size(), 4u);
}

TEST(Compaction, AStopInTheMiddleIsACleanStop) {
    CompactedTopic topic(compacting({"log.cleaner.io.max.bytes.per.second=1000000"}));
    topic.put_rounds(7);
    topic.broker.pass(3s);
    ASSERT_EQ(topic.checkpoint(), "");
    topic.broker.stop();
    EXPECT_EQ(topic.broker.exit_code(), 0);
    for (const Occurrence& note : topic.broker.notes())
        EXPECT_LT(note.severity, Severity::warning) << note.text;
    for (const std::string& name : topic.broker.disk().names_in("/data/orders-0"))
        EXPECT_FALSE(name.ends_with(".cleaned")) << name;
    topic.broker.kill();
    topic.broker.start();
    topic.client = topic.broker.connect();
    EXPECT_EQ(topic.records().size(), 21u);
}

TEST(Compaction, ARecordWithoutAKeyIsRefusedByItself) {
    CompactedTopic topic(compacting());
    const auto response = topic.broker.ask<ProduceResponse>(
        topic.client, produce_to("orders", batch_of({"one", "two"})), 9);
    const auto& result = response.responses.at(0).partition_responses.at(0);
    EXPECT_EQ(result.error_code, ErrorCode::invalid_record);
    ASSERT_EQ(result.record_errors.size(), 2u);
    EXPECT_EQ(result.record_errors[1].batch_index, 1);
}

TEST(Compaction, WithDeleteTooOldSegmentsGoAsWell) {
    CompactedTopic topic({"log.dirs=/data", "log.cleanup.policy=compact,delete",
                          "log.segment.bytes=1048576", "log.cleaner.backoff.ms=1000",
                          "log.retention.bytes=1048576", "log.retention.check.interval.ms=5000"});
    for (int i = 0; i < 20; ++i) topic.put("key" + std::to_string(i), 'x');
    topic.broker.pass(1s);
    EXPECT_EQ(topic.records().size(), 20u);  // every key is another one
    topic.broker.pass(5s);
    EXPECT_LE(topic.broker.broker().node().partitions.table().at(0)->log.size_bytes(), 2'200'000u);
}

}  // namespace
}  // namespace barnabas::broker
