// Every kind of fault reaches the engine, is counted as its deed, and is excused rightly: whatever
// it may cost, no rule is broken by it.
#include "sim/faults/kinds.h"
#include "sim/scenario/words.h"
#include "tests/sim/scenario/runs.h"

namespace barnabas::scenario {
namespace {

constexpr std::uint64_t seeds_each_kind = support::taken_seeds(3);

constexpr std::string_view some_of_all = R"(
set log.dirs=first,second log.roll.ms=1500 log.flush.interval.ms=500
topic orders partitions=4
producer till to orders rate=150/s size=300B request.timeout=1s delivery.timeout=60s for 18s
producer shop to orders rate=50/s acks=all idempotent delivery.timeout=60s for 18s
consumer desk of orders from earliest
consumer late of orders from earliest after 6s
run for 35s
)";

Fault fault_of(const sim::FaultRow& row) {
    Fault fault{.kind = row.kind, .who = Selector::broker(1)};
    if (sim::is_of_ways(row.kind)) fault.whom = {Selector::Kind::others};
    fault.number = row.kind == FaultKind::drift ? 20'000 : row.number.most / 3;
    fault.time = row.kind == FaultKind::wall_step ? Duration(700ms) : row.time;
    if (row.form.starts_with("directory")) fault.directory = "second";
    if (row.form.find("PARTITION") != std::string_view::npos)
        fault.partition = {"orders", PartitionIndex(1)};
    return fault;
}

class EachFault : public testing::TestWithParam<sim::FaultRow> {};

TEST_P(EachFault, ReachesTheEngineAndIsExcused) {
    const sim::FaultRow& row = GetParam();
    Scenario scenario = scenario_of(some_of_all);
    for (const Duration time : {Duration(5s), Duration(12s)}) {
        At at{time, fault_of(row)};
        if (row.lasts) at.length = 3s;
        scenario.actions.push_back(at);
        if (row.kind == FaultKind::forgotten_flushes) {
            // The page cache is not to be believed: the machine is booted anew.
            const Fault reboot{.kind = FaultKind::power_loss, .who = Selector::broker(1)};
            scenario.actions.push_back({time + Duration(2500ms), reboot, 500ms});
        } else if (row.ends_in_start || row.kind == FaultKind::locked_directory) {
            scenario.actions.push_back(
                {time + Duration(3s), Treatment{sim::Remedy::restart, Selector::broker(1)}});
        }
    }
    for (scenario.seed = 1; scenario.seed <= seeds_each_kind; ++scenario.seed) {
        set_check_handler(sim::throw_on_check);
        auto run = Run::make(scenario).value();
        while (run.step()) {}
        const Report report = run.report();
        EXPECT_EQ(report.violation_count, 0u) << report.text();
        EXPECT_GT(run.world().deeds()[static_cast<std::size_t>(row.deed)], 0u) << report.text();
        EXPECT_GT(report.counts.acknowledged, 2'000u) << "the broker serves again";
        EXPECT_TRUE(run.active_faults().empty());
    }
}

std::string name_of_fault(const testing::TestParamInfo<sim::FaultRow>& info) {
    std::string name(info.param.name);
    std::replace_if(name.begin(), name.end(), [](char c) { return c == ' ' || c == '-'; }, '_');
    return name;
}

INSTANTIATE_TEST_SUITE_P(Scenarios, EachFault,
                         testing::ValuesIn(sim::fault_kinds().begin(), sim::fault_kinds().end()),
                         name_of_fault);

// Of what clients need: a fault that befalls them alone.
TEST(ClientFaults, WhoIsKilledGoesOnBehindWhatItHadGiven) {
    Scenario scenario = scenario_of(some_of_all);
    scenario.actions = {
        {5s, Fault{.kind = FaultKind::kill, .who = Selector::client("till")}, Duration(500ms)},
        {8s, Fault{.kind = FaultKind::kill, .who = {Selector::Kind::all_clients}}, Duration(1s)}};
    auto run = Run::make(scenario).value();
    while (run.step()) {}
    const Report report = run.report();
    EXPECT_EQ(report.violation_count, 0u) << report.text();
    EXPECT_EQ(run.world().deeds()[static_cast<std::size_t>(sim::Deed::Kind::crash)], 5u);
    EXPECT_EQ(report.counts.given, report.counts.acknowledged + report.counts.unknown);
    EXPECT_GT(report.counts.given, 150u * 15u);
}

}  // namespace
}  // namespace barnabas::scenario
