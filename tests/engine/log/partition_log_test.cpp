// One partition's log: what is appended is found again, whatever happened in between.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "tests/support/each_operation.h"
#include "tests/support/log_on_disk.h"

namespace barnabas::log {
namespace {

using namespace tests;

TEST(Log, AFreshDirectoryHasKafkasFiles) {
    LogOnDisk bench;
    bench.open();
    ASSERT_EQ(bench.log.state(), PartitionLog::State::open);
    fill(bench, 1);
    EXPECT_EQ(bench.disk.names_in(LogOnDisk::directory),
              (std::vector<std::string>{"00000000000000000000.index", "00000000000000000000.log",
                                        "00000000000000000000.timeindex", "leader-epoch-checkpoint",
                                        "partition.metadata"}));
}

TEST(Log, AcknowledgedWhenWrittenAndReadAtTheTailWithoutALookup) {
    LogOnDisk bench;
    bench.open();
    const auto first = bench.append(LogOnDisk::batch(0, 3));
    ASSERT_TRUE(first);
    EXPECT_EQ(first->last, Offset(2));
    EXPECT_EQ(bench.log.written_end(), Offset(0));
    EXPECT_EQ(bench.log.log_end_offset(), Offset(3));
    bench.run();
    EXPECT_EQ(bench.log.written_end(), Offset(3));
    fill(bench, 5);
    Turn turn = bench.turn();
    const auto range = bench.log.locate(Offset(4), Offset(18), large, LookupId(1), turn);
    ASSERT_TRUE(std::holds_alternative<FileRange>(range));
    // The whole batch that holds offset 4, and no byte before it.
    records::BatchReader reader(bench.read(std::get<FileRange>(range)));
    EXPECT_EQ(reader.next()->header.base_offset, Offset(3));
    EXPECT_EQ(bench.read_all(0, large), numbers(0, 18));
}

TEST(Log, TheFirstBatchComesWholeEvenAboveTheLimit) {
    LogOnDisk bench;
    bench.open();
    fill(bench, 4, 500);
    const auto range = bench.locate(Offset(3), Offset(12), 1);
    ASSERT_TRUE(range);
    records::BatchReader reader(bench.read(*range));
    ASSERT_TRUE(reader.next());
    EXPECT_FALSE(reader.next());
    EXPECT_EQ(reader.ending(), records::BatchReader::Ending::whole);
}

TEST(Log, NothingAtOrAboveTheLimitOffsetIsGivenOut) {
    LogOnDisk bench(small_segments());
    bench.open();
    fill(bench, 200);
    ASSERT_GT(bench.log.segment_count(), 3u);
    for (std::int64_t below = 0; below <= 600; below += 3) {
        for (std::int64_t from = std::max<std::int64_t>(0, below - 40); from < below; ++from) {
            const auto range = bench.locate(Offset(from), Offset(below), large);
            ASSERT_TRUE(range);
            records::BatchReader reader(bench.read(*range));
            auto batch = reader.next();
            ASSERT_TRUE(batch);
            ASSERT_LE(batch->header.base_offset.value(), from);
            ASSERT_GT(batch->header.next_offset().value(), from);
            for (; batch; batch = reader.next())
                ASSERT_LE(batch->header.next_offset().value(), below);
        }
    }
}

TEST(Log, OffsetsOutsideAreOutOfRange) {
    LogOnDisk bench;
    bench.log_start = Offset(5);
    bench.open();
    fill(bench, 1);
    EXPECT_FALSE(bench.locate(Offset(4), Offset(8), large));
    EXPECT_FALSE(bench.locate(Offset(9), Offset(9), large));
    EXPECT_EQ(bench.locate(Offset(8), Offset(8), large)->length, 0u);
}

TEST(Log, SegmentsRollAndAreReadThroughTheirIndexes) {
    LogOnDisk bench(small_segments());
    bench.open();
    fill(bench, 300);
    EXPECT_GT(bench.log.segment_count(), 10u);
    EXPECT_EQ(bench.read_all(0, 300), numbers(0, 900));
    EXPECT_EQ(bench.read_all(451, large), numbers(451, 900));
    // Sealed segments are flushed with their indexes: only the active one is looked at after a
    // kill.
    EXPECT_GT(bench.log.recovery_point(), Offset(800));
}

TEST(Log, ACleanStopIsTrustedAndGoesOnInTheSameSegment) {
    LogOnDisk bench(small_segments());
    bench.open();
    fill(bench, 100);
    const std::size_t segments = bench.log.segment_count();
    bench.close();
    ASSERT_EQ(bench.log.state(), PartitionLog::State::closed);
    // A flipped bit in a sealed segment is not looked for.
    bench.disk.bytes("data/orders-0/00000000000000000000.log")[100] ^= 1;
    const std::uint64_t before = bench.disk.operations();
    bench.reopen(true);
    // The directory, two small files, and the ends of the active segment's log and indexes.
    EXPECT_LE(bench.disk.operations() - before, 12u);
    EXPECT_EQ(bench.log.segment_count(), segments);
    EXPECT_EQ(bench.log.log_end_offset(), Offset(300));
    EXPECT_EQ(bench.log.flushed_end(), Offset(300));
    fill(bench, 10);
    EXPECT_EQ(bench.read_all(299, large), numbers(299, 330));
}

TEST(Log, SigkillLosesNothingThatWasAnswered) {
    LogOnDisk bench(small_segments());
    bench.open();
    fill(bench, 100);
    bench.disk.kill();
    bench.reopen();
    EXPECT_EQ(bench.log.log_end_offset(), Offset(300));
    EXPECT_EQ(bench.read_all(0, large), numbers(0, 300));
}

// Every length of a torn tail: what stands before the last whole batch stays.
TEST(Log, TornTailIsCutAtRecovery) {
    LogOnDisk bench;
    bench.open();
    fill(bench, 3);
    const std::string file = "data/orders-0/00000000000000000000.log";
    const std::vector<std::uint8_t> whole = bench.disk.bytes(file);
    for (std::size_t size = 0; size <= whole.size(); ++size) {
        bench.disk.kill();
        bench.disk.put(file, {whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)});
        bench.reopen();
        ASSERT_EQ(bench.log.state(), PartitionLog::State::open);
        const auto batches = static_cast<std::int64_t>(size * 3 / whole.size());
        EXPECT_EQ(bench.log.log_end_offset(), Offset(batches * 3)) << size;
        EXPECT_EQ(bench.read_all(0, large), numbers(0, batches * 3));
    }
}

TEST(Log, AFlippedBitInTheUnflushedTailIsCutOff) {
    LogOnDisk bench;
    bench.open();
    fill(bench, 3);
    const std::string file = "data/orders-0/00000000000000000000.log";
    const std::vector<std::uint8_t> whole = bench.disk.bytes(file);
    for (std::size_t at = 0; at < whole.size(); ++at) {
        // Base offset and leader epoch stand outside the CRC, as in Kafka.
        const std::size_t in_batch = at % (whole.size() / 3);
        if (in_batch < 8 || (in_batch >= 12 && in_batch < 16)) continue;
        bench.disk.kill();
        std::vector<std::uint8_t> broken = whole;
        broken[at] ^= 0x40;
        bench.disk.put(file, broken);
        bench.reopen();
        const auto batches = static_cast<std::int64_t>(at * 3 / whole.size());
        EXPECT_EQ(bench.log.log_end_offset(), Offset(batches * 3)) << at;
    }
}

TEST(Log, IndexesThatWereLostAreRebuiltAsTheyWere) {
    LogOnDisk bench(small_segments());
    bench.open();
    fill(bench, 200);
    bench.close();
    std::map<std::string, std::vector<std::uint8_t>> before;
    for (const std::string& name : bench.disk.names_in(LogOnDisk::directory))
        before[name] = bench.disk.bytes("data/orders-0/" + name);
    for (auto& [name, bytes] : before)
        if (name.ends_with("index")) bench.disk.put("data/orders-0/" + name, {1, 2, 3});
    bench.reopen();
    bench.close();
    for (auto& [name, bytes] : before)
        EXPECT_EQ(bench.disk.bytes("data/orders-0/" + name), bytes) << name;
}

// The node dies between any two operations: by SIGKILL nothing answered is lost, by power loss
// nothing flushed; and the log is whole each time.
TEST(Log, DyingBeforeAnyOperationLosesNoMoreThanWasPromised) {
    for (const bool is_power_lost : {false, true}) {
        for (EachOperation nth; nth.next();) {
            const std::uint64_t n = nth.number();
            LogOnDisk bench(small_segments());
            Random random(n);
            bench.order = &random;
            nth.is_not_reached(bench.disk);
            bench.open();
            for (int i = 0; i < 30 && bench.log.state() == PartitionLog::State::open; ++i) {
                bench.append(LogOnDisk::batch(bench.log.log_end_offset().value(), 3), i / 10);
                if (i % 3 == 0) bench.run();
                if (i % 7 == 0) bench.flush();
            }
            bench.run();
            const Offset written = bench.log.written_end();
            const Offset flushed = bench.log.flushed_end();
            if (bench.log.state() == PartitionLog::State::open)
                bench.recovery_point = bench.log.recovery_point();
            if (is_power_lost)
                bench.disk.lose_power(&random);
            else
                bench.disk.kill();
            bench.reopen();
            ASSERT_EQ(bench.log.state(), PartitionLog::State::open) << bench.log.failure();
            const auto values = bench.read_all(0, large);
            const Offset promised = is_power_lost ? flushed : written;
            ASSERT_GE(Offset(static_cast<std::int64_t>(values.size())), promised) << n;
            ASSERT_EQ(values, numbers(0, static_cast<std::int64_t>(values.size()))) << n;
            ASSERT_EQ(bench.log.log_end_offset(), Offset(static_cast<std::int64_t>(values.size())));
            fill(bench, 3);
            ASSERT_EQ(bench.log.state(), PartitionLog::State::open);
        }
    }
}

TEST(Log, TimestampsAreFoundAcrossSegments) {
    LogOnDisk bench(small_segments());
    bench.open();
    for (int i = 0; i < 200; ++i) {
        bench.append(LogOnDisk::batch(3 * i, 3, 0, 1000 + 10 * i));
        bench.run();
    }
    for (const bool is_reopened : {false, true}) {
        if (is_reopened) {
            bench.close();
            bench.reopen(true);
        }
        EXPECT_EQ(bench.at_time(0)->offset, Offset(0));
        EXPECT_EQ(bench.at_time(1500)->offset, Offset(150));
        EXPECT_EQ(bench.at_time(1501)->offset, Offset(151));
        EXPECT_EQ(bench.at_time(1503)->offset, Offset(153));
        EXPECT_EQ(bench.at_time(1503)->timestamp, 1510);
        EXPECT_EQ(bench.at_time(2992)->offset, Offset(599));
        EXPECT_EQ(bench.at_time(2993)->offset, Offset(-1));
        Turn turn = bench.turn();
        bench.log.find_largest_timestamp(LookupId(9), turn);
        const auto found = bench.next_found();
        ASSERT_TRUE(found);
        EXPECT_EQ(std::get<TimestampOffset>(found->what).offset, Offset(599));
    }
}

// A batch of one record that fills a page of the disk.
records::Prepared batch_of_a_page(std::int64_t value) {
    for (std::size_t padding = 380;; ++padding) {
        auto batch = LogOnDisk::batch(value, 1, padding);
        if (records::stamp(batch, Offset(0), LeaderEpoch(0)).size() == 512) return batch;
        CHECK(padding < 512);
    }
}

// The power fails again after a recovery: what that had cut off must not stand, whole as it was,
// behind what was written in its place.
TEST(Log, WhatARecoveryCutOffComesBackBehindNothing) {
    const std::string file = "data/orders-0/00000000000000000000.log";
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        Random random(seed);
        LogOnDisk bench;
        bench.open();
        for (int i = 0; i < 9; ++i) bench.append(batch_of_a_page(100 + i));
        bench.run();
        bench.disk.kill();
        std::vector<std::uint8_t> torn = bench.disk.bytes(file);
        torn[4 * 512 + 300] ^= 1;
        bench.disk.put(file, torn);
        bench.reopen();
        ASSERT_EQ(bench.log.log_end_offset(), Offset(4));
        bench.append(batch_of_a_page(204));
        bench.run();
        bench.disk.lose_power(&random);
        bench.reopen();
        const std::int64_t end = bench.log.log_end_offset().value();
        ASSERT_GE(end, 4) << seed;
        ASSERT_LE(end, 5) << seed;
        if (end == 4) continue;
        ASSERT_EQ(bench.read_all(0, large).at(4), 204) << seed;
    }
}

TEST(Log, LeaderEpochsAreKeptAcrossACleanStopAndAKill) {
    LogOnDisk bench;
    bench.open();
    bench.append(LogOnDisk::batch(0, 3), 1);
    bench.append(LogOnDisk::batch(3, 3), 4);
    bench.run();
    const std::vector<EpochStart> expected = {{LeaderEpoch(1), Offset(0)},
                                              {LeaderEpoch(4), Offset(3)}};
    EXPECT_EQ(bench.log.leader_epochs().entries(), expected);
    bench.close();
    bench.reopen(true);
    EXPECT_EQ(bench.log.leader_epochs().entries(), expected);
    bench.disk.bytes("data/orders-0/leader-epoch-checkpoint").clear();
    bench.disk.kill();
    bench.reopen();
    EXPECT_EQ(bench.log.leader_epochs().entries(), expected);
}

// The power took all records, and with them their epochs: none is left in the checkpoint.
TEST(Log, EpochsOfRecordsThatAreGoneAreForgottenForGood) {
    LogOnDisk bench;
    bench.open();
    bench.append(LogOnDisk::batch(0, 3), 4);
    bench.run();
    const std::string file = "data/orders-0/leader-epoch-checkpoint";
    const std::vector<std::uint8_t> with_epoch = bench.disk.bytes(file);
    bench.disk.kill();
    bench.disk.put("data/orders-0/00000000000000000000.log", {});
    bench.reopen();
    ASSERT_EQ(bench.log.log_end_offset(), Offset(0));
    EXPECT_TRUE(bench.log.leader_epochs().entries().empty());
    EXPECT_NE(bench.disk.bytes(file), with_epoch);
    bench.disk.kill();
    bench.reopen();
    EXPECT_TRUE(bench.log.leader_epochs().entries().empty());
}

TEST(Log, ADirectoryOfAnotherTopicIsRefused) {
    LogOnDisk bench;
    bench.open();
    bench.close();
    Random other(99);
    bench.log = PartitionLog({"orders", PartitionIndex(0)}, Uuid::draw(other), LogOnDisk::directory,
                             Cow(bench.config), {3ull << 24});
    bench.open(true);
    EXPECT_EQ(bench.log.state(), PartitionLog::State::failed);
    EXPECT_NE(bench.log.failure().find("topic id"), std::string::npos);
}

// Group commit: producers that come while a flush is under way share the next one.
TEST(Log, FlushMessagesHoldsAcknowledgementsBackAndSharesFlushes) {
    LogOnDisk bench;
    bench.config.flush_messages = 1;
    bench.reopen();
    fill(bench, 1);
    EXPECT_EQ(bench.log.acknowledged_end(), Offset(3));
    EXPECT_EQ(bench.log.flushed_end(), Offset(3));
    const std::uint64_t before = bench.disk.operations();
    for (int i = 0; i < 10; ++i) bench.append(LogOnDisk::batch(3 + 3 * i, 3));
    EXPECT_EQ(bench.log.acknowledged_end(), Offset(3));
    bench.run();
    EXPECT_EQ(bench.log.acknowledged_end(), Offset(33));
    EXPECT_EQ(bench.disk.operations() - before, 10u + 2u);

    bench.config.flush_messages = 5;
    {
        Turn turn = bench.turn();
        bench.log.set_config(Cow(bench.config), turn);
    }
    fill(bench, 1);
    EXPECT_EQ(bench.log.acknowledged_end(), Offset(36));
    EXPECT_EQ(bench.log.flushed_end(), Offset(33));
    fill(bench, 1);
    EXPECT_EQ(bench.log.flushed_end(), Offset(39));
}

void clean_up(LogOnDisk& bench) {
    Turn turn = bench.turn();
    bench.log.clean_up(bench.log.written_end(), turn);
    bench.run();
}

TEST(Log, SizeRetentionDeletesTheOldestSegmentsInTwoSteps) {
    LogOnDisk bench(small_segments());
    bench.config.retention_bytes = 5000;
    bench.reopen();
    fill(bench, 300);
    const std::size_t before = bench.log.segment_count();
    clean_up(bench);
    EXPECT_LT(bench.log.segment_count(), before);
    EXPECT_LE(bench.log.size_bytes(), 5000u + 2000u);
    EXPECT_GE(bench.log.size_bytes(), 5000u);
    const std::int64_t start = bench.log.log_start_offset().value();
    EXPECT_GT(start, 0);
    EXPECT_EQ(bench.read_all(start, large), numbers(start, 900));
    EXPECT_FALSE(bench.locate(Offset(start - 1), Offset(900), large));
    const std::string oldest = "data/orders-0/00000000000000000000.log";
    EXPECT_FALSE(bench.disk.has(oldest));
    EXPECT_TRUE(bench.disk.has(oldest + ".deleted"));
    bench.now += std::chrono::minutes(1);
    clean_up(bench);
    for (const std::string& name : bench.disk.names_in(LogOnDisk::directory))
        EXPECT_FALSE(name.ends_with(".deleted")) << name;
}

TEST(Log, TimeRetentionDeletesWhatIsOldAlsoAfterAStart) {
    for (const bool is_reopened : {false, true}) {
        LogOnDisk bench(small_segments());
        bench.config.retention_ms = 1000;
        bench.reopen();
        for (int i = 0; i < 100; ++i) {
            bench.append(LogOnDisk::batch(3 * i, 3, 0, 1'700'000'000'000 + 10 * i));
            bench.run();
        }
        if (is_reopened) {
            bench.close();
            bench.reopen(true);
        }
        bench.wall = WallTime(std::chrono::milliseconds(1'700'000'000'000 + 1500));
        clean_up(bench);  // after a start this one learns the timestamps of sealed segments
        clean_up(bench);
        const std::int64_t start = bench.log.log_start_offset().value();
        EXPECT_GT(start, 100);
        EXPECT_LE(start, 150);
        EXPECT_EQ(bench.read_all(start, large), numbers(start, 300));
        // All of it is old in the end: the active segment is rolled, then it goes too.
        bench.wall += std::chrono::hours(1);
        clean_up(bench);
        clean_up(bench);
        EXPECT_EQ(bench.log.log_start_offset(), Offset(300));
        EXPECT_EQ(bench.log.segment_count(), 1u);
        fill(bench, 1);
        EXPECT_EQ(bench.read_all(300, large), numbers(300, 303));
    }
}

TEST(Log, TimeRetentionOfBatchesWithoutTimestampsCountsFromTheirLastWrite) {
    for (const bool is_reopened : {false, true}) {
        LogOnDisk bench(small_segments());
        bench.config.retention_ms = 1000;
        bench.reopen();
        for (int i = 0; i < 100; ++i) {
            bench.append(LogOnDisk::batch(i, 1, 0, records::no_timestamp));
            bench.run();
        }
        if (is_reopened) {
            bench.close();
            bench.reopen(true);
        }
        bench.wall += 1000ms;
        clean_up(bench);
        clean_up(bench);
        EXPECT_EQ(bench.log.log_start_offset(), Offset(0));
        bench.wall += 1ms;
        clean_up(bench);
        clean_up(bench);
        EXPECT_EQ(bench.log.log_start_offset(), Offset(100));
    }
}

// A gap in front of a segment: batches that power loss took, or what compaction left long ago.
TEST(Log, AGapBetweenSegmentsIsALossOnlyWhereNothingWasFlushed) {
    enum class Case { unflushed, flushed, unknown, flushed_without_epochs, clean };
    using enum Case;
    for (const Case one : {unflushed, flushed, unknown, flushed_without_epochs, clean}) {
        LogOnDisk bench(small_segments());
        bench.open();
        fill(bench, 100);
        const Offset points = bench.log.recovery_point();
        one == Case::clean ? bench.close() : bench.disk.kill();
        auto& first = bench.disk.bytes("data/orders-0/00000000000000000000.log");
        records::BatchReader reader(Bytes::copy(ByteView(first)));
        std::size_t last = 0;
        for (std::size_t at = 0; reader.next(); at = reader.position()) last = at;
        first.resize(last);
        bench.recovery_point = Offset(0);
        if (one == Case::unknown) bench.recovery_point = std::nullopt;
        if (one == Case::flushed || one == Case::flushed_without_epochs)
            bench.recovery_point = points;
        if (one != Case::flushed) bench.disk.bytes("data/orders-0/leader-epoch-checkpoint").clear();
        bench.reopen(one == Case::clean);
        ASSERT_EQ(bench.log.state(), PartitionLog::State::open) << bench.log.failure();
        if (one == Case::unflushed)
            EXPECT_LT(bench.log.log_end_offset(), Offset(100));
        else
            EXPECT_EQ(bench.log.log_end_offset(), Offset(300)) << static_cast<int>(one);
    }
}

TEST(Log, DeletedRecordsAreOutOfRangeAndNothingAboveTheHighWatermarkGoes) {
    LogOnDisk bench(small_segments());
    bench.open();
    fill(bench, 100);
    Turn turn = bench.turn();
    bench.log.raise_log_start(Offset(200), turn);
    EXPECT_FALSE(bench.locate(Offset(199), Offset(300), large));
    EXPECT_EQ(bench.at_time(0)->offset, Offset(200));
    bench.log.clean_up(Offset(60), turn);
    bench.run();
    const std::size_t kept = bench.log.segment_count();
    clean_up(bench);
    EXPECT_LT(bench.log.segment_count(), kept);
    EXPECT_EQ(bench.log.log_start_offset(), Offset(200));
    EXPECT_EQ(bench.read_all(200, large), numbers(200, 300));
    EXPECT_EQ(bench.log.leader_epochs().entries().front().start, Offset(200));
}

TEST(Log, ACopyHasAFutureOfItsOwn) {
    LogOnDisk bench(small_segments());
    bench.open();
    fill(bench, 20);
    auto original = std::make_unique<PartitionLog>(bench.log);
    PartitionLog copy = *original;
    original.reset();
    bench.log = copy;
    fill(bench, 20);
    EXPECT_EQ(bench.read_all(0, large), numbers(0, 120));
}

TEST(Log, AppendsAndCrashesAgreeWithAModel) {
    EXPECT_TRUE(rc::check([] {
        LogConfig config;
        config.segment_bytes = *rc::gen::inRange<std::uint32_t>(300, 3000);
        config.index_interval_bytes = *rc::gen::inRange<std::uint32_t>(0, 600);
        LogOnDisk bench(config);
        Random random(*rc::gen::arbitrary<std::uint64_t>());
        bench.order = &random;
        bench.open();
        std::int64_t end = 0;  // of the model
        const auto steps =
            *rc::gen::container<std::vector<std::uint8_t>>(rc::gen::inRange<std::uint8_t>(0, 10));
        for (const std::uint8_t step : steps) {
            if (step < 6) {
                const int count = static_cast<int>(random.between(1, 4));
                if (bench.append(LogOnDisk::batch(end, count, random.below(60)))) end += count;
            } else if (step == 6) {
                bench.flush();
                bench.run();
                RC_ASSERT(bench.log.flushed_end() == Offset(end));
            } else if (step == 7) {
                bench.run();
                bench.close();
                RC_ASSERT(bench.log.state() == PartitionLog::State::closed);
                bench.disk.kill();
                bench.reopen(true);
            } else {
                const Offset promised =
                    step == 8 ? bench.log.written_end() : bench.log.flushed_end();
                bench.recovery_point = bench.log.recovery_point();
                step == 8 ? bench.disk.kill() : bench.disk.lose_power(&random);
                bench.reopen();
                RC_ASSERT(bench.log.log_end_offset() >= promised);
                RC_ASSERT(bench.log.log_end_offset() <= Offset(end));
                end = bench.log.log_end_offset().value();
            }
            RC_ASSERT(bench.log.state() == PartitionLog::State::open);
        }
        bench.run();
        RC_ASSERT(bench.log.written_end() == Offset(end));
        const std::int64_t from = end == 0 ? 0 : static_cast<std::int64_t>(random.below(end));
        RC_ASSERT(bench.read_all(from, 200) == numbers(from, end));
    }));
}

}  // namespace
}  // namespace barnabas::log
