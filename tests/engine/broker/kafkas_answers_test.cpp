// Odd requests, and the codes that Apache Kafka 4.4.0 answered them with when it was asked.
#include <map>

#include "engine/metadata/directory_id.h"
#include "engine/protocol/messages/incremental_alter_configs.h"
#include "tests/engine/broker/test_broker.h"

namespace barnabas::broker {
namespace {

using protocol::ErrorCode;

class KafkasAnswers : public testing::Test {
  protected:
    void SetUp() override {
        broker.start();
        client = broker.connect();
        make_topic(broker, client, "orders", 2);
    }
    void make_with(const std::string& topic, const std::string& name, const std::string& value) {
        protocol::CreateTopicsRequest request;
        auto& wanted = request.topics.emplace_back();
        wanted.name = topic;
        wanted.num_partitions = wanted.replication_factor = 1;
        auto& config = wanted.configs.emplace_back();
        config.name = name;
        config.value = value;
        const auto made = broker.ask<protocol::CreateTopicsResponse>(client, request, 7);
        ASSERT_EQ(made.topics.at(0).error_code, ErrorCode::none);
    }

    TestBroker broker;
    ConnectionId client;
};

// --- ListOffsets

struct Question {
    std::string topic;
    std::int32_t partition = 0;
    std::int64_t timestamp = -1;
};

class ListOffsets : public KafkasAnswers {
  protected:
    // Each question in a topic of its own in the request.
    protocol::ListOffsetsResponse ask(const std::vector<Question>& questions, std::int16_t version,
                                      std::int8_t isolation_level = 0) {
        protocol::ListOffsetsRequest request;
        request.replica_id = -1;
        request.isolation_level = isolation_level;
        for (const Question& question : questions) {
            auto& topic = request.topics.emplace_back();
            topic.name = question.topic;
            auto& partition = topic.partitions.emplace_back();
            partition.partition_index = question.partition;
            partition.timestamp = question.timestamp;
        }
        return broker.ask<protocol::ListOffsetsResponse>(client, request, version);
    }
    ErrorCode code(const Question& question, std::int16_t version,
                   std::int8_t isolation_level = 0) {
        const auto answer = ask({question}, version, isolation_level);
        const auto& row = answer.topics.at(0).partitions.at(0);
        if (row.error_code != ErrorCode::none) {
            EXPECT_EQ(row.offset, -1);
            EXPECT_EQ(row.timestamp, -1);
            EXPECT_EQ(row.leader_epoch, -1);
        }
        return row.error_code;
    }
    const std::vector<std::pair<std::string, std::int32_t>> unknown_ = {
        {"orders", 9}, {"nobody", 0}, {"", 0}, {"a b", 0}, {"__cluster_metadata", 0}};
};

TEST_F(ListOffsets, AQuestionOfALaterVersionIsRefusedWhereverItIsAsked) {
    const std::pair<std::int64_t, std::int16_t> first[] = {{-3, 7}, {-4, 8}, {-5, 9}, {-6, 11}};
    for (const auto& [timestamp, version] : first) {
        for (std::int16_t before = 1; before < version; ++before) {
            EXPECT_EQ(code({"orders", 0, timestamp}, before), ErrorCode::unsupported_version);
            for (const auto& [topic, partition] : unknown_)
                EXPECT_EQ(code({topic, partition, timestamp}, before),
                          ErrorCode::unsupported_version);
        }
        EXPECT_EQ(code({"orders", 0, timestamp}, version), ErrorCode::none);
        for (const auto& [topic, partition] : unknown_)
            EXPECT_EQ(code({topic, partition, timestamp}, version),
                      ErrorCode::unknown_topic_or_partition);
    }
}

TEST_F(ListOffsets, AQuestionOfNoVersionIsRefusedWhereverItIsAsked) {
    for (std::int16_t version = 1; version <= 11; ++version) {
        for (const std::int64_t timestamp : {std::int64_t{-7}, std::int64_t{-100}, INT64_MIN}) {
            EXPECT_EQ(code({"orders", 0, timestamp}, version), ErrorCode::unsupported_version);
            EXPECT_EQ(code({"nobody", 0, timestamp}, version), ErrorCode::unsupported_version);
        }
    }
}

TEST_F(ListOffsets, APartitionThatIsNamedTwiceIsRefusedInOneRow) {
    const auto answer = ask({{"nobody", 0, -100},
                             {"orders", 0, -1},
                             {"orders", 1, -1},
                             {"nobody", 0, -1},
                             {"orders", 0, -2}},
                            7);
    ASSERT_EQ(answer.topics.size(), 2u);
    EXPECT_EQ(answer.topics[0].name, "nobody");
    ASSERT_EQ(answer.topics[0].partitions.size(), 1u);
    EXPECT_EQ(answer.topics[0].partitions[0].error_code, ErrorCode::invalid_request);
    EXPECT_EQ(answer.topics[1].name, "orders");
    ASSERT_EQ(answer.topics[1].partitions.size(), 2u);
    EXPECT_EQ(answer.topics[1].partitions[0].partition_index, 0);
    EXPECT_EQ(answer.topics[1].partitions[0].error_code, ErrorCode::invalid_request);
    EXPECT_EQ(answer.topics[1].partitions[0].offset, -1);
    EXPECT_EQ(answer.topics[1].partitions[1].error_code, ErrorCode::none);
    EXPECT_EQ(answer.topics[1].partitions[1].offset, 0);
}

// A look into files finds its way back to a row whose place is not that of the question.
TEST_F(ListOffsets, ALookupIsAnsweredInTheRowOfItsPartition) {
    broker.ask<protocol::ProduceResponse>(client, produce_to("orders", batch_of({"one"})), 9);
    const auto answer =
        ask({{"orders", 1, -1}, {"orders", 1, -1}, {"nobody", 0, 0}, {"orders", 0, 0}}, 7);
    std::map<std::pair<std::string, int>, std::pair<ErrorCode, std::int64_t>> rows;
    for (const auto& topic : answer.topics)
        for (const auto& row : topic.partitions)
            rows[{topic.name, row.partition_index}] = {row.error_code, row.offset};
    EXPECT_EQ(rows.size(), 3u);
    EXPECT_EQ((rows[{"orders", 0}]), std::pair(ErrorCode::none, std::int64_t{0}));
    EXPECT_EQ((rows[{"nobody", 0}].first), ErrorCode::unknown_topic_or_partition);
}

TEST_F(ListOffsets, AnIsolationLevelThatThereIsNotComesBeforeAllElse) {
    for (const std::int8_t level : {2, -1}) {
        EXPECT_EQ(code({"orders", 0, -1}, 7, level), ErrorCode::unknown_server_error);
        EXPECT_EQ(code({"orders", 0, -100}, 7, level), ErrorCode::unknown_server_error);
        EXPECT_EQ(code({"nobody", 0, -1}, 7, level), ErrorCode::unknown_server_error);
    }
    EXPECT_EQ(code({"orders", 0, -1}, 7, 1), ErrorCode::none);
}

// --- DeleteRecords

class DeleteRecords : public KafkasAnswers {
  protected:
    ErrorCode code(const std::string& topic, std::int64_t offset) {
        protocol::DeleteRecordsRequest request;
        auto& wanted = request.topics.emplace_back();
        wanted.name = topic;
        wanted.partitions.emplace_back().offset = offset;
        return broker.ask<protocol::DeleteRecordsResponse>(client, request, 2)
            .topics.at(0)
            .partitions.at(0)
            .error_code;
    }
    void produce(const std::string& topic) {
        records::BatchBuilder batch;
        batch.add(1'795'400'000'000, as_bytes("key"), as_bytes("value"));
        const Bytes records = records::stamp(batch.finish(), Offset(0), no_leader_epoch).flatten();
        broker.ask<protocol::ProduceResponse>(client, produce_to(topic, records), 9);
    }
};

TEST_F(DeleteRecords, OnlyACompactedLogThatDeletesNothingRefuses) {
    const std::pair<const char*, ErrorCode> policies[] = {
        {"", ErrorCode::none},
        {"delete", ErrorCode::none},
        {"compact,delete", ErrorCode::none},
        {"delete,compact", ErrorCode::none},
        {"compact", ErrorCode::policy_violation},
    };
    for (const auto& [policy, expected] : policies) {
        const std::string topic = "topic-" + std::to_string(std::string_view(policy).size()) +
                                  std::string(policy).substr(0, 1);
        make_with(topic, "cleanup.policy", policy);
        produce(topic);
        EXPECT_EQ(code(topic, 1), expected) << policy;
        EXPECT_EQ(code(topic, -1), expected) << policy;
        const ErrorCode beyond =
            expected == ErrorCode::none ? ErrorCode::offset_out_of_range : expected;
        EXPECT_EQ(code(topic, 5), beyond) << policy;
        EXPECT_EQ(code(topic, -2), beyond) << policy;
    }
}

TEST_F(DeleteRecords, WhatIsWantedLastOfAPartitionCountsAlone) {
    produce("orders");
    produce("orders");
    protocol::DeleteRecordsRequest request;
    for (const std::int64_t offset : {2, 99, 1}) {
        auto& wanted = request.topics.emplace_back();
        wanted.name = "orders";
        wanted.partitions.emplace_back().offset = offset;
    }
    const auto answer = broker.ask<protocol::DeleteRecordsResponse>(client, request, 2);
    ASSERT_EQ(answer.topics.size(), 1u);
    ASSERT_EQ(answer.topics[0].partitions.size(), 1u);
    EXPECT_EQ(answer.topics[0].partitions[0].error_code, ErrorCode::none);
    EXPECT_EQ(answer.topics[0].partitions[0].low_watermark, 1);
}

// --- IncrementalAlterConfigs

class AlterConfigs : public KafkasAnswers {
  protected:
    ErrorCode code(const std::string& topic, std::int8_t operation,
                   std::optional<std::string> value = "5000",
                   const std::string& name = "retention.ms") {
        protocol::IncrementalAlterConfigsRequest request;
        auto& resource = request.resources.emplace_back();
        resource.resource_type = 2;
        resource.resource_name = topic;
        auto& config = resource.configs.emplace_back();
        config.name = name;
        config.config_operation = operation;
        config.value = std::move(value);
        return broker.ask<protocol::IncrementalAlterConfigsResponse>(client, request, 1)
            .responses.at(0)
            .error_code;
    }
};

TEST_F(AlterConfigs, ATopicIsLookedForWhenItsNameAndTheOperationsAreGood) {
    EXPECT_EQ(code("", 0), ErrorCode::invalid_request);
    EXPECT_EQ(code("a b", 0), ErrorCode::invalid_topic_exception);
    EXPECT_EQ(code("..", 0), ErrorCode::invalid_topic_exception);
    EXPECT_EQ(code(std::string(250, 'x'), 0), ErrorCode::invalid_topic_exception);
    EXPECT_EQ(code("\xff\xfe", 0), ErrorCode::invalid_topic_exception);
    EXPECT_EQ(code("nobody", 0), ErrorCode::unknown_topic_or_partition);
    EXPECT_EQ(code("__cluster_metadata", 0), ErrorCode::unknown_topic_or_partition);
    for (const std::int8_t operation : {4, 9, -1, 127, -128}) {
        EXPECT_EQ(code("orders", operation), ErrorCode::unknown_server_error);
        EXPECT_EQ(code("nobody", operation), ErrorCode::unknown_server_error);
        EXPECT_EQ(code("a b", operation), ErrorCode::unknown_server_error);
        EXPECT_EQ(code("orders", operation, std::nullopt), ErrorCode::invalid_request);
    }
}

TEST_F(AlterConfigs, WhatIsNoListIsNotAppendedTo) {
    for (const std::int8_t operation : {2, 3}) {
        EXPECT_EQ(code("orders", operation), ErrorCode::invalid_config);
        EXPECT_EQ(code("orders", operation, "x", "nonsense"), ErrorCode::invalid_config);
    }
    EXPECT_EQ(code("orders", 1, std::nullopt, "nonsense"), ErrorCode::none);
}

TEST_F(AlterConfigs, ATopicIsNotTiered) {
    EXPECT_EQ(code("orders", 0, "true", "remote.storage.enable"), ErrorCode::invalid_config);
    EXPECT_EQ(code("orders", 0, "false", "remote.storage.enable"), ErrorCode::none);
}

// --- The metadata log under its own name

TEST_F(KafkasAnswers, NoClientMakesOrReachesTheMetadataLog) {
    const std::string name = "__cluster_metadata";
    protocol::CreateTopicsRequest make;
    auto& topic = make.topics.emplace_back();
    topic.name = name;
    topic.num_partitions = topic.replication_factor = 1;
    for (std::int16_t version = 2; version <= 7; ++version) {
        const auto made = broker.ask<protocol::CreateTopicsResponse>(client, make, version);
        EXPECT_EQ(made.topics.at(0).error_code, ErrorCode::invalid_request);
    }
    protocol::MetadataRequest look;
    look.topics.emplace().emplace_back().name = name;
    for (std::int16_t version = 0; version <= 13; ++version) {
        const auto found = broker.ask<protocol::MetadataResponse>(client, look, version);
        EXPECT_EQ(found.topics.at(0).error_code, ErrorCode::unknown_topic_or_partition);
    }
    const auto produced =
        broker.ask<protocol::ProduceResponse>(client, produce_to(name, batch_of({"one"})), 9);
    EXPECT_EQ(produced.responses.at(0).partition_responses.at(0).error_code,
              ErrorCode::unknown_topic_or_partition);
    const auto fetched =
        broker.ask<protocol::FetchResponse>(client, fetch_from(name, Offset(0)), 12);
    EXPECT_EQ(fetched.responses.at(0).partitions.at(0).error_code,
              ErrorCode::unknown_topic_or_partition);
}

// --- Metadata

class AskedById : public KafkasAnswers {
  protected:
    protocol::MetadataResponse ask(std::optional<std::string> name, const Uuid& id,
                                   std::int16_t version) {
        protocol::MetadataRequest request;
        request.topics.emplace();
        request.topics->emplace_back().name = "orders";
        auto& wanted = request.topics->emplace_back();
        wanted.name = std::move(name);
        wanted.topic_id = id;
        return broker.ask<protocol::MetadataResponse>(client, request, version);
    }
    static void expect_refused(const protocol::MetadataResponse& answer, ErrorCode code) {
        EXPECT_TRUE(answer.brokers.empty());
        EXPECT_EQ(answer.cluster_id, std::nullopt);
        EXPECT_EQ(answer.controller_id, -1);
        ASSERT_EQ(answer.topics.size(), 2u);
        EXPECT_EQ(answer.topics[0].name, "orders");
        for (const auto& topic : answer.topics) EXPECT_EQ(topic.error_code, code);
    }
    Uuid orders() { return broker.broker().node().image.topic("orders")->id; }
};

TEST_F(AskedById, BeforeVersion12ARequestIsRefusedWhole) {
    for (const std::int16_t version : {10, 11}) {
        const auto by_id = ask(std::nullopt, orders(), version);
        expect_refused(by_id, ErrorCode::invalid_request);
        EXPECT_EQ(by_id.topics.at(1).name, "");
        EXPECT_EQ(by_id.topics.at(1).topic_id, orders());
        expect_refused(ask("orders", orders(), version), ErrorCode::invalid_request);
        expect_refused(ask(std::nullopt, Uuid(), version), ErrorCode::invalid_request);
    }
}

TEST_F(AskedById, FromVersion12OnNeitherIdNorNameIsRefused) {
    for (const std::int16_t version : {12, 13}) {
        const auto by_nothing = ask(std::nullopt, Uuid(), version);
        expect_refused(by_nothing, ErrorCode::unknown_server_error);
        EXPECT_EQ(by_nothing.error_code,
                  version == 13 ? ErrorCode::unknown_server_error : ErrorCode::none);
        EXPECT_EQ(ask(std::nullopt, orders(), version).topics.at(1).name, "orders");
        // The id counts, whatever name stands beside it.
        EXPECT_EQ(ask("nobody", orders(), version).topics.at(1).name, "orders");
        const auto unknown = ask("orders", metadata::lost_directory, version).topics.at(1);
        EXPECT_EQ(unknown.error_code, ErrorCode::unknown_topic_id);
        EXPECT_EQ(unknown.name, std::nullopt);
    }
}

TEST_F(KafkasAnswers, AnInternalTopicIsToldAsSuchThoughItIsNotThere) {
    protocol::MetadataRequest request;
    request.allow_auto_topic_creation = false;
    request.topics.emplace();
    for (const char* name : {"__consumer_offsets", "__transaction_state", "nobody"})
        request.topics->emplace_back().name = name;
    const auto answer = broker.ask<protocol::MetadataResponse>(client, request, 12);
    EXPECT_TRUE(answer.topics.at(0).is_internal);
    EXPECT_TRUE(answer.topics.at(1).is_internal);
    EXPECT_FALSE(answer.topics.at(2).is_internal);
}

// --- DescribeProducers

TEST_F(KafkasAnswers, ProducersOfANameThatNoTopicCanHave) {
    protocol::DescribeProducersRequest request;
    for (const char* name : {"a b", "", "nobody", "orders"}) {
        auto& topic = request.topics.emplace_back();
        topic.name = name;
        topic.partition_indexes = {0};
    }
    const auto answer = broker.ask<protocol::DescribeProducersResponse>(client, request, 0);
    std::vector<ErrorCode> codes;
    for (const auto& topic : answer.topics) codes.push_back(topic.partitions.at(0).error_code);
    EXPECT_EQ(codes, (std::vector<ErrorCode>{
                         ErrorCode::invalid_topic_exception, ErrorCode::invalid_topic_exception,
                         ErrorCode::unknown_topic_or_partition, ErrorCode::none}));
}

}  // namespace
}  // namespace barnabas::broker
