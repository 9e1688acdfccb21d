// Compaction: the last record of every key stays, whatever happens meanwhile.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "tests/support/kafka_directory.h"
#include "tests/support/keyed_log.h"

namespace barnabas::log {
namespace {

using tests::day_ms;
using tests::KeyedLog;
using tests::latest_of;
using tests::names_with;
using tests::Records;
using tests::text_of;
using tests::without_tombstones;

TEST(Cleaner, TheLastRecordOfEachKeyStaysAtItsOffset) {
    KeyedLog keyed;
    keyed.bench.open();
    keyed.write("a=1 b=1 a=2 c=1 b=2 a=3");
    keyed.roll();
    ASSERT_TRUE(keyed.clean());
    ASSERT_TRUE(keyed.result);
    EXPECT_EQ(keyed.result->trouble, Cleaner::Trouble::none);
    EXPECT_EQ(text_of(keyed.read()), "3:c=1 4:b=2 5:a=3");
    EXPECT_EQ(latest_of(keyed.read()), latest_of(keyed.given));
    EXPECT_TRUE(names_with(keyed, ".cleaned").empty());
    EXPECT_TRUE(names_with(keyed, ".swap").empty());
}

TEST(Cleaner, TheActiveSegmentAndWhatIsAboveTheLimitStay) {
    KeyedLog keyed;
    keyed.bench.open();
    keyed.write("a=1 a=2");
    EXPECT_FALSE(keyed.clean());
    keyed.roll();
    Turn turn = keyed.bench.turn();
    const auto dirty_below = [&](std::int64_t limit) {
        return keyed.bench.log.cleanable(Offset(0), Offset(limit), keyed.settings, turn)
            .dirty_bytes;
    };
    EXPECT_EQ(dirty_below(1), 0u);
    EXPECT_GT(dirty_below(99), 0u);
}

TEST(Cleaner, ATombstoneStaysUntilItsHorizonThatTheFirstCleaningSets) {
    KeyedLog keyed;
    keyed.bench.open();
    keyed.write("a=1 b=1 a");
    keyed.roll();
    ASSERT_TRUE(keyed.clean());
    EXPECT_EQ(text_of(keyed.read()), "1:b=1 2:a");
    const auto head = keyed.heads.at(1);
    EXPECT_TRUE(head.has_delete_horizon());
    EXPECT_EQ(head.base_timestamp, keyed.bench.wall.time_since_epoch().count() + day_ms);
    EXPECT_EQ(head.max_timestamp, 1'700'000'000'000);
    keyed.bench.wall += std::chrono::milliseconds(day_ms - 1);
    keyed.write("z=1");
    keyed.roll();
    ASSERT_TRUE(keyed.clean());
    EXPECT_EQ(text_of(keyed.read()).substr(0, 9), "1:b=1 2:a");
    EXPECT_EQ(keyed.heads.at(1), head);  // the horizon was not moved
    keyed.bench.wall += 1ms;
    keyed.roll();
    ASSERT_TRUE(keyed.clean());
    EXPECT_EQ(text_of(keyed.read()).substr(0, 6), "1:b=1 ");
    EXPECT_EQ(latest_of(keyed.read()), without_tombstones(latest_of(keyed.given)));
}

TEST(Cleaner, BatchesThatLoseNothingKeepTheirBytesAndOthersTheirCodecAndPlace) {
    for (const auto codec : {records::Codec::none, records::Codec::gzip, records::Codec::snappy,
                             records::Codec::lz4, records::Codec::zstd}) {
        KeyedLog keyed;
        keyed.bench.open();
        keyed.append({{"a", "1"}, {"b", "1"}, {"c", "1"}}, codec);
        keyed.append({{"d", "1"}, {"e", "1"}}, codec);
        keyed.append({{"a", "2"}, {"c", "2"}}, codec);
        keyed.roll();
        keyed.read();
        const auto before = keyed.heads;
        ASSERT_TRUE(keyed.clean());
        EXPECT_EQ(text_of(keyed.read()), "1:b=1 3:d=1 4:e=1 5:a=2 6:c=2");
        EXPECT_EQ(keyed.heads[0].record_count, 1);
        EXPECT_EQ(keyed.heads[0].codec(), codec);
        EXPECT_EQ(keyed.heads[0].base_offset, Offset(0));
        EXPECT_EQ(keyed.heads[0].last_offset(), Offset(2));
        EXPECT_EQ(keyed.heads[1], before[1]);
        EXPECT_EQ(keyed.heads[2], before[2]);
    }
}

TEST(Cleaner, SmallSegmentsAreGroupedUpToSegmentBytes) {
    KeyedLog keyed;
    keyed.bench.open();
    for (int i = 0; i < 300; ++i) keyed.write("a=" + std::string(40, 'v'));
    keyed.roll();
    const std::size_t before = keyed.bench.log.segment_count();
    ASSERT_GT(before, 10u);
    ASSERT_TRUE(keyed.clean());
    ASSERT_TRUE(keyed.clean());  // now they are small, and several make one
    EXPECT_LE(keyed.bench.log.segment_count(), 3u);
    EXPECT_EQ(latest_of(keyed.read()), latest_of(keyed.given));
    keyed.bench.close();
    keyed.bench.reopen(true);
    EXPECT_EQ(latest_of(keyed.read()), latest_of(keyed.given));
}

TEST(Cleaner, AFullMapCleansUpToThereAndTheNextCleaningGoesOn) {
    KeyedLog keyed;
    keyed.settings.map_bytes_max = 10 * OffsetMap::entry_bytes;
    keyed.settings.map_load_millionths = 1'000'000;
    keyed.bench.open();
    for (int round = 0; round < 2; ++round)
        for (int i = 0; i < 40; ++i) keyed.write("key" + std::to_string(i) + "=v");
    keyed.roll();
    Offset end{0};
    int cleanings = 0;
    for (; keyed.clean(end); ++cleanings) {
        ASSERT_TRUE(keyed.result);
        ASSERT_EQ(keyed.result->trouble, Cleaner::Trouble::none);
        ASSERT_GT(keyed.result->cleaned_end, end);
        end = keyed.result->cleaned_end;
    }
    EXPECT_GE(cleanings, 8);
    EXPECT_EQ(latest_of(keyed.read()), latest_of(keyed.given));
    EXPECT_LT(keyed.read().size(), 60u);
}

TEST(Cleaner, TheBatchAtTheEndOfWhatWasCleanedKeepsItsHead) {
    KeyedLog keyed;
    keyed.bench.open();
    while (keyed.bench.log.segment_count() == 1) keyed.write("gone");
    ASSERT_TRUE(keyed.clean());
    keyed.bench.wall += std::chrono::milliseconds(day_ms);
    ASSERT_TRUE(keyed.clean());
    EXPECT_EQ(keyed.read().size(), 1u);  // the one in the active segment
    ASSERT_EQ(keyed.heads.size(), 2u);
    EXPECT_EQ(keyed.heads[0].next_offset(), keyed.result->cleaned_end);
    EXPECT_EQ(keyed.heads[0].record_count, 0);
}

TEST(Cleaner, TheLagsHoldItBackAndForceIt) {
    KeyedLog keyed;
    keyed.bench.open();
    keyed.write("a=1 a=2");
    keyed.roll();
    keyed.settings.lag_ms_min = 1000;
    keyed.bench.wall = WallTime(std::chrono::milliseconds(1'700'000'000'500));
    EXPECT_EQ(keyed.cleanable(Offset(0)).dirty_bytes, 0u);
    keyed.bench.wall += 600ms;
    EXPECT_GT(keyed.cleanable(Offset(0)).dirty_bytes, 0u);
    // The same after a start, when the age of sealed segments has to be looked up.
    keyed.bench.close();
    keyed.bench.reopen(true);
    EXPECT_EQ(keyed.cleanable(Offset(0)).dirty_bytes, 0u);
    EXPECT_GT(keyed.cleanable(Offset(0)).dirty_bytes, 0u);

    keyed.settings.lag_ms_min = 0;
    keyed.settings.dirty_ratio_min_millionths = 1'000'000;
    EXPECT_FALSE(keyed.cleanable(Offset(0)).is_due(keyed.settings));
    keyed.settings.lag_ms_max = 500;
    keyed.cleanable(Offset(0));
    EXPECT_TRUE(keyed.cleanable(Offset(0)).is_due(keyed.settings));
}

// Nothing tells their age but when they were written: the lag counts from there.
TEST(Cleaner, TheLagOfBatchesWithoutTimestampsCountsFromTheirLastWrite) {
    KeyedLog keyed;
    keyed.bench.open();
    while (keyed.bench.log.segment_count() < 3) {
        keyed.bench.append(
            KeyedLog::batch({{"a", "1"}}, records::Codec::none, {}, records::no_timestamp));
        keyed.bench.run();
    }
    keyed.settings.lag_ms_min = 1000;
    for (const bool is_reopened : {false, true}) {
        if (is_reopened) {
            keyed.bench.close();
            keyed.bench.reopen(true);
            keyed.cleanable(Offset(0));  // looks up what it lacks
        }
        keyed.bench.wall += 999ms;
        EXPECT_EQ(keyed.cleanable(Offset(0)).dirty_bytes, 0u);
        keyed.bench.wall += 1ms;
        EXPECT_GT(keyed.cleanable(Offset(0)).dirty_bytes, 0u);
    }
    ASSERT_TRUE(keyed.clean());
    EXPECT_GT(keyed.cleanable(Offset(0)).dirty_bytes, 0u);  // it is no younger than it was
}

// Its gaps are no losses, whatever is known of what was flushed.
TEST(Cleaner, WhatItLeftStaysWhenTheTopicIsNoLongerCompacted) {
    for (const bool are_points_known : {true, false}) {
        KeyedLog keyed;
        keyed.bench.open();
        for (int i = 0; i < 200; ++i)
            keyed.write("k" + std::to_string(i % 70) + "=" + std::string(40, 'v'));
        keyed.roll();
        ASSERT_TRUE(keyed.clean());
        ASSERT_GT(keyed.bench.log.segment_count(), 3u);
        const Records before = keyed.read();
        keyed.bench.config.is_compacted = false;
        keyed.bench.config.is_deleted = true;
        keyed.bench.disk.kill();
        if (!are_points_known) keyed.bench.recovery_point = std::nullopt;
        keyed.bench.reopen();
        EXPECT_EQ(keyed.read(), before);
    }
}

TEST(Cleaner, ADamagedBatchStopsItAndNothingIsChanged) {
    KeyedLog keyed;
    keyed.bench.open();
    keyed.write("a=1 a=2");
    keyed.roll();
    const std::string name = "data/orders-0/00000000000000000000.log";
    const auto size = keyed.bench.disk.bytes(name).size();
    keyed.bench.disk.bytes(name)[size - 1] ^= 1;
    ASSERT_TRUE(keyed.clean());
    ASSERT_TRUE(keyed.result);
    EXPECT_EQ(keyed.result->trouble, Cleaner::Trouble::corrupt);
    EXPECT_EQ(keyed.bench.log.state(), PartitionLog::State::open);
    EXPECT_TRUE(names_with(keyed, ".cleaned").empty());
    EXPECT_EQ(keyed.bench.disk.bytes(name).size(), size);
}

TEST(Cleaner, ALookupThatIsUnderWayInAReplacedSegmentFindsItsRecord) {
    KeyedLog keyed;
    keyed.bench.open();
    for (int i = 0; i < 60; ++i) keyed.write("k" + std::to_string(i % 50) + "=v");
    keyed.roll();
    keyed.begin_cleaning();
    // Lookups that begin and end at every turn of the cleaning.
    std::uint64_t asked = 0;
    std::vector<Found> found;
    while (keyed.bench.log.is_cleaning()) {
        Turn turn = keyed.bench.turn();
        if (asked == found.size()) {
            const auto answer =
                keyed.bench.log.locate(Offset(20), Offset(30), 1000, LookupId(++asked), turn);
            ASSERT_TRUE(std::holds_alternative<Pending>(answer));
        }
        keyed.step_cleaning();
        for (const Found& one : keyed.bench.log.take_found()) found.push_back(one);
    }
    keyed.bench.run();
    EXPECT_GT(asked, 5u);
    for (const Found& one : found) {
        const auto* range = std::get_if<FileRange>(&one.what);
        ASSERT_NE(range, nullptr);
        records::BatchReader reader(keyed.bench.read(*range));
        const auto batch = reader.next();
        ASSERT_TRUE(batch);
        ASSERT_TRUE(batch->has_good_crc());
        EXPECT_GE(batch->header.next_offset(), Offset(21));
    }
}

TEST(Cleaner, AStopInTheMiddleLeavesNothingBehind) {
    for (int steps = 0;; ++steps) {
        KeyedLog keyed;
        keyed.bench.open();
        for (int i = 0; i < 40; ++i) keyed.write("k" + std::to_string(i % 7) + "=v");
        keyed.roll();
        keyed.begin_cleaning();
        for (int i = 0; i < steps; ++i) keyed.step_cleaning();
        const bool was_over = !keyed.bench.log.is_cleaning();
        keyed.bench.close();
        ASSERT_EQ(keyed.bench.log.state(), PartitionLog::State::closed) << steps;
        EXPECT_TRUE(names_with(keyed, ".cleaned").empty()) << steps;
        EXPECT_TRUE(names_with(keyed, ".swap").empty()) << steps;
        keyed.bench.disk.kill();
        keyed.bench.reopen(true);
        ASSERT_EQ(latest_of(keyed.read()), latest_of(keyed.given)) << steps;
        if (was_over) break;
    }
}

// Behind one flush of all that was written, those of others would wait for long.
TEST(Cleaner, WhatItWritesIsFlushedEveryFewMegabytes) {
    LogConfig config = KeyedLog::small_segments();
    config.segment_bytes = 16u << 20;
    KeyedLog keyed(config);
    keyed.bench.open();
    for (int i = 0; keyed.bench.log.segment_count() == 1; ++i)
        keyed.write("k" + std::to_string(i) + "=" + std::string(500'000, 'v'));
    ASSERT_TRUE(keyed.begin_cleaning());
    std::size_t unflushed = 0;
    while (keyed.bench.log.is_cleaning()) {
        keyed.step_cleaning();
        for (const std::string& name : names_with(keyed, ".log.cleaned"))
            unflushed = std::max(unflushed, keyed.bench.disk.unflushed("data/orders-0/" + name));
    }
    EXPECT_GT(unflushed, Cleaner::slice_bytes);
    EXPECT_LE(unflushed, Cleaner::flushed_bytes + (1u << 20));
}

TEST(Cleaner, ASliceEndsWhenItHasUnpackedEnough) {
    LogConfig config = KeyedLog::small_segments();
    config.segment_bytes = 20'000;
    KeyedLog keyed(config);
    keyed.bench.open();
    constexpr std::size_t bytes = 400'000;  // of which zstd leaves some hundred
    for (int i = 0; i < 40; ++i)
        keyed.append({{"k" + std::to_string(i), std::string(bytes, 'v')}}, records::Codec::zstd);
    keyed.roll();
    ASSERT_TRUE(keyed.begin_cleaning());
    std::size_t slices = 0;
    while (keyed.bench.log.is_cleaning()) slices += keyed.step_cleaning();
    EXPECT_GE(slices, 2 * 40 * bytes / (Cleaner::unpacked_bytes + bytes));
    EXPECT_EQ(latest_of(keyed.read()), latest_of(keyed.given));
}

TEST(Cleaner, WithoutAnEndToTheirDelaySegmentsAreNeverRemoved) {
    LogConfig config = KeyedLog::small_segments();
    config.file_delete_delay_ms = INT64_MAX;
    KeyedLog keyed(config);
    keyed.bench.open();
    keyed.write("a=1 a=2");
    keyed.roll();
    ASSERT_TRUE(keyed.clean());
    EXPECT_EQ(names_with(keyed, ".log.deleted").size(), 1u);
    Turn turn = keyed.bench.turn();
    keyed.bench.log.raise_log_start(keyed.bench.log.written_end(), turn);
    for (int i = 0; i < 2; ++i) {
        keyed.bench.log.clean_up(keyed.bench.log.written_end(), turn);
        keyed.bench.run();
    }
    EXPECT_GE(names_with(keyed, ".deleted").size(), 3u);
}

// The topic that Apache Kafka compacted in part: cleaned further by ours, every key keeps the value
// that Kafka's own consumer saw last.
TEST(Cleaner, KafkasOwnCompactedTopicIsCleanedFurther) {
    const tests::KafkaDirectory kafka;
    KeyedLog keyed;
    tests::LogOnDisk& bench = keyed.bench;
    for (const std::string& file : kafka.names("clean/compacted-0"))
        bench.disk.put("data/compacted-0/" + file, kafka.bytes("clean/compacted-0/" + file));
    bench.log = PartitionLog({"compacted", PartitionIndex(0)}, TopicId{}, "data/compacted-0",
                             Cow(bench.config), {0});
    bench.open(true);
    ASSERT_EQ(bench.log.state(), PartitionLog::State::open) << bench.log.failure();
    const Records before = keyed.read();
    std::size_t listed = 0;
    for (const auto& row : tests::KafkaDirectory::rows()) {
        if (row.topic != "compacted") continue;
        EXPECT_EQ(before.at(row.offset).key, row.key);
        ++listed;
    }
    EXPECT_EQ(before.size(), listed);
    keyed.roll();
    const std::uint64_t bytes = bench.log.size_bytes();
    ASSERT_TRUE(keyed.clean());
    ASSERT_EQ(keyed.result->trouble, Cleaner::Trouble::none);
    Records after = keyed.read();
    EXPECT_LT(bench.log.size_bytes(), bytes);
    EXPECT_LT(after.size(), before.size());
    std::erase_if(after, [](const auto& entry) { return entry.second.key == "filler"; });
    EXPECT_EQ(latest_of(after), latest_of(before));
    for (const auto& [offset, record] : after) EXPECT_EQ(record, before.at(offset));
}

// One of two producers writes in its transaction, or ends it.
void go_on_in_transaction(KeyedLog& keyed, Random& random) {
    const ProducerId producer(static_cast<std::int64_t>(random.below(2)));
    if (random.below(3) > 0)
        return keyed.append_in_transaction(
            producer, {{"k" + std::to_string(random.below(9)), "of a transaction"}});
    if (keyed.transactions[producer].records.empty()) return;
    if (random.below(2) == 0) keyed.roll();  // its marker stands in another segment
    keyed.end_transaction(producer, random.below(2) == 0);
}

bool has_every_key(KeyedLog& keyed) {
    return without_tombstones(latest_of(keyed.read())) ==
           without_tombstones(latest_of(keyed.given));
}

// Random histories with tombstones, transactions and every codec, cleaned at random points, killed
// in between.
TEST(Cleaner, RandomHistoriesAgreeWithAModel) {
    EXPECT_TRUE(rc::check([] {
        LogConfig config = KeyedLog::small_segments();
        config.segment_bytes = *rc::gen::inRange<std::uint32_t>(400, 3000);
        config.index_interval_bytes = *rc::gen::inRange<std::uint32_t>(0, 600);
        KeyedLog keyed(config);
        keyed.settings.map_bytes_max = *rc::gen::inRange<std::uint64_t>(1, 40) * 24;
        Random random(*rc::gen::arbitrary<std::uint64_t>());
        keyed.bench.order = &random;
        keyed.bench.open();
        Offset end{0};
        const auto steps =
            *rc::gen::container<std::vector<std::uint8_t>>(rc::gen::inRange<std::uint8_t>(0, 15));
        for (const std::uint8_t step : steps) {
            if (step < 8) {
                std::vector<tests::KeyedRecord> records(random.between(1, 4));
                for (auto& record : records) {
                    record.key = "k" + std::to_string(random.below(9));
                    if (random.below(4) > 0)
                        record.value = std::string(random.below(90), static_cast<char>('a' + step));
                }
                keyed.append(records, static_cast<records::Codec>(random.below(5)));
                keyed.bench.run();
            } else if (step >= 12) {
                go_on_in_transaction(keyed, random);
            } else if (step < 10) {
                keyed.bench.wall += std::chrono::milliseconds(random.below(day_ms));
                if (!keyed.clean(end)) continue;
                RC_ASSERT(keyed.result && keyed.result->trouble == Cleaner::Trouble::none);
                RC_ASSERT(keyed.result->cleaned_end > end);
                end = keyed.result->cleaned_end;
                RC_ASSERT(has_every_key(keyed));
            } else {
                keyed.bench.recovery_point = keyed.bench.log.recovery_point();
                if (step == 10) keyed.bench.close();
                keyed.bench.disk.kill();
                keyed.bench.reopen(step == 10);
                RC_ASSERT(keyed.bench.log.state() == PartitionLog::State::open);
            }
        }
        for (const auto& [producer, transaction] : keyed.transactions)
            if (!transaction.records.empty()) keyed.end_transaction(producer, random.below(2) == 0);
        const Records seen = keyed.read();
        for (const auto& [offset, record] : seen) RC_ASSERT(record == keyed.given.at(offset));
        RC_ASSERT(has_every_key(keyed));
        // Behind the cleaned end nothing is missing, before it no value that was overtaken stays.
        std::map<std::string, std::int64_t> last;
        for (const auto& [offset, record] : keyed.given) {
            if (Offset(offset) >= end) RC_ASSERT(seen.contains(offset));
            if (Offset(offset) < end) last[record.key] = offset;
        }
        for (const auto& [offset, record] : seen)
            if (Offset(offset) < end) RC_ASSERT(last.at(record.key) == offset);
    }));
}

}  // namespace
}  // namespace barnabas::log
