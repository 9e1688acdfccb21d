// Compaction on a disk that is full, fails, or is there no longer: no key is lost, and the next
// open or the next cleaning does what was left undone.
#include <gtest/gtest.h>

#include "tests/support/each_operation.h"
#include "tests/support/keyed_log.h"

namespace barnabas::log {
namespace {

using tests::EachOperation;
using tests::KeyedLog;
using tests::latest_of;
using tests::names_with;
using tests::Records;

TEST(Cleaner, AFullDiskGivesItUpAndTheLogGoesOn) {
    int given_up = 0, waited = 0;
    for (EachOperation nth; nth.next();) {
        const std::uint64_t n = nth.number();
        KeyedLog keyed;
        keyed.bench.open();
        for (int i = 0; i < 40; ++i) keyed.write("k" + std::to_string(i % 7) + "=v");
        keyed.roll();
        nth.fails(keyed.bench.disk, StorageStatus::no_space);
        ASSERT_TRUE(keyed.clean());
        if (!nth.came()) break;
        if (!keyed.result) {  // half of a swap stands there, and waits for room
            ASSERT_TRUE(keyed.bench.log.waits_for_room()) << n;
            ASSERT_EQ(latest_of(keyed.read()), latest_of(keyed.given)) << n;
            ++waited;
            if (n % 2 == 0) {
                Turn turn = keyed.bench.turn();
                keyed.bench.log.try_again(turn);
                keyed.go_on_cleaning();
                ASSERT_TRUE(keyed.result) << n;
                ASSERT_EQ(keyed.result->trouble, Cleaner::Trouble::none) << n;
            }
        } else {
            given_up += keyed.result->trouble == Cleaner::Trouble::no_space;
        }
        ASSERT_EQ(keyed.bench.log.state(), PartitionLog::State::open) << n;
        ASSERT_EQ(latest_of(keyed.read()), latest_of(keyed.given)) << n;
        keyed.write("k1=again");
        keyed.bench.disk.kill();
        keyed.bench.reopen();
        ASSERT_EQ(keyed.bench.log.state(), PartitionLog::State::open) << n;
        ASSERT_EQ(latest_of(keyed.read()), latest_of(keyed.given)) << n;
    }
    EXPECT_GT(given_up, 10);
    EXPECT_GT(waited, 10);
}

// Whatever it is that the disk cannot do: the log fails, and its directory with it.
TEST(Cleaner, AnInputOutputErrorTellsThatTheMediumIsBroken) {
    for (EachOperation nth; nth.next();) {
        KeyedLog keyed;
        keyed.bench.open();
        for (int i = 0; i < 40; ++i) keyed.write("k" + std::to_string(i % 7) + "=v");
        keyed.roll();
        nth.fails(keyed.bench.disk, StorageStatus::io_error);
        ASSERT_TRUE(keyed.clean());
        if (!nth.came()) break;
        ASSERT_EQ(keyed.bench.log.state(), PartitionLog::State::failed) << nth.number();
        ASSERT_TRUE(keyed.bench.log.is_medium_broken()) << keyed.bench.log.failure();
    }
}

// The node dies before any operation of a cleaning, by SIGKILL and by power loss. What was flushed
// is there as it was or cleaned, nothing comes back changed, and the next cleaning completes it.
TEST(Cleaner, DyingBeforeAnyOperationOfACleaningLosesNoKey) {
    for (const bool is_power_lost : {false, true}) {
        EachOperation nth;
        while (nth.next()) {
            const std::uint64_t n = nth.number();
            KeyedLog keyed;
            Random random(n);
            keyed.bench.open();
            for (int i = 0; i < 90; ++i) {
                const std::string key = "k" + std::to_string(random.below(12));
                keyed.write(random.below(8) == 0 ? key : key + "=" + std::to_string(i));
                if (i % 10 != 9) continue;
                keyed.append_in_transaction(ProducerId(7), {{key, "in a transaction"}});
                if (i == 89) keyed.roll();
                keyed.end_transaction(ProducerId(7), random.below(2) == 0);
            }
            keyed.bench.flush();
            keyed.bench.run();
            ASSERT_EQ(keyed.bench.log.flushed_end(), keyed.bench.log.written_end());
            keyed.bench.order = &random;
            nth.is_not_reached(keyed.bench.disk);
            keyed.clean();
            keyed.bench.recovery_point = keyed.bench.log.recovery_point();
            is_power_lost ? keyed.bench.disk.lose_power(&random) : keyed.bench.disk.kill();
            keyed.bench.reopen();
            ASSERT_EQ(keyed.bench.log.state(), PartitionLog::State::open)
                << n << ' ' << keyed.bench.log.failure();
            EXPECT_TRUE(names_with(keyed, ".cleaned").empty()) << n;
            EXPECT_TRUE(names_with(keyed, ".swap").empty()) << n;
            const Records seen = keyed.read();
            for (const auto& [offset, record] : seen)
                ASSERT_EQ(record, keyed.given.at(offset)) << n;
            ASSERT_EQ(latest_of(seen), latest_of(keyed.given)) << n;
            ASSERT_TRUE(keyed.clean());
            ASSERT_EQ(latest_of(keyed.read()), latest_of(keyed.given)) << n;
        }
        EXPECT_GT(nth.number(), 60u);
    }
}

// And dies again while the next open completes or undoes the swap.
TEST(Cleaner, DyingWhileTheSwapIsRecoveredIsSurvivedToo) {
    EachOperation nth;
    std::uint64_t longest = 0;  // of the opens
    while (nth.next()) {
        EachOperation mth(3);
        while (mth.next()) {
            const std::uint64_t n = nth.number();
            const std::uint64_t m = mth.number();
            KeyedLog keyed;
            Random random(n * 100 + m);
            keyed.bench.open();
            for (int i = 0; i < 30; ++i)
                keyed.write("k" + std::to_string(i % 4) + "=" + std::to_string(i));
            keyed.roll();
            keyed.bench.flush();
            keyed.bench.run();
            nth.is_not_reached(keyed.bench.disk);
            keyed.clean();
            keyed.bench.recovery_point = keyed.bench.log.recovery_point();
            keyed.bench.disk.lose_power(&random);
            mth.is_not_reached(keyed.bench.disk);
            keyed.bench.reopen();
            keyed.bench.disk.lose_power(&random);
            keyed.bench.reopen();
            ASSERT_EQ(keyed.bench.log.state(), PartitionLog::State::open) << n << ' ' << m;
            ASSERT_EQ(latest_of(keyed.read()), latest_of(keyed.given)) << n << ' ' << m;
        }
        longest = std::max(longest, mth.number());
    }
    EXPECT_GT(nth.number(), 40u);
    EXPECT_GT(longest, 30u);
}

// Or the disk has no ear for it: then the log fails, with all as it was, and the next open does it.
TEST(Cleaner, AnErrorWhileTheSwapIsRecoveredFailsTheLogUntilTheNextOpen) {
    int met = 0;
    const auto dies_within_swap = [](KeyedLog& keyed) {
        for (std::uint64_t n = 1;; ++n) {
            keyed = KeyedLog();
            keyed.bench.open();
            for (int i = 0; i < 30; ++i)
                keyed.write("k" + std::to_string(i % 4) + "=" + std::to_string(i));
            keyed.roll();
            keyed.bench.disk.stop_before(n);
            keyed.clean();
            keyed.bench.disk.kill();
            if (!names_with(keyed, ".log.swap").empty() && names_with(keyed, ".cleaned").empty())
                return;
        }
    };
    for (const bool is_of_medium : {true, false}) {
        for (EachOperation nth; nth.next();) {
            KeyedLog keyed;
            dies_within_swap(keyed);
            nth.fails(keyed.bench.disk,
                      is_of_medium ? StorageStatus::io_error : StorageStatus::access_denied);
            keyed.bench.reopen();
            if (!nth.came()) break;
            ASSERT_EQ(keyed.bench.log.state(), PartitionLog::State::failed) << nth.number();
            ASSERT_EQ(keyed.bench.log.is_medium_broken(), is_of_medium) << nth.number();
            met += keyed.bench.log.failure().starts_with("an interrupted compaction");
            keyed.bench.disk.kill();
            keyed.bench.reopen();
            ASSERT_EQ(keyed.bench.log.state(), PartitionLog::State::open) << nth.number();
            ASSERT_EQ(latest_of(keyed.read()), latest_of(keyed.given)) << nth.number();
        }
    }
    EXPECT_GT(met, 15);
}

// How far a damaged one reaches is not known: the segments that it may stand for stay.
TEST(Cleaner, ADamagedSwapIsRefusedAndNothingIsChanged) {
    KeyedLog keyed;
    keyed.bench.open();
    keyed.write("first=v");
    for (int i = 0; i < 40; ++i) keyed.write("k" + std::to_string(i % 7) + "=v");
    keyed.roll();
    keyed.begin_cleaning();
    while (names_with(keyed, ".log.swap").empty()) keyed.step_cleaning();
    keyed.bench.disk.kill();
    const std::string swap = names_with(keyed, ".log.swap").front();
    auto& bytes = keyed.bench.disk.bytes("data/orders-0/" + swap);
    bytes.resize(bytes.size() - 1);
    const auto before = keyed.bench.disk.names_in("data/orders-0");
    keyed.bench.reopen();
    EXPECT_EQ(keyed.bench.log.state(), PartitionLog::State::failed);
    EXPECT_FALSE(keyed.bench.log.is_medium_broken());
    EXPECT_NE(keyed.bench.log.failure().find(swap + " is damaged at position "), std::string::npos)
        << keyed.bench.log.failure();
    EXPECT_EQ(keyed.bench.disk.names_in("data/orders-0"), before);
    // What the message says can be done about it.
    for (const std::string& name : names_with(keyed, ".swap"))
        keyed.bench.disk.remove("data/orders-0/" + name);
    keyed.bench.reopen();
    EXPECT_EQ(latest_of(keyed.read()), latest_of(keyed.given));
}

}  // namespace
}  // namespace barnabas::log
