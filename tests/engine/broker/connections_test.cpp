// Memory stays bounded whatever clients send, and nobody waits for ever.
#include "tests/engine/broker/test_broker.h"

namespace barnabas::broker {
namespace {

TEST(Connections, AFrameBeyondTheLimitIsRefusedWithTheLimitInTheNote) {
    TestBroker broker({"socket.request.max.bytes=1000", "log.dirs=/data"});
    broker.start();
    const ConnectionId client = broker.connect();
    broker.tell(event::Arriving{client, 1001});
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

TEST(Connections, ALargeFrameWaitsUntilTheNodeHasBudget) {
    TestBroker broker({"queued.max.request.bytes=1000000", "log.dirs=/data"});
    broker.start();
    const ConnectionId first = broker.connect();
    const ConnectionId second = broker.connect();
    broker.tell(event::Arriving{first, 900'000});
    const std::uint64_t before = broker.credit(second);
    broker.tell(event::Arriving{second, 900'000});
    EXPECT_EQ(broker.credit(second), before);
    broker.tell(event::Disconnected{first, Reason::closed});
    EXPECT_EQ(broker.credit(second), before + 900'000);
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

}  // namespace
}  // namespace barnabas::broker
