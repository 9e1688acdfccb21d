// What a log knows of its producers when the disk is full or fails: their files are stored later,
// taken back with their batches, or given up together with the log.
#include <gtest/gtest.h>

#include "tests/support/producers_on_disk.h"

namespace barnabas::log {
namespace {

using namespace tests;

TEST(LogProducers, AFullDiskTakesTheirStateBackWithTheirBatches) {
    LogOnDisk bench(producer_segments());
    bench.open();
    write_idempotently(bench, 3);
    std::uint64_t used = 0;
    for (const std::string& name : bench.disk.names_in(LogOnDisk::directory))
        used += bench.disk.bytes("data/orders-0/" + name).size();
    bench.disk.set_space(used + 50);
    // Enough to roll: the second segment is dropped again with all that it was to hold.
    for (int i = 3; i < 15; ++i) ASSERT_TRUE(bench.append(batch_of(3 * i, 3 * i)));
    ASSERT_GT(bench.log.segment_count(), 1u);
    bench.run();
    EXPECT_EQ(bench.log.log_end_offset(), Offset(9));
    bench.disk.set_space(UINT64_MAX);
    bench.now += PartitionLog::probe_interval;
    const auto retry = bench.append(batch_of(9, 9));
    ASSERT_TRUE(retry);
    EXPECT_FALSE(retry->is_duplicate);  // it was never stored
    bench.run();
    expect_knows(bench, 4);
    for (int i = 4; i < 15; ++i) ASSERT_TRUE(bench.append(batch_of(3 * i, 3 * i)));
    bench.run();
    bench.disk.kill();
    bench.reopen();
    expect_knows(bench, 15);
}

// A producer that numbers its batches, and one transaction after the other that is aborted.
// Whatever is refused is not tried again.
void write_what_goes(LogOnDisk& bench, int rounds) {
    const auto last = static_cast<std::int64_t>(bench.log.log_end_offset().value());
    for (int i = 0; i < rounds; ++i) {
        bench.now += PartitionLog::probe_interval;
        const ProducerId other(1000 + last + i);
        bench.append(batch_of(0, 0, 3, other));
        bench.append(batch_of(0, 0, 3, ProducerId(2000 + last + i), true));
        bench.append(marker(false, ProducerId(2000 + last + i)), 0, Origin::coordinator);
        if (i % 2 == 0) bench.run();
    }
    bench.run();
}

// The operation that finds no room may be the storing of a snapshot or of a transaction index, and
// nothing is appended any more: the stop is what tries it again.
TEST(LogProducers, WhatFoundNoRoomIsStoredByTheStop) {
    int stopped = 0;
    for (std::uint64_t n = 1;; ++n) {
        LogOnDisk bench(producer_segments());
        bench.open();
        write_what_goes(bench, 4);
        const std::uint64_t before = bench.disk.operations();
        bench.disk.fail_operation(n, StorageStatus::no_space);
        write_what_goes(bench, 8);
        if (bench.disk.operations() - before < n) break;
        if (bench.log.failure().starts_with("flushing")) continue;
        ASSERT_EQ(bench.log.state(), PartitionLog::State::open) << n << ' ' << bench.log.failure();
        bench.close();
        ASSERT_EQ(bench.log.state(), PartitionLog::State::closed) << n << bench.log.failure();
        const Offset end = bench.log.log_end_offset();
        ASSERT_TRUE(bench.disk.has(LogOnDisk::directory + ('/' + snapshot_name(end)))) << n;
        bench.reopen(true);
        ASSERT_EQ(bench.log.log_end_offset(), end);
        ASSERT_NE(bench.log.producer_states(), nullptr);
        ++stopped;
    }
    EXPECT_GT(stopped, 40);
}

TEST(LogProducers, AStopOnAFullDiskComesToAnEnd) {
    for (std::uint64_t room = 0; room < 3000; room += 40) {
        for (const bool is_room_made : {false, true}) {
            LogOnDisk bench(producer_segments());
            bench.open();
            write_what_goes(bench, 4);
            std::uint64_t used = 0;
            for (const std::string& name : bench.disk.names_in(LogOnDisk::directory))
                used += bench.disk.bytes("data/orders-0/" + name).size();
            bench.disk.set_space(used + room);
            write_what_goes(bench, 8);
            if (is_room_made) bench.disk.set_space(UINT64_MAX);
            bench.close();
            const bool is_closed = bench.log.state() == PartitionLog::State::closed;
            ASSERT_TRUE(is_closed || bench.log.state() == PartitionLog::State::failed) << room;
            ASSERT_TRUE(is_closed || !is_room_made) << room << ' ' << bench.log.failure();
        }
    }
}

// The batch whose append rolls the log when batches of three are written one after the other.
int first_that_rolls() {
    LogOnDisk bench(producer_segments());
    bench.open();
    int batches = 0;
    while (bench.log.segment_count() == 1) {
        EXPECT_TRUE(bench.append(batch_of(3 * batches, 10 + 3 * batches)));
        ++batches;
    }
    return batches - 1;
}

// The snapshot at the new segment tells of a batch that is lost to a full disk. Others then fill
// the log up to the same offset: what the snapshot says of them would be wrong.
TEST(LogProducers, ASnapshotNeverTellsOfBatchesThatWereNotStored) {
    const int rolls = first_that_rolls();
    const int lost = rolls - 1;
    LogOnDisk bench(producer_segments());
    bench.open();
    for (int i = 0; i < lost; ++i) ASSERT_TRUE(bench.append(batch_of(3 * i, 10 + 3 * i)));
    bench.run();
    bench.disk.fail_operation(1, StorageStatus::no_space);
    ASSERT_TRUE(bench.append(batch_of(3 * lost, 10 + 3 * lost)));
    ASSERT_TRUE(bench.append(batch_of(3 * rolls, 10 + 3 * rolls)));
    ASSERT_EQ(bench.log.segment_count(), 2u);
    bench.run();
    ASSERT_EQ(bench.log.log_end_offset(), Offset(3 * lost));
    const std::string snapshot = LogOnDisk::directory + ('/' + snapshot_name(Offset(3 * rolls)));
    EXPECT_FALSE(bench.disk.has(snapshot));
    bench.now += PartitionLog::probe_interval;
    const ProducerId other(8);
    ASSERT_TRUE(bench.append(batch_of(0, 0, 3, other)));
    bench.run();
    bench.close();
    ASSERT_EQ(bench.log.state(), PartitionLog::State::closed);
    bench.reopen(true);
    ASSERT_EQ(bench.log.log_end_offset(), Offset(3 * rolls));
    const auto next_of_other = bench.append(batch_of(3, 0, 3, other));
    EXPECT_TRUE(next_of_other);
    const auto retry = bench.append(batch_of(3 * lost, 10 + 3 * lost));
    ASSERT_TRUE(retry);
    EXPECT_FALSE(retry->is_duplicate);
}

// Whatever is found: it is the reading that counts.
void read_aborted(LogOnDisk& bench) {
    Turn turn = bench.turn();
    bench.log.find_aborted(Offset(0), bench.log.written_end(), LookupId(3), turn);
    bench.next_found();
}

// Which of their files it is that cannot be written or read makes no difference: the medium fails.
TEST(LogProducers, AnInputOutputErrorTellsThatTheMediumIsBroken) {
    int failed = 0;
    for (std::uint64_t n = 1;; ++n) {
        LogOnDisk bench(producer_segments());
        bench.open();
        write_what_goes(bench, 4);
        const std::uint64_t before = bench.disk.operations();
        bench.disk.fail_operation(n, StorageStatus::io_error);
        for (int i = 0; i < 6; ++i) {
            write_what_goes(bench, 1);
            if (bench.log.state() != PartitionLog::State::open) break;
            read_aborted(bench);
        }
        if (bench.disk.operations() - before < n) break;
        ASSERT_EQ(bench.log.state(), PartitionLog::State::failed) << n;
        ASSERT_TRUE(bench.log.is_medium_broken()) << n << ' ' << bench.log.failure();
        ASSERT_FALSE(bench.log.is_full()) << n;
        ++failed;
    }
    EXPECT_GT(failed, 40);
}

TEST(LogProducers, AnInputOutputErrorAtTheOpeningTellsThatTheMediumIsBroken) {
    for (const bool is_clean : {false, true}) {
        int failed = 0;
        for (std::uint64_t n = 1;; ++n) {
            LogOnDisk bench(producer_segments());
            bench.open();
            write_what_goes(bench, 20);
            bench.recovery_point = bench.log.recovery_point();
            if (is_clean) bench.close();
            bench.disk.kill();
            const std::uint64_t before = bench.disk.operations();
            bench.disk.fail_operation(n, StorageStatus::io_error);
            bench.reopen(is_clean);
            if (bench.disk.operations() - before < n) break;
            if (bench.log.state() == PartitionLog::State::open) continue;
            ASSERT_TRUE(bench.log.is_medium_broken()) << n << ' ' << bench.log.failure();
            ++failed;
        }
        EXPECT_GT(failed, 5) << is_clean;
    }
}

}  // namespace
}  // namespace barnabas::log
