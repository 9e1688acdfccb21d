// What clients may rely on, request by request.
#include "tests/engine/broker/test_broker.h"

namespace barnabas::broker {
namespace {

using protocol::ErrorCode;

class Requests : public testing::Test {
  protected:
    void SetUp() override {
        broker.start();
        client = broker.connect();
        make_topic(broker, client, "orders");
    }
    ErrorCode produce(Bytes records, std::int16_t acks = -1) {
        const auto response = broker.ask<protocol::ProduceResponse>(
            client, produce_to("orders", std::move(records), acks), 9);
        return response.responses.at(0).partition_responses.at(0).error_code;
    }
    protocol::FetchResponse::PartitionData fetch(Offset offset) {
        return broker.ask<protocol::FetchResponse>(client, fetch_from("orders", offset), 12)
            .responses.at(0)
            .partitions.at(0);
    }

    TestBroker broker;
    ConnectionId client;
};

TEST_F(Requests, RecordsComeBackByteForByte) {
    const Bytes first = batch_of({"one", "two"});
    EXPECT_EQ(produce(first), ErrorCode::none);
    EXPECT_EQ(produce(batch_of({"three"})), ErrorCode::none);
    const auto all = fetch(Offset(0));
    EXPECT_EQ(all.high_watermark, 3);
    EXPECT_EQ(values_in(all.records.bytes()), (std::vector<std::string>{"one", "two", "three"}));
    // Behind the stamp the batch is the client's own.
    EXPECT_EQ(all.records.bytes().slice(16, first.size() - 16), first.from(16));
}

// KAFKA.md, wire trap 4.
TEST_F(Requests, AnOffsetInsideABatchGivesTheWholeBatch) {
    produce(batch_of({"one", "two", "three"}));
    EXPECT_EQ(values_in(fetch(Offset(1)).records.bytes()).size(), 3u);
}

TEST_F(Requests, AnOffsetBeyondTheLogIsOutOfRange) {
    EXPECT_EQ(fetch(Offset(1)).error_code, ErrorCode::offset_out_of_range);
    EXPECT_EQ(fetch(Offset(0)).error_code, ErrorCode::none);
}

TEST_F(Requests, AFetchWaitsForRecordsAndGetsThem) {
    const ConnectionId consumer = broker.connect();
    broker.send(consumer, fetch_from("orders", Offset(0), 500ms), 12);
    EXPECT_FALSE(broker.has_answer(consumer));
    produce(batch_of({"one"}));
    ASSERT_TRUE(broker.has_answer(consumer));
    const auto response = broker.answer<protocol::FetchResponse>(consumer, 12);
    EXPECT_EQ(values_in(response.responses[0].partitions[0].records.bytes()).size(), 1u);
}

TEST_F(Requests, AFetchThatWaitsInVainIsAnsweredEmptyAtItsDeadline) {
    const ConnectionId consumer = broker.connect();
    broker.send(consumer, fetch_from("orders", Offset(0), 500ms), 12);
    broker.pass(499ms);
    EXPECT_FALSE(broker.has_answer(consumer));
    broker.pass(1ms);
    ASSERT_TRUE(broker.has_answer(consumer));
    EXPECT_TRUE(broker.answer<protocol::FetchResponse>(consumer, 12)
                    .responses[0]
                    .partitions[0]
                    .records.bytes()
                    .empty());
}

TEST_F(Requests, AConsumerThatLeavesTakesItsWaitingFetchAlong) {
    const ConnectionId consumer = broker.connect();
    broker.send(consumer, fetch_from("orders", Offset(0), 500ms), 12);
    broker.tell(event::Disconnected{consumer, Reason::reset});
    EXPECT_TRUE(broker.broker().node().gathers.empty());
    EXPECT_TRUE(broker.broker().node().fetch_deadlines.empty());
    EXPECT_EQ(produce(batch_of({"one"})), ErrorCode::none);
}

TEST_F(Requests, AnswersLeaveInTheOrderOfTheRequests) {
    broker.send(client, fetch_from("orders", Offset(0), 500ms), 12);
    broker.send(client, protocol::MetadataRequest(), 9);
    EXPECT_FALSE(broker.has_answer(client));  // the fetch is first, and waits
    broker.pass(500ms);
    broker.answer<protocol::FetchResponse>(client, 12);
    EXPECT_TRUE(broker.has_answer(client));
    EXPECT_EQ(broker.answer<protocol::MetadataResponse>(client, 9).brokers.size(), 1u);
}

// Longer than files stay open that nobody uses.
TEST_F(Requests, AnAnswerThatWaitsBehindAnotherKeepsItsFileOpen) {
    make_topic(broker, client, "waiting");
    ASSERT_EQ(produce(batch_of({"one"})), ErrorCode::none);
    broker.send(client, fetch_from("waiting", Offset(0), 3600s), 12);
    broker.send(client, fetch_from("orders", Offset(0)), 12);
    for (int i = 0; i < 4; ++i) broker.pass(5min);
    ASSERT_FALSE(broker.has_answer(client));
    broker.pass(1h);
    broker.answer<protocol::FetchResponse>(client, 12);
    const auto response = broker.answer<protocol::FetchResponse>(client, 12);
    EXPECT_EQ(values_in(response.responses.at(0).partitions.at(0).records.bytes()),
              (std::vector<std::string>{"one"}));
}

TEST_F(Requests, ABatchWithABadCrcIsNotStored) {
    Bytes good = batch_of({"one"});
    std::vector<std::uint8_t> bad(good.begin(), good.end());
    bad.back() ^= 1;
    EXPECT_EQ(produce(Bytes::own(bad)), ErrorCode::corrupt_message);
    EXPECT_EQ(fetch(Offset(0)).high_watermark, 0);
}

TEST_F(Requests, AcksOtherThanTheThreeAreRefused) {
    EXPECT_EQ(produce(batch_of({"one"}), 2), ErrorCode::invalid_required_acks);
}

TEST_F(Requests, WithoutAcksThereIsNoAnswerAndTheNextRequestIsServed) {
    broker.send(client, produce_to("orders", batch_of({"one"}), 0), 9);
    EXPECT_FALSE(broker.has_answer(client));
    EXPECT_EQ(fetch(Offset(0)).high_watermark, 1);
}

// KAFKA.md 6.5: the producer would never notice otherwise.
TEST_F(Requests, WithoutAcksAnErrorClosesTheConnection) {
    broker.send(client, produce_to("nowhere", batch_of({"one"}), 0), 9);
    EXPECT_TRUE(broker.is_hung_up(client));
}

TEST_F(Requests, ATopicThatIsAskedForIsMade) {
    protocol::MetadataRequest request;
    request.topics.emplace().emplace_back().name = "fresh";
    const auto response = broker.ask<protocol::MetadataResponse>(client, request, 12);
    ASSERT_EQ(response.topics.size(), 1u);
    EXPECT_EQ(response.topics[0].error_code, ErrorCode::none);
    EXPECT_EQ(response.topics[0].partitions.size(), 1u);
    EXPECT_FALSE(response.topics[0].topic_id.is_zero());
}

TEST_F(Requests, ATopicIsNotMadeWhenTheClientForbidsIt) {
    protocol::MetadataRequest request;
    request.topics.emplace().emplace_back().name = "fresh";
    request.allow_auto_topic_creation = false;
    const auto response = broker.ask<protocol::MetadataResponse>(client, request, 12);
    EXPECT_EQ(response.topics.at(0).error_code, ErrorCode::unknown_topic_or_partition);
}

TEST_F(Requests, ABadTopicIsRefusedAndTheOthersAreMade) {
    protocol::CreateTopicsRequest request;
    for (const char* name : {"orders", "no/good", "fine", "twice", "twice", "many"}) {
        auto& topic = request.topics.emplace_back();
        topic.name = name;
        topic.num_partitions = 1;
        topic.replication_factor = static_cast<std::int16_t>(std::string(name) == "many" ? 3 : 1);
    }
    const auto response = broker.ask<protocol::CreateTopicsResponse>(client, request, 7);
    std::map<std::string, ErrorCode> codes;
    for (const auto& topic : response.topics) codes[topic.name] = topic.error_code;
    EXPECT_EQ(codes["orders"], ErrorCode::topic_already_exists);
    EXPECT_EQ(codes["no/good"], ErrorCode::invalid_topic_exception);
    EXPECT_EQ(codes["twice"], ErrorCode::invalid_request);
    EXPECT_EQ(codes["many"], ErrorCode::invalid_replication_factor);
    EXPECT_EQ(codes["fine"], ErrorCode::none);
    EXPECT_EQ(broker.broker().node().image.topics().size(), 2u);
}

TEST_F(Requests, TheClientIsToldTheAddressThatItCameInOn) {
    const auto response =
        broker.ask<protocol::MetadataResponse>(client, protocol::MetadataRequest(), 12);
    EXPECT_EQ(response.brokers.at(0).host, "127.0.0.1");
    EXPECT_EQ(response.brokers.at(0).port, 9092);
}

TEST_F(Requests, OffsetsAreFoundByTimeAndAtBothEnds) {
    produce(batch_of({"one", "two"}));
    const auto offset_at = [&](std::int64_t timestamp) {
        protocol::ListOffsetsRequest request;
        auto& topic = request.topics.emplace_back();
        topic.name = "orders";
        topic.partitions.emplace_back().timestamp = timestamp;
        return broker.ask<protocol::ListOffsetsResponse>(client, request, 7)
            .topics.at(0)
            .partitions.at(0)
            .offset;
    };
    EXPECT_EQ(offset_at(-2), 0);
    EXPECT_EQ(offset_at(-1), 2);
    EXPECT_EQ(offset_at(1'795'400'000'000), 0);
    EXPECT_EQ(offset_at(1'795'400'000'001), -1);
}

template <class Request, class Response>
void ask_in_every_version(TestBroker& broker, const Request& request) {
    const auto served = protocol::served(Request::api.key, protocol::Listeners::broker);
    for (std::int16_t version = served.oldest; version <= served.latest; ++version) {
        const ConnectionId client = broker.connect();
        broker.send(client, request, version);
        ASSERT_FALSE(broker.is_hung_up(client)) << "version " << version;
        broker.answer<Response>(client, version);
    }
}

// A field that an old version cannot carry must not stand in its answer.
TEST_F(Requests, EveryServedVersionIsAnswered) {
    using namespace protocol;
    produce(batch_of({"one"}));
    const TopicId id = broker.broker().node().image.topic("orders")->id;
    ListOffsetsRequest offsets;
    offsets.topics.emplace_back().name = "orders";
    offsets.topics.back().partitions.emplace_back().timestamp = -1;
    offsets.topics.back().partitions.emplace_back().timestamp = 1'795'400'000'000;
    ask_in_every_version<ListOffsetsRequest, ListOffsetsResponse>(broker, offsets);
    MetadataRequest metadata;
    metadata.topics->emplace_back().name = "orders";
    metadata.topics->emplace_back().name = "no/good";
    ask_in_every_version<MetadataRequest, MetadataResponse>(broker, metadata);
    FetchRequest fetch = fetch_from("orders", Offset(0));
    fetch.topics[0].topic_id = id;
    ask_in_every_version<FetchRequest, FetchResponse>(broker, fetch);
    ProduceRequest produce = produce_to("orders", batch_of({"two"}));
    produce.topic_data[0].topic_id = id;
    produce.topic_data[0].partition_data.emplace_back().records = Bytes::copy("no batch");
    ask_in_every_version<ProduceRequest, ProduceResponse>(broker, produce);
    CreateTopicsRequest create;
    create.topics.emplace_back().name = "no/good";
    ask_in_every_version<CreateTopicsRequest, CreateTopicsResponse>(broker, create);
}

TEST_F(Requests, DeletedRecordsAreGoneForReaders) {
    for (const char* value : {"one", "two", "three"}) produce(batch_of({value}));
    const auto delete_below = [&](std::int64_t offset) {
        protocol::DeleteRecordsRequest request;
        auto& topic = request.topics.emplace_back();
        topic.name = "orders";
        topic.partitions.emplace_back().offset = offset;
        return broker.ask<protocol::DeleteRecordsResponse>(client, request, 2)
            .topics.at(0)
            .partitions.at(0);
    };
    EXPECT_EQ(delete_below(4).error_code, ErrorCode::offset_out_of_range);
    EXPECT_EQ(delete_below(1).low_watermark, 1);
    EXPECT_EQ(fetch(Offset(0)).error_code, ErrorCode::offset_out_of_range);
    EXPECT_EQ(fetch(Offset(1)).log_start_offset, 1);
    EXPECT_EQ(delete_below(-1).low_watermark, 3);  // up to the high watermark
}

// flush.messages=1: what is acknowledged, and what consumers see, survives power loss.
TEST(Settings, ATopicThatFlushesEachMessageLosesNothingToAPowerLoss) {
    TestBroker broker({"log.flush.interval.messages=1", "log.dirs=/data"});
    broker.start();
    make_topic(broker, broker.connect(), "orders");
    broker.ask<protocol::ProduceResponse>(broker.connect(), produce_to("orders", batch_of({"one"})),
                                          9);
    broker.lose_power();
    broker.start();
    const auto response =
        broker.ask<protocol::FetchResponse>(broker.connect(), fetch_from("orders", Offset(0)), 12);
    EXPECT_EQ(values_in(response.responses.at(0).partitions.at(0).records.bytes()),
              std::vector<std::string>{"one"});
}

TEST(Settings, TheBrokersCodecIsPutOnWhatIsProduced) {
    TestBroker broker({"compression.type=zstd", "log.dirs=/data"});
    broker.start();
    make_topic(broker, broker.connect(), "orders");
    broker.ask<protocol::ProduceResponse>(
        broker.connect(), produce_to("orders", batch_of({std::string(1000, 'x')})), 9);
    const auto response =
        broker.ask<protocol::FetchResponse>(broker.connect(), fetch_from("orders", Offset(0)), 12);
    const Bytes stored = response.responses.at(0).partitions.at(0).records.bytes();
    EXPECT_EQ(records::BatchHeader::parse(stored)->codec(), records::Codec::zstd);
    EXPECT_LT(stored.size(), 200u);
}

TEST(Settings, RetentionBySizeDeletesOldSegments) {
    TestBroker broker({"log.segment.bytes=1048576", "log.retention.bytes=1048576",
                       "log.retention.check.interval.ms=1000", "log.dirs=/data"});
    broker.start();
    make_topic(broker, broker.connect(), "orders");
    for (int i = 0; i < 5; ++i) {
        broker.ask<protocol::ProduceResponse>(
            broker.connect(), produce_to("orders", batch_of({std::string(900'000, 'x')})), 9);
    }
    broker.pass(1s);
    EXPECT_GT(broker.broker().node().partitions.table().at(0)->log.log_start_offset(), Offset(0));
}

TEST_F(Requests, TheVersionsOfAnApiThatIsNotKnownAreToldInVersionZero) {
    Bytes frame = Bytes::own({0, 18, 0, 99, 0, 0, 0, 5, 0, 1, 'x'});
    broker.send_frame(client, frame);
    ASSERT_TRUE(broker.has_answer(client));
    const auto response = broker.answer<protocol::ApiVersionsResponse>(client, 0);
    EXPECT_EQ(response.error_code, ErrorCode::unsupported_version);
    ASSERT_EQ(response.api_keys.size(), 1u);
    EXPECT_EQ(response.api_keys[0].api_key, 18);
}

// KAFKA.md, wire trap 1: librdkafka before 2.8 compresses only when Produce begins at 0.
TEST_F(Requests, ProduceIsAdvertisedFromVersionZero) {
    protocol::ApiVersionsRequest request;
    request.client_software_name = "test";
    request.client_software_version = "1.0";
    const auto response = broker.ask<protocol::ApiVersionsResponse>(client, request, 3);
    const auto produce = std::ranges::find(response.api_keys, 0,
                                           &protocol::ApiVersionsResponse::ApiVersion::api_key);
    ASSERT_NE(produce, response.api_keys.end());
    EXPECT_EQ(produce->min_version, 0);
    ASSERT_EQ(response.finalized_features.size(), 1u);
    EXPECT_EQ(response.finalized_features[0].name, "metadata.version");
}

TEST_F(Requests, WhatIsNotARequestClosesTheConnectionWithANote) {
    for (const Bytes& frame : {Bytes::own({0, 0}), Bytes::own({0x7f, 0xff, 0, 0, 0, 0, 0, 1, 0, 0}),
                               Bytes::own({0, 0, 0, 99, 0, 0, 0, 1, 0, 0}),
                               Bytes::own({0, 3, 0, 9, 0, 0, 0, 1, 0, 0})}) {
        const ConnectionId bad = broker.connect();
        broker.notes().clear();
        broker.send_frame(bad, frame);
        EXPECT_TRUE(broker.is_hung_up(bad));
        EXPECT_TRUE(broker.has_note("127.0.0.1:50000"));
    }
    EXPECT_EQ(produce(batch_of({"others are served"})), ErrorCode::none);
}

TEST_F(Requests, AFullDiskRefusesAppendsAndReadsGoOn) {
    produce(batch_of({"one"}));
    broker.disk().fail_operation(1, StorageStatus::no_space);
    EXPECT_EQ(produce(batch_of({"two"})), ErrorCode::kafka_storage_error);
    EXPECT_EQ(values_in(fetch(Offset(0)).records.bytes()), (std::vector<std::string>{"one"}));
    broker.pass(2s);
    EXPECT_EQ(produce(batch_of({"three"})), ErrorCode::none);
    EXPECT_EQ(values_in(fetch(Offset(0)).records.bytes()),
              (std::vector<std::string>{"one", "three"}));
}

// A batch of the metadata log is written and its flush under way when the disk has no room for the
// next one: the first is committed and answered, the other is refused, and the controller goes on
// from there without a restart.
TEST_F(Requests, AFullDiskRefusesOnlyWhatTheMetadataLogDidNotTake) {
    const auto begin = [&](const std::string& name) {
        protocol::CreateTopicsRequest make;
        auto& topic = make.topics.emplace_back();
        topic.name = name;
        topic.num_partitions = topic.replication_factor = 1;
        const ConnectionId from = broker.connect();
        broker.send_until(from, make, 7, [] { return true; });
        return from;
    };
    const auto made = [&](ConnectionId from) {
        return broker.answer<protocol::CreateTopicsResponse>(from, 7).topics.at(0).error_code;
    };
    const ConnectionId kept = begin("kept");
    broker.tell(*broker.disk().answer());  // the write
    const auto flush = broker.disk().answer();
    ASSERT_TRUE(flush);
    broker.disk().fail_operation(1, StorageStatus::no_space);
    const ConnectionId lost = begin("lost");
    broker.tell(*broker.disk().answer());  // the write that fails
    EXPECT_EQ(made(lost), ErrorCode::kafka_storage_error);
    broker.tell(*flush);
    broker.settle();
    EXPECT_EQ(made(kept), ErrorCode::none);
    const auto& latest = broker.machine().controller()->latest();
    EXPECT_NE(latest.topic("kept"), nullptr);
    EXPECT_EQ(latest.topic("lost"), nullptr);
}

TEST_F(Requests, ACopyOfABrokerHasAFutureOfItsOwn) {
    produce(batch_of({"one"}));
    node::Node copy = broker.machine();
    Hasher before, after;
    copy.digest(before);
    produce(batch_of({"two"}));
    copy.digest(after);
    EXPECT_EQ(before.value(), after.value());
    Hasher other;
    broker.machine().digest(other);
    EXPECT_NE(other.value(), after.value());
}

}  // namespace
}  // namespace barnabas::broker
