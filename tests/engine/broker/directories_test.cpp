// Several log directories: where partitions go, and what happens when one of them fails.
#include "tests/engine/broker/test_broker.h"

namespace barnabas::broker {
namespace {

using protocol::ErrorCode;

constexpr std::string_view two_directories = "log.dirs=/one,/two";

ErrorCode write_to(TestBroker& broker, const std::string& topic, std::int32_t partition,
                   const std::string& value) {
    protocol::ProduceRequest request = produce_to(topic, batch_of({value}));
    request.topic_data[0].partition_data[0].index = partition;
    return broker.ask<protocol::ProduceResponse>(broker.connect(), request, 9)
        .responses.at(0)
        .partition_responses.at(0)
        .error_code;
}

ErrorCode read(TestBroker& broker, const std::string& topic, std::int32_t partition,
               std::vector<std::string>* values = nullptr) {
    protocol::FetchRequest request = fetch_from(topic, Offset(0));
    request.topics[0].partitions[0].partition = partition;
    const auto response = broker.ask<protocol::FetchResponse>(broker.connect(), request, 12);
    const auto& partition_data = response.responses.at(0).partitions.at(0);
    if (values) *values = values_in(partition_data.records.bytes());
    return partition_data.error_code;
}

protocol::MetadataResponse metadata_of(TestBroker& broker, const std::string& topic) {
    protocol::MetadataRequest request;
    request.topics.emplace().emplace_back().name = topic;
    return broker.ask<protocol::MetadataResponse>(broker.connect(), request, 12);
}

ErrorCode describe_producers(TestBroker& broker, const std::string& topic, std::int32_t partition) {
    protocol::DescribeProducersRequest request;
    auto& wanted = request.topics.emplace_back();
    wanted.name = topic;
    wanted.partition_indexes.push_back(partition);
    return broker.ask<protocol::DescribeProducersResponse>(broker.connect(), request, 0)
        .topics.at(0)
        .partitions.at(0)
        .error_code;
}

bool is_in(TestBroker& broker, const std::string& directory, int partition) {
    return broker.disk().has(directory + "/orders-" + std::to_string(partition) +
                             "/partition.metadata");
}

constexpr auto log_limit = static_cast<std::int32_t>(log_manager::LogManager::opening_max);

// How many storage operations a start takes before the first partition's log is opened.
std::uint64_t operations_until_logs_are_opened(TestBroker& from) {
    TestBroker broker({std::string(two_directories)});
    broker.disk() = from.disk();
    const std::uint64_t before = broker.disk().operations();
    std::uint64_t opened = before;
    broker.tell(event::Started{});
    while (broker.broker().node().partitions.table().slot_count() == 0) {
        opened = broker.disk().operations();
        broker.tell(*broker.disk().answer());
    }
    return opened - before;
}

class TwoDirectories : public testing::Test {
  protected:
    void SetUp() override {
        broker.start();
        ASSERT_TRUE(broker.broker().is_serving());
        make_topic(broker, broker.connect(), "orders", 4);
        for (int partition = 0; partition < 4; ++partition) {
            ASSERT_EQ(write_to(broker, "orders", partition, "a"), ErrorCode::none);
            if (is_in(broker, "/one", partition)) in_one.push_back(partition);
            if (is_in(broker, "/two", partition)) in_two.push_back(partition);
        }
    }
    void expect_served(const std::vector<int>& partitions) {
        for (const int partition : partitions) {
            EXPECT_EQ(write_to(broker, "orders", partition, "b"), ErrorCode::none);
            EXPECT_EQ(read(broker, "orders", partition), ErrorCode::none);
        }
    }
    void expect_refused(const std::vector<int>& partitions) {
        for (const int partition : partitions) {
            EXPECT_EQ(write_to(broker, "orders", partition, "b"), ErrorCode::kafka_storage_error);
            EXPECT_EQ(read(broker, "orders", partition), ErrorCode::kafka_storage_error);
            EXPECT_EQ(describe_producers(broker, "orders", partition),
                      ErrorCode::kafka_storage_error);
        }
    }

    TestBroker broker{{std::string(two_directories)}};
    std::vector<int> in_one, in_two;
    std::vector<std::uint8_t> whole_id;  // changes places with what stands in the file
};

TEST_F(TwoDirectories, PartitionsGoWhereTheFewestAre) {
    EXPECT_EQ(in_one.size(), 2u);
    EXPECT_EQ(in_two.size(), 2u);
    for (const char* directory : {"/one", "/two"})
        EXPECT_TRUE(broker.disk().has(std::string(directory) + "/meta.properties"));
    EXPECT_TRUE(broker.disk().has("/one/bootstrap.checkpoint"));
    EXPECT_FALSE(broker.disk().has("/two/bootstrap.checkpoint"));
}

TEST_F(TwoDirectories, EachHasItsOwnCheckpointsAndMarkOfACleanStop) {
    broker.stop();
    for (const char* directory : {"/one", "/two"}) {
        const std::string path(directory);
        EXPECT_TRUE(broker.disk().has(path + "/.kafka_cleanshutdown"));
        const auto& points = broker.disk().bytes(path + "/recovery-point-offset-checkpoint");
        EXPECT_EQ(std::string(points.begin(), points.begin() + 4), "0\n2\n");
    }
    broker.start();
    expect_served({0, 1, 2, 3});
}

TEST_F(TwoDirectories, OneThatFailsTakesOnlyItsPartitions) {
    broker.disk().break_directory("/two");
    EXPECT_EQ(write_to(broker, "orders", in_two[0], "b"), ErrorCode::kafka_storage_error);
    expect_refused(in_two);
    expect_served(in_one);
    EXPECT_TRUE(broker.has_note("is offline"));
    EXPECT_TRUE(broker.broker().is_serving());
}

// A name of each would be kept for life.
TEST_F(TwoDirectories, WhatWasFoundInThemIsForgottenWhenAllIsPlaced) {
    broker.kill();
    broker.start();
    expect_served({0, 1, 2, 3});
    for (const log_manager::LogDirectory& one : broker.broker().node().startup.directories())
        EXPECT_TRUE(one.partitions.empty()) << one.path;
}

TEST_F(TwoDirectories, MetadataTellsWhatIsOutOfReach) {
    broker.disk().break_directory("/two");
    EXPECT_EQ(write_to(broker, "orders", in_two[0], "b"), ErrorCode::kafka_storage_error);
    const auto& node = broker.broker().node();
    EXPECT_EQ(node.image.brokers().at(node.id).directories.size(), 1u);
    const auto described = metadata_of(broker, "orders");
    for (const auto& partition : described.topics.at(0).partitions) {
        const bool is_gone = std::ranges::count(in_two, partition.partition_index) > 0;
        EXPECT_EQ(partition.leader_id, is_gone ? -1 : node.id.value());
        EXPECT_EQ(partition.error_code,
                  is_gone ? ErrorCode::leader_not_available : ErrorCode::none);
        EXPECT_EQ(partition.offline_replicas.size(), is_gone ? 1u : 0u);
        EXPECT_EQ(partition.isr_nodes.size(), 1u);  // the only copy stays a member
    }
}

TEST_F(TwoDirectories, NewPartitionsGoToTheOneThatIsLeft) {
    broker.disk().break_directory("/two");
    EXPECT_EQ(write_to(broker, "orders", in_two[0], "b"), ErrorCode::kafka_storage_error);
    make_topic(broker, broker.connect(), "more", 2);
    EXPECT_EQ(write_to(broker, "more", 0, "b"), ErrorCode::none);
    EXPECT_EQ(write_to(broker, "more", 1, "b"), ErrorCode::none);
}

TEST_F(TwoDirectories, OneThatCannotBeReadAtTheStartIsOfflineAndComesBack) {
    broker.kill();
    broker.disk().break_directory("/two");
    broker.start();
    ASSERT_TRUE(broker.broker().is_serving());
    expect_refused(in_two);
    expect_served(in_one);
    broker.stop();
    EXPECT_EQ(broker.exit_code(), 0);
    broker.disk().mend();
    broker.start();
    expect_served({0, 1, 2, 3});
    std::vector<std::string> values;
    EXPECT_EQ(read(broker, "orders", in_two[0], &values), ErrorCode::none);
    EXPECT_EQ(values, (std::vector<std::string>{"a", "b"}));
}

TEST_F(TwoDirectories, OneWhoseCheckpointCannotBeReadIsOffline) {
    broker.pass(61s);
    broker.kill();
    broker.disk().break_directory("/two/recovery-point-offset-checkpoint");
    broker.start();
    ASSERT_TRUE(broker.broker().is_serving());
    expect_refused(in_two);
    expect_served(in_one);
    EXPECT_TRUE(broker.has_note("recovery-point-offset-checkpoint cannot be read"));
}

TEST_F(TwoDirectories, WhatAnUnreadableCheckpointSaidIsNotTakenForNothing) {
    for (const bool is_readable : {true, false}) {
        broker.kill();
        const std::string text = is_readable ? "0\n0\n" : "no checkpoint";
        broker.disk().put("/two/recovery-point-offset-checkpoint", {text.begin(), text.end()});
        broker.start();
        EXPECT_EQ(broker.broker().node().startup.directories().at(1).are_recovery_points_known,
                  is_readable);
        expect_served(in_two);
    }
}

TEST_F(TwoDirectories, TheOneWithTheMetadataLogIsNeeded) {
    broker.disk().break_directory("/one");
    write_to(broker, "orders", in_one[0], "b");
    EXPECT_EQ(broker.exit_code(), 1);
    EXPECT_TRUE(broker.has_note("holds the metadata log"));
    broker.kill();
    broker.start();
    EXPECT_EQ(broker.exit_code(), 1);
    EXPECT_TRUE(broker.has_note("log directory /one"));
}

std::string text_of(TestBroker& broker, const std::string& path) {
    const auto& bytes = broker.disk().bytes(path);
    return {bytes.begin(), bytes.end()};
}

TEST_F(TwoDirectories, AFailedLogKeepsItsRowsAndTakesTheMarkOfACleanStopFromItsDirectory) {
    broker.pass(61s);
    protocol::DeleteRecordsRequest request;
    auto& topic = request.topics.emplace_back();
    topic.name = "orders";
    topic.partitions.emplace_back() = {in_two[0], 1};
    broker.ask<protocol::DeleteRecordsResponse>(broker.connect(), request, 2);
    broker.stop();
    const std::string name = "orders " + std::to_string(in_two[0]);
    const std::string id_file = "/two/orders-" + std::to_string(in_two[0]) + "/partition.metadata";
    ASSERT_NE(text_of(broker, "/two/recovery-point-offset-checkpoint").find(name + " 1"),
              std::string::npos);
    broker.disk().bytes(id_file).swap(whole_id);
    broker.start();
    ASSERT_EQ(write_to(broker, "orders", in_two[0], "b"), ErrorCode::kafka_storage_error);
    ASSERT_EQ(write_to(broker, "orders", in_two[1], "b"), ErrorCode::none);
    broker.stop();
    EXPECT_TRUE(broker.disk().has("/one/.kafka_cleanshutdown"));
    EXPECT_FALSE(broker.disk().has("/two/.kafka_cleanshutdown"));
    for (const char* file : {"recovery-point-offset-checkpoint", "log-start-offset-checkpoint"})
        EXPECT_NE(text_of(broker, std::string("/two/") + file).find(name + " 1"), std::string::npos)
            << file;
    broker.disk().bytes(id_file).swap(whole_id);
    broker.start();
    expect_served({in_two[1]});
    EXPECT_EQ(read(broker, "orders", in_two[0]), ErrorCode::offset_out_of_range);
}

// More logs than are opened at once: what waits in the directory that goes is not waited for.
TEST(Directories, OneThatFailsWhileManyLogsAreOpenedDoesNotStopTheOthers) {
    constexpr std::int32_t partitions = 2 * log_limit + 88;
    TestBroker broker({std::string(two_directories)});
    broker.start();
    make_topic(broker, broker.connect(), "orders", partitions);
    broker.kill();
    const std::uint64_t begin = operations_until_logs_are_opened(broker);
    int survived = 0;
    for (std::uint64_t n = begin + 1; n < begin + 200; n += 13) {
        TestBroker again({std::string(two_directories)});
        again.disk() = broker.disk();
        again.disk().fail_operation(n, StorageStatus::io_error);
        again.start();
        if (again.exit_code()) continue;  // it was the one with the metadata log
        ASSERT_TRUE(again.broker().is_serving()) << n;
        ++survived;
        for (std::int32_t partition = 0; partition < partitions; ++partition)
            ASSERT_EQ(
                write_to(again, "orders", partition, "a"),
                is_in(again, "/one", partition) ? ErrorCode::none : ErrorCode::kafka_storage_error);
    }
    EXPECT_GT(survived, 0);
}

// A crash before the metadata log says where a copy is: it is found where its files are.
TEST(Directories, ACopyWithoutAnAssignedDirectoryIsFoundByItsFiles) {
    TestBroker broker;
    broker.start();
    make_topic(broker, broker.connect(), "orders");
    ASSERT_EQ(write_to(broker, "orders", 0, "a"), ErrorCode::none);
    broker.stop();
    TestBroker more({"log.dirs=/new,/data", "metadata.log.dir=/data"});
    more.disk() = broker.disk();
    more.start();
    ASSERT_TRUE(more.broker().is_serving());
    std::vector<std::string> values;
    EXPECT_EQ(read(more, "orders", 0, &values), ErrorCode::none);
    EXPECT_EQ(values, (std::vector<std::string>{"a"}));
    EXPECT_TRUE(more.disk().has("/new/meta.properties"));
}

// The metadata log says of the newest copy only that it is here, as before KIP-858.
void forget_last_assignment(TestBroker& broker) {
    auto& log = broker.disk().bytes("/one/__cluster_metadata-0/00000000000000000000.log");
    records::BatchReader reader(Bytes::copy(ByteView(log)));
    std::size_t last = 0;
    for (std::size_t at = 0; reader.next(); at = reader.position()) last = at;
    const Uuid& id = broker.broker().node().startup.directories().at(1).id;
    const auto batch = log.begin() + static_cast<std::ptrdiff_t>(last);
    const auto assigned = std::search(batch, log.end(), id.bytes.begin(), id.bytes.end());
    ASSERT_NE(assigned, log.end());
    std::fill_n(assigned, id.bytes.size(), std::uint8_t{0});
    constexpr std::size_t crc_at = 17;
    store_big(&log[last + crc_at], records::crc_of(ByteView(log).subspan(last)));
}

TEST(Directories, ACopyOfWhichTheImageSaysNothingIsLookedForAndMayBeInTheOneThatIsOffline) {
    for (const bool is_offline : {false, true}) {
        TestBroker broker({std::string(two_directories)});
        broker.start();
        make_topic(broker, broker.connect(), "first");
        make_topic(broker, broker.connect(), "orders");
        ASSERT_EQ(write_to(broker, "orders", 0, "a"), ErrorCode::none);
        ASSERT_TRUE(is_in(broker, "/two", 0));
        forget_last_assignment(broker);
        broker.kill();
        if (is_offline) broker.disk().break_directory("/two");
        broker.start();
        ASSERT_TRUE(broker.broker().is_serving());
        EXPECT_FALSE(is_in(broker, "/one", 0));
        if (is_offline) {
            EXPECT_EQ(read(broker, "orders", 0), ErrorCode::kafka_storage_error);
            broker.stop();
            broker.disk().mend();
            broker.start();
        }
        std::vector<std::string> values;
        EXPECT_EQ(read(broker, "orders", 0, &values), ErrorCode::none);
        EXPECT_EQ(values, (std::vector<std::string>{"a"}));
    }
}

TEST_F(TwoDirectories, AFetchThatWaitsIsAnsweredWhenItsDirectoryFails) {
    const ConnectionId waiting = broker.connect();
    protocol::FetchRequest request = fetch_from("orders", Offset(1), 60'000ms);
    request.topics[0].partitions[0].partition = in_two[0];
    broker.send(waiting, request, 12);
    ASSERT_FALSE(broker.has_answer(waiting));
    broker.disk().break_directory("/two");
    EXPECT_EQ(write_to(broker, "orders", in_two[1], "b"), ErrorCode::kafka_storage_error);
    ASSERT_TRUE(broker.has_answer(waiting));
    const auto response = broker.answer<protocol::FetchResponse>(waiting, 12);
    EXPECT_EQ(response.responses.at(0).partitions.at(0).error_code, ErrorCode::kafka_storage_error);
}

TEST_F(TwoDirectories, WhatAFullMetadataLogDoesNotTakeIsToldLater) {
    broker.disk().set_space(0);
    protocol::CreateTopicsRequest request;
    auto& topic = request.topics.emplace_back();
    topic.name = "more";
    topic.num_partitions = topic.replication_factor = 1;
    broker.send(broker.connect(), request, 7);
    broker.disk().break_directory("/two");
    EXPECT_EQ(write_to(broker, "orders", in_two[0], "b"), ErrorCode::kafka_storage_error);
    const auto& node = broker.broker().node();
    ASSERT_EQ(node.image.brokers().at(node.id).directories.size(), 2u);
    broker.disk().set_space(UINT64_MAX);
    broker.pass(2s);
    expect_served({in_one[0]});
    EXPECT_EQ(node.image.brokers().at(node.id).directories.size(), 1u);
}

TEST_F(TwoDirectories, WhatTheMetadataLogTookAndLostIsToldAgain) {
    broker.disk().set_space(0);
    broker.disk().break_directory("/two");
    EXPECT_EQ(write_to(broker, "orders", in_two[0], "b"), ErrorCode::kafka_storage_error);
    const auto& node = broker.broker().node();
    ASSERT_EQ(node.image.brokers().at(node.id).directories.size(), 2u);
    broker.disk().set_space(UINT64_MAX);
    broker.pass(61s);
    EXPECT_EQ(node.image.brokers().at(node.id).directories.size(), 1u);
    const auto described = metadata_of(broker, "orders");
    for (const auto& partition : described.topics.at(0).partitions)
        EXPECT_EQ(partition.leader_id,
                  std::ranges::count(in_two, partition.partition_index) > 0 ? -1 : node.id.value());
}

TEST_F(TwoDirectories, ACopyIsWhereItsFilesAreWhateverTheImageSays) {
    const std::string name = "/orders-" + std::to_string(in_two[0]);
    broker.kill();
    broker.disk().move_directory("/two" + name, "/one" + name);
    for (int life = 0; life < 2; ++life) {
        broker.notes().clear();
        broker.start();
        ASSERT_TRUE(broker.broker().is_serving());
        std::vector<std::string> values;
        EXPECT_EQ(read(broker, "orders", in_two[0], &values), ErrorCode::none);
        EXPECT_EQ(values, (std::vector<std::string>{"a"}));
        EXPECT_EQ(broker.has_note("it was found in /one"), life == 0);
        expect_served(in_one);
        broker.kill();
    }
}

TEST(Directories, ACopyWithoutFilesMayBeInTheOneThatIsOffline) {
    TestBroker broker({"log.dirs=/one,/two,/three"});
    broker.start();
    make_topic(broker, broker.connect(), "orders", 3);
    ASSERT_TRUE(is_in(broker, "/two", 1));
    ASSERT_EQ(write_to(broker, "orders", 1, "a"), ErrorCode::none);
    broker.kill();
    broker.disk().move_directory("/two/orders-1", "/three/orders-1");
    broker.disk().break_directory("/three");
    broker.start();
    ASSERT_TRUE(broker.broker().is_serving());
    EXPECT_EQ(read(broker, "orders", 1), ErrorCode::kafka_storage_error);
    EXPECT_FALSE(is_in(broker, "/two", 1));
    broker.kill();
    broker.disk().mend();
    broker.start();
    std::vector<std::string> values;
    EXPECT_EQ(read(broker, "orders", 1, &values), ErrorCode::none);
    EXPECT_EQ(values, (std::vector<std::string>{"a"}));
}

TEST_F(TwoDirectories, ACopyWhoseFilesAreNowhereBeginsAnewAndThatIsSaid) {
    broker.kill();
    broker.disk().move_directory("/two/orders-" + std::to_string(in_two[0]), "/elsewhere");
    broker.start();
    EXPECT_TRUE(broker.has_note("has no files of it: it begins anew in /two"));
    std::vector<std::string> values;
    EXPECT_EQ(read(broker, "orders", in_two[0], &values), ErrorCode::none);
    EXPECT_TRUE(values.empty());
}

TEST(Directories, TheMetadataLogMayHaveADirectoryOfItsOwn) {
    TestBroker broker({"log.dirs=/data", "metadata.log.dir=/metadata"});
    broker.start();
    ASSERT_TRUE(broker.broker().is_serving());
    make_topic(broker, broker.connect(), "orders", 3);
    EXPECT_TRUE(broker.disk().has("/metadata/__cluster_metadata-0/quorum-state"));
    EXPECT_TRUE(broker.disk().has("/data/orders-2/partition.metadata"));
    EXPECT_FALSE(broker.disk().has("/metadata/orders-2/partition.metadata"));
    broker.stop();
    EXPECT_TRUE(broker.disk().has("/metadata/.kafka_cleanshutdown"));
    broker.start();
    EXPECT_EQ(write_to(broker, "orders", 2, "a"), ErrorCode::none);
}

}  // namespace
}  // namespace barnabas::broker
