// A world answers storage effects from the node's own disk, and a death finds it where it was.
#include <gtest/gtest.h>

#include "tests/sim/world/puppet.h"

namespace barnabas::sim {
namespace {

Effect opens(std::uint64_t file, const std::string& path) {
    return effect::Open{Token(100 + file), FileId(file), path, OpenMode::create};
}
Effect writes(std::uint64_t file, std::uint64_t position, const std::string& text) {
    return effect::Write{Token(200 + position), FileId(file), position, Bytes::copy(text)};
}
Effect flushes(std::uint64_t file) { return effect::Flush{Token(300 + file), FileId(file)}; }
Effect flushes_directory(const std::string& path) {
    return effect::FlushDirectory{Token(400), path};
}

std::string text_of(const World& world, NodeIndex node, const std::string& path) {
    const auto bytes = world.disk(node).read(path);
    return bytes ? std::string(bytes->text()) : "(nothing)";
}

std::vector<StorageStatus> statuses(const Puppet& puppet) {
    std::vector<StorageStatus> all;
    for (const auto& done : puppet.all<event::StorageDone>()) all.push_back(done.status);
    return all;
}

TEST(WorldStorage, EachOperationIsAnsweredInTheOrderOfItsFile) {
    Stage stage({},
                {.acts = {{opens(1, "log"), writes(1, 0, "hello"), flushes(1),
                           effect::Read{Token(5), FileId(1), 1, 3}, effect::Close{FileId(1)}}}});
    stage.act(stage.right);
    stage.run(1s);
    const auto done = stage.at(stage.right).all<event::StorageDone>();
    ASSERT_EQ(done.size(), 4u) << "Close has no answer";
    EXPECT_EQ(done[0].operation, Token(101));
    EXPECT_EQ(done[1].operation, Token(200));
    EXPECT_EQ(done[2].operation, Token(301));
    EXPECT_EQ(done[3].operation, Token(5));
    EXPECT_EQ(done[3].bytes.text(), "ell");
    EXPECT_EQ(stage.world.disk(stage.right).operations_under_way(), 0u);
    EXPECT_EQ(stage.world.disk(stage.left).files().size(), 0u) << "each node has its own";
}

TEST(WorldStorage, SigkillKeepsWhatPowerLossTakes) {
    Stage stage({}, {.acts = {{opens(1, "log"), flushes_directory(""), writes(1, 0, "flushed ")},
                              {flushes(1)},
                              {writes(1, 8, "cached")}}});
    for (int i = 0; i < 3; ++i) {
        stage.act(stage.right);
        stage.run(1s);
    }
    stage.world.crash(stage.right);
    EXPECT_EQ(text_of(stage.world, stage.right, "log"), "flushed cached");
    World fork = stage.world;
    stage.world.lose_power(stage.right, Unflushed::lost);
    EXPECT_EQ(text_of(stage.world, stage.right, "log"), "flushed ");
    fork.lose_power(stage.right, Unflushed::kept);
    EXPECT_EQ(text_of(fork, stage.right, "log"), "flushed cached");
}

TEST(WorldStorage, FaultsOfADiskAreHeardOf) {
    Stage stage({}, {.acts = {{opens(1, "log"), writes(1, 0, "12345678")},
                              {writes(1, 8, "12345678")},
                              {writes(1, 0, "x")},
                              {flushes(1)}}});
    const auto act = [&stage] {
        stage.act(stage.right);
        stage.run(1s);
        return statuses(stage.at(stage.right)).back();
    };
    EXPECT_EQ(act(), StorageStatus::ok);
    stage.world.fill_disk(stage.right, 10);
    EXPECT_EQ(act(), StorageStatus::no_space);
    stage.world.fail_disk(stage.right, 1);
    EXPECT_EQ(act(), StorageStatus::io_error);
    stage.world.break_disk(stage.right);
    EXPECT_EQ(act(), StorageStatus::io_error);
}

TEST(WorldStorage, ASlowDiskAnswersLate) {
    Stage stage({}, {.acts = {{opens(1, "log")}, {flushes(1)}, {flushes(1)}}});
    stage.act(stage.right);
    stage.run(1s);
    stage.world.slow_disk(stage.right, 10'000);
    const Instant start = stage.world.now();
    stage.act(stage.right);
    stage.run(60s);
    EXPECT_GE(stage.at(stage.right).times<event::StorageDone>().back() - start, 4s);
    stage.world.mend_disk(stage.right);
    const Instant again = stage.world.now();
    stage.act(stage.right);
    stage.run(60s);
    EXPECT_LT(stage.at(stage.right).times<event::StorageDone>().back() - again, 4ms);
}

TEST(WorldStorage, AFlippedBitAndAForeignLockAreFound) {
    Stage stage(
        {},
        {.acts = {{opens(1, "data"), writes(1, 0, "aaa")},
                  {effect::Read{Token(1), FileId(1), 0, 3}, effect::LockDirectory{Token(2), ""}}}});
    stage.act(stage.right);
    stage.run(1s);
    stage.world.flip_bit(stage.right, "data", 2, 1);
    stage.world.flip_bit(stage.right, "data", 99, 1);
    EXPECT_EQ(stage.world.deeds()[static_cast<std::size_t>(Deed::Kind::bit_flip)], 1u)
        << "there is no byte 99";
    stage.world.lock_by_other(stage.right, "");
    stage.act(stage.right);
    stage.run(1s);
    for (const auto& done : stage.at(stage.right).all<event::StorageDone>()) {
        if (done.operation == Token(1)) {
            EXPECT_EQ(done.bytes.text(), "aac");
        } else if (done.operation == Token(2)) {
            EXPECT_EQ(done.status, StorageStatus::locked);
        }
    }
}

TEST(WorldStorage, AFileIsSentInLineWithWhatWasSent) {
    const effect::SendFile part{dialled(1), FileId(1), 0, 9};
    const std::string head("\0\0\0\5", 4);
    Stage stage({}, {.acts = {{opens(1, "log"), sends(1, "before"), writes(1, 0, head + "hello"),
                               part, sends(1, "after")},
                              {part},
                              {effect::SendFile{dialled(1), FileId(1), 8, 2}}}});
    stage.act(stage.right);
    stage.run(1s);
    std::string got;
    for (const auto& received : stage.at(stage.left).all<event::Received>())
        got += std::string(received.frame.text()) + ".";
    EXPECT_EQ(got, "before.hello.after.") << "behind the write it was asked for after";
    stage.act(stage.right);
    stage.run(1s);
    EXPECT_EQ(stage.at(stage.left).all<event::Received>().size(), 4u);
    EXPECT_TRUE(stage.at(stage.right).all<event::Disconnected>().empty());
    stage.act(stage.right);
    stage.run(1s);
    EXPECT_EQ(stage.at(stage.right).all<event::Disconnected>()[0].reason, Reason::reset)
        << "the file is shorter than promised";
    EXPECT_EQ(stage.at(stage.left).all<event::Disconnected>().size(), 1u);
}

TEST(WorldStorage, TheDisksAreInTheFinalHash) {
    const auto run = [](unsigned bit) {
        Stage stage({}, {.acts = {{opens(1, "log"), writes(1, 0, "aaa")}}});
        stage.act(stage.right);
        stage.run(1s);
        const Hash128 trace = stage.world.trace_hash();
        World flipped = stage.world;
        flipped.flip_bit(stage.right, "log", 1, bit);
        EXPECT_EQ(trace, stage.world.trace_hash());
        return flipped.final_hash();
    };
    EXPECT_EQ(run(1), run(1));
    EXPECT_NE(run(1), run(2));
}

}  // namespace
}  // namespace barnabas::sim
