// Topics that flush what they acknowledge, or begin to while they are in use: what consumers saw
// stays to be seen, and what producers sent is answered as what it is.
#include "engine/protocol/messages/incremental_alter_configs.h"
#include "tests/engine/broker/test_broker.h"

namespace barnabas::broker {
namespace {

using protocol::ErrorCode;

class Flushing : public testing::Test {
  protected:
    void begin(std::vector<std::string> assignments) {
        assignments.push_back("log.dirs=/data");
        broker = TestBroker(std::move(assignments));
        broker.start();
        client = broker.connect();
        make_topic(broker, client, "orders");
    }
    ErrorCode produce(const std::string& value) {
        return code_of(broker.ask<protocol::ProduceResponse>(
            client, produce_to("orders", batch_of({value})), 9));
    }
    // Sends and lets the disk do nothing yet. Returns where the answer will come.
    ConnectionId begin_produce(const std::string& value) {
        const ConnectionId from = broker.connect();
        broker.send_until(from, produce_to("orders", batch_of({value})), 9, [] { return true; });
        return from;
    }
    ErrorCode answer_to(ConnectionId from) {
        return code_of(broker.answer<protocol::ProduceResponse>(from, 9));
    }
    static ErrorCode code_of(const protocol::ProduceResponse& response) {
        return response.responses.at(0).partition_responses.at(0).error_code;
    }
    protocol::FetchResponse::PartitionData fetch(Offset offset) {
        return broker.ask<protocol::FetchResponse>(client, fetch_from("orders", offset), 12)
            .responses.at(0)
            .partitions.at(0);
    }
    ErrorCode flush_each(std::int64_t messages) {
        protocol::IncrementalAlterConfigsRequest request;
        auto& resource = request.resources.emplace_back();
        resource.resource_type = 2;
        resource.resource_name = "orders";
        auto& config = resource.configs.emplace_back();
        config.name = "flush.messages";
        config.value = std::to_string(messages);
        return broker.ask<protocol::IncrementalAlterConfigsResponse>(client, request, 1)
            .responses.at(0)
            .error_code;
    }
    const log::PartitionLog& log() { return broker.broker().node().partitions.table().at(0)->log; }

    TestBroker broker;
    ConnectionId client;
};

// Those records are acknowledged and read: the setting binds what comes after it.
TEST_F(Flushing, AFlushIntervalThatIsSetLaterHidesNothingThatWasAcknowledged) {
    begin({});
    for (const char* value : {"one", "two", "three"}) produce(value);
    broker.hold_flushes();
    ASSERT_EQ(flush_each(1), ErrorCode::none);
    EXPECT_EQ(fetch(Offset(3)).error_code, ErrorCode::none);
    EXPECT_EQ(fetch(Offset(3)).high_watermark, 3);
    const ConnectionId fourth = begin_produce("four");
    broker.settle();
    EXPECT_FALSE(broker.has_answer(fourth));
    EXPECT_EQ(fetch(Offset(3)).high_watermark, 3);
    broker.let_flushes_end();
    EXPECT_EQ(answer_to(fourth), ErrorCode::none);
    EXPECT_EQ(fetch(Offset(3)).high_watermark, 4);
}

TEST_F(Flushing, AFlushIntervalThatIsSetLaterFlushesWhatIsDueByIt) {
    begin({});
    for (const char* value : {"one", "two", "three"}) produce(value);
    ASSERT_EQ(flush_each(4), ErrorCode::none);
    EXPECT_EQ(log().flushed_end(), Offset(0));
    ASSERT_EQ(flush_each(3), ErrorCode::none);
    EXPECT_EQ(log().flushed_end(), Offset(3));
    broker.lose_power();
    broker.start();
    EXPECT_EQ(log().log_end_offset(), Offset(3));
}

// A kill leaves acknowledged records that the next life first flushes once more: a consumer at
// their end waits for that and is not sent away.
TEST_F(Flushing, AConsumerAtTheEndIsNotOutOfRangeAfterAKill) {
    begin({"log.flush.interval.messages=1"});
    for (const char* value : {"one", "two", "three"}) ASSERT_EQ(produce(value), ErrorCode::none);
    broker.kill();
    broker.hold_flushes();
    broker.start();
    client = broker.connect();
    EXPECT_EQ(fetch(Offset(3)).error_code, ErrorCode::none);
    EXPECT_EQ(fetch(Offset(4)).error_code, ErrorCode::offset_out_of_range);
    const ConnectionId consumer = broker.connect();
    broker.send(consumer, fetch_from("orders", Offset(0), 500ms), 12);
    EXPECT_FALSE(broker.has_answer(consumer));
    broker.let_flushes_end();
    EXPECT_EQ(fetch(Offset(3)).high_watermark, 3);
    const auto waited = broker.answer<protocol::FetchResponse>(consumer, 12);
    EXPECT_EQ(values_in(waited.responses.at(0).partitions.at(0).records.bytes()),
              (std::vector<std::string>{"one", "two", "three"}));
}

// The second batch is written and waits for its flush when the third finds no room. A producer that
// is told otherwise sends the second again: then it is there twice.
TEST_F(Flushing, AFullDiskRefusesOnlyTheBatchesThatItDidNotTake) {
    begin({"log.flush.interval.messages=1"});
    const ConnectionId first = begin_produce("one");
    const ConnectionId second = begin_produce("two");
    broker.disk().fail_operation(1, StorageStatus::no_space);
    const ConnectionId third = begin_produce("three");
    broker.settle();
    EXPECT_EQ(answer_to(first), ErrorCode::none);
    EXPECT_EQ(answer_to(second), ErrorCode::none);
    EXPECT_EQ(answer_to(third), ErrorCode::kafka_storage_error);
    EXPECT_EQ(values_in(fetch(Offset(0)).records.bytes()),
              (std::vector<std::string>{"one", "two"}));
}

}  // namespace
}  // namespace barnabas::broker
