// What a log remembers of its producers, across rolls, stops, crashes and a full disk.
#include <gtest/gtest.h>

#include "engine/log/producer_snapshot.h"
#include "tests/support/each_operation.h"
#include "tests/support/producers_on_disk.h"

namespace barnabas::log {
namespace {

using namespace tests;

TEST(LogProducers, ARetryIsAnsweredWithTheFirstOffsetAndStoredOnce) {
    LogOnDisk bench(producer_segments());
    bench.open();
    write_idempotently(bench, 10);
    for (int i = 5; i < 10; ++i) {
        const auto again = bench.append(batch_of(3 * i, 3 * i));
        ASSERT_TRUE(again);
        EXPECT_TRUE(again->is_duplicate);
        EXPECT_EQ(again->base, Offset(3 * i));
        EXPECT_EQ(again->timestamp, 1'700'000'000'000);
    }
    EXPECT_EQ(bench.append(batch_of(12, 12)).error(), AppendRefusal::out_of_order_sequence);
    EXPECT_EQ(bench.log.log_end_offset(), Offset(30));
}

TEST(LogProducers, ALogWithoutProducersLeavesNoFilesOfThem) {
    LogOnDisk bench;
    bench.open();
    bench.append(LogOnDisk::batch(0, 3));
    bench.run();
    bench.close();
    EXPECT_EQ(bench.log.producer_states(), nullptr);
    for (const std::string& name : bench.disk.names_in(LogOnDisk::directory))
        EXPECT_FALSE(name.ends_with(".snapshot") || name.ends_with(".txnindex")) << name;
}

TEST(LogProducers, AreKnownAfterACleanStopAKillAndAPowerLoss) {
    for (const int how : {0, 1, 2}) {
        for (const int batches : {1, 4, 30}) {
            LogOnDisk bench(producer_segments());
            bench.open();
            write_idempotently(bench, batches);
            if (how == 2) {
                bench.flush();
                bench.run();
            }
            bench.recovery_point = bench.log.recovery_point();
            if (how == 0) bench.close();
            if (how == 1) bench.disk.kill();
            if (how == 2) bench.disk.lose_power();
            bench.reopen(how == 0);
            ASSERT_EQ(bench.log.log_end_offset(), Offset(3 * batches));
            expect_knows(bench, batches);
            EXPECT_TRUE(bench.append(batch_of(3 * batches, 3 * batches)));
        }
    }
}

// Rolled segments are not read again: their snapshot says it all.
TEST(LogProducers, ACleanStopWithProducersOpensNoSegment) {
    LogOnDisk bench(producer_segments());
    bench.open();
    write_idempotently(bench, 100);
    ASSERT_GT(bench.log.segment_count(), 8u);
    bench.close();
    const std::uint64_t before = bench.disk.operations();
    bench.reopen(true);
    EXPECT_LE(bench.disk.operations() - before, 15u);
    expect_knows(bench, 100);
}

// Each snapshot in turn is damaged, or all of them: the state is made anew from what is left.
TEST(LogProducers, ADamagedSnapshotIsDroppedAndMadeUpForFromTheBatches) {
    for (const bool is_clean : {true, false}) {
        for (std::size_t damaged = 0;; ++damaged) {
            LogOnDisk bench(producer_segments());
            bench.open();
            write_idempotently(bench, 60);
            bench.recovery_point = bench.log.recovery_point();
            if (is_clean)
                bench.close();
            else
                bench.disk.kill();
            std::vector<std::string> snapshots;
            for (const std::string& name : bench.disk.names_in(LogOnDisk::directory))
                if (name.ends_with(".snapshot")) snapshots.push_back(name);
            ASSERT_GT(snapshots.size(), 4u);
            if (damaged > snapshots.size()) break;
            for (std::size_t i = 0; i < snapshots.size(); ++i)
                if (damaged == snapshots.size() || i == damaged || i + 1 == snapshots.size())
                    bench.disk.bytes("data/orders-0/" + snapshots[i]).back() ^= 1;
            bench.reopen(is_clean);
            ASSERT_EQ(bench.log.state(), PartitionLog::State::open) << bench.log.failure();
            expect_knows(bench, 60);
            const bool is_noted = std::ranges::any_of(bench.notes, [](const std::string& note) {
                return note.find("is dropped") != std::string::npos;
            });
            EXPECT_TRUE(is_noted);
        }
    }
}

TEST(LogProducers, SilentOnesAreForgottenAndMayBeginAnywhere) {
    LogOnDisk bench(producer_segments());
    bench.config.producer_expiration_ms = 60'000;
    bench.reopen();
    write_idempotently(bench, 1);
    bench.wall += std::chrono::milliseconds(60'000);
    Turn turn = bench.turn();
    bench.log.expire_producers(turn);
    EXPECT_EQ(bench.log.producer_states(), nullptr);
    EXPECT_TRUE(bench.append(batch_of(99, 3)));
}

// What a reader from `from` on must leave out: round i has 8 offsets.
std::vector<Offset> aborted_firsts(int rounds, Offset from, Offset below) {
    std::vector<Offset> firsts;
    for (int i = 0; i < rounds; ++i) {
        const Offset first(8 * i + (i % 2 == 0 ? 3 : 0));
        const Offset last(8 * i + (i % 2 == 0 ? 7 : 6));
        if (last >= from && first < below) firsts.push_back(first);
    }
    return firsts;
}
std::vector<Offset> firsts_of(const std::vector<AbortedTransaction>& found, Offset below) {
    std::vector<Offset> firsts;
    for (const AbortedTransaction& one : found)
        if (one.first < below) firsts.push_back(one.first);
    return firsts;
}

TEST(LogTransactions, AbortedOnesAreFoundInMemoryAndInFilesAcrossSegmentsAndLives) {
    constexpr int rounds = 60;
    LogOnDisk bench(producer_segments());
    bench.open();
    transact(bench, rounds);
    ASSERT_GT(bench.log.segment_count(), 10u);
    for (const int life : {0, 1, 2}) {
        SCOPED_TRACE(life);
        for (std::int64_t from = 0; from < 8 * rounds; from += 5) {
            for (const std::int64_t length : {1, 7, 40}) {
                const Offset below(std::min<std::int64_t>(from + length, 8 * rounds));
                ASSERT_EQ(firsts_of(bench.aborted(Offset(from), below), below),
                          aborted_firsts(rounds, Offset(from), below))
                    << from;
            }
        }
        if (life == 0) bench.close();
        if (life == 1) bench.disk.kill();
        bench.recovery_point = bench.log.recovery_point();
        bench.reopen(life == 0);
    }
}

// A consumer of committed records that is far behind asks for little: it is not told of all that
// was aborted up to the segment's end.
TEST(LogTransactions, ReadersAreToldOfWhatWasAbortedNearWhatTheyRead) {
    constexpr int rounds = 60;
    LogConfig config = producer_segments();
    config.segment_bytes = 12'000;
    LogOnDisk bench(config);
    bench.open();
    transact(bench, rounds);
    ASSERT_GT(bench.log.segment_count(), 1u);
    const Offset end(8 * rounds);
    for (const bool is_clean : {true, false}) {
        if (is_clean) bench.close();
        bench.disk.kill();
        bench.reopen(is_clean);
        for (std::int64_t from = 0; from < end.value(); ++from) {
            const auto range = bench.locate(Offset(from), end, 600, true);
            ASSERT_TRUE(range);
            ASSERT_LE(range->below, Offset(from + 60)) << from;
            records::BatchReader batches(bench.read(*range));
            Offset next(from);
            while (const auto batch = batches.next()) next = batch->header.next_offset();
            ASSERT_LE(next, range->below) << from;
            ASSERT_EQ(firsts_of(bench.aborted(Offset(from), range->below), next),
                      aborted_firsts(rounds, Offset(from), next))
                << from;
        }
    }
}

TEST(LogTransactions, RecoveryMakesTheIndexesThatWereThere) {
    LogOnDisk bench(producer_segments());
    bench.open();
    transact(bench, 30);
    bench.close();
    std::map<std::string, std::vector<std::uint8_t>> before;
    for (const std::string& name : bench.disk.names_in(LogOnDisk::directory))
        if (name.ends_with(".txnindex"))
            before[name] = bench.disk.bytes("data/orders-0/" + name);
    ASSERT_GT(before.size(), 3u);
    for (const auto& [name, bytes] : before) bench.disk.put("data/orders-0/" + name, {1, 2, 3});
    bench.reopen(false);
    for (const auto& [name, bytes] : before)
        EXPECT_EQ(bench.disk.bytes("data/orders-0/" + name), bytes) << name;
    // One that is damaged where a clean stop was is noticed when it is the active segment's.
    bench.close();
    bench.disk.put("data/orders-0/" + before.rbegin()->first, {1, 2, 3});
    bench.reopen(true);
    EXPECT_EQ(bench.disk.bytes("data/orders-0/" + before.rbegin()->first),
              before.rbegin()->second);
}

TEST(LogTransactions, DeletedSegmentsTakeTheirFilesAlong) {
    LogOnDisk bench(producer_segments());
    bench.open();
    transact(bench, 30);
    Turn turn = bench.turn();
    bench.log.raise_log_start(Offset(200), turn);
    bench.log.clean_up(Offset(240), turn);
    bench.run();
    bench.now += std::chrono::milliseconds(bench.config.file_delete_delay_ms);
    Turn later = bench.turn();
    bench.log.clean_up(Offset(240), later);
    bench.run();
    for (const std::string& name : bench.disk.names_in(LogOnDisk::directory)) {
        const auto meaning = meaning_of(name);
        if (!meaning) continue;
        EXPECT_GE(meaning->base + 40, Offset(200)) << name;
    }
    EXPECT_EQ(firsts_of(bench.aborted(Offset(200), Offset(240)), Offset(240)),
              aborted_firsts(30, Offset(200), Offset(240)));
}

// The node dies between any two operations: what the log then holds, its producers' state tells,
// and every aborted transaction is in the index.
TEST(LogTransactions, DyingBeforeAnyOperationLeavesStateAndLogInStep) {
    for (const bool is_power_lost : {false, true}) {
        for (EachOperation nth(3); nth.next();) {
            const std::uint64_t n = nth.number();
            LogOnDisk bench(producer_segments());
            Random random(n);
            bench.order = &random;
            nth.is_not_reached(bench.disk);
            bench.open();
            for (int i = 0; i < 12 && bench.log.state() == PartitionLog::State::open; ++i) {
                bench.append(batch_of(3 * i, 0, 3, till, true));
                bench.append(marker(i % 2 == 0), 0, Origin::coordinator);
                if (i % 3 == 0) bench.run();
                if (i % 5 == 0) bench.flush();
            }
            bench.run();
            if (bench.log.state() == PartitionLog::State::open)
                bench.recovery_point = bench.log.recovery_point();
            if (is_power_lost)
                bench.disk.lose_power(&random);
            else
                bench.disk.kill();
            bench.reopen();
            ASSERT_EQ(bench.log.state(), PartitionLog::State::open) << bench.log.failure();
            const std::int64_t end = bench.log.log_end_offset().value();
            const bool is_open = end % 4 == 3;  // three records, then their marker
            EXPECT_EQ(bench.log.last_stable_offset(Offset(end)), Offset(is_open ? end - 3 : end));
            std::vector<Offset> expected;
            for (std::int64_t i = 1; 4 * i + 3 < end; i += 2) expected.emplace_back(4 * i);
            ASSERT_EQ(firsts_of(bench.aborted(Offset(0), Offset(end)), Offset(end)), expected) << n;
            const auto next = static_cast<std::int32_t>(3 * ((end + 1) / 4));
            if (end > 0) {
                EXPECT_EQ(bench.append(batch_of(next + 3, 0, 3, till, true)).error(),
                          AppendRefusal::out_of_order_sequence);
            }
            EXPECT_TRUE(bench.append(batch_of(next, 0, 3, till, true)));
        }
    }
}

}  // namespace
}  // namespace barnabas::log
