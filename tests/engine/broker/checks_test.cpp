// Produced batches whose check is too much for a turn: others are served meanwhile, and nothing is
// lost, doubled or put into another order.
#include "engine/protocol/messages/incremental_alter_configs.h"
#include "tests/engine/broker/test_broker.h"

namespace barnabas::broker {
namespace {

using protocol::ErrorCode;
using PartitionResult = protocol::ProduceResponse::PartitionProduceResponse;

constexpr std::int16_t version = 9;

class BatchChecks : public testing::Test {
  protected:
    void SetUp() override {
        broker.start();
        client = broker.connect();
        other = broker.connect();
        make_topic(broker, client, "orders", 4);
        broker.hold_computations();
    }
    // A small batch that unpacks to that many bytes and more.
    static Bytes bomb(std::size_t bytes, const std::string& name = "bomb",
                      records::Producer producer = {}) {
        records::BatchBuilder builder(producer, {.codec = records::Codec::zstd});
        builder.add(1'795'400'000'000, std::nullopt, as_bytes(name));
        builder.add(1'795'400'000'000, std::nullopt, as_bytes(std::string(bytes, 'x')));
        return records::stamp(builder.finish(), Offset(0), no_leader_epoch).flatten();
    }
    static Bytes small(records::Producer producer) {
        records::BatchBuilder builder(producer);
        builder.add(1'795'400'000'000, std::nullopt, as_bytes("small"));
        return records::stamp(builder.finish(), Offset(0), no_leader_epoch).flatten();
    }
    void send(ConnectionId connection, Bytes records, std::int32_t partition = 0,
              std::int16_t acks = -1) {
        auto request = produce_to("orders", std::move(records), acks);
        request.topic_data[0].partition_data[0].index = partition;
        broker.send(connection, request, version);
    }
    PartitionResult answer(ConnectionId connection) {
        return broker.answer<protocol::ProduceResponse>(connection, version)
            .responses.at(0)
            .partition_responses.at(0);
    }
    Offset end(std::int32_t partition = 0) {
        return broker.broker().node().partitions.table().at(slot(partition))->log.log_end_offset();
    }
    std::uint32_t slot(std::int32_t partition) {
        const auto& partitions = broker.broker().node().partitions.table();
        return partitions.topic("orders")->find(PartitionIndex(partition))->number;
    }

    TestBroker broker;
    ConnectionId client;
    ConnectionId other;
};

TEST_F(BatchChecks, OthersAreServedWhileOneIsChecked) {
    send(client, bomb(1 << 20));
    EXPECT_FALSE(broker.has_answer(client));
    ASSERT_EQ(broker.computing().size(), 1u);
    EXPECT_EQ(broker.computing()[0].load, effect::Load::light);
    send(other, batch_of({"a"}), 1);
    EXPECT_EQ(answer(other).base_offset, 0);
    broker.let_computations_end();
    EXPECT_EQ(answer(client).error_code, ErrorCode::none);
    EXPECT_EQ(end(), Offset(2));
}

TEST_F(BatchChecks, WhatIsSmallIsCheckedAtOnce) {
    records::BatchBuilder builder({}, {.codec = records::Codec::gzip});
    for (int i = 0; i < 100; ++i)
        builder.add(1'795'400'000'000, std::nullopt, as_bytes(std::string(500, 'x')));
    send(client, records::stamp(builder.finish(), Offset(0), no_leader_epoch).flatten());
    EXPECT_TRUE(broker.computing().empty());
    EXPECT_EQ(answer(client).base_offset, 0);
}

TEST_F(BatchChecks, LaterBatchesOfThePartitionKeepTheirPlace) {
    send(client, bomb(1 << 20));
    send(other, batch_of({"a"}));
    send(other, bomb(1 << 20));
    send(other, batch_of({"b"}));
    EXPECT_FALSE(broker.has_answer(other));
    EXPECT_EQ(end(), Offset(0));
    broker.let_computations_end();
    EXPECT_EQ(answer(client).base_offset, 0);
    EXPECT_EQ(answer(other).base_offset, 2);
    EXPECT_EQ(answer(other).base_offset, 3);
    EXPECT_EQ(answer(other).base_offset, 5);
    EXPECT_TRUE(broker.broker().node().gathers.empty());
}

// The answers of one connection come in the order of its requests all the same.
TEST_F(BatchChecks, AnswersOfTheConnectionWaitBehind) {
    send(client, bomb(1 << 20), 0);
    send(client, batch_of({"a"}), 1);
    EXPECT_EQ(end(1), Offset(1)) << "another partition does not wait";
    EXPECT_FALSE(broker.has_answer(client));
    broker.let_computations_end();
    EXPECT_EQ(answer(client).base_offset, 0);
    EXPECT_EQ(answer(client).base_offset, 0);
}

TEST_F(BatchChecks, SequencesAreJudgedAtTheAppend) {
    const auto producer = [](std::int32_t sequence) {
        return records::Producer{ProducerId(1), ProducerEpoch(0), sequence, false};
    };
    send(client, bomb(1 << 20, "first", producer(0)));
    send(client, small(producer(2)));
    send(client, small(producer(7)));
    send(client, bomb(1 << 20, "first", producer(0)));
    broker.let_computations_end();
    EXPECT_EQ(answer(client).base_offset, 0);
    EXPECT_EQ(answer(client).base_offset, 2);
    EXPECT_EQ(answer(client).error_code, ErrorCode::out_of_order_sequence_number);
    EXPECT_EQ(answer(client).base_offset, 0) << "a retry has the answer of the first";
    EXPECT_EQ(end(), Offset(3));
}

TEST_F(BatchChecks, WhatTakesSecondsHasALineOfItsOwn) {
    send(client, bomb(std::size_t{20} << 20), 0);
    broker.let_computations_end();
    EXPECT_EQ(answer(client).error_code, ErrorCode::none);
    broker.hold_computations();
    send(client, bomb(std::size_t{20} << 20), 0);
    const effect::Compute light = broker.computing().at(0);
    broker.take_computation(0);
    broker.tell(event::Computed{light.job, Broker::compute(light)});
    ASSERT_EQ(broker.computing().size(), 1u);
    EXPECT_EQ(broker.computing()[0].load, effect::Load::heavy);
    send(other, bomb(1 << 20), 1);
    ASSERT_EQ(broker.computing().size(), 2u);
    EXPECT_EQ(broker.computing()[1].load, effect::Load::light);
    broker.let_computations_end();
}

// Nobody waits for all that a neighbour sends.
TEST_F(BatchChecks, ConnectionsTakeTurns) {
    for (int i = 0; i < 2; ++i)
        for (std::int32_t partition = 0; partition < 3; ++partition)
            send(client, bomb(1 << 20), partition);
    send(other, bomb(1 << 20), 3);
    ASSERT_EQ(broker.computing().size(), 2u) << "one is computed, one waits for the thread";
    for (int i = 0; i < 2; ++i) {
        const effect::Compute first = broker.computing().at(0);
        broker.take_computation(0);
        broker.tell(event::Computed{first.job, Broker::compute(first)});
    }
    const auto is_of_other = [&](const effect::Compute& job) {
        return replication::Checks::slot_of(job.job) == slot(3);
    };
    EXPECT_TRUE(std::ranges::any_of(broker.computing(), is_of_other));
    broker.let_computations_end();
    EXPECT_EQ(answer(other).error_code, ErrorCode::none);
}

TEST_F(BatchChecks, ABadBatchIsRefusedWhenItsCheckIsBack) {
    Bytes bad = bomb(1 << 20);
    std::vector<std::uint8_t> bytes(bad.begin(), bad.end());
    bytes[bytes.size() - 10] ^= 0x55;
    records::BatchHeader header = *records::BatchHeader::parse(bytes);
    header.crc = records::crc_of(bytes);
    header.store(bytes.data());
    send(client, Bytes::own(std::move(bytes)));
    send(client, batch_of({"a"}));
    broker.let_computations_end();
    EXPECT_EQ(answer(client).error_code, ErrorCode::invalid_record);
    EXPECT_EQ(answer(client).base_offset, 0);
}

TEST_F(BatchChecks, WithoutAcknowledgementABadBatchClosesTheConnection) {
    send(client, bomb(1 << 20), 0, 0);
    broker.let_computations_end();
    EXPECT_FALSE(broker.is_hung_up(client));
    EXPECT_EQ(end(), Offset(2));
    broker.hold_computations();
    records::Producer late{ProducerId(1), ProducerEpoch(0), 5, false};
    send(client, bomb(1 << 20, "known", {ProducerId(1), ProducerEpoch(0), 0, false}), 0, 0);
    send(client, bomb(1 << 20, "late", late), 0, 0);
    broker.let_computations_end();
    EXPECT_TRUE(broker.is_hung_up(client));
}

TEST_F(BatchChecks, ALogThatFailsMeanwhileIsWhatTheAnswerTells) {
    broker = TestBroker({"log.dirs=/one,/two"});
    SetUp();
    std::vector<std::int32_t> in_two;
    for (std::int32_t partition = 0; partition < 4; ++partition)
        if (broker.broker().node().logs.at(slot(partition)).directory == 1)
            in_two.push_back(partition);
    ASSERT_GE(in_two.size(), 2u);
    send(client, bomb(1 << 20), in_two[0]);
    send(client, batch_of({"a"}), in_two[0]);
    broker.disk().break_directory("/two");
    send(other, batch_of({"b"}), in_two[1]);
    EXPECT_EQ(answer(other).error_code, ErrorCode::kafka_storage_error);
    broker.let_computations_end();
    EXPECT_EQ(answer(client).error_code, ErrorCode::kafka_storage_error);
    EXPECT_EQ(answer(client).error_code, ErrorCode::kafka_storage_error);
}

// The request was received: what it brought is appended, as Kafka does.
TEST_F(BatchChecks, ABatchOutlivesItsConnection) {
    send(client, bomb(1 << 20), 0, 0);
    send(client, batch_of({"a"}), 0, 0);
    broker.tell(event::Disconnected{client, Reason::closed});
    broker.let_computations_end();
    EXPECT_EQ(end(), Offset(3));
    EXPECT_TRUE(broker.broker().node().gathers.empty());
}

TEST_F(BatchChecks, HowMuchWaitsForNobodyIsBounded) {
    for (int i = 0; i < 30; ++i) {
        const ConnectionId passing = broker.connect();
        send(passing, i == 0 ? bomb(1 << 20) : batch_of({std::string(900'000, 'x')}));
        broker.tell(event::Disconnected{passing, Reason::closed});
    }
    send(other, batch_of({"last"}));
    broker.let_computations_end();
    const auto kept = replication::Checks::orphaned_bytes_max / 900'000 - 1;
    EXPECT_NEAR(static_cast<double>(answer(other).base_offset), 2.0 + static_cast<double>(kept), 1);
    EXPECT_TRUE(broker.broker().node().gathers.empty());
}

TEST_F(BatchChecks, AStopWaitsForNone) {
    send(client, bomb(1 << 20));
    const effect::Compute job = broker.computing().at(0);
    broker.tell(event::Operator{Order::shut_down});
    broker.tell(event::Computed{job.job, Broker::compute(job)});
    broker.settle();
    EXPECT_EQ(broker.exit_code(), 0);
}

TEST_F(BatchChecks, ARecordMayNotUnpackToMoreThanItsTopicSays) {
    broker.let_computations_end();
    const auto set = [&](const std::string& value) {
        protocol::IncrementalAlterConfigsRequest request;
        auto& resource = request.resources.emplace_back();
        resource.resource_type = 2;
        resource.resource_name = "orders";
        auto& config = resource.configs.emplace_back();
        config.name = "max.decompressed.message.bytes";
        config.value = value;
        const auto response =
            broker.ask<protocol::IncrementalAlterConfigsResponse>(client, request, 1);
        return response.responses.at(0).error_code;
    };
    EXPECT_EQ(set("0"), ErrorCode::invalid_config);
    EXPECT_EQ(set("100000"), ErrorCode::none);
    send(client, bomb(100'000));
    EXPECT_EQ(answer(client).error_code, ErrorCode::invalid_record);
    send(client, bomb(std::size_t{1} << 20));
    EXPECT_EQ(answer(client).error_code, ErrorCode::invalid_record);
    send(client, batch_of({std::string(100'001, 'x')}));
    EXPECT_EQ(answer(client).error_code, ErrorCode::none);
    EXPECT_EQ(set("200000"), ErrorCode::none);
    send(client, bomb(100'000));
    EXPECT_EQ(answer(client).error_code, ErrorCode::none);
}

}  // namespace
}  // namespace barnabas::broker
