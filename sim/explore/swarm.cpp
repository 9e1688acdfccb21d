#include "sim/explore/swarm.h"

#include <fmt/format.h>

namespace barnabas::explore {

void Swarm::add(const scenario::Report& report) {
    scenario = report.scenario;
    ++seeds;
    passed += report.verdict == scenario::Verdict::passed;
    too_small += report.verdict == scenario::Verdict::too_small;
    if (report.verdict == scenario::Verdict::violated) {
        violated.emplace_back(
            report.seed, report.violations.front().rule + ": " + report.violations.front().text);
    }
    events += report.events;
    time += report.time;
    counts.given += report.counts.given;
    counts.acknowledged += report.counts.acknowledged;
    counts.consumed += report.counts.consumed;
    counts.doubles += report.counts.doubles;
    counts.lost_foreseen += report.counts.lost_foreseen;
    counts.lost += report.counts.lost;
    for (const auto& [kind, fired] : report.faults) faults[kind] += fired;
}

std::string Swarm::text() const {
    std::string all = fmt::format("{}: {} of {} seeds passed, {} too small, {} violated\n",
                                  scenario, passed, seeds, too_small, violated.size());
    all += fmt::format(
        "  {} events in {} s of virtual time; {} acknowledged, {} consumed, {} doubles explained, "
        "{} lost as foreseen\n  faults:",
        events, time / Duration(1s), counts.acknowledged, counts.consumed, counts.doubles,
        counts.lost_foreseen);
    for (const auto& [kind, fired] : faults) all += fmt::format(" {} {}", kind, fired);
    all += '\n';
    for (const auto& [seed, what] : violated) {
        all += fmt::format("  seed {}: {}\n    again: barnabas sim run {} --seed {}\n", seed, what,
                           scenario, seed);
    }
    return all;
}

}  // namespace barnabas::explore
