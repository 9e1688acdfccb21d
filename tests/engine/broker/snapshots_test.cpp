// A broker writes its metadata down as snapshots, begins with them, and takes what Apache Kafka's
// own format left in an empty directory.
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
    const_cast<TestBroker&>(broker).broker().node().image.digest(hasher);
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
    EXPECT_GT(broker.broker().node().quorum.log_start_offset(), Offset(0));
    const Hash128 before = digest_of(broker);
    const metadata::Image image = broker.broker().node().image;
    broker.kill();
    broker.start();
    ASSERT_TRUE(broker.broker().is_serving());
    EXPECT_EQ(broker.broker().node().image.topics().size(), 40u);
    EXPECT_TRUE(broker.broker().node().image.topics() == image.topics());
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

// As kafka-storage format leaves it: levels and a user.
TEST(BrokerSnapshots, TheFormatOfAnEmptyDirectoryIsTaken) {
    protocol::FeatureLevelRecord version, groups;
    version.name = "metadata.version";
    version.feature_level = 27;
    groups.name = "group.version";
    groups.feature_level = 1;
    protocol::UserScramCredentialRecord alice;
    alice.name = "alice";
    alice.mechanism = 1;
    Chain file;
    Offset at{0};
    const auto append = [&](const records::Prepared& batch) {
        file.append(records::stamp(batch, at, LeaderEpoch(0)));
        at = at + batch.offsets();
    };
    const std::vector<std::uint8_t> empty{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    append(records::control_batch(records::ControlType::snapshot_header, empty, 1));
    records::BatchBuilder batch;
    for (const metadata::Record& record : {metadata::Record(version), metadata::Record(groups),
                                           metadata::Record(alice)}) {
        batch.add(1, std::nullopt, metadata::encode(record).view());
    }
    append(batch.finish());
    append(records::control_batch(records::ControlType::snapshot_footer,
                                  std::vector<std::uint8_t>{0, 0, 0}, 1));
    const Bytes bytes = file.flatten();
    TestBroker broker({"metadata.log.max.record.bytes.between.snapshots=1", "log.dirs=/data"});
    broker.disk().put("/data/bootstrap.checkpoint", {bytes.begin(), bytes.end()});
    const std::string text =
        "version=1\nnode.id=1\ncluster.id=QmFybmFiYXMtZGVtby0wMQ\ndirectory.id="
        "fDz42J3F2IROM6ZGLUHKaQ\n";
    broker.disk().put("/data/meta.properties", {text.begin(), text.end()});
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

TEST(BrokerSnapshots, AMetadataVersionOfALaterReleaseIsRefusedByName) {
    TestBroker broker;
    broker.start();
    std::vector<Bytes> values;
    protocol::FeatureLevelRecord later;
    later.name = "metadata.version";
    later.feature_level = 31;
    records::BatchBuilder batch;
    batch.add(1, std::nullopt, metadata::encode(later).view());
    const Offset end = broker.broker().node().quorum.end_offset();
    const LeaderEpoch epoch = broker.broker().node().quorum.epoch();
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
    const Offset end = broker.broker().node().quorum.end_offset();
    const Bytes bytes =
        records::stamp(batch.finish(), end, broker.broker().node().quorum.epoch()).flatten();
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
