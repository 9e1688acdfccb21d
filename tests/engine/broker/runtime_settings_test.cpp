// Settings of brokers that change while they run, as Apache Kafka calls them dynamic.
#include "engine/protocol/messages/incremental_alter_configs.h"
#include "tests/engine/broker/test_broker.h"

namespace barnabas::broker {
namespace {

using protocol::ErrorCode;

class RuntimeSettings : public testing::Test {
  protected:
    RuntimeSettings() {
        broker_.start();
        client_ = broker_.connect();
        make_topic(broker_, client_, "orders");
    }

    // The empty name is all brokers'.
    protocol::IncrementalAlterConfigsResponse::AlterConfigsResourceResponse alter(
        const std::string& who, const std::string& name, std::optional<std::string> value) {
        protocol::IncrementalAlterConfigsRequest request;
        auto& resource = request.resources.emplace_back();
        resource.resource_type = 4;
        resource.resource_name = who;
        auto& config = resource.configs.emplace_back();
        config.name = name;
        config.config_operation = value ? 0 : 1;
        config.value = std::move(value);
        return broker_.ask<protocol::IncrementalAlterConfigsResponse>(client_, request, 1)
            .responses.at(0);
    }
    ErrorCode produce(std::size_t size) {
        const auto answer = broker_.ask<protocol::ProduceResponse>(
            client_, produce_to("orders", batch_of({std::string(size, 'x')})), 9);
        return answer.responses.at(0).partition_responses.at(0).error_code;
    }
    // The value of a broker's setting, and Kafka's number of the place that gives it.
    std::pair<std::string, int> described(const std::string& who, const std::string& name) {
        protocol::DescribeConfigsRequest request;
        auto& resource = request.resources.emplace_back();
        resource.resource_type = 4;
        resource.resource_name = who;
        resource.configuration_keys = std::vector<std::string>{name};
        const auto answer = broker_.ask<protocol::DescribeConfigsResponse>(client_, request, 4);
        const auto& configs = answer.results.at(0).configs;
        if (configs.empty()) return {"", 0};
        return {configs[0].value.value_or(""), configs[0].config_source};
    }

    TestBroker broker_;
    ConnectionId client_;
};

TEST_F(RuntimeSettings, OfAllBrokersAndOfOneTakeEffectAtOnceAndSurviveARestart) {
    EXPECT_EQ(produce(2000), ErrorCode::none);
    EXPECT_EQ(alter("", "message.max.bytes", "1000").error_code, ErrorCode::none);
    EXPECT_EQ(produce(2000), ErrorCode::message_too_large);
    EXPECT_EQ(alter("1", "message.max.bytes", "3000").error_code, ErrorCode::none);
    EXPECT_EQ(produce(2000), ErrorCode::none);
    EXPECT_EQ(produce(4000), ErrorCode::message_too_large);
    EXPECT_EQ(described("1", "message.max.bytes"), std::pair(std::string("3000"), 2));
    EXPECT_EQ(described("", "message.max.bytes"), std::pair(std::string("1000"), 3));

    broker_.kill();
    broker_.start();
    client_ = broker_.connect();
    EXPECT_EQ(produce(4000), ErrorCode::message_too_large);
    EXPECT_EQ(alter("1", "message.max.bytes", std::nullopt).error_code, ErrorCode::none);
    EXPECT_EQ(produce(2000), ErrorCode::message_too_large);
    EXPECT_EQ(alter("", "message.max.bytes", std::nullopt).error_code, ErrorCode::none);
    EXPECT_EQ(produce(4000), ErrorCode::none);
    EXPECT_EQ(described("1", "message.max.bytes").second, 5);
}

TEST_F(RuntimeSettings, AreRefusedWhereApacheKafkaRefusesThem) {
    const auto read_only = alter("1", "num.partitions", "3");
    EXPECT_EQ(read_only.error_code, ErrorCode::invalid_request);
    EXPECT_NE(read_only.error_message->find("Cannot update these configs dynamically"),
              std::string::npos);
    EXPECT_EQ(alter("", "ssl.keystore.location", "a").error_code, ErrorCode::invalid_request);
    EXPECT_EQ(alter("1", "message.max.bytes", "many").error_code, ErrorCode::invalid_request);
    EXPECT_EQ(alter("7", "message.max.bytes", "1000").error_code, ErrorCode::invalid_request);
    EXPECT_EQ(described("1", "message.max.bytes").second, 5);
}

TEST_F(RuntimeSettings, ThatHaveNoEffectHereAreSaidToHaveNone) {
    EXPECT_EQ(alter("", "num.replica.fetchers", "2").error_code, ErrorCode::none);
    EXPECT_TRUE(broker_.has_note("has no effect"));
}

TEST_F(RuntimeSettings, ABoundOnConnectionsCountsThoseThatAreThere) {
    EXPECT_EQ(alter("", "max.connections.per.ip", "2").error_code, ErrorCode::none);
    const auto& connections = broker_.broker().node().connections;
    const ConnectionId second = broker_.connect();
    const ConnectionId third = broker_.connect();
    EXPECT_TRUE(connections.has(second));
    EXPECT_FALSE(connections.has(third));
}

}  // namespace
}  // namespace barnabas::broker
