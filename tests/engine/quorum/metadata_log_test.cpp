// The metadata log of a lone voter: what is committed, and what every crash leaves.
#include "engine/quorum/state_file.h"
#include "tests/engine/quorum/voter.h"

namespace barnabas::quorum {
namespace {

TEST(MetadataLog, ALoneVoterLeadsTheNextEpochAtEachStart) {
    Voter voter;
    voter.start();
    EXPECT_TRUE(voter.caught_up());
    EXPECT_EQ(voter.leadership().epoch(), LeaderEpoch(1));
    voter.disk.kill();
    voter.start();
    EXPECT_EQ(voter.leadership().epoch(), LeaderEpoch(2));
}

TEST(MetadataLog, ARecordIsCommittedWhenItIsFlushedAndNotBefore) {
    Voter voter;
    voter.start();
    ASSERT_TRUE(voter.append("one"));
    while (voter.committed().empty()) {
        const auto done = voter.disk.answer();
        ASSERT_TRUE(done);
        voter.turn([&](MetadataLog& log, Turn& turn) { log.on(*done, turn); });
    }
    voter.disk.lose_power();
    voter.forget();
    voter.start();
    EXPECT_EQ(voter.committed(), std::vector<std::string>{"one"});
}

TEST(MetadataLog, WhatEarlierLivesCommittedComesOutFirstAndInOrder) {
    Voter voter;
    voter.start();
    for (const char* value : {"one", "two"}) ASSERT_TRUE(voter.append(value));
    voter.settle();
    voter.disk.kill();
    voter.forget();
    voter.start();
    ASSERT_TRUE(voter.append("three"));
    voter.settle();
    EXPECT_EQ(voter.committed(), (std::vector<std::string>{"one", "two", "three"}));
}

// Power fails between any two operations: what came out before it comes out again.
TEST(MetadataLog, NothingThatWasCommittedIsLostWhereverPowerFails) {
    for (std::uint64_t n = 1; n < 40; ++n) {
        Voter voter;
        voter.start();
        voter.disk.stop_before(n);
        for (const char* value : {"one", "two", "three"}) {
            voter.append(value);
            voter.settle();
        }
        const auto before = voter.committed();
        voter.disk.lose_power();
        voter.forget();
        voter.start();
        ASSERT_TRUE(voter.caught_up()) << voter.log().failure();
        const auto after = voter.committed();
        ASSERT_GE(after.size(), before.size()) << n;
        EXPECT_TRUE(std::equal(before.begin(), before.end(), after.begin())) << n;
    }
}

TEST(MetadataLog, ABatchThatTheDiskDidNotTakeIsToldAsLost) {
    Voter voter;
    voter.start();
    voter.disk.fail_operation(1, StorageStatus::no_space);
    ASSERT_TRUE(voter.append("one"));
    voter.settle();
    EXPECT_EQ(voter.log().take_loss(), Offset(1));  // behind LeaderChange
    EXPECT_EQ(voter.log().take_loss(), std::nullopt);
    EXPECT_TRUE(voter.committed().empty());
}

TEST(MetadataLog, AFullDiskIsWaitedForAndThenItTakesOffice) {
    constexpr std::uint64_t room_max = 1000;  // enough to begin
    for (std::uint64_t room = 0; room <= room_max; ++room) {
        Voter voter;
        voter.disk.set_space(room);
        voter.start();
        EXPECT_EQ(voter.log().failure(), "") << "room for " << room << " bytes";
        EXPECT_TRUE(voter.caught_up() || voter.waits_for_room()) << room;
        EXPECT_TRUE(room > 0 || voter.waits_for_room());
        EXPECT_TRUE(room < room_max || voter.caught_up());
        voter.disk.set_space(UINT64_MAX);
        for (int i = 0; i < 3; ++i) {
            voter.now += 1s;
            voter.turn([&](MetadataLog& log, Turn& turn) {
                log.try_again(turn);
                voter.leadership().try_again();
            });
            voter.settle();
        }
        EXPECT_TRUE(voter.caught_up()) << "room for " << room << " bytes";
        EXPECT_TRUE(voter.append("one"));
    }
}

// Of a record that was written and not flushed nobody knows yet whether it is committed.
TEST(MetadataLog, WhatAnEarlierLifeLeftIsCommittedWithThisLifesEpochAndNotBefore) {
    Voter voter;
    voter.start();
    voter.disk.stop_before(2);  // behind the write, before its flush
    ASSERT_TRUE(voter.append("one"));
    voter.settle();
    EXPECT_TRUE(voter.committed().empty());
    voter.disk.kill();
    voter.begin();
    while (voter.committed().empty()) {
        EXPECT_FALSE(voter.caught_up());
        ASSERT_TRUE(voter.step());
    }
    EXPECT_GT(voter.log().high_watermark(), voter.log().given_end() - 1);
    voter.disk.lose_power();
    voter.forget();
    voter.start();
    EXPECT_EQ(voter.committed(), std::vector<std::string>{"one"});
}

TEST(MetadataLog, NoValuesAreTakenAndAreNoBatch) {
    Voter voter;
    voter.start();
    const Offset end = voter.log().end_offset();
    voter.turn([](MetadataLog& log, Turn& turn) {
        EXPECT_TRUE(log.append({}, LeaderEpoch(1), turn));
    });
    EXPECT_EQ(voter.log().end_offset(), end);
}

TEST(QuorumState, IsWrittenAsKafkaWritesIt) {
    const std::string kafkas =
        R"({"clusterId":"","leaderId":1,"leaderEpoch":2,"votedId":-1,"appliedOffset":0,)"
        R"("currentVoters":[{"voterId":1}],"data_version":0})";
    const QuorumState state{NodeId(1), LeaderEpoch(2), no_node, {NodeId(1)}};
    EXPECT_EQ(print(state).text(), kafkas);
    EXPECT_EQ(parse_quorum_state(kafkas), state);
}

// With kraft.version 1: of a leader, which has voted for nobody, and of a candidate.
TEST(QuorumState, KeepsTheDirectoryOfTheVoterThatWasVotedFor) {
    const std::string leaders =
        R"({"leaderId":1,"leaderEpoch":2,"votedId":-1,)"
        R"("votedDirectoryId":"AAAAAAAAAAAAAAAAAAAAAA","data_version":1})";
    const std::string candidates =
        R"({"leaderId":-1,"leaderEpoch":3,"votedId":1,)"
        R"("votedDirectoryId":"JhleHI06Tv6VUuV6uJsdZg","data_version":1})";
    for (const std::string& text : {leaders, candidates}) {
        const auto state = parse_quorum_state(text);
        ASSERT_TRUE(state.has_value()) << state.error();
        EXPECT_EQ(print(*state).text(), text);
    }
    EXPECT_FALSE(parse_quorum_state(R"({"leaderId":1,"leaderEpoch":2,"votedId":-1,)"
                                    R"("votedDirectoryId":"?","data_version":1})"));
}

TEST(QuorumState, WhatIsNoneIsAnErrorInWords) {
    for (const char* text : {"", "[]", "{}", R"({"data_version":7})", R"({"data_version":0})",
          R"({"leaderId":1,"leaderEpoch":-1,"votedId":-1,"data_version":0})"}) {
        const auto state = parse_quorum_state(text);
        ASSERT_FALSE(state.has_value()) << text;
        EXPECT_FALSE(state.error().empty());
    }
}

TEST(QuorumState, AnEpochBehindWhichThereIsNoOtherIsRefused) {
    const Bytes text =
        print(QuorumState{NodeId(1), LeaderEpoch(INT32_MAX), no_node, {NodeId(1)}});
    Voter voter;
    voter.disk.put("/data/__cluster_metadata-0/quorum-state", {text.begin(), text.end()});
    voter.start();
    EXPECT_FALSE(voter.leadership().is_leader());
    EXPECT_NE(voter.log().failure().find("leader epoch 2147483647"), std::string::npos);
}

TEST(QuorumState, AStateOfSeveralVotersIsRefusedBecauseItWouldSplitTheQuorum) {
    Voter voter;
    voter.disk.put("/data/__cluster_metadata-0/quorum-state", [] {
        const Bytes text =
            print(QuorumState{NodeId(2), LeaderEpoch(3), no_node, {NodeId(1), NodeId(2)}});
        return std::vector<std::uint8_t>(text.begin(), text.end());
    }());
    voter.start();
    EXPECT_FALSE(voter.leadership().is_leader());
    EXPECT_NE(voter.log().failure().find("voter 2"), std::string::npos);
}

}  // namespace
}  // namespace barnabas::quorum
