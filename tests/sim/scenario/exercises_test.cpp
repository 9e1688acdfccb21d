// Scenarios that exercise what the lessons do not: each oracle has something to judge in one of
// them, and each holds under every seed. A change of the engine that no rule notices here wants a
// scenario more.
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/sim/scenario/runs.h"

namespace barnabas::scenario {
namespace {

constexpr std::uint64_t exercise_seeds = support::taken_seeds(3);

std::vector<std::string> exercises() {
    std::vector<std::string> files;
    const std::filesystem::path directory =
        support::source_path("tests/sim/scenario/exercises");
    for (const auto& entry : std::filesystem::directory_iterator(directory)) {
        files.push_back(entry.path().stem().string());
    }
    std::sort(files.begin(), files.end());
    return files;
}

class Exercise : public testing::TestWithParam<std::string> {};

TEST_P(Exercise, HoldsUnderEverySeed) {
    Scenario scenario = lesson_of("../tests/sim/scenario/exercises/" + GetParam());
    for (scenario.seed = 1; scenario.seed <= exercise_seeds; ++scenario.seed) {
        const Report report = report_of(scenario);
        EXPECT_EQ(report.violation_count, 0u) << report.text();
    }
}

INSTANTIATE_TEST_SUITE_P(Scenarios, Exercise, testing::ValuesIn(exercises()),
                         [](const auto& exercise) { return exercise.param; });

}  // namespace
}  // namespace barnabas::scenario
