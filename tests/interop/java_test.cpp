// Apache Kafka 4.3.1: its clients against our broker, its tools on our files, its broker in our
// directory and ours in what it left behind.
#include <gtest/gtest.h>

#include "tests/interop/broker.h"
#include "tests/support/kafka_directory.h"
#include "tests/support/places.h"

namespace barnabas::interop {
namespace {

constexpr std::chrono::minutes patience_java{4};  // a slow virtual machine starts several times

std::string script() { return support::source_path("tests/interop/apache-kafka"); }

Finished kafka(std::vector<std::string> words, std::string_view input = {}) {
    words.insert(words.begin(), script());
    return support::run(std::move(words), input, patience_java);
}

Finished tool(const std::string& name, std::vector<std::string> arguments,
              std::string_view input = {}) {
    arguments.insert(arguments.begin(), {"tool", "org.apache.kafka.tools." + name});
    return kafka(std::move(arguments), input);
}

std::string text_lines(int count) {
    std::string lines;
    for (int i = 0; i < count; ++i) {
        lines += "line " + std::to_string(i) + std::string(static_cast<std::size_t>(i % 90), '.');
        lines += '\n';
    }
    return lines;
}

// The fetched distribution is there before anything is timed out.
class Java : public ::testing::Test {
  protected:
    static void SetUpTestSuite() {
        const Finished fetched = support::run({script(), "fetch"}, {}, std::chrono::minutes(10));
        ASSERT_EQ(fetched.code, 0) << fetched.errors;
    }
};

TEST_F(Java, ConsoleClientsGetBackWhatTheySent) {
    Broker broker;
    const std::string lines = text_lines(2000);
    const Finished sent = tool(
        "ConsoleProducer", {"--bootstrap-server", broker.address(), "--topic", "console"}, lines);
    ASSERT_EQ(sent.code, 0) << sent.errors;
    // The topic was made with as many partitions as the broker gives: one.
    const Finished read =
        tool("consumer.ConsoleConsumer",
             {"--bootstrap-server", broker.address(), "--topic", "console", "--partition", "0",
              "--offset", "earliest", "--max-messages", "2000", "--timeout-ms", "60000"});
    EXPECT_EQ(read.code, 0) << read.errors;
    EXPECT_TRUE(read.output == lines) << read.output.size() << " of " << lines.size() << " bytes\n"
                                      << read.errors;
}

TEST_F(Java, ProducerPerformanceIsAcknowledgedForEveryRecord) {
    Broker broker;
    for (const std::string acks : {"0", "1", "all"}) {
        const Finished sent =
            tool("ProducerPerformance",
                 {"--topic", "perf-" + acks, "--num-records", "20000", "--record-size", "100",
                  "--throughput", "-1", "--bootstrap-server", broker.address(),
                  "--command-property", "acks=" + acks});
        ASSERT_EQ(sent.code, 0) << sent.errors << sent.output;
        EXPECT_NE(sent.output.find("20000 records sent"), std::string::npos) << sent.output;
        EXPECT_TRUE(support::eventually(
            [&] { return Wire(broker.port()).offset("perf-" + acks, 0, true) == 20'000; }));
    }
}

TEST_F(Java, VerifiableProducerSeesItsAcknowledgements) {
    Broker broker;
    const Finished sent =
        tool("VerifiableProducer", {"--bootstrap-server", broker.address(), "--topic", "verifiable",
                                    "--max-messages", "1000", "--acks", "-1"});
    EXPECT_EQ(sent.code, 0) << sent.errors;
    EXPECT_NE(sent.output.find("\"acked\":1000"), std::string::npos) << sent.output;
    EXPECT_EQ(Wire(broker.port()).offset("verifiable", 0, true), 1000);
}

TEST_F(Java, TopicsAreMadeAndListed) {
    Broker broker;
    const Finished made =
        tool("TopicCommand", {"--bootstrap-server", broker.address(), "--create", "--topic",
                              "orders", "--partitions", "3", "--replication-factor", "1"});
    EXPECT_EQ(made.code, 0) << made.errors << made.output;
    const Finished again =
        tool("TopicCommand", {"--bootstrap-server", broker.address(), "--create", "--topic",
                              "orders", "--partitions", "3", "--replication-factor", "1"});
    EXPECT_NE(again.code, 0);
    EXPECT_NE((again.output + again.errors).find("already exists"), std::string::npos);
    const Finished listed =
        tool("TopicCommand", {"--bootstrap-server", broker.address(), "--list"});
    EXPECT_EQ(listed.output, "orders\n") << listed.errors;
    EXPECT_EQ(Wire(broker.port()).offset("orders", 2, true), 0);
}

// Files of one directory with that ending, comma-separated, as the tool takes them.
std::string files_of(const std::string& directory, const std::string& ending) {
    std::string list;
    for (const auto& entry : std::filesystem::directory_iterator(directory)) {
        if (entry.path().extension() != ending) continue;
        list += (list.empty() ? "" : ",") + entry.path().string();
    }
    return list;
}

std::size_t count_of(const std::string& text, const std::string& word) {
    std::size_t count = 0;
    for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
        ++count;
    }
    return count;
}

void expect_no_complaint(const Finished& dump) {
    EXPECT_EQ(dump.code, 0) << dump.errors;
    for (const char* word : {"ismatch", "xception", "isvalid: false", "orrupt"}) {
        EXPECT_EQ((dump.output + dump.errors).find(word), std::string::npos)
            << word << " in\n"
            << dump.output.substr(0, 2000) << dump.errors.substr(0, 2000);
    }
    // It says so of the first batch of every segment but the first, also of Apache Kafka's own.
    EXPECT_EQ(count_of(dump.errors + dump.output, "Non-consecutive"),
              count_of(dump.errors + dump.output, "-1 is followed by"))
        << dump.errors.substr(0, 2000);
}

TEST_F(Java, DumpLogReadsOurSegmentsAndIndexes) {
    Broker broker({"log.segment.bytes=1048576"});
    ASSERT_EQ(
        kcat_send(broker, "dumped", text_lines(60'000), {"-X", "batch.num.messages=500"}).code, 0);
    ASSERT_EQ(broker.stop(), 0);
    const std::string directory = broker.file("dumped-0", "");
    const Finished logs = tool("DumpLogSegments", {"--deep-iteration", "--print-data-log",
                                                   "--files", files_of(directory, ".log")});
    expect_no_complaint(logs);
    EXPECT_EQ(count_of(logs.output, "payload: line "), 60'000u);
    const Finished indexes =
        tool("DumpLogSegments",
             {"--files", files_of(directory, ".index") + "," + files_of(directory, ".timeindex")});
    expect_no_complaint(indexes);
    EXPECT_GT(count_of(indexes.output, "position: "), 10u);
    expect_no_complaint(tool("DumpLogSegments",
                             {"--index-sanity-check", "--files", files_of(directory, ".index")}));
}

// Made anew from the batches of a directory that SIGKILL left behind.
TEST_F(Java, DumpLogReadsOurProducerSnapshotsAndTransactionIndexes) {
    const tests::KafkaDirectory kafka;
    const std::string directory = kafka.path("crashed/transactional-0");
    for (const auto& entry : std::filesystem::directory_iterator(directory)) {
        const auto kind = entry.path().extension();
        if (kind == ".snapshot" || kind == ".txnindex") std::filesystem::remove(entry.path());
    }
    Broker broker({"log.dirs=" + kafka.path("crashed")});
    ASSERT_EQ(broker.stop(), 0) << broker.said();
    const Finished producers =
        tool("DumpLogSegments", {"--files", files_of(directory, ".snapshot")});
    expect_no_complaint(producers);
    EXPECT_EQ(count_of(producers.output, "producerId: "), 4u) << producers.output;
    const Finished aborted =
        tool("DumpLogSegments", {"--files", files_of(directory, ".txnindex")});
    expect_no_complaint(aborted);
    EXPECT_EQ(count_of(aborted.output, "producerId: "), 2u) << aborted.output;
}

TEST_F(Java, DumpLogReadsOurMetadata) {
    Broker broker;
    ASSERT_EQ(Wire(broker.port()).create_topics("registered", 1, 2), 0);
    ASSERT_EQ(broker.stop(), 0);
    const std::string directory = broker.file("__cluster_metadata-0", "");
    const Finished log = tool("DumpLogSegments", {"--cluster-metadata-decoder", "--deep-iteration",
                                                  "--files", files_of(directory, ".log")});
    expect_no_complaint(log);
    EXPECT_EQ(count_of(log.output, "\"TOPIC_RECORD\""), 1u) << log.output;
    EXPECT_EQ(count_of(log.output, "\"PARTITION_RECORD\""), 2u);
    EXPECT_GE(count_of(log.output, "\"REGISTER_BROKER_RECORD\""), 1u);
    EXPECT_GE(count_of(log.output, "LeaderChange"), 1u) << log.output;
    const Finished bootstrap = tool("DumpLogSegments", {"--cluster-metadata-decoder", "--files",
                                                        broker.data() + "/bootstrap.checkpoint"});
    expect_no_complaint(bootstrap);
    EXPECT_GE(count_of(bootstrap.output, "\"FEATURE_LEVEL_RECORD\""), 1u) << bootstrap.output;
}

// One node of Apache Kafka on the directory of a broker of ours that has stopped.
class PeerOn {
  public:
    explicit PeerOn(const Broker& broker) : directory_(broker.directory()) {
        port_ = support::free_port();
        const Finished prepared = kafka({"prepare", directory_, std::to_string(port_)});
        EXPECT_EQ(prepared.code, 0) << prepared.errors;
        process_ = Process({script(), "node", directory_},
                           {.output = directory_ + "/peer", .errors = directory_ + "/peer"});
        is_serving_ = support::eventually(
            [&] {
                return !process_.is_running() ||
                       said().find("Kafka Server started") != std::string::npos;
            },
            patience_java);
        is_serving_ = is_serving_ && process_.is_running();
    }
    bool is_serving() const { return is_serving_; }
    std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
    std::string said() const { return support::text_of_file(directory_ + "/peer"); }
    void stop() {
        process_.signal(SIGTERM);
        process_.wait(patience_java);
    }

  private:
    std::string directory_;
    std::uint16_t port_ = 0;
    Process process_;
    bool is_serving_ = false;
};

// What we wrote, Apache Kafka serves; what it adds, we serve.
void go_there_and_back(Broker& broker) {
    const std::string ours = some_lines(3000, 1), theirs = some_lines(3000, 2);
    ASSERT_EQ(kcat_send(broker, "shared", ours).code, 0);
    ASSERT_EQ(broker.stop(), 0);
    {
        PeerOn peer(broker);
        ASSERT_TRUE(peer.is_serving()) << peer.said();
        EXPECT_TRUE(kcat_read(peer.address(), "shared").output == ours) << peer.said();
        const Finished sent =
            support::run({"kcat", "-P", "-b", peer.address(), "-t", "shared", "-p", "0"}, theirs);
        EXPECT_EQ(sent.code, 0) << sent.errors;
        peer.stop();
    }
    ASSERT_TRUE(broker.start()) << broker.said();
    EXPECT_TRUE(kcat_read(broker.address(), "shared").output == ours + theirs) << broker.said();
}

// The older snapshots and the log below the newest are gone: what is left says all.
TEST_F(Java, DumpLogReadsOurSnapshotsAndApacheKafkaBeginsWithOne) {
    constexpr int topics = 30;
    Broker broker({"metadata.log.max.record.bytes.between.snapshots=2000",
                   "metadata.max.retention.bytes=1"});
    for (int i = 0; i < topics; ++i) {
        ASSERT_EQ(Wire(broker.port()).create_topics("topic" + std::to_string(i), 1, 2), 0);
    }
    ASSERT_EQ(broker.stop(), 0);
    const std::string directory = broker.file("__cluster_metadata-0", "");
    const std::string snapshots = files_of(directory, ".checkpoint");
    ASSERT_EQ(count_of(snapshots, ".checkpoint"), 1u) << snapshots;
    const Finished dump =
        tool("DumpLogSegments",
             {"--cluster-metadata-decoder", "--print-data-log", "--files", snapshots});
    expect_no_complaint(dump);
    EXPECT_GT(count_of(dump.output, "\"TOPIC_RECORD\""), 20u) << dump.output;
    EXPECT_EQ(count_of(dump.output, "\"PARTITION_RECORD\""),
              2 * count_of(dump.output, "\"TOPIC_RECORD\""));
    EXPECT_EQ(count_of(dump.output, "SnapshotHeader"), 1u) << dump.output;
    EXPECT_EQ(count_of(dump.output, "SnapshotFooter"), 1u) << dump.output;
    PeerOn peer(broker);
    ASSERT_TRUE(peer.is_serving()) << peer.said();
    const Finished listed = tool("TopicCommand", {"--bootstrap-server", peer.address(), "--list"});
    EXPECT_EQ(count_of(listed.output, "topic"), static_cast<std::size_t>(topics)) << listed.output;
    peer.stop();
}

TEST_F(Java, ADirectoryGoesToApacheKafkaAndBack) {
    Broker broker;
    go_there_and_back(broker);
}

// The same with the quorum spelt out in the settings, as Kafka's own examples do it.
TEST_F(Java, ADirectoryWithNamedVotersGoesToApacheKafkaAndBack) {
    Broker broker({"process.roles=broker,controller", "node.id=1",
                   "controller.listener.names=CONTROLLER",
                   "controller.quorum.voters=1@127.0.0.1:{controller}",
                   "listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}"});
    go_there_and_back(broker);
}

// After SIGKILL nothing was flushed or checkpointed: Apache Kafka recovers it as its own.
TEST_F(Java, ADirectoryLeftBySigkillIsRecoveredByApacheKafka) {
    Broker broker;
    const std::string lines = some_lines(3000);
    ASSERT_EQ(kcat_send(broker, "shared", lines).code, 0);
    broker.kill();
    PeerOn peer(broker);
    ASSERT_TRUE(peer.is_serving()) << peer.said();
    EXPECT_TRUE(kcat_read(peer.address(), "shared").output == lines) << peer.said();
    peer.stop();
}

}  // namespace
}  // namespace barnabas::interop
