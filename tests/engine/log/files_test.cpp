// When a log opens, flushes and closes its files: idle logs cost nothing, busy ones no more than
// they must.
#include <gtest/gtest.h>

#include "tests/support/log_on_disk.h"

namespace barnabas::log {
namespace {

using namespace tests;

// What makes ten thousand of them open quickly.
TEST(LogFiles, AnEmptyLogOpensAfterACleanStopWithoutOpeningASegment) {
    LogOnDisk bench;
    bench.open();
    bench.close();
    const std::uint64_t before = bench.disk.operations();
    bench.reopen(true);
    EXPECT_EQ(bench.disk.operations() - before, 1u + 2u);  // the listing, partition.metadata
    EXPECT_EQ(bench.disk.open_files(), 0u);
    const std::uint64_t opened = bench.disk.operations();
    bench.close();
    EXPECT_EQ(bench.disk.operations(), opened);
}

TEST(LogFiles, FilesThatNobodyUsesAreClosedAndOpenedAgain) {
    LogOnDisk bench(small_segments());
    bench.open();
    fill(bench, 100);
    EXPECT_EQ(bench.read_all(0, large), numbers(0, 300));
    EXPECT_GT(bench.disk.open_files(), 0u);
    const auto pass = [&] {
        Turn turn = bench.turn();
        bench.log.close_unused_files(turn);
        bench.settle();
    };
    pass();
    EXPECT_GT(bench.disk.open_files(), 0u);  // in use since the pass before
    pass();
    EXPECT_EQ(bench.disk.open_files(), 0u);
    EXPECT_EQ(bench.read_all(0, large), numbers(0, 300));
    fill(bench, 1);
    pass();
    pass();
    EXPECT_EQ(bench.read_all(297, large), numbers(297, 303));
    bench.close();
    bench.reopen(true);
    EXPECT_EQ(bench.read_all(0, large), numbers(0, 303));
}

// An answer that waits behind another one names a file: it is there as long as that.
TEST(LogFiles, AFileThatIsPromisedIsNeitherClosedNorRemoved) {
    LogOnDisk bench(small_segments());
    bench.open();
    fill(bench, 100);
    const auto range = bench.locate(Offset(0), Offset(300), large);
    ASSERT_TRUE(range);
    const std::vector<FileId> promised = {range->file};
    const auto pass = [&](PartitionLog::Promised names) {
        Turn turn = bench.turn();
        bench.log.close_unused_files(turn, names);
        bench.log.clean_up(bench.log.written_end(), turn, names);
        bench.run();
        bench.now += std::chrono::minutes(1);
    };
    for (int i = 0; i < 3; ++i) pass(promised);
    const Bytes bytes = bench.read(*range);
    EXPECT_EQ(bytes.size(), range->length);
    {
        Turn turn = bench.turn();
        bench.log.raise_log_start(bench.log.written_end(), turn);
    }
    for (int i = 0; i < 3; ++i) pass(promised);
    const std::string deleted = "data/orders-0/00000000000000000000.log.deleted";
    ASSERT_TRUE(bench.disk.has(deleted));
    EXPECT_EQ(bench.read(*range), bytes);
    pass({});
    EXPECT_FALSE(bench.disk.has(deleted));
}

// Its index files were not opened by this life when it rolls.
TEST(LogFiles, ASegmentOfALifeBeforeIsSealed) {
    LogOnDisk bench(small_segments());
    bench.open();
    fill(bench, 1);
    bench.close();
    bench.config.segment_bytes = 300;
    bench.reopen(true);
    fill(bench, 3);
    EXPECT_EQ(bench.log.state(), PartitionLog::State::open);
    EXPECT_GT(bench.log.recovery_point(), Offset(3));
    EXPECT_EQ(bench.read_all(0, large), numbers(0, 12));
}

TEST(LogFiles, FlushMsFlushesWhatIsThatOldAndNothingTwice) {
    LogOnDisk bench;
    bench.config.flush_ms = 500;
    bench.reopen();
    fill(bench, 1);
    const auto look = [&](Duration later) {
        bench.now += later;
        Turn turn = bench.turn();
        bench.log.flush_if_old(turn);
        bench.run();
    };
    look(499ms);
    EXPECT_EQ(bench.log.flushed_end(), Offset(0));
    look(1ms);
    EXPECT_EQ(bench.log.flushed_end(), Offset(3));
    const std::uint64_t before = bench.disk.operations();
    look(10s);
    EXPECT_EQ(bench.disk.operations(), before);
    fill(bench, 1);
    look(0ms);  // the last time is long ago
    EXPECT_EQ(bench.log.flushed_end(), Offset(6));
    fill(bench, 1);
    bench.reopen();  // what the life before left is not forgotten, whether or not more comes in
    look(499ms);
    EXPECT_EQ(bench.log.flushed_end(), Offset(0)) << "no checkpoint says more";
    look(1ms);
    EXPECT_EQ(bench.log.flushed_end(), Offset(9));
}

}  // namespace
}  // namespace barnabas::log
