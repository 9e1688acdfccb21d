#include "sim/scenario/plan.h"

#include <map>

#include "engine/base/hash.h"
#include "engine/base/random.h"
#include "sim/faults/kinds.h"
#include "sim/scenario/words.h"

namespace barnabas::scenario {
namespace {

constexpr Duration boot_time = 500ms;
constexpr std::uint64_t plan_salt = 0x706c616e;  // so that plan and world do not draw alike

Duration whole_microseconds(Duration time) {  // short to print
    return std::chrono::floor<std::chrono::microseconds>(time);
}

Duration draw_between(Duration least, Duration most, Random& random) {
    return whole_microseconds(least + random.duration_below(most - least));
}

// Small numbers as often as large ones: each doubling has the same chance.
std::int64_t draw(const sim::Range& range, Random& random) {
    std::uint64_t most = static_cast<std::uint64_t>(range.most);
    const auto least = static_cast<std::uint64_t>(range.least);
    if (most == 0) return 0;
    std::uint64_t doublings = 0;
    while (most >> doublings > least) ++doublings;
    most >>= random.below(doublings + 1);
    return static_cast<std::int64_t>(random.between(least, std::max(least, most)));
}

// Mostly short; one in four may outlast the next one's begin.
Duration draw_length(const RandomFaults& faults, Duration begin, Random& random) {
    if (faults.lasting) {
        return draw_between(faults.lasting->first, faults.lasting->second + Duration(1us), random);
    }
    const Duration least = faults.every / 20;
    const bool is_long = random.below(4) == 0;
    const Duration most = is_long ? faults.every * 3 / 2 : faults.every / 2;
    const Duration length = draw_between(least, most, random);
    return std::min(length, faults.to + faults.every / 2 - begin);
}

struct Placing {
    const Scenario& scenario;
    const RandomFaults& faults;
    Random& random;
    std::vector<At>& actions;

    void place(FaultKind kind, Duration slot);
    Fault draw_fault(const sim::FaultRow& row);
};

Fault Placing::draw_fault(const sim::FaultRow& row) {
    Fault fault{.kind = row.kind};
    const auto brokers = static_cast<std::uint64_t>(scenario.brokers);
    fault.who = Selector::broker(static_cast<std::int32_t>(random.between(1, brokers)));
    if (sim::is_of_ways(row.kind)) {
        fault.whom = {Selector::Kind::others};
        if (sim::is_one_way(row.kind) && random.below(2) == 0) std::swap(fault.who, fault.whom);
    }
    fault.number = draw(row.number, random);
    fault.time = row.time == Duration(0)
                     ? Duration(0)
                     : draw_between(row.time / 20, row.time, random);
    if (row.form.starts_with("directory")) {
        auto directories = scenario.log_directories();
        CHECK(directories.size() > 1);
        fault.directory = std::move(directories[random.between(1, directories.size() - 1)]);
    }
    if (row.kind == FaultKind::bad_sector) {
        const Topic& topic = scenario.topics[random.below(scenario.topics.size())];
        const auto index = random.below(static_cast<std::uint64_t>(topic.partitions));
        fault.partition = {topic.name, PartitionIndex(static_cast<std::int32_t>(index))};
    }
    return fault;
}

void Placing::place(FaultKind kind, Duration slot) {
    const sim::FaultRow& row = sim::row_of(kind);
    At harm;
    harm.time = slot + whole_microseconds(random.duration_below(faults.every / 2));
    const Fault fault = draw_fault(row);
    harm.action = fault;
    if (row.lasts) harm.length = draw_length(faults, harm.time, random);
    actions.push_back(harm);
    if (!row.ends_in_start) return;
    At start;
    start.time = harm.time + *harm.length;
    start.action = Treatment{sim::Remedy::restart, fault.who};
    if (kind == FaultKind::forgotten_flushes) {
        // What the page cache shows is not on the medium: the machine is booted anew.
        start.action = Fault{.kind = FaultKind::power_loss, .who = fault.who};
        start.length = boot_time;
    }
    actions.push_back(start);
}

}  // namespace

std::uint64_t identity_of(const At& at, std::uint64_t seed) {
    return hash_of(as_bytes(write(at))).low + at.copy + seed * 0x9e3779b97f4a7c15;
}

std::vector<At> plan(const Scenario& scenario) {
    std::vector<At> actions = scenario.actions;
    Random random(scenario.seed ^ plan_salt);
    for (const RandomFaults& faults : scenario.faults) {
        Placing placing{scenario, faults, random, actions};
        for (Duration slot = faults.from; slot < faults.to; slot += faults.every) {
            if (!faults.is_each) {
                placing.place(faults.kinds[random.below(faults.kinds.size())], slot);
                continue;
            }
            for (const FaultKind kind : faults.kinds) placing.place(kind, slot);
        }
    }
    std::multimap<Duration, At> in_order;  // at the same time: as they were written
    for (At& action : actions) in_order.emplace(action.time, std::move(action));
    actions.clear();
    std::map<std::string, std::uint32_t> seen;
    for (auto& [time, action] : in_order) {
        action.copy = seen[write(action)]++;
        actions.push_back(std::move(action));
    }
    return actions;
}

}  // namespace barnabas::scenario
