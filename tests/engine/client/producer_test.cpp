// What becomes of each record, whatever the broker does.
#include "engine/client/producer.h"

#include <gtest/gtest.h>

#include "engine/records/batch.h"
#include "engine/records/record.h"
#include "tests/support/fake_broker.h"
#include "tests/support/stage.h"

namespace barnabas::client {
namespace {

using protocol::ApiKey;
using protocol::ErrorCode;
using support::FakeBroker;

ProducerOptions producer_options() {
    ProducerOptions options;
    options.cluster.bootstrap = {{"10.0.0.1", 9092}};
    options.cluster.client_id = "till";
    options.cluster.request_timeout = 1s;
    options.delivery_timeout = 5s;
    return options;
}

class ProducerTest : public testing::Test {
  protected:
    void make(const ProducerOptions& options) {
        stage = std::make_unique<support::Stage<Producer>>(Producer(options));
        talk = std::make_unique<support::Talk<Producer>>(*stage, broker);
        stage->tell(event::Started{});
    }
    void SetUp() override { make(producer_options()); }

    void send(std::string_view value, std::int32_t partition = 0) {
        stage->turn([&](Producer& producer, Turn& turn) {
            Record record{{"orders", PartitionIndex(partition)}, {}, Bytes::copy(value), {}};
            ASSERT_TRUE(producer.send(record, turn));
        });
    }
    std::string history() const {
        std::string text;
        const auto& fates = stage->machine.history();
        for (std::size_t i = 0; i < fates.size(); ++i) {
            if (i > 0) text += ", ";
            text += std::to_string(fates[i].number) + ' ' + std::string(name_of(fates[i].kind));
            if (fates[i].offset >= Offset(0)) text += '@' + std::to_string(fates[i].offset.value());
        }
        return text;
    }
    std::string log(std::int32_t partition = 0) {
        std::string text;
        for (const Bytes& bytes : broker.log("orders", partition).batches) {
            records::BatchReader batches(bytes);
            const auto batch = batches.next();
            if (!text.empty()) text += '|';
            const Bytes body = batch->records();
            records::RecordReader reader(batch->header, body);
            while (const auto record = reader.next()) text += as_text(*record->value);
        }
        return text;
    }
    std::size_t asked(ApiKey key) const {
        return static_cast<std::size_t>(std::count(broker.asked.begin(), broker.asked.end(), key));
    }

    FakeBroker broker;
    std::unique_ptr<support::Stage<Producer>> stage;
    std::unique_ptr<support::Talk<Producer>> talk;
};

TEST_F(ProducerTest, RecordsWithinTheLingerShareABatch) {
    send("a");
    send("b");
    talk->pass(50ms);
    send("c");
    talk->pass(50ms);
    EXPECT_EQ(log(), "ab|c");
    EXPECT_EQ(history(), "0 acknowledged@0, 1 acknowledged@1, 2 acknowledged@2");
    EXPECT_EQ(stage->machine.unsettled(), 0u);
}

TEST_F(ProducerTest, AFullBatchDoesNotWaitForTheLinger) {
    auto small = producer_options();
    small.batch_bytes = 200;
    small.linger = 1h;
    make(small);
    const std::string value(100, 'x');
    send(value);
    talk->pass(100ms);
    EXPECT_EQ(log(), "");
    send(value);
    talk->pass(100ms);
    EXPECT_EQ(log(), value);
}

TEST_F(ProducerTest, EachPartitionHasItsOwnBatches) {
    broker.partitions = 2;
    send("a", 0);
    send("b", 1);
    send("c", 0);
    talk->pass(50ms);
    EXPECT_EQ(log(0), "ac");
    EXPECT_EQ(log(1), "b");
    EXPECT_EQ(asked(ApiKey::produce), 1u);  // one request for both
}

TEST_F(ProducerTest, RecordsKeepTheTimeAtWhichTheyWereSent) {
    send("a");
    talk->pass(50ms);
    const auto head = records::BatchHeader::parse(broker.log("orders", 0).batches.at(0));
    EXPECT_EQ(head->base_timestamp, 1'700'000'000'000);
    EXPECT_TRUE((records::Batch{*head, broker.log("orders", 0).batches.at(0)}.has_good_crc()));
}

// Nobody knows whether the first try was carried out: the double in the log is explained.
TEST_F(ProducerTest, ALostReplyIsToldBeforeTheRecordIsTriedAgain) {
    broker.swallow_produce_replies = 1;
    send("a");
    talk->pass(3s);
    EXPECT_EQ(log(), "a|a");
    EXPECT_EQ(history(), "0 lost reply, 0 acknowledged@1");
}

TEST_F(ProducerTest, AnErrorThatRulesOutTheAppendIsTriedAgainWithoutADoubt) {
    broker.produce_errors = {ErrorCode::not_enough_replicas, ErrorCode::leader_not_available};
    send("a");
    talk->pass(3s);
    EXPECT_EQ(log(), "a");
    EXPECT_EQ(history(), "0 refused, 0 refused, 0 acknowledged@0");
}

TEST_F(ProducerTest, AnErrorAfterWhichRecordsMayStandCountsAsALostReply) {
    broker.produce_errors = {ErrorCode::kafka_storage_error};
    send("a");
    talk->pass(3s);
    EXPECT_EQ(history(), "0 lost reply, 0 acknowledged@0");
}

TEST_F(ProducerTest, AFinalErrorFailsTheRecord) {
    broker.produce_errors = {ErrorCode::message_too_large};
    send("a");
    talk->pass(100ms);
    EXPECT_EQ(history(), "0 failed");
    EXPECT_EQ(stage->machine.history()[0].error, ErrorCode::message_too_large);
    EXPECT_EQ(stage->machine.unsettled(), 0u);
}

TEST_F(ProducerTest, WhatCannotBeDeliveredInTimeFailsForSureWhenNoTryWasMade) {
    broker.metadata_errors.assign(1000, ErrorCode::leader_not_available);
    send("a");
    talk->pass(6s);
    EXPECT_EQ(history(), "0 failed");
    EXPECT_EQ(asked(ApiKey::produce), 0u);
}

TEST_F(ProducerTest, WhatCannotBeDeliveredInTimeIsUnknownAfterALostReply) {
    broker.swallow_produce_replies = 1000;
    send("a");
    talk->pass(20s);
    EXPECT_TRUE(history().ends_with("0 lost reply, 0 unknown")) << history();
}

TEST_F(ProducerTest, WithoutAcknowledgementsNothingIsKnown) {
    auto silent = producer_options();
    silent.acks = Acks::none;
    make(silent);
    send("a");
    talk->pass(50ms);
    EXPECT_EQ(log(), "a");
    EXPECT_EQ(history(), "0 unknown");
}

TEST_F(ProducerTest, ATopicThatDoesNotExistYetIsAskedForAgain) {
    broker.metadata_errors = {ErrorCode::leader_not_available, ErrorCode::leader_not_available};
    send("a");
    talk->pass(2s);
    EXPECT_EQ(asked(ApiKey::metadata), 3u);
    EXPECT_EQ(history(), "0 acknowledged@0");
}

// Retries must not let later records of the partition overtake: order within a partition holds
// with one request in flight.
TEST_F(ProducerTest, ATryThatFailedIsRepeatedBeforeWhatCameAfterIt) {
    auto one = producer_options();
    one.in_flight_max = 1;
    one.linger = 0ms;
    make(one);
    broker.produce_errors = {ErrorCode::leader_not_available};
    send("a");
    talk->pass(20ms);
    send("b");
    talk->pass(2s);
    EXPECT_EQ(log(), "a|b");
}

TEST_F(ProducerTest, ARefusedRecordCostsNothing) {
    auto small = producer_options();
    small.buffer_bytes_max = 300;
    make(small);
    stage->turn([&](Producer& producer, Turn& turn) {
        const Record record{
            {"orders", PartitionIndex(0)}, {}, Bytes::copy(std::string(150, 'x')), {}};
        EXPECT_EQ(producer.send(record, turn), RecordNumber(0));
        EXPECT_EQ(producer.send(record, turn), std::nullopt);
        EXPECT_EQ(producer.next_number(), 1u);
    });
    talk->pass(50ms);
    send("b");  // there is room again
}

// The broker moves to another address: the producer follows the metadata.
TEST_F(ProducerTest, FollowsABrokerThatMoved) {
    send("a");
    talk->pass(50ms);
    broker.at = {"10.0.0.2", 9093};
    broker.produce_errors = {ErrorCode::not_leader_or_follower};
    send("b");
    talk->pass(3s);
    EXPECT_EQ(log(), "a|b");
    EXPECT_EQ(stage->machine.unsettled(), 0u);
}

TEST_F(ProducerTest, ACopyHasTheSameFuture) {
    send("a");
    broker.swallow_produce_replies = 1;
    talk->pass(20ms);
    support::Stage<Producer> copied = *stage;
    FakeBroker other = broker;
    support::Talk<Producer> second(copied, other);
    second.pass(3s);
    talk->pass(3s);
    Hasher a, b;
    stage->machine.digest(a);
    copied.machine.digest(b);
    EXPECT_EQ(a.value(), b.value());
    EXPECT_EQ(stage->machine.history().size(), 2u);
}

}  // namespace
}  // namespace barnabas::client
