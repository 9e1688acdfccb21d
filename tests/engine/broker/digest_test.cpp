// The digest of a node covers what its future depends on: two nodes that differ in one thing alone
// have two digests, and two that are alike have one.
#include <functional>

#include "tests/engine/broker/test_broker.h"

namespace barnabas::broker {
namespace {

Hash128 digest_of(TestBroker& broker) {
    Hasher hasher;
    broker.machine().digest(hasher);
    return hasher.value();
}

struct Difference {
    std::string of;
    std::function<void(TestBroker&, bool)> deed;
};

// Without an answer of the disk.
template <class Request>
void tell(TestBroker& broker, const Request& request, std::int16_t version) {
    broker.send_until(broker.connect(), request, version, [] { return true; });
}

protocol::CreateTopicsRequest one_topic(const std::string& name) {
    protocol::CreateTopicsRequest request;
    auto& topic = request.topics.emplace_back();
    topic.name = name;
    topic.num_partitions = topic.replication_factor = 1;
    return request;
}

std::vector<Difference> differences() {
    return {
        {"the deadline of a fetch that waits",
         [](TestBroker& broker, bool other) {
             tell(broker, fetch_from("orders", Offset(1), other ? 500ms : 501ms), 12);
         }},
        {"the bytes that a waiting fetch wants",
         [](TestBroker& broker, bool other) {
             auto request = fetch_from("orders", Offset(1), 500ms);
             request.min_bytes = other ? 100 : 101;
             tell(broker, request, 12);
         }},
        {"the version that a waiting fetch is answered in",
         [](TestBroker& broker, bool other) {
             tell(broker, fetch_from("orders", Offset(1), 500ms), other ? 11 : 12);
         }},
        {"whether a produce on its way is answered",
         [](TestBroker& broker, bool other) {
             tell(broker, produce_to("orders", batch_of({"x"}), other ? 0 : 1), 9);
         }},
        {"what was decided on and is not committed",
         [](TestBroker& broker, bool other) {
             tell(broker, one_topic(other ? "a" : "b"), 7);
         }},
        {"the version that a topic to be made is answered in",
         [](TestBroker& broker, bool other) { tell(broker, one_topic("a"), other ? 6 : 7); }},
        {"how much of a lookup the disk has answered",
         [](TestBroker& broker, bool other) {
             protocol::ListOffsetsRequest request;
             auto& topic = request.topics.emplace_back();
             topic.name = "orders";
             topic.partitions.emplace_back().timestamp = other ? 1'795'400'000'000 : 5;
             tell(broker, request, 7);
         }},
        {"how far a stop has come",
         [](TestBroker& broker, bool other) {
             broker.tell(event::Operator{Order::shut_down});
             if (other) broker.step();
         }},
        {"that it is stopping",
         [](TestBroker& broker, bool other) {
             if (other) broker.tell(event::Operator{Order::shut_down});
         }},
        {"a snapshot that is due",
         [](TestBroker& broker, bool other) {
             if (other) broker.tell(event::TimerFired{names::snapshot_due});
         }},
    };
}

Hash128 after(const Difference& difference, bool other) {
    TestBroker broker;
    broker.start();
    make_topic(broker, broker.connect(), "orders");
    broker.ask<protocol::ProduceResponse>(broker.connect(), produce_to("orders", batch_of({"a"})),
                                          9);
    difference.deed(broker, other);
    return digest_of(broker);
}

TEST(Digest, TellsNodesApartThatDifferInOneThing) {
    for (const Difference& one : differences()) {
        EXPECT_EQ(after(one, false), after(one, false)) << one.of;
        EXPECT_NE(after(one, false), after(one, true)) << one.of;
    }
}

// Answers of the disk move a start on, but for the few that nobody waits for.
TEST(Digest, ChangesWithTheStepsOfAStart) {
    TestBroker broker;
    broker.begin();
    std::set<Hash128> seen{digest_of(broker)};
    std::size_t steps = 0;
    while (broker.step() && !broker.broker().is_serving()) {
        ++steps;
        seen.insert(digest_of(broker));
    }
    EXPECT_GT(steps, 30u);
    EXPECT_GT(seen.size(), steps - steps / 10);
}

}  // namespace
}  // namespace barnabas::broker
