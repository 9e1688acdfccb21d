// What the seeds of the swarm draw.
#include "sim/explore/draw.h"

#include <gtest/gtest.h>

#include <set>

#include "sim/faults/kinds.h"
#include "sim/scenario/parse.h"
#include "sim/scenario/plan.h"
#include "sim/scenario/run.h"

namespace barnabas::explore {
namespace {

using scenario::Fault;
using scenario::FaultKind;
using scenario::Scenario;

constexpr std::uint64_t seeds_drawn = 300;
constexpr std::uint64_t seeds_run = 12;

TEST(Draw, IsTheSameForTheSameSeed) {
    EXPECT_EQ(draw(7), draw(7));
    EXPECT_NE(draw(7), draw(8));
    EXPECT_EQ(draw(7).seed, 7u);
}

TEST(Draw, IsAScenarioThatPrintsAndParsesBack) {
    set_check_handler(sim::throw_on_check);
    for (std::uint64_t seed = 1; seed <= seeds_drawn; ++seed) {
        const Scenario drawn = draw(seed);
        const auto parsed = scenario::parse(scenario::print(drawn), drawn.file);
        ASSERT_TRUE(parsed) << parsed.error().text() << scenario::print(drawn);
        ASSERT_EQ(*parsed, drawn) << scenario::print(*parsed) << scenario::print(drawn);
        const auto run = scenario::Run::make(drawn);
        ASSERT_TRUE(run) << run.error();
        // Short by itself, and calm before the end.
        EXPECT_LE(drawn.length, Duration(45s));
        for (const scenario::At& at : scenario::plan(drawn)) {
            if (std::holds_alternative<scenario::Wish>(at.action)) continue;
            EXPECT_LT(at.time + at.length.value_or(Duration(0)) + Duration(15s), drawn.length);
        }
    }
}

// All but those that a seed may not place yet.
TEST(Draw, TakesEveryKindOfFault) {
    std::set<FaultKind> drawn;
    const auto take = [&](const scenario::Action& action) {
        if (const auto* fault = std::get_if<Fault>(&action)) drawn.insert(fault->kind);
    };
    for (std::uint64_t seed = 1; seed <= seeds_drawn; ++seed) {
        const Scenario scenario = draw(seed);
        for (const scenario::At& at : scenario::plan(scenario)) take(at.action);
        for (const scenario::When& when : scenario.whens) take(when.action);
    }
    for (const sim::FaultRow& row : sim::fault_kinds())
        EXPECT_EQ(drawn.contains(row.kind), row.kind != FaultKind::flipped_bit) << row.name;
}

TEST(Draw, HasANameThatCommandsTake) {
    EXPECT_EQ(swarm_file(17), "swarm:17");
    EXPECT_EQ(draw(17).file, "swarm:17");
    EXPECT_EQ(swarm_seed("swarm:17"), 17u);
    EXPECT_FALSE(swarm_seed("swarm:"));
    EXPECT_FALSE(swarm_seed("swarm:x"));
    EXPECT_FALSE(swarm_seed("17.scenario"));
}

TEST(Draw, HoldsUnderItsFirstSeeds) {
    set_check_handler(sim::throw_on_check);
    for (std::uint64_t seed = 1; seed <= seeds_run; ++seed) {
        auto run = scenario::Run::make(draw(seed)).value();
        while (run.step()) {}
        const scenario::Report report = run.report();
        EXPECT_EQ(report.violation_count, 0u) << report.text();
        EXPECT_GT(report.counts.acknowledged, 0u);
    }
}

}  // namespace
}  // namespace barnabas::explore
