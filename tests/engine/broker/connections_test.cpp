// Memory stays bounded whatever clients send, nobody waits for ever, and what is due is delivered.
#include "tests/engine/broker/test_broker.h"

namespace barnabas::broker {
namespace {

constexpr std::uint64_t mib = 1u << 20;

// A million bytes for all: three or four frames fill them.
class Shortage : public testing::Test {
  protected:
    Shortage() { broker.start(); }

    ConnectionId announce(std::uint32_t bytes) {
        const ConnectionId client = broker.connect();
        broker.tell(event::Arriving{client, bytes});
        return client;
    }
    std::uint64_t admitted(ConnectionId client) {
        return broker.credit(client) - Limits::credit_bytes;
    }
    void let_look(int times) {
        for (int i = 0; i < times; ++i) broker.pass(Limits::look_interval);
    }
    void leave(ConnectionId client) { broker.tell(event::Disconnected{client, Reason::closed}); }

    TestBroker broker{{"queued.max.request.bytes=1000000", "log.dirs=/data"}};
};

TEST(Connections, AFrameBeyondTheLimitIsRefusedWithTheLimitInTheNote) {
    TestBroker broker({"socket.request.max.bytes=1000", "log.dirs=/data"});
    broker.start();
    const ConnectionId client = broker.connect();
    broker.tell(event::Arriving{client, 1001});
    broker.settle();
    EXPECT_TRUE(broker.is_hung_up(client));
    EXPECT_TRUE(broker.has_note("socket.request.max.bytes=1000"));
}

TEST(Connections, CreditComesBackWithTheAnswer) {
    TestBroker broker;
    broker.start();
    const ConnectionId client = broker.connect();
    const std::uint64_t before = broker.credit(client);
    broker.ask<protocol::MetadataResponse>(client, protocol::MetadataRequest(), 9);
    EXPECT_GT(broker.credit(client), before);  // what the frame took
}

TEST(Connections, ALargeFrameIsAdmittedAsItsBytesCome) {
    TestBroker broker;
    broker.start();
    const ConnectionId client = broker.connect();
    const std::uint64_t before = broker.credit(client);
    for (std::uint64_t piece = 1; piece <= 3; ++piece) {
        broker.tell(event::Arriving{client, 2 * mib + 500'000});
        EXPECT_EQ(broker.credit(client) - before, std::min(piece * mib, 2 * mib + 500'000));
    }
    EXPECT_EQ(broker.broker().node().connections.held_bytes(), 2 * mib + 500'000);
}

// Whoever announces much and sends nothing takes nothing from anybody.
TEST(Connections, FramesThatAreOnlyAnnouncedLeaveRoomForOthers) {
    TestBroker broker;
    broker.start();
    for (int i = 0; i < 5; ++i)
        broker.tell(event::Arriving{broker.connect(), std::uint32_t{100 * mib}});
    broker.tell(event::Arriving{broker.connect(), 12'000'000});
    EXPECT_EQ(broker.broker().node().connections.held_bytes(), 6 * mib);
    for (const std::uint32_t bytes : {100'000u, 90'000'000u}) {
        const ConnectionId client = broker.connect();
        const std::uint64_t before = broker.credit(client);
        broker.tell(event::Arriving{client, bytes});
        EXPECT_GT(broker.credit(client), before) << bytes;
    }
}

// One frame may run beyond the bound, so that what was begun can end. The others wait, and those
// that came later do not overtake them, though they would fit.
TEST_F(Shortage, WhoWaitsIsServedInTheOrderOfArrival) {
    const ConnectionId fits = announce(600'000);
    const ConnectionId runs = announce(900'000);
    const ConnectionId third = announce(900'000);
    const ConnectionId small = announce(70'000);
    EXPECT_EQ(admitted(fits), 600'000u);
    EXPECT_EQ(admitted(runs), 900'000u);
    leave(fits);
    EXPECT_EQ(admitted(third), 0u);
    EXPECT_EQ(admitted(small), 0u);
    leave(runs);
    EXPECT_EQ(admitted(third), 900'000u);
    EXPECT_EQ(admitted(small), 70'000u);
}

TEST_F(Shortage, AVeryLargeFrameDoesNotStarveBehindSmallOnes) {
    std::vector<ConnectionId> small;
    for (int i = 0; i < 12; ++i) small.push_back(announce(100'000));
    const ConnectionId large = announce(90'000'000);
    for (std::uint64_t piece = 1; piece * mib < 90'000'000; ++piece) {
        ASSERT_EQ(admitted(large), piece * mib);
        // As many small ones as go come at once.
        leave(small.at(piece % small.size()));
        small.at(piece % small.size()) = announce(100'000);
        broker.tell(event::Arriving{large, 90'000'000});
    }
    EXPECT_EQ(admitted(large), 90'000'000u);
}

// What may run beyond the bound finds its room even where answers have taken it: they leave first.
TEST_F(Shortage, AFrameThatWouldRunStopsNewRequestsUntilItFits) {
    const Connections& connections = broker.broker().node().connections;
    const std::uint64_t most = 1'000'000 + 100 * mib + mib;
    const ConnectionId reader = broker.connect();
    broker.tell(event::Drained{reader, 2 * mib, 2 * mib});
    const ConnectionId large = announce(100 * mib);
    EXPECT_EQ(admitted(large), 0u);
    const ConnectionId asking = broker.connect();
    broker.send_only(asking, protocol::MetadataRequest(), 9);
    EXPECT_TRUE(broker.is_paused(asking));
    EXPECT_TRUE(broker.is_hung_up(reader) || connections.held_bytes() < most);
    leave(reader);
    EXPECT_EQ(admitted(large), mib);
    broker.settle();
    EXPECT_TRUE(broker.has_answer(asking));
}

TEST_F(Shortage, WhoseBytesDoNotComeIsBrokenOffWhenOthersWait) {
    const ConnectionId silent = announce(900'000);
    const ConnectionId beyond = announce(800'000);
    broker.pass(std::chrono::hours(1));
    EXPECT_FALSE(broker.is_hung_up(silent)) << "nobody waited";

    const ConnectionId waits = announce(700'000);
    let_look(2);
    EXPECT_FALSE(broker.is_hung_up(beyond)) << "it had its time";
    let_look(1);
    EXPECT_TRUE(broker.is_hung_up(beyond));
    EXPECT_TRUE(broker.is_hung_up(silent));
    EXPECT_TRUE(broker.has_note("while others wait"));
    leave(beyond);
    leave(silent);
    EXPECT_EQ(admitted(waits), 700'000u);
}

TEST_F(Shortage, WhoseBytesComeIsWaitedFor) {
    const ConnectionId slow = announce(60'000'000);
    const ConnectionId beyond = announce(900'000);
    announce(800'000);
    for (int i = 0; i < 20; ++i) {
        broker.pass(Limits::look_interval * 2);
        broker.tell(event::Arriving{slow, 60'000'000});
    }
    EXPECT_FALSE(broker.is_hung_up(slow));
    EXPECT_TRUE(broker.is_hung_up(beyond));
}

// Only as many as it takes to make room, who holds most first.
TEST_F(Shortage, NoMoreAreBrokenOffThanOthersNeed) {
    const ConnectionId least = announce(200'000);
    const ConnectionId most = announce(700'000);
    const ConnectionId beyond = announce(150'000);
    announce(100'000);
    let_look(3);
    EXPECT_TRUE(broker.is_hung_up(beyond)) << "it ran beyond the bound";
    EXPECT_FALSE(broker.is_hung_up(most));
    EXPECT_FALSE(broker.is_hung_up(least));
    leave(beyond);
    announce(600'000);
    announce(600'000);
    let_look(3);
    EXPECT_TRUE(broker.is_hung_up(most));
    EXPECT_FALSE(broker.is_hung_up(least));
}

TEST(Connections, APeerThatDoesNotReadIsPausedAndResumed) {
    TestBroker broker;
    broker.start();
    const ConnectionId client = broker.connect();
    broker.tell(event::Drained{client, 2u << 20});
    EXPECT_TRUE(broker.is_paused(client));
    broker.tell(event::Drained{client, 1000});
    EXPECT_FALSE(broker.is_paused(client));
}

// What was sent within a pass may lie in the node though no driver has said so yet.
TEST(Connections, AnswersCountUntilItIsKnownThatTheyWereTaken) {
    TestBroker broker;
    broker.start();
    const ConnectionId client = broker.connect();
    make_topic(broker, client, "orders", 300);  // told in one turn
    const auto& connections = broker.broker().node().connections;
    protocol::MetadataRequest all;
    all.topics.reset();
    for (int i = 0; i < 1000 && !broker.is_paused(client); ++i) broker.send_only(client, all, 9);
    EXPECT_TRUE(broker.is_paused(client));
    EXPECT_GT(connections.held_bytes(), mib);
    EXPECT_LT(connections.held_bytes(), mib + 50'000);
    broker.settle();
    EXPECT_EQ(connections.held_bytes(), 0u);
    EXPECT_FALSE(broker.is_paused(client));

    broker.send_only(client, all, 9);
    broker.tell(event::Drained{client, 200'000, 200'000});
    broker.settle();
    EXPECT_GE(connections.held_bytes(), 200'000u);
    broker.tell(event::Drained{client, 0, 0});
    EXPECT_EQ(connections.held_bytes(), 0u);
}

TEST_F(Shortage, WhoLetsMostAnswersLieGoesFirst) {
    std::vector<ConnectionId> lazy;
    for (std::uint64_t i = 0; i < 4; ++i) {
        lazy.push_back(broker.connect());
        broker.tell(event::Drained{lazy.back(), 9 * mib, 200'000 + i * 1000});
    }
    for (const ConnectionId client : lazy) EXPECT_FALSE(broker.is_hung_up(client));
    lazy.push_back(broker.connect());
    broker.tell(event::Drained{lazy.back(), 300'000, 198'000});
    EXPECT_TRUE(broker.is_hung_up(lazy[3]));
    for (const std::size_t other : {0, 1, 2, 4}) EXPECT_FALSE(broker.is_hung_up(lazy[other]));
}

// What holds nothing yet waits, what is counted is worked on; and no request is forgotten.
TEST(Connections, RequestsArePutOffWhileOthersHoldTooMuch) {
    TestBroker broker({"queued.max.request.bytes=100000", "socket.request.max.bytes=100000",
                       "log.dirs=/data"});
    broker.start();
    std::vector<ConnectionId> lazy;
    for (int i = 0; i < 2; ++i) lazy.push_back(broker.connect());
    const ConnectionId client = broker.connect();
    make_topic(broker, client, "orders", 300);  // told in one turn
    protocol::MetadataRequest all;
    all.topics.reset();
    for (const ConnectionId one : lazy)
        for (int i = 0; i < 1000 && !broker.is_paused(one); ++i) broker.send_only(one, all, 9);
    broker.send_only(client, protocol::MetadataRequest(), 9);
    EXPECT_FALSE(broker.has_answer(client));
    EXPECT_TRUE(broker.is_paused(client));
    broker.settle();
    EXPECT_TRUE(broker.has_answer(client)) << "the others have taken their answers";
    EXPECT_FALSE(broker.is_paused(client));
}

TEST(Connections, NoMoreAreTakenThanTheSettingsAllow) {
    TestBroker broker({"max.connections=3", "max.connections.per.ip=2", "log.dirs=/data"});
    broker.start();
    const ConnectionId first = broker.connect();
    broker.connect();
    EXPECT_TRUE(broker.is_hung_up(broker.connect())) << "of one address";
    EXPECT_FALSE(broker.is_hung_up(broker.connect("127.0.0.2")));
    EXPECT_TRUE(broker.is_hung_up(broker.connect("127.0.0.3")));
    broker.tell(event::Disconnected{first, Reason::closed});
    EXPECT_FALSE(broker.is_hung_up(broker.connect()));
}

class HangUps : public testing::Test {
  protected:
    HangUps() {
        broker.start();
        client = broker.connect();
        make_topic(broker, client, "orders");
    }
    void produce(std::int16_t acks = -1) {
        broker.send_only(client, produce_to("orders", batch_of({"kept"}), acks), 9);
    }
    void expect_acknowledged() {
        ASSERT_TRUE(broker.has_answer(client));
        const auto answer = broker.answer<protocol::ProduceResponse>(client, 9);
        EXPECT_EQ(answer.responses.at(0).partition_responses.at(0).error_code,
                  protocol::ErrorCode::none);
    }
    static Bytes not_served() { return Bytes::own({0x7f, 0xff, 0, 0, 0, 0, 0, 1, 0xff, 0xff}); }

    TestBroker broker;
    ConnectionId client;
};

TEST_F(HangUps, WhatCameBeforeARequestThatIsNotServedIsAnswered) {
    produce();
    broker.tell(event::Received{client, not_served()});
    broker.send_only(client, protocol::MetadataRequest(), 9);
    EXPECT_FALSE(broker.is_hung_up(client));
    broker.settle();
    expect_acknowledged();
    EXPECT_FALSE(broker.has_answer(client)) << "what came after is not";
    EXPECT_TRUE(broker.is_hung_up(client));
}

TEST_F(HangUps, WhatCameBeforeBytesThatAreNoFrameIsAnswered) {
    for (const std::uint32_t length : {UINT32_MAX, 200u << 20}) {
        produce();
        broker.tell(event::Arriving{client, length});
        EXPECT_FALSE(broker.is_hung_up(client));
        broker.settle();
        expect_acknowledged();
        EXPECT_TRUE(broker.is_hung_up(client));
        client = broker.connect();
    }
}

TEST_F(HangUps, WhatCameBeforeAFailedProduceWithoutAnAnswerIsAnswered) {
    produce();
    auto lost = produce_to("nowhere", batch_of({"lost"}), 0);
    broker.send_only(client, lost, 9);
    broker.settle();
    expect_acknowledged();
    EXPECT_TRUE(broker.is_hung_up(client));
}

// A driver that hangs up sends what the peer takes at once, and no more.
TEST_F(HangUps, AnswersThatThePeerHasNotTakenAreWaitedFor) {
    broker.tell(event::Drained{client, 300'000});
    broker.tell(event::Received{client, not_served()});
    broker.settle();
    EXPECT_FALSE(broker.is_hung_up(client));
    broker.tell(event::Drained{client, 0});
    EXPECT_TRUE(broker.is_hung_up(client));
}

}  // namespace
}  // namespace barnabas::broker
