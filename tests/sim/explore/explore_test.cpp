// Comparing, shrinking and counting runs.
#include <gtest/gtest.h>

#include "engine/broker/broker.h"
#include "sim/explore/compare.h"
#include "sim/explore/shrink.h"
#include "sim/explore/swarm.h"
#include "sim/scenario/parse.h"

namespace barnabas::explore {
namespace {

using scenario::Scenario;

Scenario scenario_of(std::string_view text) {
    set_check_handler(sim::throw_on_check);
    auto parsed = scenario::parse(text, "test.scenario");
    CHECK(parsed.has_value());
    return *parsed;
}

constexpr std::string_view small = R"(
cluster seed=5
topic orders
producer till to orders rate=20/s from 500ms for 4s
consumer desk of orders from earliest
faults reset every 1s from 1s to 4s
run for 6s
)";

// A broker that looks at something outside of its turn: which one of the process's brokers it is.
struct Undetermined {
    broker::Broker broker;
    int number = 0;
    void on(const Event& event, Turn& turn) {
        broker.on(event, turn);
        if (turn.now > Instant(2s) && number % 2 == 1) {
            turn.note(Occurrence::Kind::role, "dice", "not from the turn");
        }
    }
    void digest(Hasher& hasher) const { broker.digest(hasher); }
};
int undetermined_made = 0;
Machine make_undetermined(const settings::BrokerSettings& settings) {
    return Machine(Undetermined{broker::Broker(settings), undetermined_made++});
}

TEST(Compare, SaysThatTheSameIsTheSame) {
    const Comparison comparison = run_twice(scenario_of(small));
    EXPECT_FALSE(comparison.difference) << comparison.text();
    EXPECT_EQ(comparison.first.hash, comparison.second.hash);
}

// Determinism broken on purpose: the first event that differs is found, not the end of the run.
TEST(Compare, FindsTheFirstEventThatDiffers) {
    undetermined_made = 0;
    const Comparison comparison = run_twice(scenario_of(small), make_undetermined);
    ASSERT_TRUE(comparison.difference);
    EXPECT_NE(comparison.first.hash, comparison.second.hash);
    EXPECT_NE(comparison.difference->first, comparison.difference->second);
    EXPECT_NE(comparison.text().find("not from the turn"), std::string::npos)
        << comparison.text();
    EXPECT_TRUE(comparison.difference->first.starts_with("2")) << comparison.text();  // after 2 s
    EXPECT_LT(comparison.difference->event, comparison.first.events);
}

TEST(Shrink, LeavesOnlyWhatTheFailureNeeds) {
    const Scenario failing = scenario_of(R"(
cluster seed=5
topic orders
producer till to orders rate=64/s from 500ms for 8s
producer shop to orders rate=64/s from 500ms for 8s
consumer desk of orders from earliest
at 2s pause broker 1
at 2100ms resume broker 1
at 3s reset till from broker 1
at 4s lose power of broker 1
at 5s restart broker 1
faults reset, clog every 1s from 1s to 8s
run for 12s
expect nothing acknowledged is lost
)");
    const auto shrunk = shrink(failing, 200);
    ASSERT_TRUE(shrunk);
    EXPECT_EQ(shrunk->rule, "lost");
    ASSERT_EQ(shrunk->scenario.actions.size(), 1u) << scenario::print(shrunk->scenario);
    EXPECT_EQ(shrunk->scenario.actions[0].action.verb, scenario::Verb::lose_power);
    EXPECT_TRUE(shrunk->scenario.consumers.empty());
    EXPECT_LT(shrunk->scenario.producers[0].rate, 64u);
    // It is a scenario that stands by itself.
    const auto again = scenario::parse(scenario::print(shrunk->scenario), "shrunk");
    ASSERT_TRUE(again) << again.error().text();
    auto run = scenario::Run::make(*again).value();
    while (run.step()) {}
    EXPECT_EQ(run.report().violations.at(0).rule, "lost");
}

TEST(Shrink, HasNothingToDoWithoutAFailure) { EXPECT_FALSE(shrink(scenario_of(small), 10)); }

TEST(Swarm, CountsWhatItsRunsCameTo) {
    Swarm swarm;
    Scenario scenario = scenario_of(small);
    for (scenario.seed = 1; scenario.seed <= 3; ++scenario.seed) {
        auto run = scenario::Run::make(scenario).value();
        while (run.step()) {}
        swarm.add(run.report());
    }
    EXPECT_EQ(swarm.seeds, 3u);
    EXPECT_EQ(swarm.too_small, 3u);
    EXPECT_EQ(swarm.counts.acknowledged, 240u);
    EXPECT_EQ(swarm.faults.at("reset"), 3u * 3u * 3u);  // seeds, times, peers of the broker
}

}  // namespace
}  // namespace barnabas::explore
