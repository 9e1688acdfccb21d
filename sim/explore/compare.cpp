#include "sim/explore/compare.h"

#include <fmt/format.h>

#include "engine/runtime/visit.h"

namespace barnabas::explore {
namespace {

using scenario::Run;

scenario::Report report_of(Run run) {
    while (run.step()) {}
    return run.report();
}

std::string line_of(const Run& run, bool went_on) {
    if (!went_on) return "the run is over, with another state of its nodes";
    const sim::Happening& last = run.world().last();
    const Event* event = last.event();
    std::string line =
        fmt::format("{}ns {} {}", last.at.time_since_epoch().count(), run.world().name(last.node),
                    event ? print(*event) : std::string("a deed of the scenario"));
    for (const Effect& effect : last.effects) line += "; " + print(effect);
    return line;
}

// Side by side, event by event.
Difference find_difference(Run one, Run other) {
    for (;;) {
        const bool first = one.step();
        const bool second = other.step();
        const bool is_over = !first && !second;
        if (is_over || first != second || one.world().trace_hash() != other.world().trace_hash()) {
            return {one.world().events(), line_of(one, first), line_of(other, second)};
        }
    }
}

}  // namespace

Comparison run_twice(const scenario::Scenario& scenario, Run::BrokerMaker maker) {
    const auto make = [&] { return Run::make(scenario, maker).value(); };
    Comparison comparison{report_of(make()), report_of(make()), std::nullopt};
    if (comparison.first.json() != comparison.second.json()) {
        comparison.difference = find_difference(make(), make());
    }
    return comparison;
}

std::string Comparison::text() const {
    if (!difference) {
        return fmt::format("{}: seed {} is the same twice: {} events, trace hash {}\n",
                           first.scenario, first.seed, first.events, first.hash.hex());
    }
    return fmt::format(
        "{}: seed {} differs: trace hashes {} and {}\n  first at event {}\n  one:   {}\n  other: "
        "{}\n",
        first.scenario, first.seed, first.hash.hex(), second.hash.hex(), difference->event,
        difference->first, difference->second);
}

}  // namespace barnabas::explore
