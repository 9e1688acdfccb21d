// Snapshots of the metadata log: which one is taken, and what every crash leaves of one.
#include "engine/protocol/codec.h"
#include "tests/engine/quorum/voter.h"

namespace barnabas::quorum {
namespace {

using Words = std::vector<std::string>;
const std::string directory = "/data/__cluster_metadata-0/";

std::string join(const Words& words) {
    std::string all;
    for (const std::string& word : words) all += word + ' ';
    return all;
}

// A file with these values in it, one batch each.
std::vector<std::uint8_t> snapshot_file(const Words& values, records::Compression compression = {},
                                        std::vector<records::Prepared> controls = {}) {
    Chain file;
    Offset at{0};
    const auto append = [&](const records::Prepared& batch) {
        file.append(records::stamp(batch, at, LeaderEpoch(1)));
        at = at + batch.offsets();
    };
    const auto control = [](records::ControlType type, const auto& message) {
        return records::control_batch(type, *protocol::encode(message, 0), 1);
    };
    append(control(records::ControlType::snapshot_header, protocol::SnapshotHeaderRecord()));
    for (const records::Prepared& batch : controls) append(batch);
    for (const std::string& value : values) {
        records::BatchBuilder batch(records::Producer{}, compression);
        batch.add(1, std::nullopt, as_bytes(value));
        append(batch.finish());
    }
    append(control(records::ControlType::snapshot_footer, protocol::SnapshotFooterRecord()));
    const Bytes bytes = file.flatten();
    return {bytes.begin(), bytes.end()};
}

// Four records, the first two of them in a snapshot too; the log is whole.
void fill(Voter& voter) {
    voter.start();
    voter.append("one");
    voter.append("two");
    voter.settle();
    voter.snapshot();
    voter.append("three");
    voter.append("four");
    voter.settle();
}

TEST(SnapshotId, IsANameOfThirtyOneDigits) {
    const SnapshotId id{Offset(140), LeaderEpoch(2)};
    EXPECT_EQ(file_name(id), "00000000000000000140-0000000002.checkpoint");
    EXPECT_EQ(snapshot_name(file_name(id))->id, id);
    const auto kafkas = snapshot_name("00000000000000000140-0000000002-876.checkpoint.part");
    ASSERT_TRUE(kafkas);
    EXPECT_EQ(kafkas->what, SnapshotName::What::part);
    for (const char* name :
         {"bootstrap.checkpoint", "00000000000000000140-00000000x2.checkpoint",
          "00000000000000000140-0000000002.checkpoint.deleted", "00000000000000000140.log",
          "99999999999999999999-0000000002.checkpoint", "00000000000000000140-0000000002"}) {
        EXPECT_FALSE(snapshot_name(name)) << name;
    }
}

TEST(Snapshot, ComesOutFirstAndTheLogBehindIt) {
    Voter voter;
    fill(voter);
    ASSERT_EQ(voter.snapshot_files().size(), 1u);
    voter.disk.kill();
    voter.forget();
    voter.start();
    ASSERT_TRUE(voter.caught_up()) << voter.log().failure();
    EXPECT_EQ(voter.committed(), (Words{"one", "two", "three", "four"}));
}

// What came from the snapshot is not read from the log again: the two differ here.
TEST(Snapshot, StandsForTheLogBelowIt) {
    Voter voter;
    fill(voter);
    voter.disk.bytes(directory + voter.snapshot_files().front()) = snapshot_file({"ONE+TWO"});
    voter.disk.kill();
    voter.forget();
    voter.start();
    EXPECT_EQ(voter.committed(), (Words{"ONE+TWO", "three", "four"}));
}

TEST(Snapshot, IsReadInWhateverCodecItsBatchesAre) {
    for (const auto codec : {records::Codec::gzip, records::Codec::snappy, records::Codec::lz4,
                             records::Codec::zstd}) {
        Voter voter;
        fill(voter);
        records::Compression compression;
        compression.codec = codec;
        voter.disk.bytes(directory + voter.snapshot_files().front()) =
            snapshot_file({"one", "two"}, compression);
        voter.disk.kill();
        voter.forget();
        voter.start();
        EXPECT_EQ(voter.committed().size(), 4u) << static_cast<int>(codec);
    }
}

// A log that begins behind offset 0 says nothing without it.
TEST(Snapshot, IsNeededWhereTheLogDoesNotBeginAtZero) {
    log::LogConfig config;
    config.segment_bytes = 200;
    config.file_delete_delay_ms = 0;
    Voter voter(config, {.bytes = 0});
    voter.start();
    for (const char* value : {"a", "b", "c", "d", "e", "f"}) {
        voter.append(value);
        voter.settle();
        voter.snapshot();
    }
    EXPECT_EQ(voter.snapshot_files().size(), 1u) << join(voter.snapshot_files());
    EXPECT_GT(voter.log().log_start_offset(), Offset(0));
    voter.disk.kill();
    voter.forget();
    voter.start();
    ASSERT_TRUE(voter.caught_up()) << voter.log().failure();
    EXPECT_EQ(join(voter.committed()), "a b c d e f ");

    const std::string name = voter.snapshot_files().front();
    voter.disk.bytes(directory + name)[70] ^= 1;
    voter.disk.kill();
    voter.start();
    EXPECT_FALSE(voter.leadership().is_leader());
    EXPECT_NE(voter.log().failure().find("no good snapshot"), std::string::npos);
    EXPECT_NE(voter.log().failure().find(name), std::string::npos);
}

// Every byte of it flipped, and cut off everywhere: the log is whole, so nothing is lost.
TEST(Snapshot, ThatIsNoGoodIsSaidAndAnOlderOneOrTheLogIsTaken) {
    Voter whole;
    fill(whole);
    whole.snapshot();
    ASSERT_EQ(whole.snapshot_files().size(), 2u);
    const std::string newest = directory + whole.snapshot_files().back();
    const std::size_t size = whole.disk.bytes(newest).size();
    for (std::size_t at = 0; at < size; ++at) {
        for (const bool is_cut : {false, true}) {
            Voter voter;
            fill(voter);
            voter.snapshot();
            auto& bytes = voter.disk.bytes(newest);
            is_cut ? bytes.resize(at) : void(bytes[at] ^= 0x10);
            voter.disk.kill();
            voter.forget();
            voter.notes.clear();
            voter.start();
            ASSERT_TRUE(voter.caught_up()) << at << voter.log().failure();
            ASSERT_EQ(join(voter.committed()), "one two three four ") << at << is_cut;
            const bool is_said = std::ranges::any_of(voter.notes, [](const Occurrence& note) {
                return note.text.find("an older snapshot") != std::string::npos;
            });
            // Base offset and leader epoch stand outside the CRC.
            EXPECT_TRUE(is_said || !is_cut) << at;
        }
    }
}

TEST(Snapshot, OfAnEpochBehindWhichThereIsNoOtherIsRefused) {
    Voter voter;
    fill(voter);
    voter.disk.put(directory + file_name({Offset(1'000), LeaderEpoch(INT32_MAX)}),
                   voter.disk.bytes(directory + voter.snapshot_files().back()));
    voter.start();
    EXPECT_FALSE(voter.leadership().is_leader());
    EXPECT_NE(voter.log().failure().find("leader epoch 2147483647"), std::string::npos);
}

TEST(Snapshot, WhatACrashLeftHalfWrittenIsRemoved) {
    Voter voter;
    fill(voter);
    voter.disk.put(directory + "00000000000000000007-0000000001-55.checkpoint.part", {1, 2, 3});
    voter.disk.put(directory + "00000000000000000001-0000000001.checkpoint.deleted", {1});
    voter.disk.kill();
    voter.start();
    EXPECT_EQ(voter.snapshot_files().size(), 1u) << join(voter.snapshot_files());
}

// The log was lost behind the snapshot: it goes on where the snapshot ends.
TEST(Snapshot, IsWhereALogThatWasLostGoesOn) {
    Voter voter;
    fill(voter);
    voter.snapshot();
    const Offset end = voter.log().high_watermark();
    voter.disk.bytes(directory + "00000000000000000000.log").clear();
    voter.disk.kill();
    voter.forget();
    voter.start();
    ASSERT_TRUE(voter.caught_up()) << voter.log().failure();
    EXPECT_EQ(join(voter.committed()), "one two three four ");
    EXPECT_GT(voter.log().high_watermark(), end);
    ASSERT_TRUE(voter.append("five"));
    voter.settle();
    voter.disk.kill();
    voter.forget();
    voter.start();
    EXPECT_EQ(join(voter.committed()), "one two three four five ");
}

TEST(Snapshot, TheVotersThatItNamesAreHeld) {
    protocol::KRaftVersionRecord version;
    version.kraft_version = 1;
    protocol::VotersRecord voters;
    voters.voters.emplace_back().voter_id = 1;
    const auto start_with = [&](Voter& voter) {
        voter.disk.put(directory + "00000000000000000000-0000000000.checkpoint",
                       snapshot_file({}, {},
                                     {records::control_batch(records::ControlType::kraft_version,
                                                             *protocol::encode(version, 0), 1),
                                      records::control_batch(records::ControlType::kraft_voters,
                                                             *protocol::encode(voters, 0), 1)}));
        voter.start();
    };
    Voter alone;
    start_with(alone);
    EXPECT_TRUE(alone.caught_up()) << alone.log().failure();
    const auto& state = alone.disk.bytes(directory + "quorum-state");
    EXPECT_NE(std::string(state.begin(), state.end()).find("\"data_version\":1"),
              std::string::npos);
    // They stand in a snapshot of ours too.
    alone.append("one");
    alone.settle();
    alone.snapshot();
    const auto& file = alone.disk.bytes(directory + alone.snapshot_files().back());
    const SnapshotScan scan = scan_snapshot(Bytes::copy(file));
    EXPECT_EQ(scan.control().kraft_version, 1);
    ASSERT_TRUE(scan.control().voters);
    EXPECT_EQ(scan.control().voters->voters.size(), 1u);

    // A voter is a node with a directory: an empty disk in its place is no voter.
    voters.voters[0].voter_directory_id = *Uuid::parse("JhleHI06Tv6VUuV6uJsdZg");
    Voter elsewhere;
    elsewhere.directory_id = *Uuid::parse("j9mPr6fq2qWuwB0COm-cVA");
    start_with(elsewhere);
    EXPECT_FALSE(elsewhere.leadership().is_leader());
    EXPECT_NE(elsewhere.log().failure().find("another voter's"), std::string::npos);

    voters.voters.emplace_back().voter_id = 2;
    Voter not_alone;
    not_alone.directory_id = voters.voters[0].voter_directory_id;
    start_with(not_alone);
    EXPECT_FALSE(not_alone.leadership().is_leader());
    EXPECT_NE(not_alone.log().failure().find("voter 2"), std::string::npos);
}

// A crash before every operation of the disk, while snapshots are made and the log is cut behind
// them.
TEST(Snapshot, NothingIsLostWhereverACrashFalls) {
    log::LogConfig config;
    config.segment_bytes = 200;
    config.file_delete_delay_ms = 0;
    const auto live = [](Voter& voter) {
        for (const char* value : {"one", "two", "three", "four"}) {
            if (!voter.append(value)) return;
            voter.settle();
            voter.snapshot();
            voter.now += 1s;
            voter.turn([](MetadataLog& log, Turn& turn) { log.clean_up(turn); });
            voter.settle();
        }
    };
    Voter whole(config, {.bytes = 0});
    whole.start();
    const std::uint64_t before = whole.disk.operations();
    live(whole);
    const std::uint64_t operations = whole.disk.operations() - before;
    ASSERT_GT(operations, 60u);
    for (std::uint64_t n = 1; n <= operations; ++n) {
        for (const bool power_too : {false, true}) {
            Voter voter(config, {.bytes = 0});
            voter.start();
            voter.disk.stop_before(n);
            live(voter);
            const auto known = voter.committed();
            power_too ? voter.disk.lose_power() : voter.disk.kill();
            voter.forget();
            voter.start();
            ASSERT_TRUE(voter.caught_up()) << n << voter.log().failure();
            const auto after = voter.committed();
            ASSERT_GE(after.size(), known.size()) << n;
            EXPECT_TRUE(std::equal(known.begin(), known.end(), after.begin()))
                << n << ": " << join(after);
            for (const std::string& name : voter.snapshot_files()) {
                EXPECT_FALSE(name.ends_with(".part")) << n;
            }
        }
    }
}

TEST(Snapshot, OlderOnesGoByAgeAndByBytesAndTheNewestStays) {
    Voter by_age({}, {.ms = 1000});
    by_age.start();
    for (const char* value : {"one", "two", "three"}) {
        by_age.append(value);
        by_age.settle();
        by_age.snapshot(by_age.wall.time_since_epoch().count());
        by_age.wall += 600ms;
    }
    EXPECT_EQ(by_age.snapshot_files().size(), 2u) << join(by_age.snapshot_files());
    by_age.wall += 1h;
    by_age.turn([](MetadataLog& log, Turn& turn) { log.clean_up(turn); });
    by_age.settle();
    EXPECT_EQ(by_age.snapshot_files().size(), 1u);

    Voter unlimited;
    fill(unlimited);
    unlimited.snapshot();
    EXPECT_EQ(unlimited.snapshot_files().size(), 2u);
}

TEST(Snapshot, AFullDiskLeavesNoHalfOne) {
    for (std::uint64_t n = 1; n < 12; ++n) {
        Voter voter;
        voter.start();
        voter.append("one");
        voter.settle();
        voter.disk.fail_operation(n, StorageStatus::no_space);
        voter.snapshot();
        EXPECT_TRUE(voter.log().failure().empty());
        for (const std::string& name : voter.snapshot_files()) {
            EXPECT_FALSE(name.ends_with(".part")) << n;
        }
    }
}

TEST(Bootstrap, IsWhatALogWithoutRecordsIsToBeginWith) {
    Voter voter;
    voter.disk.put("/data/bootstrap.checkpoint", snapshot_file({"level", "user"}));
    voter.start();
    ASSERT_TRUE(voter.caught_up()) << voter.log().failure();
    EXPECT_EQ(voter.log().bootstrap().size(), 2u);
    voter.append("level");
    voter.settle();
    voter.disk.kill();
    voter.start();
    EXPECT_TRUE(voter.log().bootstrap().empty());
}

TEST(Bootstrap, ThatIsBrokenIsSaid) {
    Voter voter;
    auto bytes = snapshot_file({"level"});
    bytes.resize(bytes.size() - 5);
    voter.disk.put("/data/bootstrap.checkpoint", bytes);
    voter.start();
    EXPECT_NE(voter.log().failure().find("bootstrap.checkpoint"), std::string::npos);
}

}  // namespace
}  // namespace barnabas::quorum
