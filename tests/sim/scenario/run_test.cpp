// Scenarios run: the lessons hold, and the same seed is the same run.
#include "sim/scenario/run.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "engine/node/node.h"
#include "sim/faults/kinds.h"
#include "sim/scenario/plan.h"
#include "sim/scenario/words.h"
#include "tests/sim/scenario/runs.h"
#include "tests/support/places.h"

namespace barnabas::scenario {
namespace {

std::vector<std::string> lessons() {
    std::vector<std::string> files;
    const std::filesystem::path directory = support::source_path("scenarios");
    for (const auto& entry : std::filesystem::directory_iterator(directory)) {
        if (entry.path().extension() == ".scenario") files.push_back(entry.path().stem().string());
    }
    std::sort(files.begin(), files.end());
    return files;
}

class Lesson : public testing::TestWithParam<std::string> {};

// Every scenario that we ship holds, and is large enough to say something.
TEST_P(Lesson, Holds) {
    const Report report = report_of(lesson_of(GetParam()));
    EXPECT_EQ(report.verdict, Verdict::passed) << report.text();
}

INSTANTIATE_TEST_SUITE_P(Scenarios, Lesson, testing::ValuesIn(lessons()),
                         [](const auto& lesson) { return lesson.param; });

TEST(FailedDirectory, TakesOnlyItsOwnUnderEverySeed) {
    expect_it_holds(lesson_of("a_failed_directory_takes_only_its_own"), 25);
}

constexpr std::string_view failing_directories = R"(
set log.dirs=first,second,third log.roll.ms=1500 log.flush.interval.ms=500
topic orders partitions=4
producer till to orders rate=100/s acks=all delivery.timeout=60s from 1s for 40s
consumer desk of orders from earliest
faults failed directory, kill, crash every 3s from 3s to 40s
run for 65s
expect nothing acknowledged is lost
expect everything sent is acknowledged
expect everything acknowledged is consumed
expect orders-0 unavailable < 10s
)";

TEST(FailedDirectory, MayBeAnyAtAnyTime) {
    expect_it_holds(scenario_of(failing_directories), 10);
}

// Which of them the broker notices is its own affair: nothing is lost by any.
TEST(FailedDirectory, MayFailReadsWritesOrFlushes) {
    for (const FaultKind kind : {FaultKind::failing_reads, FaultKind::failing_writes,
                                 FaultKind::failing_flushes, FaultKind::forgotten_flushes}) {
        Scenario scenario = scenario_of(failing_directories);
        scenario.faults.front().kinds = {FaultKind::kill, FaultKind::crash};
        for (const char* directory : {"second", "third"}) {
            const Fault fails{
                .kind = kind, .who = Selector::broker(1), .directory = directory};
            scenario.actions.push_back({10s, fails, 15s});
        }
        scenario.actions.push_back({25s, Treatment{sim::Remedy::restart, Selector::broker(1)}});
        expect_it_holds(scenario, 5);
    }
}

constexpr std::string_view some_faults = R"(
cluster seed=3
topic orders partitions=2
producer till to orders rate=50/s from 500ms for 8s
consumer desk of orders from earliest
at 2s kill broker 1
at 3s restart broker 1
at 5s lose power of broker 1
at 6s restart broker 1
faults reset, clog every 1s from 1s to 8s
run for 12s
)";

TEST(Run, IsTheSameForTheSameSeed) {
    const Scenario scenario = scenario_of(some_faults);
    EXPECT_EQ(report_of(scenario).json(), report_of(scenario).json());
    Scenario other = scenario;
    ++other.seed;
    EXPECT_NE(report_of(other).hash, report_of(scenario).hash);
}

TEST(Run, AForkHasTheSameFutureAndNeedsNotItsOriginal) {
    const Scenario faulty = scenario_of(some_faults);
    auto original = std::make_unique<scenario::Run>(scenario::Run::make(faulty).value());
    while (original->world().now() < Instant(5500ms)) ASSERT_TRUE(original->step());
    scenario::Run fork = *original;
    while (original->step()) {}
    const Report whole = original->report();
    original.reset();
    while (fork.step()) {}
    EXPECT_EQ(fork.report().json(), whole.json());
}

TEST(Run, SmallOnesDoNotCount) {
    const Report report = report_of(scenario_of(some_faults));
    EXPECT_EQ(report.verdict, Verdict::too_small) << report.text();
    EXPECT_EQ(report.violation_count, 0u);
}

TEST(Run, SaysWhichSettingIsWrong) {
    const auto run = scenario::Run::make(scenario_of("set num.partitions=many\n"));
    ASSERT_FALSE(run);
    EXPECT_NE(run.error().find("num.partitions"), std::string::npos) << run.error();
}

std::string every_kind() {
    std::string all;
    for (const Sentence& name : fault_names())
        all += (all.empty() ? "" : ", ") + std::string(name.form);
    return all;
}

// What is drawn for a fault hangs on what it says, not on where it stands.
TEST(Run, APlansActionsKeepTheirDrawsWhenOthersAreLeftOut) {
    const auto ids = [](std::string_view text) {
        std::map<std::string, std::vector<std::uint64_t>> all;
        for (const At& at : plan(scenario_of(text)))
            all[write(at)].push_back(identity_of(at, 7));
        return all;
    };
    const auto whole = ids("topic a\nat 1s flip a bit in a-0 of broker 1\nat 2s pause broker 1\n"
                           "at 2s flip a bit in a-0 of broker 1\n"
                           "at 2s flip a bit in a-0 of broker 1\n");
    const auto less = ids("topic a\nat 2s flip a bit in a-0 of broker 1\n");
    const std::string line = "at 2s flip a bit in a-0 of broker 1";
    EXPECT_EQ(less.at(line).front(), whole.at(line).front());
    EXPECT_NE(whole.at(line)[0], whole.at(line)[1]) << "a second line that says the same";
    EXPECT_NE(whole.at(line)[0], whole.at("at 1s flip a bit in a-0 of broker 1")[0]);
}

TEST(Run, FaultsOfOneLineMayOverlap) {
    std::size_t overlaps = 0;
    std::optional<Duration> end;
    for (const At& at : plan(scenario_of("faults one of cut, clog every 1s from 1s to 100s\n"))) {
        overlaps += end && at.time < *end;
        end = std::max(end.value_or(Duration(0)), at.time + *at.length);
    }
    EXPECT_GT(overlaps, 5u);
    EXPECT_LT(overlaps, 60u);
}

TEST(Run, APlanIsAScenarioOfItsOwn) {
    Scenario random = scenario_of(
        "set log.dirs=first,second\ntopic orders partitions=3\n"
        "faults each of " + every_kind() + " every 2s from 1s to 50s\n");
    const auto actions = plan(random);
    EXPECT_GT(actions.size(), 25u * sim::fault_kinds().size() / 2);
    EXPECT_TRUE(std::is_sorted(actions.begin(), actions.end(),
                               [](const At& a, const At& b) { return a.time < b.time; }));
    Scenario concrete = random;
    concrete.actions = actions;
    concrete.faults.clear();
    const auto again = parse(print(concrete), "test.scenario");
    ASSERT_TRUE(again) << again.error().text();
    EXPECT_EQ(again->actions, actions);
    EXPECT_EQ(plan(*again), actions);
}

}  // namespace
}  // namespace barnabas::scenario
