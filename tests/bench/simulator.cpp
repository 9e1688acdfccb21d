// What the simulator takes, in one process: simulator run --file F [--partitions N] [--seed S]
//                                            simulator fork --file F --at SECONDS
//
// run: events and acknowledged records in a second of processor time, hash and checkers on; with a
// topic of N more partitions, to each of which comes a record now and then. fork: a copy of the run
// at that time, and the first step of it.
#include <sstream>

#include "sim/scenario/parse.h"
#include "sim/scenario/run.h"
#include "tests/bench/measure.h"

namespace barnabas::bench {
namespace {

scenario::Run run_of(const Flags& flags) {
    std::stringstream text;
    text << std::ifstream(flags.text("file", "")).rdbuf();
    if (const auto partitions = flags.number("partitions", 0); partitions > 0) {
        text << "\ntopic others partitions=" << partitions
             << "\nproducer crowd to others rate=200/s for 60s\n";
    }
    auto scenario = scenario::parse(text.str(), "the benchmark's scenario");
    if (!scenario) fail(scenario.error().text());
    scenario->seed = static_cast<std::uint64_t>(flags.number("seed", 1));
    auto run = scenario::Run::make(*scenario);
    if (!run) fail(run.error());
    return std::move(*run);
}

void measure_run(const Flags& flags) {
    scenario::Run run = run_of(flags);
    const Cpu begin = own_cpu();
    while (run.step()) {}
    const double seconds = (own_cpu() - begin).user;
    const scenario::Report report = run.report();
    if (report.violation_count > 0) fail(report.text());
    std::printf("events_s=%.0f acknowledged_s=%.0f event_us=%.4f\n",
                static_cast<double>(report.events) / seconds,
                static_cast<double>(report.counts.acknowledged) / seconds,
                seconds * 1e6 / static_cast<double>(report.events));
}

double microseconds_of(auto&& work) {
    const auto begin = Clock::now();
    work();
    return seconds_since(begin) * 1e6;
}

void measure_fork(const Flags& flags) {
    scenario::Run run = run_of(flags);
    const auto at = Instant(std::chrono::seconds(flags.number("at", 30)));
    while (run.world().now() < at && run.step()) {}
    std::vector<double> forks, steps;
    for (int i = 0; i < 400 && run.step(); ++i) {
        std::optional<scenario::Run> fork;
        forks.push_back(microseconds_of([&] { fork.emplace(run); }));
        steps.push_back(microseconds_of([&] { fork->step(); }));
    }
    print_percentiles("fork", forks);
    print_percentiles("first_step", steps);
    std::printf("\n");
}

}  // namespace
}  // namespace barnabas::bench

int main(int argc, char** argv) {
    using namespace barnabas::bench;
    const Flags flags(argc, argv);
    if (flags.mode() == "run") return measure_run(flags), 0;
    if (flags.mode() == "fork") return measure_fork(flags), 0;
    fail("run or fork");
}
