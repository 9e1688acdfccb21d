// Requests that take long are worked off in slices: nobody waits for more than one of them, what
// they hold is counted, and their answers are what one go would have given.
#include "engine/broker/api/routes.h"
#include "engine/protocol/messages/api_versions.h"
#include "engine/protocol/messages/delete_records.h"
#include "engine/protocol/messages/describe_configs.h"
#include "engine/protocol/messages/describe_producers.h"
#include "engine/protocol/messages/metadata.h"
#include "engine/protocol/registry.h"
#include "tests/engine/broker/test_broker.h"
#include "tests/support/counting_allocator.h"

namespace barnabas::broker {
namespace {

using protocol::ErrorCode;

class LongRequests : public testing::Test {
  protected:
    void SetUp() override {
        broker.start();
        client = broker.connect();
        make_topic(broker, client, "orders");
    }

    auto count_turn(auto pass) {
        ++turns;
        const std::size_t before = Allocated::times();
        const auto noted = [&] {
            allocations_most = std::max(allocations_most, Allocated::times() - before);
        };
        if constexpr (std::is_void_v<decltype(pass())>) {
            pass();
            noted();
        } else {
            const auto result = pass();
            noted();
            return result;
        }
    }

    // Sends it and lets its first turn pass, no more.
    template <class Request>
    void begin(ConnectionId connection, const Request& request, std::int16_t version) {
        protocol::RequestHeader header;
        header.api_version = version;
        const auto framed = protocol::frame_request(header, request);
        ASSERT_TRUE(framed.has_value());
        const Bytes frame = framed->flatten().from(4);
        count_turn([&] { broker.tell(event::Received{connection, frame}); });
    }
    // Lets all turns pass that are asked for.
    void finish() {
        while (count_turn([&] { return broker.step(); })) {}
    }
    void expect_short_turns(std::size_t at_least = 20) {
        EXPECT_GT(turns, at_least);
        EXPECT_LT(allocations_most, 12'000u);
    }
    std::size_t jobs() { return broker.broker().node().jobs.size(); }

    static protocol::MetadataRequest of_names(std::size_t count) {
        protocol::MetadataRequest request;
        request.allow_auto_topic_creation = false;
        for (std::size_t i = 0; i < count; ++i)
            request.topics->push_back({.name = "topic-" + std::to_string(i)});
        return request;
    }
    // Of all partitions of a topic that it makes.
    protocol::FetchRequest fetch_of_many() {
        make_topic(broker, client, "many", 3'000);
        protocol::FetchRequest request = fetch_from("many", Offset(0), 500ms);
        for (std::int32_t i = 1; i < 3'000; ++i) {
            auto partition = request.topics[0].partitions.front();
            partition.partition = i;
            request.topics[0].partitions.push_back(partition);
        }
        return request;
    }
    static protocol::DeleteRecordsRequest of_partitions(std::int32_t count) {
        protocol::DeleteRecordsRequest request;
        auto& topic = request.topics.emplace_back();
        topic.name = "orders";
        for (std::int32_t i = 0; i < count; ++i)
            topic.partitions.push_back({.partition_index = i, .offset = -1});
        return request;
    }

    TestBroker broker;
    ConnectionId client;
    std::size_t turns = 0;
    std::size_t allocations_most = 0;
};

TEST_F(LongRequests, ATopicIsToldOfOnceHoweverOftenItIsNamed) {
    protocol::MetadataRequest request;
    request.allow_auto_topic_creation = false;
    for (const auto* name : {"orders", "nowhere", "orders", "orders", "nowhere"})
        request.topics->push_back({.name = name});
    const auto named = broker.ask<protocol::MetadataResponse>(client, request, 9);
    ASSERT_EQ(named.topics.size(), 2u);
    const Uuid id = broker.broker().node().image.topic("orders")->id;
    protocol::MetadataRequest by_id;
    for (int i = 0; i < 3; ++i) by_id.topics->push_back({.topic_id = id, .name = std::nullopt});
    const auto found = broker.ask<protocol::MetadataResponse>(client, by_id, 12);
    ASSERT_EQ(found.topics.size(), 1u);
    EXPECT_EQ(found.topics[0].name, "orders");
}

TEST_F(LongRequests, MetadataOfManyNamesTakesManyShortTurns) {
    begin(client, of_names(20'000), 9);
    finish();
    const auto answer = broker.answer<protocol::MetadataResponse>(client, 9);
    EXPECT_EQ(answer.topics.size(), 20'000u);
    expect_short_turns();
    EXPECT_EQ(jobs(), 0u);
    EXPECT_FALSE(broker.broker().node().connections.is_full());
}

TEST_F(LongRequests, MetadataOfAllPartitionsTakesManyShortTurns) {
    make_topic(broker, client, "many", 9'000);
    const auto all = broker.ask<protocol::MetadataResponse>(
        client, protocol::MetadataRequest{.topics = std::nullopt}, 9);
    ASSERT_EQ(all.topics.size(), 2u);
    EXPECT_EQ(all.topics[0].partitions.size() + all.topics[1].partitions.size(), 9'001u);
    begin(client, protocol::MetadataRequest{.topics = std::nullopt}, 9);
    finish();
    EXPECT_EQ(*encode(broker.answer<protocol::MetadataResponse>(client, 9), 9), *encode(all, 9));
    expect_short_turns();
}

TEST_F(LongRequests, ANeighbourIsServedInBetween) {
    const ConnectionId neighbour = broker.connect();
    begin(client, of_names(20'000), 9);
    begin(neighbour, produce_to("orders", batch_of({"one"})), 9);
    for (int i = 0; i < 8 && !broker.has_answer(neighbour); ++i) broker.step();
    EXPECT_TRUE(broker.has_answer(neighbour));
    EXPECT_FALSE(broker.has_answer(client));
    EXPECT_GT(jobs(), 0u);
}

// Kafka works on one request of a connection at a time.
TEST_F(LongRequests, WhatStandsBehindOneOnItsConnectionWaits) {
    begin(client, of_partitions(5'000), 2);
    begin(client, produce_to("orders", batch_of({"one"})), 9);
    begin(client, fetch_from("orders", Offset(0)), 12);
    const auto end = [&] {
        return broker.broker().node().partitions.table().at(0)->log.log_end_offset();
    };
    EXPECT_EQ(end(), Offset(0));
    finish();
    EXPECT_EQ(end(), Offset(1));
    const auto deleted = broker.answer<protocol::DeleteRecordsResponse>(client, 2);
    EXPECT_EQ(deleted.topics.at(0).partitions.size(), 5'000u);
    EXPECT_EQ(broker.answer<protocol::ProduceResponse>(client, 9)
                  .responses.at(0)
                  .partition_responses.at(0)
                  .base_offset,
              0);
    EXPECT_EQ(broker.answer<protocol::FetchResponse>(client, 12).responses.size(), 1u);
    expect_short_turns();
}

// What a peer asks and does not read is not made for it: neither what it asks later nor what it has
// asked already.
TEST_F(LongRequests, NoMoreIsAnsweredThanThePeerTakes) {
    constexpr std::size_t asked = 200;
    make_topic(broker, client, "many", 1'000);
    const protocol::MetadataRequest all{.topics = std::nullopt};
    const auto go_on = [&] {  // and the driver says what the peer has not taken
        for (bool is_going = true; is_going;) {
            is_going = broker.step();
            const std::uint64_t left = broker.unread_bytes(client);
            if (is_going) broker.tell(event::Drained{client, left, left});
        }
    };
    for (std::size_t i = 0; i < asked; ++i) broker.send_only(client, all, 9);
    go_on();
    EXPECT_GT(broker.unread_bytes(client), Limits().backlog_bytes_max / 2);
    EXPECT_LT(broker.unread_bytes(client), Limits().backlog_bytes_max + 100'000);
    std::size_t answered = 0;
    for (; broker.has_answer(client); ++answered) {
        broker.answer<protocol::MetadataResponse>(client, 9);
        const std::uint64_t left = broker.unread_bytes(client);
        broker.tell(event::Drained{client, left, left});
        go_on();
    }
    EXPECT_EQ(answered, asked);
}

TEST_F(LongRequests, OneWhoseConnectionIsGoneIsDropped) {
    begin(client, of_names(20'000), 9);
    begin(client, produce_to("orders", batch_of({"one"})), 9);
    for (int i = 0; i < 10; ++i) broker.step();
    broker.tell(event::Disconnected{client, Reason::reset});
    finish();
    EXPECT_EQ(jobs(), 0u);
    EXPECT_EQ(broker.broker().node().partitions.table().at(0)->log.log_end_offset(), Offset(0));
    EXPECT_EQ(broker.broker().node().waits_for_topics.size(), 0u);
    expect_short_turns(5);  // to let go of what was read
}

TEST_F(LongRequests, ACopyGoesOnFromTheSamePlace) {
    begin(client, of_names(20'000), 9);
    for (int i = 0; i < 10; ++i) broker.step();
    TestBroker copy = broker;
    broker.settle();
    const auto answer = broker.answer<protocol::MetadataResponse>(client, 9);
    broker = TestBroker();
    copy.settle();
    EXPECT_EQ(*encode(copy.answer<protocol::MetadataResponse>(client, 9), 9), *encode(answer, 9));
}

TEST_F(LongRequests, AnAnswerBeyondItsBoundIsGivenUpBeforeItIsMade) {
    protocol::DescribeConfigsRequest request;
    const std::string id = std::to_string(broker.broker().node().id.value());
    for (int i = 0; i < 100'000; ++i)
        request.resources.push_back({.resource_type = 4, .resource_name = id});
    begin(client, request, 4);
    finish();
    EXPECT_TRUE(broker.is_hung_up(client));
    EXPECT_TRUE(broker.has_note("DescribeConfigs version 4"));
    EXPECT_FALSE(broker.has_answer(client));
    EXPECT_EQ(jobs(), 0u);
    expect_short_turns();
    const ConnectionId other = broker.connect();
    EXPECT_EQ(broker.ask<protocol::MetadataResponse>(other, of_names(1), 9).topics.size(), 1u);
}

// Thirty million names in 90 MB became 12 GB.
TEST_F(LongRequests, MoreElementsThanAnArrayMayHaveBreakTheConnection) {
    std::vector<std::uint8_t> frame = {0,    3,    0,    4,    0,    0,    0,
                                       1,    0xff, 0xff, 0x00, 0x2d, 0xc6, 0xc0};
    for (int i = 0; i < 3'000'000; ++i) frame.insert(frame.end(), {0, 1, 'a'});
    broker.send_frame(client, Bytes::own(std::move(frame)));
    EXPECT_TRUE(broker.is_hung_up(client));
    EXPECT_FALSE(broker.exit_code().has_value());
}

TEST_F(LongRequests, AFetchOfManyPartitionsIsAnsweredAndParkedInShortTurns) {
    begin(client, fetch_of_many(), 12);
    finish();
    EXPECT_FALSE(broker.has_answer(client));
    const ConnectionId producer = broker.connect();
    auto one = produce_to("many", batch_of({"one"}));
    one.topic_data[0].partition_data[0].index = 2'999;
    begin(producer, one, 9);
    finish();
    ASSERT_TRUE(broker.has_answer(client));
    const auto answer = broker.answer<protocol::FetchResponse>(client, 12);
    ASSERT_EQ(answer.responses.at(0).partitions.size(), 3'000u);
    EXPECT_EQ(values_in(answer.responses[0].partitions[2'999].records.bytes()).size(), 1u);
    EXPECT_LT(allocations_most, 12'000u);
    EXPECT_EQ(broker.broker().node().gathers.size(), 0u);
    const auto& partitions = broker.broker().node().partitions.table();
    for (std::uint32_t slot = 0; slot < partitions.slot_count(); ++slot)
        EXPECT_EQ(partitions.at(slot)->leader()->watchers.first, replication::no_watch);
}

// Records that come while a long fetch looks at other partitions must not wait for its deadline.
TEST_F(LongRequests, ALongFetchIsToldOfRecordsThatComeBehindItsBack) {
    begin(client, fetch_of_many(), 12);
    for (int i = 0; i < 2; ++i) broker.step();
    begin(broker.connect(), produce_to("many", batch_of({"one"})), 9);
    finish();
    EXPECT_TRUE(broker.has_answer(client));
}

// The answer of a waiting fetch holds its connection from when it begins: also when that is between
// the end of another long answer and the turn of the frame behind it.
TEST_F(LongRequests, WhatWaitsIsServedInWhicheverTurnAnotherLongAnswerBegins) {
    begin(client, fetch_of_many(), 12);
    finish();
    for (int i = 0; i < 3; ++i) begin(client, of_names(1'000), 9);
    const ConnectionId producer = broker.connect();
    do {
        TestBroker copy = broker;
        copy.send_only(producer, produce_to("many", batch_of({"one"})), 9);
        copy.settle();
        ASSERT_TRUE(copy.has_answer(client));
        copy.answer<protocol::FetchResponse>(client, 12);
        for (int i = 0; i < 3; ++i) {
            ASSERT_TRUE(copy.has_answer(client)) << i;
            copy.answer<protocol::MetadataResponse>(client, 9);
        }
        EXPECT_EQ(copy.broker().node().jobs.size(), 0u);
    } while (broker.step());
}

TEST_F(LongRequests, ManyQuestionsAreAnsweredInShortTurns) {
    protocol::ListOffsetsRequest offsets;
    offsets.replica_id = -1;
    auto& asked = offsets.topics.emplace_back();
    asked.name = "orders";
    for (std::int32_t i = 0; i < 20'000; ++i)
        asked.partitions.push_back({.partition_index = i, .timestamp = -1});
    begin(client, offsets, 6);
    protocol::DescribeProducersRequest producers;
    auto& described = producers.topics.emplace_back();
    described.name = "orders";
    described.partition_indexes.assign(20'000, 0);
    begin(client, producers, 0);
    begin(client, of_partitions(20'000), 2);
    protocol::ProduceRequest records = produce_to("orders", Bytes());
    records.topic_data[0].partition_data.resize(20'000);
    for (auto& data : records.topic_data[0].partition_data) {
        data.index = 7;
        data.records = Bytes();
    }
    begin(client, records, 9);
    finish();
    const auto found = broker.answer<protocol::ListOffsetsResponse>(client, 6);
    EXPECT_EQ(found.topics.at(0).partitions.size(), 20'000u);
    EXPECT_EQ(found.topics[0].partitions[0].offset, 0);
    const auto told = broker.answer<protocol::DescribeProducersResponse>(client, 0);
    EXPECT_EQ(told.topics.at(0).partitions.size(), 20'000u);
    const auto deleted = broker.answer<protocol::DeleteRecordsResponse>(client, 2);
    EXPECT_EQ(deleted.topics.at(0).partitions.size(), 20'000u);
    const auto refused = broker.answer<protocol::ProduceResponse>(client, 9);
    EXPECT_EQ(refused.responses.at(0).partition_responses.size(), 20'000u);
    expect_short_turns();
}

TEST_F(LongRequests, TopicsAreMadeAFewInEachTurn) {
    protocol::CreateTopicsRequest request;
    for (int i = 0; i < 300; ++i) {
        auto& topic = request.topics.emplace_back();
        topic.name = "made-" + std::to_string(i / 2 == 50 ? 100 : i);
        topic.num_partitions = 1;
        topic.replication_factor = 1;
    }
    begin(client, request, 7);
    finish();
    const auto answer = broker.answer<protocol::CreateTopicsResponse>(client, 7);
    ASSERT_EQ(answer.topics.size(), 299u);
    EXPECT_EQ(std::ranges::count(answer.topics, ErrorCode::invalid_request,
                                 [](const auto& topic) { return topic.error_code; }),
              1);
    EXPECT_EQ(broker.broker().node().image.topics().size(), 299u);
    expect_short_turns();
}

bool has_lists(const protocol::Schema& schema) {
    return std::ranges::any_of(schema.fields, [](const protocol::SchemaField& row) {
        return row.is_array || (row.structure != nullptr && has_lists(row.structure()));
    });
}

bool has_lists_in_tags(const protocol::Schema& schema) {
    return std::ranges::any_of(schema.fields, [](const protocol::SchemaField& row) {
        if (row.field.is_tagged()) {
            return row.is_array || (row.structure != nullptr && has_lists(row.structure()));
        }
        return row.structure != nullptr && has_lists_in_tags(row.structure());
    });
}

// A tagged field is read in one slice: what a client may make long must not stand in one.
TEST(Routes, NoRequestHasAListInATaggedField) {
    for (const api::Route& route : api::routes()) {
        const auto* type = protocol::find_message(route.key, protocol::Kind::request);
        EXPECT_FALSE(has_lists_in_tags(type->schema())) << type->name();
    }
}

}  // namespace
}  // namespace barnabas::broker
