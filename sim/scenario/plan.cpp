#include "sim/scenario/plan.h"

#include <map>

#include "engine/base/random.h"

namespace barnabas::scenario {
namespace {

constexpr std::uint64_t plan_salt = 0x706c616e;  // so that plan and world do not draw alike
constexpr std::uint64_t crash_effects_most = 300;
constexpr std::uint64_t slowness_least = 20;
constexpr std::uint64_t slowness_most = 200;

// Harm, and what ends it: for some two deeds.
struct Pair {
    Verb harm;
    std::optional<Verb> end;
    std::optional<Verb> then = std::nullopt;
};

Pair pair_of(Fault fault) {
    switch (fault) {
        case Fault::kill: return {Verb::kill, Verb::restart};
        case Fault::power_loss: return {Verb::lose_power, Verb::restart};
        case Fault::crash: return {Verb::crash_after, Verb::restart};
        case Fault::pause: return {Verb::pause, Verb::resume};
        case Fault::reset: return {Verb::reset, std::nullopt};
        case Fault::cut: return {Verb::cut, Verb::heal};
        case Fault::clog: return {Verb::clog, Verb::heal};
        case Fault::full_disk: return {Verb::disk_full, Verb::disk_healthy};
        case Fault::slow_disk: return {Verb::disk_slow, Verb::disk_healthy};
        case Fault::failed_directory:
            return {Verb::directory_broken, Verb::directory_healthy, Verb::restart};
    }
    CHECK(!"every fault has its pair");
    return {};
}

Duration whole_microseconds(Duration time) {  // short to print
    return std::chrono::floor<std::chrono::microseconds>(time);
}

void place(const Scenario& scenario, const RandomFaults& faults, Duration slot, Random& random,
           std::vector<At>& actions) {
    const Fault kind = faults.kinds[random.below(faults.kinds.size())];
    const Pair pair = pair_of(kind);
    At harm;
    harm.time = slot + whole_microseconds(random.duration_below(faults.every / 2));
    harm.action.verb = pair.harm;
    harm.action.who.broker =
        static_cast<std::int32_t>(random.between(1, static_cast<std::uint64_t>(scenario.brokers)));
    if (kind == Fault::crash) {
        harm.action.number = static_cast<std::int64_t>(random.between(1, crash_effects_most));
    }
    if (kind == Fault::slow_disk) {
        harm.action.number =
            static_cast<std::int64_t>(random.between(slowness_least, slowness_most));
    }
    if (kind == Fault::failed_directory) {
        auto directories = scenario.log_directories();
        CHECK(directories.size() > 1);
        harm.action.directory =
            std::move(directories[random.between(1, directories.size() - 1)]);
    }
    actions.push_back(harm);
    if (!pair.end) return;

    const Duration least = faults.every / 20;
    At end;
    end.time =
        harm.time + whole_microseconds(least + random.duration_below(faults.every / 2 - least));
    end.action.verb = *pair.end;
    if (*pair.end != Verb::heal) end.action.who = harm.action.who;
    end.action.directory = harm.action.directory;
    actions.push_back(end);
    if (!pair.then) return;
    end.action.verb = *pair.then;
    end.action.directory.clear();
    actions.push_back(end);
}

}  // namespace

std::vector<At> plan(const Scenario& scenario) {
    std::vector<At> actions = scenario.actions;
    Random random(scenario.seed ^ plan_salt);
    for (const RandomFaults& faults : scenario.faults) {
        for (Duration slot = faults.from; slot < faults.to; slot += faults.every) {
            place(scenario, faults, slot, random, actions);
        }
    }
    std::multimap<Duration, At> in_order;  // at the same time: as they were written
    for (At& action : actions) in_order.emplace(action.time, std::move(action));
    actions.clear();
    for (auto& [time, action] : in_order) actions.push_back(std::move(action));
    return actions;
}

}  // namespace barnabas::scenario
