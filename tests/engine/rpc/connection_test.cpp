// One outgoing connection: versions, pairing, time-outs, and dialling again.
#include "engine/rpc/connection.h"

#include <gtest/gtest.h>

#include "engine/protocol/messages/metadata.h"
#include "engine/protocol/messages/produce.h"
#include "tests/support/fake_broker.h"
#include "tests/support/stage.h"

namespace barnabas::rpc {
namespace {

using support::FakeBroker;

// An owner that keeps all replies.
struct Owner {
    Connection connection{
        Options{.peer = {"10.0.0.1", 9092}, .number = 3, .timer = Token(5), .client_id = "test"}};
    std::vector<Reply> replies;

    void on(const Event& event, Turn& turn) {
        if (!connection.owns(event)) return;
        for (Reply& reply : connection.on(event, turn)) replies.push_back(std::move(reply));
    }
};

class RpcConnection : public testing::Test {
  protected:
    void open() {
        stage.turn([](Owner& owner, Turn& turn) { owner.connection.open(turn); });
    }
    void become_ready() {
        open();
        stage.accept();
        answer();
        ASSERT_TRUE(connection().is_ready());
    }
    // The broker's answer to the oldest frame.
    void answer() {
        const auto sent = stage.sent.front();
        stage.sent.pop_front();
        stage.tell(event::Received{sent.connection, broker.answer(sent.frame, false).value()});
    }
    bool ask(std::uint64_t id, Duration timeout = 1s) {
        bool sent = false;
        stage.turn([&](Owner& owner, Turn& turn) {
            protocol::MetadataRequest request;
            request.topics->push_back({{}, "orders", {}});
            sent = owner.connection.call(RequestId(id), request, timeout, turn);
        });
        return sent;
    }
    const Connection& connection() const { return stage.machine.connection; }
    const std::vector<Reply>& replies() const { return stage.machine.replies; }

    support::Stage<Owner> stage{Owner{}};
    FakeBroker broker;
};

TEST_F(RpcConnection, IsReadyWhenThePeerHasToldItsVersions) {
    open();
    ASSERT_EQ(stage.dials.size(), 1u);
    EXPECT_TRUE(is_dialled(stage.dials.front().connection));
    stage.accept();
    EXPECT_FALSE(connection().is_ready());
    answer();
    EXPECT_TRUE(connection().is_ready());
    EXPECT_EQ(connection().version(protocol::ApiKey::produce, {3, 13}), 13);
    EXPECT_EQ(connection().version(protocol::ApiKey::produce, {3, 9}), 9);
    EXPECT_EQ(connection().version(protocol::ApiKey::produce, {14, 20}), std::nullopt);
    EXPECT_EQ(connection().version(protocol::ApiKey::join_group, {0, 9}), std::nullopt);
    EXPECT_TRUE(replies().empty());
}

// An older broker says which versions of ApiVersions it knows; it is asked again in the newest.
TEST_F(RpcConnection, AsksAgainInAVersionThatThePeerKnows) {
    broker.api_versions_known = {0, 2};
    open();
    stage.accept();
    answer();
    EXPECT_FALSE(connection().is_ready());
    answer();
    EXPECT_TRUE(connection().is_ready());
    EXPECT_EQ(broker.versions, (std::vector<std::int16_t>{4, 2}));
}

TEST_F(RpcConnection, PairsResponsesWithRequestsInOrder) {
    become_ready();
    ASSERT_TRUE(ask(11));
    ASSERT_TRUE(ask(12));
    EXPECT_EQ(connection().in_flight(), 2u);
    answer();
    answer();
    ASSERT_EQ(replies().size(), 2u);
    EXPECT_EQ(replies()[0].request, RequestId(11));
    EXPECT_EQ(replies()[1].request, RequestId(12));
    const auto response = read<protocol::MetadataResponse>(replies()[0]);
    ASSERT_TRUE(response);
    EXPECT_EQ(response->topics[0].name, "orders");
    EXPECT_EQ(connection().in_flight(), 0u);
}

TEST_F(RpcConnection, SaysWhatThePeerDoesNotSpeak) {
    become_ready();
    bool sent = true;
    stage.turn([&](Owner& owner, Turn& turn) {
        sent = owner.connection.call(RequestId(1), protocol::ProduceRequest{}, 1s, turn, {14, 20});
    });
    EXPECT_FALSE(sent);
    EXPECT_TRUE(stage.sent.empty());
}

TEST_F(RpcConnection, AnOverdueRequestEndsTheConnectionAndAllThatWaitThere) {
    become_ready();
    ask(1, 1s);
    ask(2, 9s);
    stage.pass(1s);
    ASSERT_EQ(replies().size(), 2u);
    EXPECT_EQ(replies()[0].body.error(), Failure::timed_out);
    EXPECT_EQ(replies()[1].body.error(), Failure::disconnected);
    EXPECT_EQ(stage.hung_up.size(), 1u);
    EXPECT_FALSE(connection().is_ready());
}

TEST_F(RpcConnection, AnAnswerToAnotherQuestionIsGarbage) {
    become_ready();
    ask(1);
    const auto sent = stage.sent.front();
    std::vector<std::uint8_t> wrong(8, 0x77);
    stage.tell(event::Received{sent.connection, Bytes::own(wrong)});
    ASSERT_EQ(replies().size(), 1u);
    EXPECT_EQ(replies()[0].body.error(), Failure::garbage);
    EXPECT_EQ(stage.hung_up.size(), 1u);
}

// A frame that is larger than anything that was asked for is announced, and never read.
TEST_F(RpcConnection, AnEndlessAnswerIsGarbage) {
    become_ready();
    ask(1);
    stage.tell(event::Arriving{stage.sent.front().connection, 1u << 30});
    ASSERT_EQ(replies().size(), 1u);
    EXPECT_EQ(replies()[0].body.error(), Failure::garbage);
}

TEST_F(RpcConnection, DialsAgainAfterGrowingPauses) {
    open();
    std::vector<Duration> pauses;
    for (int i = 0; i < 8; ++i) {
        stage.refuse();
        const Instant before = stage.now;
        while (stage.dials.empty()) stage.pass(1ms);
        pauses.push_back(stage.now - before);
    }
    EXPECT_GE(pauses[0], Duration(37ms));
    EXPECT_LE(pauses[0], Duration(51ms));
    EXPECT_GT(pauses[3], pauses[0] * 4);
    EXPECT_LE(pauses[7], Duration(1001ms));
    EXPECT_GE(pauses[7], Duration(750ms));
    EXPECT_EQ(connection().failures(), 8u);
    EXPECT_EQ(connection().last_reason(), Reason::refused);
}

// What still comes of a connection that was given up is not taken for news of the next one.
TEST_F(RpcConnection, EventsOfAnEarlierDialAreIgnored) {
    become_ready();
    ask(1, 1s);
    const ConnectionId old = stage.sent.front().connection;
    stage.pass(1s);
    while (stage.dials.empty()) stage.pass(1ms);
    stage.accept();
    stage.sent.pop_front();
    answer();
    ASSERT_TRUE(connection().is_ready());
    stage.tell(event::Disconnected{old, Reason::hung_up});
    EXPECT_TRUE(connection().is_ready());
    EXPECT_EQ(replies().size(), 1u);
}

TEST_F(RpcConnection, APeerThatSaysNothingIsGivenUp) {
    open();
    stage.accept();
    stage.pass(10s);
    EXPECT_EQ(stage.hung_up.size(), 1u);
    EXPECT_TRUE(replies().empty());
}

TEST_F(RpcConnection, ClosingAnswersWhatWaitsAndStaysDown) {
    become_ready();
    ask(1);
    std::vector<Reply> lost;
    stage.turn([&](Owner& owner, Turn& turn) { lost = owner.connection.close(turn); });
    ASSERT_EQ(lost.size(), 1u);
    EXPECT_EQ(lost[0].body.error(), Failure::closed);
    EXPECT_TRUE(stage.timers.empty());
    stage.pass(1min);
    EXPECT_TRUE(stage.dials.empty());
}

}  // namespace
}  // namespace barnabas::rpc
