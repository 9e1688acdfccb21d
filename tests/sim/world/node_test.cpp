// Nodes live, die, stall and run late; their clocks drift.
#include <gtest/gtest.h>

#include <memory>
#include <set>

#include "tests/sim/world/puppet.h"

namespace barnabas::sim {
namespace {

TEST(WorldNode, AKilledProcessIsMissedAtOnceAndComesBackFresh) {
    Pair pair = echo_pair(2, {.frames = 1000});
    pair.world.run_until(Instant(100ms));
    EXPECT_GT(pair.echo().echoed, 10u);
    pair.world.crash(pair.server);
    EXPECT_EQ(pair.world.state(pair.server), NodeState::crashed);
    pair.world.run_until(Instant(1s));
    const auto& ends = pair.asker().ends;
    ASSERT_GT(ends.size(), 3u);
    EXPECT_TRUE(ends[0] == Reason::closed || ends[0] == Reason::reset);
    EXPECT_EQ(ends[1], Reason::refused);
    pair.world.restart(pair.server);
    EXPECT_EQ(pair.echo().echoed, 0u) << "a new life knows nothing";
    EXPECT_EQ(pair.world.life(pair.server), 2u);
    pair.world.run_until(Instant(5s));
    EXPECT_EQ(pair.asker().received, 1000u);
    EXPECT_EQ(pair.asker().wrong, 0u);
}

TEST(WorldNode, AHostWithoutPowerIsSilent) {
    Stage stage({}, {.acts = {{sends(1, "a")}, {sends(1, "b")}}});
    stage.world.lose_power(stage.left);
    stage.run(1s);
    EXPECT_TRUE(stage.at(stage.right).all<event::Disconnected>().empty());
    stage.act(stage.right);
    stage.run(10s);
    EXPECT_TRUE(stage.at(stage.right).all<event::Disconnected>().empty()) << "not given up yet";
    stage.world.restart(stage.left);
    stage.run(1s);
    ASSERT_EQ(stage.at(stage.right).all<event::Disconnected>().size(), 1u);
    EXPECT_EQ(stage.at(stage.right).all<event::Disconnected>()[0].reason, Reason::reset);
}

TEST(WorldNode, AStoppedProcessKeepsItsConnections) {
    Pair pair = echo_pair(6, {.frames = 1000, .patience = 1h});
    pair.world.run_until(Instant(100ms));
    pair.world.pause(pair.server);
    const std::uint64_t before = pair.echo().echoed;
    pair.world.run_until(Instant(30s));
    EXPECT_EQ(pair.echo().echoed, before);
    EXPECT_EQ(pair.world.state(pair.server), NodeState::paused);
    pair.world.resume(pair.server);
    pair.world.run_until(Instant(40s));
    EXPECT_EQ(pair.asker().received, 1000u);
    EXPECT_TRUE(pair.asker().ends.empty());
}

TEST(WorldNode, TheWorldMayKillBetweenAnyTwoEffects) {
    for (std::uint64_t effects = 0; effects <= 4; ++effects) {
        Stage stage({}, {.acts = {{sends(1, "a"), sends(1, "b"), sends(1, "c"), sends(1, "d")}}});
        stage.world.crash_after_effects(stage.right, effects);
        stage.act(stage.right);
        std::size_t carried_out = 0;
        while (stage.world.step())
            if (stage.world.last().node == stage.right)
                carried_out = stage.world.last().carried_out;
        EXPECT_EQ(carried_out, effects);
        EXPECT_EQ(stage.at(stage.left).all<event::Received>().size(), effects);
        EXPECT_EQ(stage.world.state(stage.right), NodeState::crashed);
        EXPECT_EQ(stage.world.deeds()[static_cast<std::size_t>(Deed::Kind::crash)], 1u);
    }
}

// Whoever looks from outside is shown what the disk held when the power went in the middle.
TEST(WorldNode, ThePowerMayGoBetweenAnyTwoEffects) {
    for (std::uint64_t effects = 0; effects <= 3; ++effects) {
        Stage stage({}, {.acts = {{sends(1, "a"), sends(1, "b"), sends(1, "c")}}});
        stage.world.crash_after_effects(stage.right, effects, Death::power_loss);
        stage.act(stage.right);
        bool was_shown = false;
        while (stage.world.step())
            if (stage.world.last().node == stage.right)
                was_shown |= stage.world.last().lost != nullptr;
        EXPECT_TRUE(was_shown);
        EXPECT_EQ(stage.at(stage.left).all<event::Received>().size(), effects);
        EXPECT_EQ(stage.world.state(stage.right), NodeState::powered_off);
        EXPECT_EQ(stage.world.deeds()[static_cast<std::size_t>(Deed::Kind::power_loss)], 1u);
    }
}

TEST(WorldNode, ALaterLifeMayBeginAsAnotherMachine) {
    Pair pair = echo_pair(4, {.frames = 5});
    pair.world.run_until(Instant(1s));
    pair.world.restart(pair.client, Machine(EchoClient{.frames = 9, .received = 5}));
    pair.world.run_until(Instant(2s));
    EXPECT_EQ(pair.asker().received, 9u);
    pair.world.restart(pair.client);
    EXPECT_EQ(pair.asker().received, 5u);
}

TEST(WorldNode, ADoomCanBeTakenBack) {
    Stage stage({}, {.acts = {{sends(1, "a"), sends(1, "b")}}});
    stage.world.crash_after_effects(stage.right, 1);
    stage.world.spare(stage.right);
    stage.act(stage.right);
    stage.run(1s);
    EXPECT_EQ(stage.world.state(stage.right), NodeState::running);
    EXPECT_EQ(stage.at(stage.left).all<event::Received>().size(), 2u);
}

TEST(WorldNode, ExitEndsTheProcess) {
    Stage stage({}, {.acts = {{sends(1, "bye"), effect::Exit{3}, sends(1, "not sent")}}});
    stage.act(stage.right);
    stage.run(1s);
    EXPECT_EQ(stage.world.state(stage.right), NodeState::exited);
    EXPECT_EQ(stage.world.exit_code(stage.right), 3);
    ASSERT_EQ(stage.at(stage.left).all<event::Received>().size(), 1u);
    EXPECT_EQ(stage.at(stage.left).all<event::Disconnected>()[0].reason, Reason::closed);
}

TEST(WorldNode, ABusyNodeHearsLater) {
    std::vector<Effect> ten;
    for (int i = 0; i < 10; ++i) ten.push_back(sends(1, "x"));
    Stage stage({}, {.acts = {ten}});
    stage.world.slow_node(stage.left, 1000);  // 2 ms an event
    stage.act(stage.right);
    stage.run(1s);
    const auto times = stage.at(stage.left).times<event::Received>();
    ASSERT_EQ(times.size(), 10u);
    for (std::size_t i = 1; i < times.size(); ++i) EXPECT_GE(times[i] - times[i - 1], 2ms);
}

TEST(WorldNode, ALongJobGoesOnWhenNothingElseIsReady) {
    std::vector<Effect> three;
    for (int i = 0; i < 3; ++i) three.push_back(sends(1, "x"));
    Stage stage({.acts = {{effect::Continue{Token(7)}}}}, {.acts = {three}});
    stage.world.slow_node(stage.left, 10'000);
    stage.act(stage.right);
    stage.run(5ms);
    stage.act(stage.left);  // the frames are ready before the job is asked for
    stage.run(1s);
    EXPECT_EQ(stage.at(stage.left).all<event::Received>().size(), 3u);
    EXPECT_TRUE(std::holds_alternative<event::Continued>(stage.at(stage.left).heard.back().second))
        << stage.at(stage.left).story();
}

Effect computes(std::uint64_t job, std::string_view input) {
    return effect::Compute{Token(job), 0, effect::Load::light, Bytes::copy("<"),
                           Bytes::copy(input)};
}

std::string computed(const Stage& stage) {
    std::string all;
    for (const event::Computed& one : stage.at(stage.right).all<event::Computed>())
        all += std::to_string(one.job.value()) + std::string(one.result.text()) + ' ';
    return all;
}

TEST(WorldNode, ComputationsComeBackLaterInAnOrderThatTheSeedDraws) {
    std::set<std::string> orders;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        Stage stage({}, {.acts = {{computes(1, "a"), computes(2, "b")}}}, {.seed = seed});
        const Instant asked = stage.world.now();
        stage.act(stage.right);
        stage.run(1s);
        orders.insert(computed(stage));
        const auto times = stage.at(stage.right).times<event::Computed>();
        ASSERT_EQ(times.size(), 2u);
        EXPECT_GT(times[0], asked + 50us);
    }
    EXPECT_EQ(orders, (std::set<std::string>{"1<a 2<b ", "2<b 1<a "}));
}

TEST(WorldNode, AComputationThatIsAwayForksWithItsWorld) {
    Stage stage({}, {.acts = {{computes(1, "a"), computes(2, "b")}}});
    stage.act(stage.right);
    stage.run(10us);
    EXPECT_EQ(computed(stage), "");
    auto fork = std::make_unique<Stage>(stage);
    stage.run(1s);
    const Hash128 expected = stage.world.final_hash();
    Stage other = *fork;
    fork.reset();
    other.run(1s);
    EXPECT_EQ(computed(other), computed(stage));
    EXPECT_EQ(other.world.final_hash(), expected);
}

TEST(WorldNode, AComputationDiesWithTheProcessThatAskedForIt) {
    Stage stage({}, {.acts = {{computes(1, "a")}}});
    stage.act(stage.right);
    stage.run(10us);
    stage.world.restart(stage.right);
    stage.run(1s);
    EXPECT_EQ(computed(stage), "");
}

TEST(WorldNode, TimersFireOnceAndCanBePutOff) {
    const auto arm = [](std::uint64_t token, Duration at) -> Effect {
        return effect::ArmTimer{Token(token), Instant(at)};
    };
    Stage stage({}, {.at_start = {arm(1, 10s), arm(2, 20s), arm(3, 30s), arm(4, 40s)},
                     .acts = {{arm(1, 15s), arm(2, 12s), effect::DisarmTimer{Token(3)}}}});
    stage.act(stage.right);
    stage.run(100s);
    std::string fired;
    for (const auto& [at, event] : stage.at(stage.right).heard)
        if (const auto* timer = std::get_if<event::TimerFired>(&event))
            fired += std::to_string(timer->timer.value()) + "@" +
                     std::to_string(at.time_since_epoch() / 1s) + " ";
    EXPECT_EQ(fired, "2@12 1@15 4@40 ");
}

TEST(WorldNode, AClockMayDriftAndNeverSteps) {
    Stage stage({}, {.acts = {{effect::ArmTimer{Token(1), Instant(10s)}}}});
    stage.act(stage.right);
    stage.run(800ms);  // it is one second now
    stage.world.set_drift(stage.right, 500'000);
    const Instant before = stage.world.local_now(stage.right);
    EXPECT_EQ(before, Instant(1s));
    stage.run(2s);
    EXPECT_EQ(stage.world.local_now(stage.right), Instant(4s));
    EXPECT_EQ(stage.world.local_now(stage.left), Instant(3s));
    while (stage.at(stage.right).all<event::TimerFired>().empty() && stage.world.step()) continue;
    EXPECT_EQ(stage.world.now(), Instant(7s))
        << "ten seconds by a clock that is half as fast again";
    EXPECT_EQ(stage.at(stage.right).times<event::TimerFired>()[0], Instant(10s));
    stage.world.set_drift(stage.right, -500'000);
    EXPECT_EQ(stage.world.local_now(stage.right), Instant(10s));
}

TEST(WorldNode, TheWallClockMayStepAndNowDoesNot) {
    Stage stage({}, {});
    const WallTime wall = stage.world.wall(stage.right);
    const Instant now = stage.world.local_now(stage.right);
    stage.world.step_wall(stage.right, -1h);
    EXPECT_EQ(stage.world.wall(stage.right), wall - 1h);
    EXPECT_EQ(stage.world.local_now(stage.right), now);
    EXPECT_EQ(stage.world.wall(stage.left), wall);
}

TEST(NodeClock, WorldAtIsTheFirstInstantThatIsLateEnough) {
    for (const std::int64_t drift : {-500'000, -333'333, -7, 0, 7, 100, 333'333, 500'000}) {
        NodeClock clock;
        clock.set_drift(drift, Instant(1'000'003ns));
        for (const std::int64_t local : {1'000'004, 1'000'005, 2'000'001, 987'654'321}) {
            const Instant at = clock.world_at(Instant(Duration(local)), Instant(1'000'003ns));
            EXPECT_GE(clock.now(at), Instant(Duration(local))) << drift;
            EXPECT_LT(clock.now(at - 1ns), Instant(Duration(local))) << drift;
        }
    }
}

TEST(World, EveryDeedHasANameAndIsCounted) {
    std::set<std::string_view> names;
    for (std::size_t i = 0; i < deed_kinds; ++i) names.insert(name_of(static_cast<Deed::Kind>(i)));
    EXPECT_EQ(names.size(), deed_kinds);
    EXPECT_EQ(names.count(""), 0u);
    Stage stage({}, {});
    stage.world.cut(stage.left, stage.right);
    ASSERT_TRUE(stage.world.last().deed());
    EXPECT_EQ(stage.world.last().deed()->kind, Deed::Kind::cut);
    EXPECT_EQ(stage.world.deeds()[static_cast<std::size_t>(Deed::Kind::cut)], 1u);
    EXPECT_EQ(stage.world.deeds()[static_cast<std::size_t>(Deed::Kind::start)], 2u);
}

}  // namespace
}  // namespace barnabas::sim
