#include "sim/explore/swarm.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/explore/draw.h"

namespace barnabas::explore {
namespace {

std::string milliseconds(Duration time) { return fmt::format("{} ms", time / Duration(1ms)); }

std::string faults_text(const std::map<std::string, Swarm::Struck>& faults) {
    std::string all;
    if (!faults.empty()) all = fmt::format("  {:<18} {:>9} {:>9}\n", "fault", "struck", "in seeds");
    for (const auto& [kind, struck] : faults)
        all += fmt::format("  {:<18} {:>9} {:>9}\n", kind, struck.times, struck.seeds);
    return all;
}

std::string recoveries_text(std::vector<Duration> times) {
    if (times.empty()) return {};
    std::ranges::sort(times);
    const auto within = [&](std::size_t percent) {
        return milliseconds(times[(times.size() - 1) * percent / 100]);
    };
    return fmt::format(
        "  acknowledged again after a fault's end or a start, {} times: half within {}, 90 % "
        "within {}, 99 % within {}, all within {}\n",
        times.size(), within(50), within(90), within(99), within(100));
}

}  // namespace

void Swarm::add(const Outcome& outcome) {
    ++seeds;
    passed += outcome.verdict == scenario::Verdict::passed;
    too_small += outcome.verdict == scenario::Verdict::too_small;
    if (outcome.is_violated()) violated.push_back(outcome);
    events += outcome.events;
    time += outcome.time;
    cpu += outcome.cpu;
    counts.given += outcome.counts.given;
    counts.acknowledged += outcome.counts.acknowledged;
    counts.consumed += outcome.counts.consumed;
    counts.doubles += outcome.counts.doubles;
    counts.lost_foreseen += outcome.counts.lost_foreseen;
    counts.lost += outcome.counts.lost;
    for (const auto& [kind, times] : outcome.faults) {
        faults[kind].times += times;
        ++faults[kind].seeds;
    }
    recoveries.insert(recoveries.end(), outcome.recoveries.begin(), outcome.recoveries.end());
}

std::string Swarm::text() const {
    std::string all = fmt::format("{}: {} of {} seeds passed, {} too small, {} violated\n", title,
                                  passed, seeds, too_small, violated.size());
    all += fmt::format(
        "  {} events in {} s of virtual time; {} acknowledged, {} consumed, {} doubles explained, "
        "{} lost as foreseen\n",
        events, time / Duration(1s), counts.acknowledged, counts.consumed, counts.doubles,
        counts.lost_foreseen);
    if (const std::uint64_t ms = static_cast<std::uint64_t>(cpu / Duration(1ms)); ms > 0) {
        all += fmt::format("  {}.{:03} s of CPU, {} ms a seed, {} events a second\n", ms / 1000,
                           ms % 1000, ms / seeds, events * 1000 / ms);
    }
    all += faults_text(faults) + recoveries_text(recoveries);
    for (const Outcome& outcome : violated) {
        all += fmt::format("  seed {}:\n", outcome.seed);
        std::vector<std::string_view> told;
        for (const sim::Violation& one : outcome.violations) {
            if (std::ranges::find(told, one.rule) != told.end()) continue;
            told.push_back(one.rule);
            all += fmt::format("    {}: {}\n", one.rule, one.text);
        }
        all += fmt::format("    again: {}\n", reproduce(outcome));
    }
    return all;
}

std::string reproduce(const Outcome& outcome) {
    std::string command = "barnabas sim run " + outcome.scenario;
    if (!swarm_seed(outcome.scenario)) command += fmt::format(" --seed {}", outcome.seed);
    for (const std::string& guard : outcome.without) command += " --without " + guard;
    return command;
}

}  // namespace barnabas::explore
