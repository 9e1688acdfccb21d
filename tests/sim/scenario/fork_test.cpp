// What the first steps of a copy of a run cost, however long the run was: each changes something
// that the two share.
#include <gtest/gtest.h>

#include "tests/sim/scenario/runs.h"
#include "tests/support/counting_allocator.h"

namespace barnabas::scenario {
namespace {

// Both kinds of topics, with producers and consumers that remember all they were told and saw.
Run run_of_two_topics() {
    set_check_handler(sim::throw_on_check);
    return Run::make(scenario_of("cluster brokers=1 seed=3\n"
                                 "topic orders partitions=2\n"
                                 "topic prices partitions=2 cleanup.policy=compact "
                                 "segment.bytes=20000 min.cleanable.dirty.ratio=0.1 "
                                 "segment.ms=2000\n"
                                 "producer till to orders rate=200/s for 100s\n"
                                 "producer press to prices rate=200/s keys=50 for 100s\n"
                                 "consumer desk of orders from earliest\n"
                                 "consumer board of prices from earliest\n"
                                 "run for 110s\n"))
        .value();
}

void run_until(Run& run, Duration time) {
    while (run.world().now() < Instant(time) && run.step()) {}
}

struct Cost {
    std::size_t allocations = 0;
    std::size_t bytes = 0;
};

Cost cost_of(auto&& work) {
    const std::size_t times = Allocated::times();
    Allocated::restart();
    const std::size_t held = Allocated::held();
    work();
    return {Allocated::times() - times, Allocated::most() - held};
}

// The dearest of some steps of a fresh fork each: they touch all that the run remembers.
Cost first_steps(const Run& run) {
    Cost most;
    Run other = run;
    for (int i = 0; i < 50; ++i) {
        Run fork = other;
        const Cost cost = cost_of([&] { fork.step(); });
        most.allocations = std::max(most.allocations, cost.allocations);
        most.bytes = std::max(most.bytes, cost.bytes);
        other.step();
    }
    return most;
}

TEST(Fork, TakesItsFirstStepsAtTheSameCostHoweverLongTheRunWas) {
    auto run = run_of_two_topics();
    run_until(run, 15s);
    const Cost early = first_steps(run);
    run_until(run, 90s);
    const Cost late = first_steps(run);
    EXPECT_LE(late.allocations, early.allocations * 5 / 4);
    EXPECT_LE(late.bytes, early.bytes * 5 / 4);
}

}  // namespace
}  // namespace barnabas::scenario
