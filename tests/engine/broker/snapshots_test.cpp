// A broker writes its metadata down as snapshots, begins with them, and takes what Apache Kafka's
// own format left in an empty directory.
#include "engine/protocol/stored.h"
#include "tests/engine/broker/test_broker.h"

namespace barnabas::broker {
namespace {

const std::string directory = "/data/__cluster_metadata-0";

std::vector<std::string> snapshots(TestBroker& broker) {
    std::vector<std::string> names;
    for (const std::string& name : broker.disk().names_in(directory)) {
        if (name.find(".checkpoint") != std::string::npos && name[0] == '0') names.push_back(name);
    }
    return names;
}

Hash128 digest_of(const TestBroker& broker) {
    Hasher hasher;
    broker.broker().node().image.digest(hasher);
    return hasher.value();
}

TEST(BrokerSnapshots, AreWrittenByBytesAndTheNextLifeBeginsWithOne) {
    TestBroker broker({"metadata.log.max.record.bytes.between.snapshots=2000", "log.dirs=/data",
                       "metadata.max.retention.bytes=1"});
    broker.start();
    for (int i = 0; i < 40; ++i) {
        make_topic(broker, broker.connect(), "topic" + std::to_string(i));
    }
    ASSERT_FALSE(snapshots(broker).empty());
    EXPECT_EQ(snapshots(broker).size(), 1u);  // older ones went
    EXPECT_GT(broker.machine().metadata_log().log_start_offset(), Offset(0));
    const Hash128 before = digest_of(broker);
    const metadata::Image image = broker.broker().node().image;
    broker.kill();
    broker.start();
    ASSERT_TRUE(broker.broker().is_serving());
    EXPECT_EQ(broker.broker().node().image.topics().size(), 40u);
    for (const auto& [name, topic] : image.topics()) {
        const metadata::Topic* again = broker.broker().node().image.topic(name);
        ASSERT_NE(again, nullptr) << name;
        EXPECT_EQ(again->id, topic->id);
    }
    EXPECT_NE(digest_of(broker), before);  // this life is another incarnation
}

TEST(BrokerSnapshots, AreWrittenWhenTheIntervalIsOverAndSomethingIsNew) {
    TestBroker broker({"metadata.log.max.snapshot.interval.ms=5000", "log.dirs=/data"});
    broker.start();
    EXPECT_TRUE(snapshots(broker).empty());
    broker.pass(5s);
    EXPECT_EQ(snapshots(broker).size(), 1u);
    broker.pass(5s);
    EXPECT_EQ(snapshots(broker).size(), 1u);  // nothing was new
    make_topic(broker, broker.connect(), "orders");
    broker.pass(5s);
    EXPECT_EQ(snapshots(broker).size(), 2u);
}

protocol::FeatureLevelRecord level_of(const std::string& feature, std::int16_t level) {
    protocol::FeatureLevelRecord record;
    record.name = feature;
    record.feature_level = level;
    return record;
}

// As kafka-storage format leaves it.
void format(TestBroker& broker, const std::vector<metadata::Record>& bootstrap) {
    Chain file;
    Offset at{0};
    const auto append = [&](const records::Prepared& batch) {
        file.append(records::stamp(batch, at, LeaderEpoch(0)));
        at = at + batch.offsets();
    };
    const std::vector<std::uint8_t> empty{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    append(records::control_batch(records::ControlType::snapshot_header, empty, 1));
    records::BatchBuilder batch;
    for (const metadata::Record& record : bootstrap)
        batch.add(1, std::nullopt, metadata::encode(record).view());
    append(batch.finish());
    append(records::control_batch(records::ControlType::snapshot_footer,
                                  std::vector<std::uint8_t>{0, 0, 0}, 1));
    const Bytes bytes = file.flatten();
    broker.disk().put("/data/bootstrap.checkpoint", {bytes.begin(), bytes.end()});
    const std::string text =
        "version=1\nnode.id=1\ncluster.id=QmFybmFiYXMtZGVtby0wMQ\ndirectory.id="
        "fDz42J3F2IROM6ZGLUHKaQ\n";
    broker.disk().put("/data/meta.properties", {text.begin(), text.end()});
}

// Levels and a user.
TEST(BrokerSnapshots, TheFormatOfAnEmptyDirectoryIsTaken) {
    protocol::UserScramCredentialRecord alice;
    alice.name = "alice";
    alice.mechanism = 1;
    TestBroker broker({"metadata.log.max.record.bytes.between.snapshots=1", "log.dirs=/data"});
    format(broker, {level_of("metadata.version", 27), level_of("group.version", 1), alice});
    broker.start();
    ASSERT_TRUE(broker.broker().is_serving());
    const auto holds = [&] {
        const metadata::Image& image = broker.broker().node().image;
        EXPECT_EQ(image.feature_level("metadata.version"), 27);
        EXPECT_EQ(image.feature_level("group.version"), 1);
        EXPECT_TRUE(image.security().credentials.contains({"alice", 1}));
    };
    holds();
    EXPECT_TRUE(broker.has_note("group.version"));
    // A feature that is not served stays as it is, in a snapshot too.
    make_topic(broker, broker.connect(), "orders");
    ASSERT_FALSE(snapshots(broker).empty());
    broker.kill();
    broker.start();
    holds();
}

// Every record of a run of batches, by its key: the versions that it was written in.
std::map<int, std::set<int>> versions_in(const std::vector<std::uint8_t>& bytes) {
    std::map<int, std::set<int>> versions;
    const Bytes run = Bytes::copy(bytes);
    records::BatchReader batches(run);
    while (const auto batch = batches.next()) {
        if (batch->header.is_control()) continue;
        records::RecordReader reader(batch->header, batch->records());
        while (const auto record = reader.next()) {
            const auto frame = protocol::read_metadata_frame(Bytes::copy(*record->value));
            EXPECT_TRUE(frame.has_value());
            if (frame) versions[frame->key].insert(frame->version);
        }
    }
    return versions;
}

// What Apache Kafka of that level reads, in the log and in snapshots: the newest versions of
// RegisterBroker (0), Partition (3) and PartitionChange (5) that it has, and metadata transactions
// (23, 24) where it knows them.
TEST(BrokerSnapshots, RecordsAreWrittenForTheFinalizedMetadataVersion) {
    struct Row {
        std::int16_t level;
        int registration, partition;
        bool has_transactions;
    };
    for (const Row& row : {Row{7, 1, 0, false}, Row{8, 2, 0, false}, Row{12, 2, 0, false},
                           Row{13, 2, 0, true}, Row{16, 2, 0, true}, Row{17, 3, 1, true},
                           Row{22, 3, 1, true}, Row{23, 3, 2, true}, Row{25, 3, 2, true},
                           Row{29, 3, 2, true}, Row{30, 4, 2, true}}) {
        SCOPED_TRACE(row.level);
        TestBroker broker({"metadata.log.max.record.bytes.between.snapshots=1",
                           "log.dirs=/data,/more"});
        format(broker, {level_of("metadata.version", row.level)});
        broker.start();
        ASSERT_TRUE(broker.broker().is_serving());
        make_topic(broker, broker.connect(), "orders", 4);
        for (int life = 0; life < 2; ++life) {  // the second one begins with a snapshot
            auto versions =
                versions_in(broker.disk().bytes(directory + "/00000000000000000000.log"));
            EXPECT_EQ(versions[0], std::set<int>{row.registration});
            EXPECT_EQ(versions[3], std::set<int>{row.partition});
            if (versions.contains(5)) {
                EXPECT_EQ(versions[5], std::set<int>{row.partition});
            }
            EXPECT_EQ(versions.contains(23), row.has_transactions);
            ASSERT_FALSE(snapshots(broker).empty());
            auto stored =
                versions_in(broker.disk().bytes(directory + '/' + snapshots(broker).back()));
            EXPECT_EQ(stored[0], std::set<int>{row.registration});
            EXPECT_EQ(stored[3], std::set<int>{row.partition});
            broker.ask<protocol::ProduceResponse>(broker.connect(),
                                                  produce_to("orders", batch_of({"one"})), 9);
            broker.kill();
            broker.start();
            ASSERT_TRUE(broker.broker().is_serving());
            EXPECT_EQ(broker.broker().node().image.topics().size(), 1u);
        }
        EXPECT_TRUE(broker.machine().controller()->latest() == broker.broker().node().image);
    }
}

TEST(BrokerSnapshots, AMetadataVersionOfALaterReleaseIsRefusedByName) {
    TestBroker broker;
    broker.start();
    std::vector<Bytes> values;
    records::BatchBuilder batch;
    batch.add(1, std::nullopt, metadata::encode(level_of("metadata.version", 31)).view());
    const Offset end = broker.machine().metadata_log().end_offset();
    const LeaderEpoch epoch = broker.machine().quorum_epoch();
    const Bytes bytes = records::stamp(batch.finish(), end, epoch).flatten();
    auto& log = broker.disk().bytes(directory + "/00000000000000000000.log");
    log.insert(log.end(), bytes.begin(), bytes.end());
    broker.kill();
    broker.start();
    EXPECT_EQ(broker.exit_code(), 1);
    EXPECT_TRUE(broker.has_note("metadata.version is finalized at 31"));
}

// A transaction that a controller of Apache Kafka did not end is aborted; one that ended counts.
TEST(BrokerSnapshots, AnOpenMetadataTransactionIsAborted) {
    TestBroker broker;
    broker.start();
    const auto topic = [](std::uint8_t number) {
        protocol::TopicRecord record;
        record.name = "topic" + std::to_string(number);
        record.topic_id.bytes[0] = number;
        return record;
    };
    records::BatchBuilder batch;
    for (const metadata::Record& record :
         {metadata::Record(protocol::BeginTransactionRecord()), metadata::Record(topic(1)),
          metadata::Record(protocol::EndTransactionRecord()),
          metadata::Record(protocol::BeginTransactionRecord()), metadata::Record(topic(2))}) {
        batch.add(1, std::nullopt, metadata::encode(record).view());
    }
    const Offset end = broker.machine().metadata_log().end_offset();
    const Bytes bytes =
        records::stamp(batch.finish(), end, broker.machine().quorum_epoch()).flatten();
    auto& log = broker.disk().bytes(directory + "/00000000000000000000.log");
    log.insert(log.end(), bytes.begin(), bytes.end());
    broker.kill();
    for (int life = 0; life < 2; ++life) {
        broker.start();
        ASSERT_TRUE(broker.broker().is_serving());
        EXPECT_NE(broker.broker().node().image.topic("topic1"), nullptr);
        EXPECT_EQ(broker.broker().node().image.topic("topic2"), nullptr);
        broker.kill();
    }
}

}  // namespace
}  // namespace barnabas::broker
