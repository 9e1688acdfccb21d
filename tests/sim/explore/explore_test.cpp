// Shrinking and counting runs.
#include <gtest/gtest.h>

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
    EXPECT_EQ(std::get<scenario::Fault>(shrunk->scenario.actions[0].action).kind,
              scenario::FaultKind::power_loss);
    EXPECT_TRUE(shrunk->scenario.consumers.empty());
    ASSERT_EQ(shrunk->scenario.producers.size(), 1u);
    EXPECT_LT(shrunk->scenario.producers[0].rate, 64u);
    EXPECT_EQ(shrunk->scenario.actions[0].time % Duration(1s), Duration(0));
    EXPECT_EQ(shrunk->scenario.length % Duration(10ms), Duration(0))
        << scenario::print(shrunk->scenario);
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
        swarm.add(read_outcome(run.report().json()).value());
    }
    EXPECT_EQ(swarm.seeds, 3u);
    EXPECT_EQ(swarm.too_small, 3u);
    EXPECT_EQ(swarm.counts.acknowledged, 240u);
    EXPECT_EQ(swarm.faults.at("reset").times, 3u * 3u * 3u);  // seeds, times, peers of the broker
}

TEST(Swarm, ReadsNothingElseThanAReport) {
    EXPECT_FALSE(read_outcome(""));
    EXPECT_FALSE(read_outcome("{\"seed\":1}"));
    EXPECT_FALSE(read_outcome("[1]"));
}

}  // namespace
}  // namespace barnabas::explore
