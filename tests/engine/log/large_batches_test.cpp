// Batches with too much in them for a turn: lookups and compaction have them looked at elsewhere,
// and find and keep the same.
#include <gtest/gtest.h>

#include "tests/support/keyed_log.h"

namespace barnabas::log {
namespace {

using tests::KeyedLog;
using tests::KeyedRecord;
using tests::latest_of;
using tests::LogOnDisk;
using tests::without_tombstones;

constexpr std::int64_t first_time = 1'700'000'000'000;

// `count` records of 1 KB, a millisecond apart, that pack to little.
records::Prepared packed(int count, std::size_t bytes = 1000) {
    records::BatchBuilder builder({}, {.codec = records::Codec::zstd});
    for (int i = 0; i < count; ++i)
        builder.add(first_time + i, std::nullopt, as_bytes(std::string(bytes, 'x')));
    return builder.finish();
}

TEST(LargeBatches, ATimestampIsFoundWithinOneThatIsUnpackedElsewhere) {
    for (const int count : {10, 1000, 20'000}) {
        LogOnDisk bench;
        bench.open();
        ASSERT_TRUE(bench.append(packed(count)));
        bench.run();
        const auto found = bench.at_time(first_time + count - 3);
        ASSERT_TRUE(found);
        EXPECT_EQ(found->offset, Offset(count - 3));
        EXPECT_EQ(found->timestamp, first_time + count - 3);
        // In the turn; elsewhere; elsewhere in vain, and then for as long as it takes.
        EXPECT_EQ(bench.computed, count == 10 ? 0u : count == 1000 ? 1u : 2u);
    }
}

TEST(LargeBatches, ALookupGivesUpAtARecordThatMayNotBeSoLarge) {
    for (const int count : {10, 1000}) {
        LogOnDisk bench;
        bench.config.record_bytes_max = 999;
        bench.log = bench.made();
        bench.open();
        ASSERT_TRUE(bench.append(packed(count)));
        bench.run();
        Turn turn = bench.turn();
        bench.log.find_timestamp(first_time + 5, LookupId(2), turn);
        const auto found = bench.next_found();
        ASSERT_TRUE(found && std::holds_alternative<Unreadable>(found->what));
        EXPECT_TRUE(std::get<Unreadable>(found->what).is_record_too_large);
    }
}

TEST(LargeBatches, ALogThatFailsMeanwhileAnswersItsLookups) {
    LogOnDisk bench;
    bench.open();
    ASSERT_TRUE(bench.append(packed(1000)));
    bench.run();
    Turn turn = bench.turn();
    bench.log.find_timestamp(first_time + 5, LookupId(2), turn);
    while (bench.computing.empty()) ASSERT_TRUE(bench.step());
    bench.log.take_offline("its medium is gone", turn);
    const auto found = bench.next_found();
    ASSERT_TRUE(found && std::holds_alternative<Unreadable>(found->what));
}

LogConfig config() {
    LogConfig config = KeyedLog::small_segments();
    config.segment_bytes = 30'000;
    return config;
}

// Many keys again and again, every seventh time none.
std::vector<KeyedRecord> many(int count, int keys, const std::string& value) {
    std::vector<KeyedRecord> records;
    for (int i = 0; i < count; ++i) {
        KeyedRecord record{"key " + std::to_string(i % keys), value + std::to_string(i % 9)};
        if (i % 7 == 3) record.value.reset();
        records.push_back(std::move(record));
    }
    return records;
}

void add(KeyedLog& keyed, const std::vector<KeyedRecord>& records, records::Codec codec) {
    const Offset end = keyed.bench.log.log_end_offset();
    keyed.append(records, codec);
    EXPECT_GT(keyed.bench.log.log_end_offset(), end) << "it fits into a segment";
    keyed.bench.run();
}

TEST(LargeBatches, CompactionKeepsTheLastRecordOfEachKey) {
    for (const auto codec : {records::Codec::gzip, records::Codec::lz4, records::Codec::zstd}) {
        KeyedLog keyed(config());
        keyed.bench.open();
        add(keyed, many(1000, 50, std::string(400, 'x')), codec);
        add(keyed, {{"key 7", "after"}}, records::Codec::none);
        add(keyed, many(800, 30, std::string(450, 'y')), codec);
        keyed.roll();
        ASSERT_TRUE(keyed.clean());
        ASSERT_TRUE(keyed.result);
        EXPECT_EQ(keyed.result->trouble, Cleaner::Trouble::none);
        EXPECT_EQ(keyed.bench.computed, 6u) << "keys for the map, keys to look up, what is kept";
        const auto found = keyed.read();
        EXPECT_EQ(latest_of(found), latest_of(keyed.given));
        EXPECT_LT(found.size(), 60u + 100u);
        // Tombstones go once their horizon has passed.
        keyed.bench.wall += std::chrono::days(2);
        keyed.write("b=1");
        keyed.roll();
        ASSERT_TRUE(keyed.clean());
        EXPECT_EQ(without_tombstones(latest_of(keyed.read())),
                  without_tombstones(latest_of(keyed.given)));
    }
}

TEST(LargeBatches, AMapThatIsFullWithinOneCleansWhatItKnows) {
    KeyedLog keyed(config());
    keyed.settings.map_bytes_max = 24 * 40;
    keyed.bench.open();
    add(keyed, many(1000, 100, std::string(400, 'x')), records::Codec::zstd);
    keyed.roll();
    Offset dirty(0);
    for (int i = 0; i < 300; ++i) {
        if (!keyed.clean(dirty)) break;
        ASSERT_TRUE(keyed.result);
        ASSERT_EQ(keyed.result->trouble, Cleaner::Trouble::none);
        ASSERT_GT(keyed.result->cleaned_end, dirty);
        dirty = keyed.result->cleaned_end;
        ASSERT_EQ(latest_of(keyed.read()), latest_of(keyed.given));
    }
    EXPECT_GE(dirty, Offset(1000));
}

TEST(LargeBatches, ACleaningGivesUpAtARecordThatMayNotBeSoLarge) {
    LogConfig small = config();
    small.record_bytes_max = 99;
    for (const int count : {10, 1000}) {
        KeyedLog keyed(small);
        keyed.bench.open();
        add(keyed, many(count, 50, std::string(400, 'x')), records::Codec::zstd);
        keyed.roll();
        ASSERT_TRUE(keyed.clean());
        ASSERT_TRUE(keyed.result);
        EXPECT_EQ(keyed.result->trouble, Cleaner::Trouble::corrupt);
        EXPECT_EQ(latest_of(keyed.read()), latest_of(keyed.given));
    }
}

TEST(LargeBatches, ALogIsClosedWhileOneIsAway) {
    KeyedLog keyed(config());
    keyed.bench.open();
    add(keyed, many(1000, 50, std::string(400, 'x')), records::Codec::zstd);
    keyed.roll();
    ASSERT_TRUE(keyed.begin_cleaning());
    while (keyed.bench.computing.empty()) {
        keyed.step_cleaning();
        keyed.bench.settle();
    }
    const effect::Compute away = keyed.bench.computing.front();
    keyed.bench.computing.clear();
    keyed.bench.close();
    EXPECT_EQ(keyed.bench.log.state(), PartitionLog::State::closed);
    Turn turn = keyed.bench.turn();
    keyed.bench.log.on(event::Computed{away.job, compute(away)}, turn);
    keyed.bench.reopen(true);
    EXPECT_EQ(latest_of(keyed.read()), latest_of(keyed.given));
}

}  // namespace
}  // namespace barnabas::log
