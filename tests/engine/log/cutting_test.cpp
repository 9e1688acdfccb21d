// A log whose end, or all of it, is taken away, as a replica does whose leader never had it; and
// what a leader wrote, appended as it stands.
#include <gtest/gtest.h>

#include "tests/support/each_operation.h"
#include "tests/support/producers_on_disk.h"

namespace barnabas::log {
namespace {

using namespace tests;

constexpr int batches = 24;  // of three records: several segments

void cut(LogOnDisk& bench, std::int64_t to) {
    Turn turn = bench.turn();
    bench.recovery_point = std::min(*bench.recovery_point, Offset(to));
    bench.log.truncate(Offset(to), turn);
    bench.settle();
}
void begin_anew(LogOnDisk& bench, std::int64_t at) {
    Turn turn = bench.turn();
    bench.recovery_point = std::min(*bench.recovery_point, Offset(at));
    bench.log.begin_anew(Offset(at), turn);
    bench.settle();
}

// The log holds these values and is as good as any: what it indexes is found, and it goes on.
void expect_sound(LogOnDisk& bench, const std::map<std::int64_t, std::int64_t>& values) {
    ASSERT_EQ(bench.log.state(), PartitionLog::State::open) << bench.log.failure();
    const std::int64_t start = bench.log.log_start_offset().value();
    EXPECT_EQ(bench.read_all(start, 300), values);
    if (!values.empty()) {
        EXPECT_EQ(values.rbegin()->first + 1, bench.log.log_end_offset().value());
        const auto first = bench.at_time(0);
        ASSERT_TRUE(first);
        EXPECT_EQ(first->offset.value(), values.begin()->first);
    }
    const std::int64_t end = bench.log.log_end_offset().value();
    ASSERT_TRUE(bench.append(LogOnDisk::batch(end, 3)));
    bench.run();
    auto longer = values;
    for (std::int64_t i = end; i < end + 3; ++i) longer[i] = i;
    EXPECT_EQ(bench.read_all(start, 300), longer);
}

// Three records a batch, each a millisecond later than the one before.
void fill_with_times(LogOnDisk& bench, int count) {
    for (int i = 0; i < count; ++i) {
        const std::int64_t at = bench.log.log_end_offset().value();
        ASSERT_TRUE(bench.append(LogOnDisk::batch(at, 3, 40, 1'700'000'000'000 + at)));
    }
    bench.run();
}

TEST(CutLog, HoldsWhatStoodBeforeTheOffsetAndNothingElse) {
    for (std::int64_t to = 0; to <= 3 * batches; ++to) {
        LogOnDisk bench(small_segments());
        bench.open();
        fill_with_times(bench, batches);
        ASSERT_GT(bench.log.segment_count(), 2u);
        cut(bench, to);
        EXPECT_EQ(bench.log.state(), PartitionLog::State::cutting);
        bench.run();
        const std::int64_t end = to - to % 3;  // a batch goes as a whole
        EXPECT_EQ(bench.log.log_end_offset().value(), end);
        EXPECT_EQ(bench.log.flushed_end().value(), end);
        expect_sound(bench, numbers(0, end));
        if (testing::Test::HasFailure()) FAIL() << "cut at " << to;
    }
}

TEST(CutLog, IsFoundSoByTheNextStart) {
    for (const bool is_clean : {false, true}) {
        for (std::int64_t to = 0; to <= 3 * batches; to += 3) {
            LogOnDisk bench(small_segments());
            bench.open();
            fill_with_times(bench, batches);
            cut(bench, to);
            bench.run();
            is_clean ? bench.close() : bench.disk.kill();
            bench.reopen(is_clean);
            expect_sound(bench, numbers(0, to));
            if (testing::Test::HasFailure()) FAIL() << "cut at " << to << ", clean " << is_clean;
        }
    }
}

TEST(CutLog, FindsRecordsByTimeAsFarAsItReaches) {
    LogOnDisk bench(small_segments());
    bench.open();
    fill_with_times(bench, batches);
    cut(bench, 40);
    bench.run();
    for (std::int64_t i = 0; i < 39; ++i)
        EXPECT_EQ(bench.at_time(1'700'000'000'000 + i)->offset.value(), i) << i;
    EXPECT_EQ(bench.at_time(1'700'000'000'039)->offset.value(), -1);
}

TEST(CutLog, ForgetsTheLeaderEpochsOfWhatWent) {
    LogOnDisk bench(small_segments());
    bench.open();
    for (std::int32_t epoch = 0; epoch < 4; ++epoch)
        for (int i = 0; i < 6; ++i)
            ASSERT_TRUE(bench.append(
                LogOnDisk::batch(bench.log.log_end_offset().value(), 3, 40), epoch));
    bench.run();
    cut(bench, 40);  // 36 is the first offset of epoch 2
    bench.run();
    EXPECT_EQ(bench.log.leader_epochs().latest(), LeaderEpoch(2));
    bench.disk.kill();
    bench.reopen();
    EXPECT_EQ(bench.log.leader_epochs().latest(), LeaderEpoch(2));
    cut(bench, 36);
    bench.run();
    EXPECT_EQ(bench.log.leader_epochs().latest(), LeaderEpoch(1));
}

TEST(CutLog, KnowsItsProducersAsTheyWereThen) {
    for (int kept = 1; kept < batches; ++kept) {
        LogOnDisk bench(producer_segments());
        bench.open();
        write_idempotently(bench, batches);
        cut(bench, 3 * kept);
        bench.run();
        expect_knows(bench, kept);
        // What is written again in place of what went is new.
        const auto next = bench.append(batch_of(3 * kept, 1000));
        ASSERT_TRUE(next) << kept;
        EXPECT_FALSE(next->is_duplicate);
        bench.run();
        bench.disk.kill();
        bench.reopen();
        expect_knows(bench, kept + 1);
        if (testing::Test::HasFailure()) FAIL() << kept;
    }
}

TEST(CutLog, TellsOfAbortedTransactionsAsFarAsItReaches) {
    LogOnDisk whole(producer_segments());
    whole.open();
    transact(whole, 12);
    const std::int64_t end = whole.log.log_end_offset().value();
    for (std::int64_t to = 1; to < end; ++to) {
        LogOnDisk bench(producer_segments());
        bench.open();
        transact(bench, 12);
        cut(bench, to);
        bench.run();
        ASSERT_EQ(bench.log.state(), PartitionLog::State::open) << bench.log.failure();
        const Offset cut_end = bench.log.log_end_offset();
        auto expected = whole.aborted(Offset(0), Offset(end));
        std::erase_if(expected, [&](const auto& one) { return one.last >= cut_end; });
        EXPECT_EQ(bench.aborted(Offset(0), cut_end), expected) << to;
        bench.disk.kill();
        bench.reopen();
        EXPECT_EQ(bench.aborted(Offset(0), cut_end), expected) << to << ", opened anew";
    }
}

TEST(CutLog, AnswersLookupsUnderWayAsVoid) {
    LogOnDisk bench(small_segments());
    bench.open();
    fill_with_times(bench, batches);
    Turn turn = bench.turn();
    bench.log.find_timestamp(1'700'000'000'001, LookupId(5), turn);
    bench.log.truncate(Offset(30), turn);
    bench.run();
    const auto found = bench.log.take_found();
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found.front().id, LookupId(5));
    EXPECT_TRUE(std::holds_alternative<Void>(found.front().what));
}

TEST(CutLog, TakesNothingUntilItIsOpenAgain) {
    LogOnDisk bench(small_segments());
    bench.open();
    fill_with_times(bench, batches);
    cut(bench, 30);
    do {
        if (bench.log.state() != PartitionLog::State::cutting) break;
        EXPECT_EQ(bench.append(LogOnDisk::batch(0, 1)).error(), AppendRefusal::not_open);
        EXPECT_LE(bench.log.recovery_point(), Offset(30));
    } while (bench.step());
    expect_sound(bench, numbers(0, 30));
}

TEST(CutLog, WaitsForBatchesOnTheirWay) {
    LogOnDisk bench(small_segments());
    bench.open();
    for (int i = 0; i < batches; ++i) ASSERT_TRUE(bench.append(LogOnDisk::batch(3 * i, 3, 40)));
    cut(bench, 30);
    bench.run();
    expect_sound(bench, numbers(0, 30));
}

// What is there after a crash in the middle: the old log, whole or without a part of its end.
void expect_what_a_crash_may_leave(LogOnDisk& bench, std::int64_t to) {
    bench.reopen();
    ASSERT_EQ(bench.log.state(), PartitionLog::State::open) << bench.log.failure();
    const std::int64_t end = bench.log.log_end_offset().value();
    EXPECT_GE(end, to);
    EXPECT_LE(end, 3 * batches);
    EXPECT_EQ(bench.read_all(0, 300), numbers(0, end));
    cut(bench, to);
    bench.run();
    expect_sound(bench, numbers(0, to));
}

TEST(CutLog, LeavesNoHoleWhereverItIsKilledOrLosesPower) {
    Random random(3);
    for (const std::int64_t to : {0, 3, 30, 60}) {
        for (const bool is_power_lost : {false, true}) {
            int crashes = 0;
            for (EachOperation nth; nth.next();) {
                LogOnDisk bench(small_segments());
                bench.open();
                fill_with_times(bench, batches);
                bench.flush();
                bench.run();
                bench.recovery_point = bench.log.recovery_point();
                nth.is_not_reached(bench.disk);
                cut(bench, to);
                bench.run();
                is_power_lost ? bench.disk.lose_power(&random) : bench.disk.kill();
                expect_what_a_crash_may_leave(bench, to);
                ++crashes;
                if (testing::Test::HasFailure()) FAIL() << to << ", operation " << nth.number();
            }
            EXPECT_GT(crashes, 20);
        }
    }
}

// Old batches that come back between newer ones would be taken for acknowledged ones.
TEST(CutLog, NeverMixesWhatWentWithWhatIsWrittenInItsPlace) {
    Random random(4);
    for (EachOperation nth; nth.next();) {
        LogOnDisk bench(small_segments());
        bench.open();
        fill_with_times(bench, batches);
        bench.flush();
        bench.run();
        cut(bench, 30);
        bench.run();
        nth.is_not_reached(bench.disk);
        for (int i = 0; i < batches; ++i)
            ASSERT_TRUE(bench.append(LogOnDisk::batch(1000 + 30 + 3 * i, 3, 37), 1));
        bench.run();
        bench.disk.lose_power(&random);
        bench.reopen();
        const std::int64_t end = bench.log.log_end_offset().value();
        ASSERT_GE(end, 30) << nth.number();
        auto expected = numbers(0, 30);
        for (std::int64_t i = 30; i < end; ++i) expected[i] = 1000 + i;
        ASSERT_EQ(bench.read_all(0, 300), expected) << nth.number();
    }
}

TEST(CutLog, WaitsForRoomAtEveryStep) {
    for (EachOperation nth; nth.next();) {
        LogOnDisk bench(small_segments());
        bench.open();
        fill_with_times(bench, batches);
        nth.fails(bench.disk, StorageStatus::no_space);
        cut(bench, 30);
        bench.run();
        if (bench.log.state() == PartitionLog::State::failed) {
            // A stop does not wait for room, and neither does its first half.
            EXPECT_TRUE(bench.log.failure().find("full") != std::string::npos ||
                        bench.log.failure().starts_with("flushing"))
                << bench.log.failure();
            continue;
        }
        for (int i = 0; i < 3 && bench.log.waits_for_room(); ++i) {
            Turn turn = bench.turn();
            bench.log.try_again(turn);
            bench.run();
        }
        ASSERT_EQ(bench.log.state(), PartitionLog::State::open) << nth.number();
        if (!nth.came()) continue;
        bench.now += PartitionLog::probe_interval;
        expect_sound(bench, numbers(0, 30));
        if (testing::Test::HasFailure()) FAIL() << nth.number();
    }
}

TEST(CutLog, IsBrokenByAnErrorOfTheMediumWherever) {
    for (EachOperation nth; nth.next();) {
        LogOnDisk bench(small_segments());
        bench.open();
        fill_with_times(bench, batches);
        nth.fails(bench.disk, StorageStatus::io_error);
        cut(bench, 30);
        bench.run();
        if (!nth.came()) continue;
        ASSERT_EQ(bench.log.state(), PartitionLog::State::failed) << nth.number();
        EXPECT_TRUE(bench.log.is_medium_broken()) << nth.number();
    }
}

TEST(CutLog, IsGivenUpByAStopAndDoneAnewLater) {
    for (int steps = 0;; ++steps) {
        LogOnDisk bench(small_segments());
        bench.open();
        fill_with_times(bench, batches);
        cut(bench, 30);
        for (int i = 0; i < steps; ++i) bench.step();
        if (bench.log.state() == PartitionLog::State::open) break;
        bench.close();
        ASSERT_EQ(bench.log.state(), PartitionLog::State::closed) << steps;
        bench.disk.kill();
        expect_what_a_crash_may_leave(bench, 30);
        if (testing::Test::HasFailure()) FAIL() << steps;
    }
}

TEST(LogBegunAnew, HoldsNothingAndGoesOnAtTheOffset) {
    for (const std::int64_t at : {0, 30, 3 * batches, 1000}) {
        for (const bool is_killed : {false, true}) {
            LogOnDisk bench(producer_segments());
            bench.open();
            write_idempotently(bench, batches);
            begin_anew(bench, at);
            bench.run();
            bench.log_start = Offset(at);
            if (is_killed) {
                bench.disk.kill();
                bench.reopen();
            }
            ASSERT_EQ(bench.log.state(), PartitionLog::State::open) << bench.log.failure();
            EXPECT_EQ(bench.log.log_start_offset(), Offset(at));
            EXPECT_EQ(bench.log.log_end_offset(), Offset(at));
            EXPECT_EQ(bench.log.leader_epochs().latest(), std::nullopt);
            EXPECT_EQ(bench.log.producer_states(), nullptr);
            EXPECT_FALSE(bench.locate(Offset(at - 1), Offset(at), large));
            expect_sound(bench, {});
            if (testing::Test::HasFailure()) FAIL() << at;
        }
    }
}

TEST(LogBegunAnew, IsTheOldOneOrPartOfItOrTheNewOneAfterACrash) {
    Random random(5);
    for (const bool is_power_lost : {false, true}) {
        for (EachOperation nth; nth.next();) {
            LogOnDisk bench(small_segments());
            bench.open();
            fill_with_times(bench, batches);
            bench.flush();
            bench.run();
            nth.is_not_reached(bench.disk);
            begin_anew(bench, 1000);
            bench.run();
            is_power_lost ? bench.disk.lose_power(&random) : bench.disk.kill();
            bench.reopen();
            ASSERT_EQ(bench.log.state(), PartitionLog::State::open) << bench.log.failure();
            const std::int64_t end = bench.log.log_end_offset().value();
            if (end != 1000) {
                ASSERT_EQ(bench.read_all(0, 300), numbers(0, end)) << nth.number();
            }
            begin_anew(bench, 1000);
            bench.run();
            EXPECT_EQ(bench.log.log_end_offset(), Offset(1000));
            expect_sound(bench, {});
            if (testing::Test::HasFailure()) FAIL() << nth.number();
        }
    }
}

// What a leader sends of its log, from one offset to another.
Bytes sent_by(LogOnDisk& leader, std::int64_t from, std::int64_t below) {
    std::vector<std::uint8_t> run;
    for (Offset at(from); at < Offset(below);) {
        const auto range = leader.locate(at, Offset(below), large);
        const Bytes bytes = leader.read(*range);
        run.insert(run.end(), bytes.begin(), bytes.end());
        at = range->below;
    }
    return Bytes::own(std::move(run));
}
Result<Appended, AppendRefusal> append_as_written(LogOnDisk& bench, const Bytes& run) {
    Turn turn = bench.turn();
    const auto appended = bench.log.append_as_written(run, turn);
    bench.settle();
    return appended;
}

TEST(Replica, HasItsLeadersOffsetsEpochsAndProducers) {
    LogOnDisk leader(producer_segments());
    leader.open();
    for (int i = 0; i < batches; ++i) ASSERT_TRUE(leader.append(batch_of(3 * i, 3 * i), i / 6));
    leader.run();
    LogOnDisk replica(small_segments());
    replica.open();
    ASSERT_TRUE(append_as_written(replica, sent_by(leader, 0, 33)));
    replica.run();
    const auto rest = append_as_written(replica, sent_by(leader, 33, 3 * batches));
    ASSERT_TRUE(rest);
    EXPECT_EQ(rest->base, Offset(33));
    EXPECT_EQ(rest->last, Offset(3 * batches - 1));
    replica.run();
    EXPECT_EQ(replica.log.leader_epochs().entries(), leader.log.leader_epochs().entries());
    EXPECT_EQ(replica.read_all(0, 300), numbers(0, 3 * batches));
    EXPECT_EQ(sent_by(replica, 0, 3 * batches), sent_by(leader, 0, 3 * batches));
    expect_knows(replica, batches);
}

TEST(Replica, TakesBatchesBetweenWhichOffsetsAreMissing) {
    LogOnDisk leader(small_segments());
    leader.open();
    fill_with_times(leader, batches);
    LogOnDisk replica(small_segments());
    replica.config.is_compacted = true;
    replica.log = replica.made();
    replica.open();
    auto expected = numbers(3, 6);
    for (std::int64_t from = 3; from < 3 * batches; from += 9) {
        ASSERT_TRUE(append_as_written(replica, sent_by(leader, from, from + 3)));
        for (std::int64_t i = from; i < from + 3; ++i) expected[i] = i;
    }
    replica.run();
    EXPECT_EQ(replica.read_all(0, 300), expected);
    replica.disk.kill();
    replica.reopen();
    EXPECT_EQ(replica.read_all(0, 300), expected);
}

TEST(Replica, TakesOffsetsThatLieFartherApartThanASegmentCanTell) {
    records::Prepared far = LogOnDisk::batch(7, 1);
    const std::int64_t at = std::int64_t{5} << 31;
    const Bytes run = records::stamp(far, Offset(at), LeaderEpoch(0)).flatten();
    LogOnDisk replica(small_segments());
    replica.open();
    ASSERT_TRUE(append_as_written(replica, run));
    replica.run();
    EXPECT_EQ(replica.read_all(0, 300), (std::map<std::int64_t, std::int64_t>{{at, 7}}));
}

TEST(Replica, RefusesWhatIsDamagedOrOutOfOrderAsAWhole) {
    LogOnDisk leader(small_segments());
    leader.open();
    fill_with_times(leader, batches);
    LogOnDisk replica(small_segments());
    replica.open();
    Bytes run = sent_by(leader, 0, 30);
    std::vector<std::uint8_t> damaged(run.begin(), run.end());
    damaged[damaged.size() - 3] ^= 1;
    EXPECT_EQ(append_as_written(replica, Bytes::own(std::move(damaged))).error(),
              AppendRefusal::corrupt);
    EXPECT_EQ(append_as_written(replica, run.slice(0, 40)).error(), AppendRefusal::corrupt);
    EXPECT_EQ(replica.log.log_end_offset(), Offset(0));
    // An answer to a fetch may end within a batch.
    const auto appended = append_as_written(replica, run.slice(0, run.size() - 1));
    ASSERT_TRUE(appended);
    EXPECT_EQ(appended->last, Offset(26));
    EXPECT_EQ(append_as_written(replica, run).error(), AppendRefusal::out_of_order_offsets);
}

TEST(Replica, HoldsAWholeBeginningOfItWhereverItCrashes) {
    LogOnDisk leader(small_segments());
    leader.open();
    fill_with_times(leader, batches);
    Random random(6);
    for (const bool is_power_lost : {false, true}) {
        for (EachOperation nth; nth.next();) {
            LogOnDisk replica(small_segments());
            replica.open();
            nth.is_not_reached(replica.disk);
            for (std::int64_t from = 0; from < 3 * batches; from += 9) {
                ASSERT_TRUE(append_as_written(replica, sent_by(leader, from, from + 9)));
                if (from % 2 == 0) replica.flush();
                replica.run();
            }
            is_power_lost ? replica.disk.lose_power(&random) : replica.disk.kill();
            replica.reopen();
            const std::int64_t end = replica.log.log_end_offset().value();
            ASSERT_EQ(replica.read_all(0, 300), numbers(0, end)) << nth.number();
            if (end == 3 * batches) continue;
            ASSERT_TRUE(append_as_written(replica, sent_by(leader, end, 3 * batches)));
            replica.run();
            ASSERT_EQ(replica.read_all(0, 300), numbers(0, 3 * batches)) << nth.number();
        }
    }
}

TEST(Replica, IsCutBackByAFullDiskAsALeaderIs) {
    LogOnDisk leader(small_segments());
    leader.open();
    fill_with_times(leader, batches);
    LogOnDisk replica(small_segments());
    replica.open();
    ASSERT_TRUE(append_as_written(replica, sent_by(leader, 0, 30)));
    replica.run();
    replica.disk.set_space(replica.disk.used() + 100);
    ASSERT_TRUE(append_as_written(replica, sent_by(leader, 30, 3 * batches)));
    replica.run();
    EXPECT_EQ(replica.log.log_end_offset(), Offset(30));
    EXPECT_EQ(append_as_written(replica, sent_by(leader, 30, 60)).error(),
              AppendRefusal::no_space);
    replica.disk.set_space(UINT64_MAX);
    replica.now += PartitionLog::probe_interval;
    ASSERT_TRUE(append_as_written(replica, sent_by(leader, 30, 3 * batches)));
    replica.run();
    EXPECT_EQ(replica.read_all(0, 300), numbers(0, 3 * batches));
}

}  // namespace
}  // namespace barnabas::log
