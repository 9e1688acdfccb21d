// What a request costs in allocations, once a broker is warm: counted, so that nothing creeps in.
#include "tests/engine/broker/test_broker.h"
#include "tests/support/counting_allocator.h"

namespace barnabas::broker {
namespace {

// How often the engine allocates for each of many requests, beginning to end.
template <class Ask>
std::size_t allocations_of(TestBroker& broker, Ask ask) {
    constexpr std::size_t times = 200;
    for (std::size_t i = 0; i < times; ++i) ask();  // queues and tables have grown
    const std::size_t before = broker.allocations();
    for (std::size_t i = 0; i < times; ++i) ask();
    return (broker.allocations() - before + times / 2) / times;
}

TEST(Allocations, OfAProduceAreFew) {
    TestBroker broker;
    broker.start();
    const ConnectionId client = broker.connect();
    make_topic(broker, client, "orders");
    const auto request = produce_to("orders", batch_of({"one", "two", "three"}));
    const std::size_t taken = allocations_of(broker, [&] {
        broker.send(client, request, 9);
        broker.take_unread(client);
    });
    EXPECT_LE(taken, 6u);
}

TEST(Allocations, OfAFetchAtTheTailAreFew) {
    TestBroker broker;
    broker.start();
    const ConnectionId client = broker.connect();
    make_topic(broker, client, "orders");
    broker.send(client, produce_to("orders", batch_of({"one", "two", "three"})), 9);
    broker.take_unread(client);
    const auto request = fetch_from("orders", Offset(0));
    const std::size_t taken = allocations_of(broker, [&] {
        broker.send(client, request, 12);
        broker.take_unread(client);
    });
    EXPECT_LE(taken, 6u);
}

}  // namespace
}  // namespace barnabas::broker
