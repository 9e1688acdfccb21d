// What idempotent producers may rely on.
#include "tests/engine/broker/test_broker.h"

namespace barnabas::broker {
namespace {

using protocol::ErrorCode;

class Producers : public testing::Test {
  protected:
    void SetUp() override {
        broker.start();
        client = broker.connect();
        make_topic(broker, client, "orders");
    }
    static Bytes batch(std::int64_t id, std::int16_t epoch, std::int32_t sequence, int count = 1,
                       bool is_transactional = false) {
        records::BatchBuilder builder(
            {ProducerId(id), ProducerEpoch(epoch), sequence, is_transactional});
        for (int i = 0; i < count; ++i)
            builder.add(1'795'400'000'000 + i, std::nullopt, as_bytes("value"));
        return records::stamp(builder.finish(), Offset(0), no_leader_epoch).flatten();
    }
    protocol::ProduceResponse::PartitionProduceResponse produce(Bytes records) {
        return broker
            .ask<protocol::ProduceResponse>(client, produce_to("orders", std::move(records)), 9)
            .responses.at(0)
            .partition_responses.at(0);
    }
    protocol::InitProducerIdResponse init(std::optional<std::string> transactional = std::nullopt) {
        protocol::InitProducerIdRequest request;
        request.transactional_id = std::move(transactional);
        return broker.ask<protocol::InitProducerIdResponse>(client, request, 4);
    }

    TestBroker broker;
    ConnectionId client;
};

TEST_F(Producers, ARetryGetsTheAnswerOfTheFirstTry) {
    EXPECT_EQ(produce(batch(1, 0, 0, 3)).base_offset, 0);
    EXPECT_EQ(produce(batch(1, 0, 3, 3)).base_offset, 3);
    const auto again = produce(batch(1, 0, 0, 3));
    EXPECT_EQ(again.error_code, ErrorCode::none);
    EXPECT_EQ(again.base_offset, 0);
    EXPECT_EQ(again.log_append_time_ms, 1'795'400'000'002);
    const auto all =
        broker.ask<protocol::FetchResponse>(client, fetch_from("orders", Offset(0)), 12)
            .responses.at(0)
            .partitions.at(0);
    EXPECT_EQ(all.high_watermark, 6);
}

// The first try is still on its way to the disk: both are answered when it is there.
TEST_F(Producers, ARetryOfABatchThatIsOnItsWayWaitsForIt) {
    const ConnectionId other = broker.connect();
    const auto frame = [](Bytes records) {
        protocol::RequestHeader header;
        header.api_version = 9;
        header.correlation_id = 1;
        return protocol::frame_request(header, produce_to("orders", std::move(records)))
            ->flatten()
            .from(4);
    };
    broker.tell(event::Received{client, frame(batch(1, 0, 0))});
    broker.tell(event::Received{client, frame(batch(1, 0, 1))});
    broker.tell(event::Received{other, frame(batch(1, 0, 0))});
    EXPECT_FALSE(broker.has_answer(client));
    EXPECT_FALSE(broker.has_answer(other));
    broker.settle();
    const auto answer = broker.answer<protocol::ProduceResponse>(other, 9);
    EXPECT_EQ(answer.responses.at(0).partition_responses.at(0).base_offset, 0);
    EXPECT_TRUE(broker.has_answer(client));
}

TEST_F(Producers, GapsZombiesAndStrayTransactionsAreRefusedWithKafkasCodes) {
    EXPECT_EQ(produce(batch(1, 1, 0)).error_code, ErrorCode::none);
    EXPECT_EQ(produce(batch(1, 1, 2)).error_code, ErrorCode::out_of_order_sequence_number);
    EXPECT_EQ(produce(batch(1, 0, 1)).error_code, ErrorCode::invalid_producer_epoch);
    EXPECT_EQ(produce(batch(1, 2, 5)).error_code, ErrorCode::out_of_order_sequence_number);
    EXPECT_EQ(produce(batch(2, 0, 77)).error_code, ErrorCode::none);  // nobody knows of it
    EXPECT_EQ(produce(batch(1, 1, 1, 1, true)).error_code, ErrorCode::invalid_txn_state);
    EXPECT_EQ(produce(batch(1, 0, 1, 1, true)).error_code, ErrorCode::invalid_producer_epoch);
}

TEST_F(Producers, AreKnownInTheNextLife) {
    EXPECT_EQ(produce(batch(1, 0, 0, 3)).base_offset, 0);
    for (const bool is_clean : {false, true}) {
        if (is_clean)
            broker.stop();
        else
            broker.kill();
        broker.start();
        client = broker.connect();
        EXPECT_EQ(produce(batch(1, 0, 0, 3)).base_offset, 0);
        EXPECT_EQ(produce(batch(1, 0, 4)).error_code, ErrorCode::out_of_order_sequence_number);
    }
}

TEST_F(Producers, EachGetsAnIdOfItsOwnAlsoAfterSigkill) {
    std::set<std::int64_t> ids;
    for (int i = 0; i < 2500; ++i) {
        const auto response = init();
        ASSERT_EQ(response.error_code, ErrorCode::none);
        EXPECT_EQ(response.producer_epoch, 0);
        ids.insert(response.producer_id);
    }
    EXPECT_EQ(ids.size(), 2500u);
    EXPECT_EQ(broker.broker().node().image.next_producer_id(), ProducerId(3000));
    broker.kill();
    broker.start();
    client = broker.connect();
    EXPECT_EQ(init().producer_id, 3000);  // what was left of the block is given up
}

TEST_F(Producers, WithATransactionalIdThereIsAClearNo) {
    EXPECT_EQ(init("till").error_code, ErrorCode::unsupported_version);
    EXPECT_EQ(init("").error_code, ErrorCode::invalid_request);
    protocol::InitProducerIdRequest half;
    half.transactional_id = std::nullopt;
    half.producer_id = 5;
    EXPECT_EQ(broker.ask<protocol::InitProducerIdResponse>(client, half, 4).error_code,
              ErrorCode::invalid_request);
}

TEST_F(Producers, AreDescribed) {
    produce(batch(7, 3, 0, 5));
    protocol::DescribeProducersRequest request;
    auto& topic = request.topics.emplace_back();
    topic.name = "orders";
    topic.partition_indexes = {0, 9};
    const auto response = broker.ask<protocol::DescribeProducersResponse>(client, request, 0);
    const auto& partitions = response.topics.at(0).partitions;
    ASSERT_EQ(partitions.at(0).active_producers.size(), 1u);
    const auto& producer = partitions[0].active_producers[0];
    EXPECT_EQ(producer.producer_id, 7);
    EXPECT_EQ(producer.producer_epoch, 3);
    EXPECT_EQ(producer.last_sequence, 4);
    EXPECT_EQ(producer.last_timestamp, 1'795'400'000'004);
    EXPECT_EQ(producer.current_txn_start_offset, -1);
    EXPECT_EQ(partitions.at(1).error_code, ErrorCode::unknown_topic_or_partition);
}

}  // namespace
}  // namespace barnabas::broker
