// The checker's own eyes: what it says of a log is what the files hold.
#include "sim/checkers/log_follower.h"

#include <gtest/gtest.h>

#include "engine/records/build.h"
#include "tests/sim/checkers/orders.h"

namespace barnabas::sim {
namespace {

const std::string segment = "data/orders-0/00000000000000000000.log";

class LogFollowerTest : public testing::Test {
  protected:
    void SetUp() override {
        does(effect::MakeDirectory{Token(1), "data/orders-0"});
        open(FileId(1), segment);
        does(effect::FlushDirectory{Token(1), "data/orders-0"});
        does(effect::FlushDirectory{Token(1), "data"});
        does(effect::FlushDirectory{Token(1), ""});
    }
    void does(const Effect& wanted) { disk.finish(disk.submit(wanted, now += 1s).slot); }
    void open(FileId file, const std::string& path) {
        does(effect::Open{Token(1), file, path, OpenMode::create});
    }
    // A batch of so many stamped records.
    Chain batch(std::int64_t base, std::uint64_t count) {
        records::BatchBuilder builder;
        for (std::uint64_t i = 0; i < count; ++i) {
            builder.add(1000, std::nullopt,
                        value_of({"till", static_cast<std::uint64_t>(base) + i}, 40).view());
        }
        return records::stamp(builder.finish(), Offset(base), LeaderEpoch(0));
    }
    void write(const Chain& bytes, FileId file = FileId(1)) {
        does(effect::Write{Token(1), file, end[file], bytes});
        end[file] += bytes.size();
    }
    std::string follow() { return print(follower.follow(disk)); }
    static std::string print(const std::vector<LogChange>& changes) {
        std::string text;
        for (const LogChange& change : changes) {
            if (!text.empty()) text += ", ";
            text += change.kind == LogChange::Kind::cut      ? "cut@"
                    : change.kind == LogChange::Kind::begins ? "begins@"
                                                             : "";
            text += std::to_string(change.offset.value());
            if (change.kind == LogChange::Kind::rewritten) {
                text += ".." + std::to_string(change.end.value()) + ':';
                for (const Stamped& one : change.left)
                    text += ' ' + std::to_string(one.offset.value());
            }
            if (change.stamp) text += '=' + std::to_string(change.stamp->number);
        }
        return text;
    }

    Disk disk{{}, 7};
    Instant now{};
    std::map<FileId, std::uint64_t> end;
    LogFollower follower{{"data"}, {"orders"}};
    LogFollower compacting{{"data"}, {"orders"}, {"orders"}};
};

TEST_F(LogFollowerTest, TellsEachRecordOnce) {
    write(batch(0, 2));
    EXPECT_EQ(follow(), "0=0, 1=1");
    EXPECT_EQ(follow(), "");
    write(batch(2, 1));
    EXPECT_EQ(follow(), "2=2");
}

TEST_F(LogFollowerTest, ABatchThatIsNotWholeIsNotThere) {
    const Bytes whole = batch(0, 2).flatten();
    write(whole.slice(0, whole.size() - 1));
    EXPECT_EQ(follow(), "");
    write(whole.from(whole.size() - 1));
    EXPECT_EQ(follow(), "0=0, 1=1");
}

TEST_F(LogFollowerTest, ATruncatedFileIsACut) {
    write(batch(0, 2));
    const std::uint64_t first = end[FileId(1)];
    write(batch(2, 1));
    EXPECT_EQ(follow(), "0=0, 1=1, 2=2");
    does(effect::Truncate{Token(1), FileId(1), first});
    EXPECT_EQ(follow(), "cut@2");
    does(effect::Truncate{Token(1), FileId(1), 5});
    EXPECT_EQ(follow(), "cut@0");
}

TEST_F(LogFollowerTest, FollowsFromSegmentToSegment) {
    write(batch(0, 1));
    open(FileId(2), "data/orders-0/00000000000000000001.log");
    write(batch(1, 1), FileId(2));
    EXPECT_EQ(follow(), "0=0, 1=1");
    does(effect::Remove{Token(1), FileId(2)});
    EXPECT_EQ(follow(), "cut@1");
}

TEST_F(LogFollowerTest, WhatRetentionRemovesIsNoCut) {
    write(batch(0, 1));
    open(FileId(2), "data/orders-0/00000000000000000001.log");
    write(batch(1, 1), FileId(2));
    EXPECT_EQ(follow(), "0=0, 1=1");
    does(effect::Remove{Token(1), FileId(1)});
    EXPECT_EQ(follow(), "begins@1");
}

// Nothing orders the writes to two files; and power loss may leave the younger one.
TEST_F(LogFollowerTest, BehindAHoleNothingStands) {
    const Chain first = batch(0, 1);
    open(FileId(2), "data/orders-0/00000000000000000001.log");
    write(batch(1, 1), FileId(2));
    EXPECT_EQ(follow(), "");
    write(first);
    EXPECT_EQ(follow(), "0=0, 1=1");
}

TEST_F(LogFollowerTest, KnowsWhatWouldSurvivePowerLoss) {
    write(batch(0, 2));
    does(effect::Flush{Token(1), FileId(1)});
    write(batch(2, 3));
    EXPECT_EQ(follow(), "0=0, 1=1, 2=2, 3=3, 4=4");
    EXPECT_EQ(follower.durable_ends(disk).at(orders), Offset(2));
    disk.lose_power(Unflushed::lost);
    EXPECT_EQ(print(follower.read_anew(disk)), "0=0, 1=1");
}

// At every instant: what a restart would find.
TEST_F(LogFollowerTest, ASwapOfSegmentsIsOneChange) {
    const auto look = [&] { return print(compacting.follow(disk)); };
    const std::string second = "data/orders-0/00000000000000000002.log";
    write(batch(0, 2));
    open(FileId(2), second);
    write(batch(2, 2), FileId(2));
    open(FileId(3), "data/orders-0/00000000000000000004.log");
    write(batch(4, 1), FileId(3));
    EXPECT_EQ(look(), "0=0, 1=1, 2=2, 3=3, 4=4");
    open(FileId(4), segment + ".cleaned");
    open(FileId(5), "data/orders-0/00000000000000000000.index.cleaned");
    write(batch(1, 1), FileId(4));
    write(batch(3, 1), FileId(4));
    does(effect::Rename{Token(1), FileId(4), segment + ".swap"});
    EXPECT_EQ(look(), "") << "its index has no new name yet: it would be removed";
    does(effect::Rename{Token(1), FileId(5), "data/orders-0/00000000000000000000.index.swap"});
    EXPECT_EQ(look(), "0..4: 1 3");
    EXPECT_EQ(compacting.durable_ends(disk).at(orders), Offset(4));
    does(effect::Rename{Token(1), FileId(1), segment + ".deleted"});
    does(effect::Rename{Token(1), FileId(2), second + ".deleted"});
    does(effect::Rename{Token(1), FileId(4), segment});
    does(effect::Remove{Token(1), FileId(1)});
    EXPECT_EQ(look(), "");
    write(batch(5, 1), FileId(3));
    EXPECT_EQ(look(), "5=5");
    EXPECT_EQ(compacting.end(orders), Offset(6));
}

TEST_F(LogFollowerTest, FollowsPartitionsInSeveralDirectories) {
    LogFollower both{{"data", "data2"}, {"orders"}};
    does(effect::MakeDirectory{Token(1), "data2/orders-1"});
    open(FileId(2), "data2/orders-1/00000000000000000000.log");
    write(batch(0, 1));
    write(batch(0, 2), FileId(2));
    EXPECT_EQ(print(both.follow(disk)), "0=0, 0=0, 1=1");
    EXPECT_EQ(follow(), "0=0");
    EXPECT_EQ(both.directory_of(orders), "data");
    EXPECT_EQ(both.directory_of({"orders", PartitionIndex(1)}), "data2");
    EXPECT_EQ(both.directory_of({"orders", PartitionIndex(2)}), std::nullopt);
}

TEST_F(LogFollowerTest, KnowsWhereTheFirstSegmentEnds) {
    write(batch(0, 2));
    follow();
    EXPECT_EQ(follower.first_end(orders), std::nullopt);
    open(FileId(2), "data/orders-0/00000000000000000002.log");
    follow();
    EXPECT_EQ(follower.first_end(orders), Offset(2));
    EXPECT_EQ(follower.partitions(), std::set<TopicPartition>{orders});
}

TEST_F(LogFollowerTest, OtherFilesAreNoneOfItsBusiness) {
    does(effect::MakeDirectory{Token(1), "data/__cluster_metadata-0"});
    open(FileId(3), "data/__cluster_metadata-0/00000000000000000000.log");
    open(FileId(4), "data/orders-0/00000000000000000000.index");
    open(FileId(5), "data/orders-0/1.log");
    for (const FileId file : {FileId(3), FileId(4), FileId(5)}) write(batch(0, 1), file);
    EXPECT_EQ(follow(), "");
}

}  // namespace
}  // namespace barnabas::sim
