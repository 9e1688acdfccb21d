// What each guard of the engine is for: its scenario holds under every seed with the guard on, and
// breaks a rule under some of the same seeds with the guard off.
#include "tests/sim/scenario/runs.h"

namespace barnabas::scenario {
namespace {

struct GuardLesson {
    Guard guard;
    std::string_view rule;  // that is broken first without it
};

constexpr std::uint64_t seeds_to_see_it = 10;  // from 1 on: so many are enough to see it

constexpr GuardLesson guard_lessons[] = {
    {Guard::clean_stop_mark_is_removed, "misplaced"},
    {Guard::directory_names_are_flushed, "lost"},
    {Guard::segment_names_are_flushed, "undurable"},
    {Guard::replaced_files_are_flushed, "exited"},
    {Guard::torn_tails_are_cut, "misplaced"},
    {Guard::holes_are_cut, "misplaced"},
    {Guard::metadata_is_flushed, "unsettled"},
    {Guard::answers_keep_their_order, "doubled"},
    {Guard::sequences_are_checked, "doubled"},
    {Guard::cleaned_segments_are_flushed, "forgotten"},
};

void PrintTo(const GuardLesson& lesson, std::ostream* out) { *out << name_of(lesson.guard); }

class GuardsOfTheEngine : public testing::TestWithParam<GuardLesson> {
  protected:
    static Scenario scenario() {
        return lesson_of("guards/" + std::string(name_of(GetParam().guard)));
    }
};

TEST_P(GuardsOfTheEngine, HoldWhatTheyAreFor) {
    Scenario with = scenario();
    for (with.seed = 1; with.seed <= support::taken_seeds(seeds_to_see_it); ++with.seed) {
        const Report report = report_of(with);
        EXPECT_EQ(report.violation_count, 0u) << report.text();
    }
    Scenario without = scenario();
    without.guards.switch_off(GetParam().guard);
    for (without.seed = 1; without.seed <= seeds_to_see_it; ++without.seed) {
        const Report report = report_of(without);
        if (report.violation_count == 0) continue;
        EXPECT_EQ(report.violations.front().rule, GetParam().rule) << report.text();
        RecordProperty("seeds", std::to_string(without.seed));
        return;
    }
    FAIL() << "nothing is wrong without " << name_of(GetParam().guard);
}

INSTANTIATE_TEST_SUITE_P(Scenarios, GuardsOfTheEngine, testing::ValuesIn(guard_lessons),
                         [](const auto& lesson) {
                             return std::string(name_of(lesson.param.guard));
                         });

TEST(Guards, EachHasItsLesson) {
    for (const GuardRow& row : all_guards()) {
        EXPECT_EQ(std::ranges::count(guard_lessons, row.guard, &GuardLesson::guard), 1) << row.name;
        EXPECT_EQ(guard_named(row.name), row.guard);
    }
}

TEST(Guards, ThatAreOffShowInTheReportAndInTheHash) {
    const auto report = [](std::string_view text) {
        auto run = Run::make(*parse(text, "f")).value();
        while (run.step()) {}
        return run.report();
    };
    const Report with = report("run for 1s");
    const Report without = report("without holes_are_cut\nrun for 1s");
    EXPECT_EQ(without.without, std::vector<std::string>{"holes_are_cut"});
    EXPECT_NE(without.hash, with.hash);
    EXPECT_NE(without.json().find("\"without\":[\"holes_are_cut\"]"), std::string::npos);
    EXPECT_EQ(without.reproduce, "barnabas sim run f --seed 1 --without holes_are_cut");
    EXPECT_EQ(with.json().find("without"), std::string::npos);
}

}  // namespace
}  // namespace barnabas::scenario
