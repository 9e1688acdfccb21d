// How a broker comes to life, ends, and finds its data again.
#include <malloc.h>

#include "engine/broker/names.h"
#include "tests/engine/broker/test_broker.h"

namespace barnabas::broker {
namespace {

using protocol::ErrorCode;

std::vector<std::string> read_all(TestBroker& broker, const std::string& topic) {
    const auto response =
        broker.ask<protocol::FetchResponse>(broker.connect(), fetch_from(topic, Offset(0)), 12);
    const auto& partition = response.responses.at(0).partitions.at(0);
    EXPECT_EQ(partition.error_code, ErrorCode::none);
    return values_in(partition.records.bytes());
}

void write(TestBroker& broker, const std::string& topic, const std::string& value) {
    const auto response = broker.ask<protocol::ProduceResponse>(
        broker.connect(), produce_to(topic, batch_of({value})), 9);
    EXPECT_EQ(response.responses.at(0).partition_responses.at(0).error_code, ErrorCode::none);
}

void expect_served_or_said(TestBroker& broker, const std::string& what) {
    broker.start();
    const bool has_ended = broker.exit_code() == 1;
    EXPECT_TRUE(has_ended || broker.broker().is_serving()) << what;
    EXPECT_TRUE(!has_ended || !broker.notes().back().text.empty()) << what;
}

TEST(BrokerLife, AnEmptyDirectoryIsFormattedAndServed) {
    TestBroker broker;
    broker.start();
    EXPECT_TRUE(broker.broker().is_serving());
    EXPECT_TRUE(broker.disk().has("/data/meta.properties"));
    EXPECT_TRUE(broker.disk().has("/data/bootstrap.checkpoint"));
    EXPECT_TRUE(broker.disk().has("/data/__cluster_metadata-0/quorum-state"));
    EXPECT_EQ(broker.broker().node().image.feature_level("metadata.version"), 30);
}

TEST(BrokerLife, WhatWasAcknowledgedIsThereAfterSigkill) {
    TestBroker broker;
    broker.start();
    make_topic(broker, broker.connect(), "orders");
    write(broker, "orders", "one");
    write(broker, "orders", "two");
    broker.kill();
    broker.start();
    EXPECT_EQ(read_all(broker, "orders"), (std::vector<std::string>{"one", "two"}));
}

TEST(BrokerLife, ATopicSurvivesPowerLossBecauseItsRecordsWereFlushed) {
    TestBroker broker;
    broker.start();
    make_topic(broker, broker.connect(), "orders");
    broker.lose_power();
    broker.start();
    ASSERT_TRUE(broker.broker().is_serving());
    EXPECT_NE(broker.broker().node().image.topic("orders"), nullptr);
}

// And of the directories above them, of which some may be new.
TEST(BrokerLife, TheNamesOfLogDirectoriesSurvivePowerLoss) {
    TestBroker broker({"log.dirs=/srv/barnabas/data/,/srv/barnabas/more//"});
    broker.start();
    make_topic(broker, broker.connect(), "orders", 2);
    broker.lose_power();
    broker.start();
    ASSERT_TRUE(broker.broker().is_serving());
    EXPECT_NE(broker.broker().node().image.topic("orders"), nullptr);
    EXPECT_TRUE(broker.disk().has("/srv/barnabas/more/meta.properties"));
}

TEST(BrokerLife, ACleanStopFlushesAndTheNextStartTrustsIt) {
    TestBroker broker;
    broker.start();
    make_topic(broker, broker.connect(), "orders");
    write(broker, "orders", "one");
    broker.stop();
    EXPECT_EQ(broker.exit_code(), 0);
    EXPECT_TRUE(broker.disk().has("/data/.kafka_cleanshutdown"));
    const auto& points = broker.disk().bytes("/data/recovery-point-offset-checkpoint");
    EXPECT_EQ(std::string(points.begin(), points.end()), "0\n1\norders 0 1\n");
    broker.lose_power();  // all of it was flushed
    broker.start();
    EXPECT_FALSE(broker.disk().has("/data/.kafka_cleanshutdown"));
    EXPECT_EQ(read_all(broker, "orders"), (std::vector<std::string>{"one"}));
}

// PERFORMANCE.md: a row of the image, a log, and nothing of the disk.
TEST(BrokerLife, AnIdleReplicaTakesLittleMemoryAndNoFile) {
    constexpr int partitions = 1000;
    TestBroker broker;
    broker.start();
    make_topic(broker, broker.connect(), "orders", partitions);
    const std::size_t open_files = broker.disk().open_files();
    EXPECT_LT(open_files, 10u);
    broker.stop();
    broker.start();
    ASSERT_TRUE(broker.broker().is_serving());
    const std::size_t before = mallinfo2().uordblks;
    broker.machine() = TestBroker().machine();
    EXPECT_LE((before - mallinfo2().uordblks) / partitions, 2048u);
}

TEST(BrokerLife, ALogThatIsStillOpeningDoesNotHoldUpACleanStop) {
    TestBroker broker;
    broker.start();
    protocol::CreateTopicsRequest request;
    request.topics.emplace_back().name = "orders";
    request.topics[0].num_partitions = 300;  // more than are opened at once
    request.topics[0].replication_factor = 1;
    broker.send_until(broker.connect(), request, 7,
                      [&] { return broker.broker().node().logs.opening() > 0; });
    broker.stop();
    EXPECT_EQ(broker.exit_code(), 0);
    broker.start();
    EXPECT_TRUE(broker.broker().is_serving());
    EXPECT_EQ(broker.broker().node().partitions.table().slot_count(), 300u);
}

TEST(BrokerLife, EachLifeHasAHigherEpochOfTheMetadataQuorum) {
    TestBroker broker;
    broker.start();
    const LeaderEpoch first = broker.machine().quorum_epoch();
    broker.kill();
    broker.start();
    EXPECT_EQ(broker.machine().quorum_epoch(), first + 1);
}

std::vector<LeaderEpoch> epochs_in(const std::vector<std::uint8_t>& log) {
    std::vector<LeaderEpoch> epochs;
    const Bytes bytes = Bytes::copy(log);
    records::BatchReader reader(bytes);
    while (const auto batch = reader.next()) epochs.push_back(batch->header.leader_epoch);
    return epochs;
}

// The kinds of records in the metadata log from that offset on, one line a batch.
std::vector<std::string> metadata_batches(TestBroker& broker, Offset from) {
    std::vector<std::string> lines;
    const Bytes bytes =
        Bytes::copy(broker.disk().bytes("/data/__cluster_metadata-0/00000000000000000000.log"));
    records::BatchReader reader(bytes);
    while (const auto batch = reader.next()) {
        if (batch->header.base_offset < from || batch->header.is_control()) continue;
        std::string& line = lines.emplace_back();
        const Bytes content = batch->records();
        records::RecordReader records(batch->header, content.view());
        while (const auto record = records.next()) {
            const auto one = metadata::decode(Bytes::copy(*record->value));
            line += (line.empty() ? "" : " ") + std::string(metadata::name_of(*one));
        }
    }
    return lines;
}

// Fenced, then elected. A record that was lost with the power and the one in its place differ in
// their epochs: consumers notice (KIP-320).
TEST(BrokerLife, EachRestartRaisesTheLeaderEpochByTwoAsInApacheKafka) {
    using Lines = std::vector<std::string>;
    const std::string leaders = "PartitionChangeRecord PartitionChangeRecord";
    const std::string change = "BrokerRegistrationChangeRecord";
    TestBroker broker;
    broker.start();
    make_topic(broker, broker.connect(), "orders", 2);
    const auto epoch = [&] {
        return broker.broker().node().partitions.table().at(0)->leader()->epoch;
    };
    EXPECT_EQ(epoch(), LeaderEpoch(0));
    write(broker, "orders", "one");

    Offset end = broker.machine().metadata_log().end_offset();
    broker.kill();
    broker.start();
    EXPECT_EQ(epoch(), LeaderEpoch(2));
    EXPECT_EQ(metadata_batches(broker, end),
              (Lines{leaders + ' ' + change, "RegisterBrokerRecord", change + ' ' + leaders}));
    write(broker, "orders", "two");

    end = broker.machine().metadata_log().end_offset();
    broker.stop();
    EXPECT_EQ(metadata_batches(broker, end), (Lines{change + ' ' + leaders, change}));
    broker.start();
    EXPECT_EQ(epoch(), LeaderEpoch(4));
    write(broker, "orders", "three");

    EXPECT_EQ(epochs_in(broker.disk().bytes("/data/orders-0/00000000000000000000.log")),
              (std::vector<LeaderEpoch>{LeaderEpoch(0), LeaderEpoch(2), LeaderEpoch(4)}));
    const auto& rows = broker.disk().bytes("/data/orders-0/leader-epoch-checkpoint");
    EXPECT_EQ(std::string(rows.begin(), rows.end()), "0\n3\n0 0\n2 1\n4 2\n");
}

// It ends, cleanly or not, and the next start does what this stop could not.
TEST(BrokerLife, AStopWaitsForNoRoomToWriteThatItGoes) {
    TestBroker broker;
    broker.start();
    make_topic(broker, broker.connect(), "orders");
    write(broker, "orders", "one");
    broker.disk().set_space(0);
    broker.stop();
    EXPECT_TRUE(broker.exit_code()) << broker.notes().back().text;
    broker.disk().set_space(UINT64_MAX);
    broker.start();
    EXPECT_EQ(read_all(broker, "orders"), std::vector<std::string>{"one"});
    EXPECT_EQ(broker.broker().node().partitions.table().at(0)->leader()->epoch, LeaderEpoch(2));
}

// A crash between any two operations of the disk, at the first start and at a later one, leaves a
// directory that the next start takes.
TEST(BrokerLife, EveryStartThatWasCutOffCanBeRepeated) {
    TestBroker whole;
    const std::uint64_t before = whole.disk().operations();
    whole.start();
    const std::uint64_t operations = whole.disk().operations() - before;
    ASSERT_GT(operations, 20u);
    for (std::uint64_t n = 1; n <= operations; ++n) {
        for (const bool power_too : {false, true}) {
            TestBroker broker;
            broker.disk().stop_before(n);
            broker.start();
            power_too ? broker.lose_power() : broker.kill();
            broker.start();
            ASSERT_TRUE(broker.broker().is_serving())
                << "cut off before operation " << n << (power_too ? " by power loss" : "");
            make_topic(broker, broker.connect(), "orders");
        }
    }
}

TEST(BrokerLife, ADirectoryOfAnotherNodeIsRefused) {
    TestBroker broker({"node.id=2", "log.dirs=/data"});
    broker.disk().put("/data/meta.properties", {});
    const std::string text =
        "version=1\nnode.id=1\ncluster.id=QmFybmFiYXMtZGVtby0wMQ\ndirectory.id="
        "fDz42J3F2IROM6ZGLUHKaQ\n";
    broker.disk().put("/data/meta.properties", {text.begin(), text.end()});
    broker.start();
    EXPECT_EQ(broker.exit_code(), 1);
    EXPECT_TRUE(broker.has_note("it belongs to node 1, and this is node 2"));
}

TEST(BrokerLife, ADirectoryThatHoldsSomethingElseIsLeftAlone) {
    TestBroker broker;
    broker.disk().put("/data/thesis.txt", {1, 2, 3});
    broker.start();
    EXPECT_EQ(broker.exit_code(), 1);
    EXPECT_TRUE(broker.has_note("thesis.txt"));
    EXPECT_FALSE(broker.disk().has("/data/meta.properties"));
}

constexpr std::string_view flushing = "log.flush.interval.messages=1";

// A broker with one record in "orders", another one deleted before it.
void write_and_delete(TestBroker& broker) {
    broker.start();
    make_topic(broker, broker.connect(), "orders");
    broker.ask<protocol::ProduceResponse>(broker.connect(),
                                          produce_to("orders", batch_of({"a", "b"})), 9);
    protocol::DeleteRecordsRequest request;
    auto& topic = request.topics.emplace_back();
    topic.name = "orders";
    topic.partitions.emplace_back() = {0, 1};
    broker.ask<protocol::DeleteRecordsResponse>(broker.connect(), request, 2);
}

TEST(BrokerLife, CheckpointsThatAreDueAtTheSameInstantAreBothWritten) {
    TestBroker broker({std::string(flushing)});
    write_and_delete(broker);
    broker.tell(event::TimerFired{names::checkpoint_due});
    broker.tell(event::TimerFired{names::start_checkpoint_due});
    broker.settle();
    EXPECT_TRUE(broker.disk().has(recovery_file));
    EXPECT_TRUE(broker.disk().has(starts_file));
}

TEST(BrokerLife, ACheckpointThatCouldNotBeWrittenIsWrittenTheNextTime) {
    for (const auto& [timer, path] : {std::pair(names::checkpoint_due, recovery_file),
                                      std::pair(names::start_checkpoint_due, starts_file)}) {
        TestBroker broker({std::string(flushing)});
        write_and_delete(broker);
        broker.disk().fail_operation(1, StorageStatus::no_space);
        for (const bool has_room : {false, true}) {
            broker.tell(event::TimerFired{timer});
            broker.settle();
            EXPECT_EQ(broker.disk().has(path), has_room);
        }
        EXPECT_EQ(broker.has_note("records that were deleted"), path == starts_file);
    }
}

// Without it deleted records would come back, and the next one would make that final.
TEST(BrokerLife, ACheckpointThatTheDiskDoesNotGiveOutIsNotTakenForNone) {
    for (const char* path : {recovery_file, starts_file}) {
        TestBroker broker;
        write_and_delete(broker);
        broker.stop();
        broker.disk().break_directory(path);
        broker.start();
        EXPECT_EQ(broker.exit_code(), 1);
        EXPECT_TRUE(broker.has_note(std::string(path).substr(sizeof("/data")) + " cannot be read"));
    }
}

TEST(BrokerLife, ADiskThatFailsAtAStartIsSaidAndNothingHangs) {
    for (const bool is_first : {true, false}) {
        const auto prepare = [&](TestBroker& broker) {
            if (is_first) return;
            broker.start();
            make_topic(broker, broker.connect(), "orders");
            broker.kill();
        };
        TestBroker whole;
        prepare(whole);
        const std::uint64_t before = whole.disk().operations();
        whole.start();
        const std::uint64_t operations = whole.disk().operations() - before;
        for (std::uint64_t n = 1; n <= operations; ++n) {
            TestBroker broker;
            prepare(broker);
            broker.disk().fail_operation(n, StorageStatus::io_error);
            expect_served_or_said(broker, "operation " + std::to_string(n));
        }
    }
}

}  // namespace
}  // namespace barnabas::broker
