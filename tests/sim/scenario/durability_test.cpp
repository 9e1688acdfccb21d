// What a power loss may take under each policy of flushing, and that it does take so much: each
// lesson holds under every seed, and with a little less allowed it does not.
#include "tests/sim/scenario/runs.h"

namespace barnabas::scenario {
namespace {

constexpr std::uint64_t seeds_each = 20;

struct Policy {
    std::string_view lesson;
    void (*be_stricter)(Scenario& scenario);
};

void PrintTo(const Policy& policy, std::ostream* out) { *out << policy.lesson; }

Expectation& expectation_in(Scenario& scenario, Expectation::Kind kind) {
    const auto found = std::ranges::find(scenario.expectations, kind, &Expectation::kind);
    CHECK(found != scenario.expectations.end());
    return *found;
}

constexpr Policy policies[] = {
    // Nothing may go: so ask the same of a broker that flushes every other message only.
    {"flushed_records_survive_power_loss",
     [](Scenario& scenario) { scenario.settings = {{"log.flush.interval.messages", "2"}}; }},
    {"flush_messages_bounds_the_loss",
     [](Scenario& scenario) { --expectation_in(scenario, Expectation::loss_is_at_most).number; }},
    {"flush_ms_bounds_the_loss",
     [](Scenario& scenario) {
         expectation_in(scenario, Expectation::loss_is_as_young).time -= 50ms;
     }},
    {"power_loss_takes_what_was_not_flushed",
     [](Scenario& scenario) {
         expectation_in(scenario, Expectation::loss_is_as_young).time -= 100ms;
     }},
};

class Durability : public testing::TestWithParam<Policy> {};

TEST_P(Durability, IsWhatItsPolicySaysAndNotMore) {
    const Scenario lesson = lesson_of(std::string(GetParam().lesson));
    expect_it_holds(lesson, seeds_each);
    Scenario stricter = lesson;
    GetParam().be_stricter(stricter);
    for (stricter.seed = 1; stricter.seed <= seeds_each; ++stricter.seed) {
        const Report report = report_of(stricter);
        if (report.violation_count == 0) continue;
        EXPECT_EQ(report.violations.front().rule, "lost") << report.text();
        RecordProperty("seeds", std::to_string(stricter.seed));
        return;
    }
    FAIL() << "less than that may go, it seems";
}

INSTANTIATE_TEST_SUITE_P(Scenarios, Durability, testing::ValuesIn(policies),
                         [](const auto& policy) { return std::string(policy.param.lesson); });

}  // namespace
}  // namespace barnabas::scenario
