// The same seed and the same calls give the same world; anything else shows in its hash.
#include <gtest/gtest.h>

#include <memory>

#include "engine/runtime/visit.h"

#include "tests/sim/world/machines.h"

namespace barnabas::sim {
namespace {

Hash128 hash_of_run(std::uint64_t seed, EchoClient client = {}) {
    Pair pair = echo_pair(seed, std::move(client));
    pair.world.run_until(Instant(2s));
    return pair.world.final_hash();
}

TEST(World, FramesTravelThereAndBack) {
    Pair pair = echo_pair(1);
    pair.world.run_until(Instant(2s));
    EXPECT_EQ(pair.asker().received, 10u);
    EXPECT_EQ(pair.asker().wrong, 0u);
    EXPECT_EQ(pair.echo().echoed, 10u);
    EXPECT_EQ(pair.world.now(), Instant(2s));
    EXPECT_FALSE(pair.world.step()) << "nothing is left to happen";
}

TEST(World, TheSameSeedGivesTheSameHash) {
    EXPECT_EQ(hash_of_run(7), hash_of_run(7));
    EXPECT_NE(hash_of_run(7), hash_of_run(8));
}

// The hash must be equal in every build, so that a seed found in one is a seed in all of them.
TEST(World, TheHashOfSeedSevenIsKnown) {
    EXPECT_EQ(hash_of_run(7).hex(), "3b354c6bdc65007489d9baf6355a5875");
}

TEST(World, OnePayloadByteShowsInTheHash) {
    EXPECT_NE(hash_of_run(7, {.text = "hello"}), hash_of_run(7, {.text = "hellp"}));
}

// Two machines that hear the same things in another order.
TEST(World, TwoEventsSwappedShowInTheHash) {
    const auto run = [](NodeIndex first, NodeIndex second) {
        Pair pair = echo_pair(3);
        pair.world.run_until(Instant(1s));
        pair.world.order(first, Order::shut_down);
        pair.world.order(second, Order::shut_down);
        pair.world.run_until(Instant(2s));
        return pair.world.trace_hash();
    };
    EXPECT_EQ(run(NodeIndex(0), NodeIndex(1)), run(NodeIndex(0), NodeIndex(1)));
    EXPECT_NE(run(NodeIndex(0), NodeIndex(1)), run(NodeIndex(1), NodeIndex(0)));
}

TEST(World, AForkNeedsNotTheOriginal) {
    auto original = std::make_unique<Pair>(echo_pair(5, {.frames = 200}));
    original->world.run_until(Instant(40ms));
    ASSERT_FALSE(original->world.in_flight().empty() && original->asker().received == 0);
    Pair fork = *original;
    Pair other = fork;
    original->world.run_until(Instant(3s));
    const Hash128 expected = original->world.final_hash();
    EXPECT_EQ(original->asker().received, 200u);
    original.reset();

    EXPECT_LT(fork.asker().received, 200u);
    fork.world.run_until(Instant(3s));
    EXPECT_EQ(fork.world.final_hash(), expected);

    // What is told to one fork does not reach the other.
    other.world.crash(other.server);
    other.world.run_until(Instant(3s));
    EXPECT_NE(other.world.final_hash(), expected);
    EXPECT_EQ(fork.world.final_hash(), expected);
}

// A machine that looks at something outside its world: the check must see it.
struct Cheat {
    static inline std::uint64_t turns_of_all_worlds = 0;
    void on(const Event&, Turn& turn) {
        if (++turns_of_all_worlds % 7 != 0) turn.ask(effect::ArmTimer{Token(1), turn.now + 1ms});
    }
    void digest(Hasher&) const {}
};

TEST(World, AMachineThatIsNotDeterministicIsFoundOut) {
    const auto run = [] {
        World world({.seed = 1});
        world.start(world.add_node({"cheat", Machine(Cheat{}), "10.0.0.1"}));
        world.run_until(Instant(5ms));
        return world.trace_hash();
    };
    EXPECT_NE(run(), run());
}

// Two runs side by side: the first event that differs can be named.
TEST(World, TheFirstEventThatDiffersCanBeNamed) {
    Pair one = echo_pair(7, {.text = "hello"});
    Pair other = echo_pair(7, {.text = "hellp"});
    std::string first;
    while (one.world.step() && other.world.step()) {
        if (one.world.trace_hash() == other.world.trace_hash()) continue;
        first = barnabas::name_of(*one.world.last().event());
        break;
    }
    EXPECT_EQ(first, "Connected") << "the turn in which the client sends the first frame";
}

TEST(World, AFailedCheckStopsTheWorldAndNotTheProcess) {
    struct Faulty {
        int left = 3;
        void on(const Event&, Turn& turn) {
            CHECK(--left > 0);
            turn.ask(effect::ArmTimer{Token(1), turn.now + 1ms});
        }
        void digest(Hasher&) const {}
    };
    const CheckHandler before = set_check_handler(&throw_on_check);
    World world({.seed = 11});
    world.start(world.add_node({"faulty", Machine(Faulty{}), "10.0.0.1"}));
    world.run_until(Instant(1s));
    set_check_handler(before);
    ASSERT_TRUE(world.stopped());
    EXPECT_EQ(world.stopped()->seed, 11u);
    EXPECT_EQ(world.stopped()->events, 3u);
    EXPECT_EQ(world.stopped()->at, Instant(2ms));
    EXPECT_EQ(world.stopped()->node_name, "faulty");
    EXPECT_EQ(world.stopped()->event, "TimerFired timer=1");
    EXPECT_NE(world.stopped()->message.find("CHECK failed: --left > 0"), std::string::npos);
    EXPECT_FALSE(world.step());
}

}  // namespace
}  // namespace barnabas::sim
