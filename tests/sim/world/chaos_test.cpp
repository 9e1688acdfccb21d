// Whatever is done to a world: it can be done again, it can be forked, and it can be healed.
#include <gtest/gtest.h>

#include "tests/sim/world/machines.h"

namespace barnabas::sim {
namespace {

constexpr std::uint32_t node_count = 4;

World make_world(std::uint64_t seed) {
    World world({.seed = seed});
    world.start(world.add_node({"server", Machine(EchoServer{}), "10.0.0.1"}));
    for (std::uint32_t i = 1; i < node_count; ++i)
        world.start(world.add_node({"client" + std::to_string(i),
                                    Machine(EchoClient{.frames = UINT64_MAX, .pause = 20ms}),
                                    "10.0.0." + std::to_string(i + 1)}));
    return world;
}

void do_something(World& world, Random& dice) {
    const NodeIndex node(static_cast<std::uint32_t>(dice.below(node_count)));
    const NodeIndex other(static_cast<std::uint32_t>(dice.below(node_count)));
    switch (dice.below(16)) {
        case 0: return world.crash(node);
        case 1: return world.lose_power(node);
        case 2: return world.restart(node);
        case 3: return world.pause(node);
        case 4: return world.resume(node);
        case 5: return world.cut(node, other);
        case 6: return world.clog(node, other);
        case 7: return world.heal(node, other);
        case 8: return world.reset_between(node, other);
        case 9: return world.refuse(node, dice.below(2) == 0);
        case 10: return world.crash_after_effects(node, dice.below(20));
        case 11: return world.set_drift(node, static_cast<std::int64_t>(dice.below(1000)) - 500);
        case 12: return world.step_wall(node, Duration(static_cast<std::int64_t>(dice.below(1e9))));
        case 13: return world.slow_node(node, static_cast<std::uint32_t>(dice.between(1, 2000)));
        case 14: return world.set_bandwidth(node, other, dice.between(10'000, 1'000'000));
        default: return world.heal_all();
    }
}

void torment(World& world, Random& dice, int deeds) {
    for (int i = 0; i < deeds; ++i) {
        world.run_until(world.now() + dice.duration_below(2s));
        do_something(world, dice);
    }
}

std::uint64_t received(const World& world, NodeIndex node) {
    const auto* client = world.machine(node).as<EchoClient>();
    return client ? client->received : 0;
}

TEST(WorldChaos, EveryRunCanBeRepeatedForkedAndHealed) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        World world = make_world(seed);
        Random dice(seed);
        torment(world, dice, 60);
        World fork = world;
        Random fork_dice = dice;
        torment(world, dice, 60);

        World again = make_world(seed);
        Random same_dice(seed);
        torment(again, same_dice, 120);
        EXPECT_EQ(again.final_hash(), world.final_hash());
        torment(fork, fork_dice, 60);
        EXPECT_EQ(fork.final_hash(), world.final_hash());

        world.heal_all();
        for (std::uint32_t i = 0; i < node_count; ++i) {
            world.slow_node(NodeIndex(i), 1);
            world.restart(NodeIndex(i));  // who was doomed is no longer
        }
        world.run_until(world.now() + 120s);
        std::vector<std::uint64_t> before;
        for (std::uint32_t i = 1; i < node_count; ++i)
            before.push_back(received(world, NodeIndex(i)));
        world.run_until(world.now() + 10s);
        for (std::uint32_t i = 1; i < node_count; ++i) {
            EXPECT_GT(received(world, NodeIndex(i)), before[i - 1] + 50) << "client " << i;
            EXPECT_EQ(world.machine(NodeIndex(i)).as<EchoClient>()->wrong, 0u);
        }
        // Of old ones only the server's halves are left, whose clients went without a word.
        std::size_t whole = 0;
        for (const ConnectionView& one : world.connections())
            whole += one.states[0] == Side::State::open && one.states[1] == Side::State::open;
        EXPECT_EQ(whole, node_count - 1);
    }
}

}  // namespace
}  // namespace barnabas::sim
