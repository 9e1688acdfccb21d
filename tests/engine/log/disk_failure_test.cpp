// One partition's log on a disk that is full or fails: refused, kept or given up, and never wrong.
#include <gtest/gtest.h>

#include "tests/support/each_operation.h"
#include "tests/support/log_on_disk.h"

namespace barnabas::log {
namespace {

using namespace tests;

TEST(Log, AFullDiskRefusesAppendsKeepsReadsAndResumesWhenThereIsRoom) {
    LogOnDisk bench;
    bench.open();
    fill(bench, 3);
    std::uint64_t used = 0;
    for (const std::string& name : bench.disk.names_in(LogOnDisk::directory))
        used += bench.disk.bytes("data/orders-0/" + name).size();
    bench.disk.set_space(used + 50);
    ASSERT_TRUE(bench.append(LogOnDisk::batch(100, 3)));
    ASSERT_TRUE(bench.append(LogOnDisk::batch(103, 3)));
    bench.run();
    EXPECT_TRUE(bench.log.is_full());
    EXPECT_EQ(bench.log.take_cut(), Offset(9));
    EXPECT_EQ(bench.log.log_end_offset(), Offset(9));
    EXPECT_EQ(bench.append(LogOnDisk::batch(9, 3)).error(), AppendRefusal::no_space);
    EXPECT_EQ(bench.read_all(0, large), numbers(0, 9));
    // Still full: the append that probes is cut off again.
    bench.now += PartitionLog::probe_interval;
    ASSERT_TRUE(bench.append(LogOnDisk::batch(100, 3)));
    EXPECT_EQ(bench.append(LogOnDisk::batch(100, 3)).error(), AppendRefusal::no_space);
    bench.run();
    EXPECT_EQ(bench.log.take_cut(), Offset(9));
    bench.disk.set_space(UINT64_MAX);
    bench.now += PartitionLog::probe_interval;
    fill(bench, 1);
    EXPECT_FALSE(bench.log.is_full());
    fill(bench, 5);
    EXPECT_EQ(bench.read_all(0, large), numbers(0, 27));
    bench.disk.kill();
    bench.reopen();
    EXPECT_EQ(bench.read_all(0, large), numbers(0, 27));
}

// Each operation in turn has no room: nothing that was acknowledged is lost, and the log comes
// back.
TEST(Log, NoSpaceAtAnyOperationIsSurvived) {
    int survived = 0;
    for (EachOperation nth; nth.next();) {
        const std::uint64_t n = nth.number();
        LogOnDisk bench(small_segments());
        bench.open();
        fill(bench, 5);
        nth.fails(bench.disk, StorageStatus::no_space);
        for (int i = 0; i < 40; ++i) {
            bench.now += PartitionLog::probe_interval;
            bench.append(LogOnDisk::batch(bench.log.log_end_offset().value(), 3));
            if (i % 2 == 0) bench.run();
        }
        bench.run();
        if (!nth.came()) break;
        // A flush that failed is never tried again: nobody knows what it left out.
        if (bench.log.failure().starts_with("flushing")) continue;
        ASSERT_EQ(bench.log.state(), PartitionLog::State::open) << n << ' ' << bench.log.failure();
        const std::int64_t end = bench.log.written_end().value();
        ASSERT_EQ(bench.log.log_end_offset(), Offset(end));
        ASSERT_GE(end, 40 * 3);
        ++survived;
        ASSERT_EQ(bench.read_all(0, large), numbers(0, end)) << n;
        bench.disk.kill();
        bench.reopen();
        ASSERT_EQ(bench.read_all(0, large), numbers(0, end)) << n;
    }
    EXPECT_GT(survived, 40);
}

// It is closed again, holds no file open, and comes back whole when it is opened once more.
TEST(Log, NoSpaceAtAnyOperationOfAnOpeningIsWaitedFor) {
    for (const bool is_clean : {true, false}) {
        int refused = 0;
        for (EachOperation nth; nth.next();) {
            LogOnDisk bench(small_segments());
            bench.open();
            fill(bench, 40);
            is_clean ? bench.close() : bench.disk.kill();
            const std::int64_t end = bench.log.written_end().value();
            nth.fails(bench.disk, StorageStatus::no_space);
            bench.reopen(is_clean);
            if (!nth.came()) break;
            if (bench.log.waits_for_room() && bench.log.state() == PartitionLog::State::closed) {
                ++refused;
                ASSERT_EQ(bench.disk.open_files(), 0u) << nth.number();
                bench.open(is_clean);
            }
            ASSERT_EQ(bench.log.state(), PartitionLog::State::open) << nth.number();
            Turn turn = bench.turn();
            bench.log.try_again(turn);
            bench.run();
            ASSERT_FALSE(bench.log.waits_for_room()) << nth.number();
            ASSERT_EQ(bench.read_all(0, large), numbers(0, end)) << nth.number();
        }
        EXPECT_GT(refused, 5);
    }
}

TEST(Log, WithoutRoomForItsNewNameADeletedSegmentGoesLater) {
    int refused = 0;
    for (EachOperation nth; nth.next();) {
        LogOnDisk bench(small_segments());
        bench.open();
        fill(bench, 40);
        const auto clean_up = [&] {
            Turn turn = bench.turn();
            bench.log.clean_up(bench.log.written_end(), turn);
            bench.run();
        };
        {
            Turn turn = bench.turn();
            bench.log.raise_log_start(bench.log.written_end(), turn);
        }
        bench.run();
        nth.fails(bench.disk, StorageStatus::no_space);
        clean_up();
        if (!nth.came()) break;
        refused += bench.log.waits_for_room();
        if (bench.log.waits_for_room()) {
            Turn turn = bench.turn();
            bench.log.try_again(turn);
        }
        bench.run();
        if (bench.log.failure().starts_with("flushing")) continue;  // there is no second try
        ASSERT_EQ(bench.log.state(), PartitionLog::State::open) << bench.log.failure();
        ASSERT_FALSE(bench.log.waits_for_room()) << nth.number();
        clean_up();
        ASSERT_EQ(bench.log.segment_count(), 1u) << nth.number();
        bench.now += 1h;
        clean_up();
        bench.disk.kill();
        bench.log_start = bench.log.log_start_offset();
        bench.reopen();
        ASSERT_EQ(bench.log.state(), PartitionLog::State::open) << nth.number();
    }
    EXPECT_GE(refused, 1);
}

// What a disk says that is more than a lack of space, and whether it is about more than one file.
constexpr std::pair<StorageStatus, bool> errors[] = {{StorageStatus::io_error, true},
                                                     {StorageStatus::read_only, true},
                                                     {StorageStatus::access_denied, false},
                                                     {StorageStatus::foreign, false}};

TEST(Log, AnErrorAtAnyOperationFailsTheLogAndIsRecoveredAtTheNextOpen) {
    for (const auto& [error, is_of_medium] : errors) {
        for (EachOperation nth; nth.next();) {
            LogOnDisk bench(small_segments());
            bench.open();
            fill(bench, 5);
            nth.fails(bench.disk, error);
            for (int i = 0; i < 20; ++i) {
                bench.append(LogOnDisk::batch(bench.log.log_end_offset().value(), 3));
                bench.run();
            }
            if (!nth.came()) break;
            ASSERT_EQ(bench.log.state(), PartitionLog::State::failed) << nth.number();
            ASSERT_EQ(bench.log.is_medium_broken(), is_of_medium) << bench.log.failure();
            const std::int64_t end = bench.log.written_end().value();
            bench.disk.kill();
            bench.reopen();
            ASSERT_EQ(bench.log.state(), PartitionLog::State::open);
            const auto values = bench.read_all(0, large);
            ASSERT_GE(values.size(), static_cast<std::size_t>(end));
            ASSERT_EQ(values, numbers(0, static_cast<std::int64_t>(values.size())));
        }
    }
}

// One producer's transactions, every other one aborted, until the log takes no more: snapshots and
// transaction indexes are written.
void transact_until_failure(LogOnDisk& bench, std::int32_t count) {
    const records::Producer till{ProducerId(7), ProducerEpoch(0), 0, true};
    for (std::int32_t i = 0; i < count; ++i) {
        records::BatchBuilder builder({till.id, till.epoch, i, true});
        builder.add(1'700'000'000'000, std::nullopt, as_bytes(std::to_string(i)));
        bench.append(builder.finish());
        bench.append(
            records::end_transaction_marker(i % 2 == 0, 1, 1'700'000'000'000, till.id, till.epoch),
            0, Origin::coordinator);
        bench.run();
    }
}

TEST(Log, AnErrorUnderTheFilesOfProducersTellsWhetherItIsTheMedium) {
    for (const auto& [error, is_of_medium] : errors) {
        for (EachOperation nth; nth.next();) {
            LogOnDisk bench(small_segments());
            bench.open();
            nth.fails(bench.disk, error);
            transact_until_failure(bench, 30);
            if (!nth.came()) break;
            ASSERT_EQ(bench.log.state(), PartitionLog::State::failed) << nth.number();
            ASSERT_EQ(bench.log.is_medium_broken(), is_of_medium) << bench.log.failure();
        }
    }
}

TEST(Log, AnErrorWhileItIsOpenedFailsItAndTellsWhetherItIsTheMedium) {
    for (const bool is_clean : {true, false}) {
        for (const auto& [error, is_of_medium] : errors) {
            std::set<std::string> failures;
            for (EachOperation nth; nth.next();) {
                LogOnDisk bench(small_segments());
                bench.open();
                transact_until_failure(bench, 30);
                is_clean ? bench.close() : bench.disk.kill();
                nth.fails(bench.disk, error);
                bench.reopen(is_clean);
                if (!nth.came()) break;
                // What is no file of ours may be one that is made anew.
                const bool is_open = bench.log.state() == PartitionLog::State::open;
                if (error == StorageStatus::foreign && is_open) continue;
                ASSERT_EQ(bench.log.state(), PartitionLog::State::failed) << nth.number();
                ASSERT_EQ(bench.log.is_medium_broken(), is_of_medium) << bench.log.failure();
                failures.insert(bench.log.failure());
            }
            EXPECT_GE(failures.size(), 3u);
        }
    }
}

// A file that cannot be made anew in the place of a directory: this log, and no other, is refused.
TEST(Log, ADirectoryInThePlaceOfOneOfItsFilesFailsThisLogAlone) {
    for (const char* name :
         {"00000000000000000000.log", "00000000000000000000.index",
          "00000000000000000000.timeindex", "leader-epoch-checkpoint", "partition.metadata"}) {
        LogOnDisk bench;
        bench.disk.put_directory(LogOnDisk::directory);
        bench.disk.put_directory(std::string(LogOnDisk::directory) + '/' + name);
        bench.open();
        if (bench.log.state() == PartitionLog::State::open) {
            bench.append(LogOnDisk::batch(0, 1));
            bench.run();
        }
        EXPECT_EQ(bench.log.state(), PartitionLog::State::failed) << name;
        EXPECT_FALSE(bench.log.is_medium_broken()) << name << bench.log.failure();
    }
}

// The next one must not go before it: behind a hole the next start gives up all.
TEST(Log, ASegmentThatCannotBeRenamedFailsTheLog) {
    for (EachOperation nth; nth.next();) {
        const std::uint64_t n = nth.number();
        LogOnDisk bench(small_segments());
        bench.open();
        fill(bench, 40);
        const Offset first = bench.log.log_start_offset();
        {
            Turn turn = bench.turn();
            bench.log.raise_log_start(bench.log.written_end(), turn);
        }
        bench.run();
        nth.fails(bench.disk, StorageStatus::io_error);
        {
            Turn turn = bench.turn();
            bench.log.clean_up(bench.log.written_end(), turn);
        }
        bench.run();
        if (!nth.came()) break;
        // Without its indexes a segment is whole; without its .log there must be none before it.
        const bool is_failed = bench.log.state() == PartitionLog::State::failed;
        bool has_begun = false;
        for (std::int64_t base = first.value(); base < bench.log.log_end_offset().value(); ++base) {
            const std::string name = file_name(Offset(base), FileKind::log);
            if (bench.disk.has(std::string(LogOnDisk::directory) + '/' + name)) has_begun = true;
            ASSERT_FALSE(has_begun && bench.disk.has(std::string(LogOnDisk::directory) + '/' +
                                                     name + ".deleted"))
                << n << ' ' << base;
        }
        if (n == 1) {
            ASSERT_TRUE(is_failed);
            ASSERT_TRUE(bench.log.is_medium_broken());
        }
    }
}

TEST(Log, OneThatFailsWhileItIsOpenedKeepsNoFileOpen) {
    LogOnDisk bench(small_segments());
    bench.open();
    fill(bench, 10);
    bench.disk.kill();
    const std::uint64_t before = bench.disk.operations();
    bench.reopen();
    const std::uint64_t operations = bench.disk.operations() - before;
    int failed = 0;
    for (std::uint64_t n = operations / 2; n <= operations; ++n) {
        bench.disk.kill();
        bench.disk.fail_operation(n, StorageStatus::io_error);
        bench.reopen();
        if (bench.log.state() != PartitionLog::State::failed) continue;
        ++failed;
        Turn turn = bench.turn();
        bench.log.take_offline("its log directory is offline", turn);
        bench.run();
        ASSERT_EQ(bench.disk.open_files(), 0u) << n;
    }
    EXPECT_GT(failed, 0);
}

TEST(Log, SpaceThatCannotBePreallocatedIsNotMissed) {
    LogConfig config = small_segments();
    config.is_preallocated = true;
    LogOnDisk bench(config);
    bench.open();
    std::optional<effect::Truncate> growth;
    for (int i = 0; i < 100 && !growth; ++i) {
        Turn turn = bench.turn();
        ASSERT_TRUE(bench.log.append(LogOnDisk::batch(i, 1), LeaderEpoch(0), turn));
        for (const Effect& effect : bench.effects)
            if (const auto* truncate = std::get_if<effect::Truncate>(&effect); truncate)
                if (truncate->size == config.segment_bytes) growth = *truncate;
        std::erase_if(bench.effects, [&](const Effect& effect) {
            const auto* truncate = std::get_if<effect::Truncate>(&effect);
            return growth && truncate && truncate->operation == growth->operation;
        });
        if (growth) bench.log.on({growth->operation, StorageStatus::no_space, {}, 0, {}}, turn);
        bench.run();
    }
    ASSERT_TRUE(growth);
    EXPECT_EQ(bench.log.state(), PartitionLog::State::open) << bench.log.failure();
    EXPECT_TRUE(bench.append(LogOnDisk::batch(100, 1)));
}

}  // namespace
}  // namespace barnabas::log
