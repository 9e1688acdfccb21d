// Scenarios that tests run: out of a text, or one of those that we ship.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "sim/scenario/parse.h"
#include "sim/scenario/run.h"
#include "tests/support/places.h"
#include "tests/support/sanitized.h"

namespace barnabas::scenario {

inline Scenario scenario_of(std::string_view text) {
    auto parsed = parse(text, "test.scenario");
    CHECK(parsed.has_value());
    return *parsed;
}

// scenarios/NAME.scenario
inline Scenario lesson_of(const std::string& name) {
    const std::string path = support::source_path("scenarios/" + name + ".scenario");
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    auto parsed = parse(text.str(), name);
    EXPECT_TRUE(parsed) << parsed.error().text();
    return parsed.value();
}

inline Report report_of(const Scenario& scenario, Run::BrokerMaker maker = nullptr) {
    set_check_handler(sim::throw_on_check);
    auto run = Run::make(scenario, maker).value();
    while (run.step()) {}
    return run.report();
}

// Under so many seeds, fewer where sanitizers watch.
inline void expect_it_holds(Scenario scenario, std::uint64_t seeds) {
    for (scenario.seed = 1; scenario.seed <= support::taken_seeds(seeds); ++scenario.seed) {
        const Report report = report_of(scenario);
        EXPECT_EQ(report.verdict, Verdict::passed) << report.text();
    }
}

}  // namespace barnabas::scenario
