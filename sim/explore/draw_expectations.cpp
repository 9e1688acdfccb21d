// What has to hold in a scenario of the swarm, and what it is, in words.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "sim/explore/drawing.h"
#include "sim/faults/kinds.h"
#include "sim/scenario/plan.h"

namespace barnabas::explore {
namespace {

using scenario::At;
using scenario::Expectation;
using scenario::Fault;
using scenario::FaultKind;
using scenario::Producer;
using scenario::Scenario;

// Clients that were disturbed get that long, and some time to read what came late: the checkers
// look for who is stuck a dozen seconds after the last fault.
constexpr Duration calm = 17s;
// From here on some partition is there for power loss to be held against.
constexpr Duration has_begun = 4s;

const Fault* fault_in(const scenario::Action& action) { return std::get_if<Fault>(&action); }

bool takes_unflushed(const scenario::Action& action) {
    const Fault* fault = fault_in(action);
    return fault != nullptr && sim::row_of(fault->kind).budget != sim::Budget::nothing;
}

struct Prospect {
    bool loses_power = false;   // for sure, when there is something to lose
    bool is_read = true;        // each topic as a whole, by somebody
    bool is_idempotent = true;  // each producer
    bool is_at_once = true;     // no consumer waits for records as young as a time
    bool is_patient = true;     // each producer waits for an answer until there is one
};

Prospect prospect_of(const Drawing& drawing) {
    const Scenario& made = drawing.made;
    Prospect prospect;
    for (const At& at : scenario::plan(made)) {
        const Fault* fault = fault_in(at.action);
        prospect.loses_power |= fault != nullptr && fault->kind == FaultKind::power_loss &&
                               at.time >= drawing.fault_begin + has_begun;
    }
    for (const scenario::Topic& topic : made.topics) {
        prospect.is_read &= std::ranges::any_of(made.consumers, [&](const auto& consumer) {
            return consumer.topic == topic.name && !consumer.offset && !consumer.time &&
                   consumer.from == client::Start::earliest;
        });
    }
    for (const scenario::Consumer& consumer : made.consumers) prospect.is_at_once &= !consumer.time;
    for (const Producer& producer : made.producers) {
        prospect.is_idempotent &= producer.is_idempotent;
        prospect.is_patient &= producer.acks != client::Acks::none &&
                               producer.delivery_timeout > made.length;
    }
    return prospect;
}

std::string some(std::uint64_t count, std::string_view what) {
    return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

std::string topics_text(const Scenario& scenario) {
    std::uint64_t partitions = 0, compacted = 0;
    for (const scenario::Topic& topic : scenario.topics) {
        partitions += static_cast<std::uint64_t>(topic.partitions);
        compacted += is_compacted(topic);
    }
    return fmt::format("{} with {}, {} compacted", some(scenario.topics.size(), "topic"),
                       some(partitions, "partition"), compacted);
}

std::string faults_text(const Scenario& scenario) {
    std::set<std::string_view> names;
    for (const scenario::RandomFaults& faults : scenario.faults)
        for (const FaultKind kind : faults.kinds) names.insert(sim::row_of(kind).name);
    const auto add = [&](const scenario::Action& action) {
        if (const Fault* fault = fault_in(action)) names.insert(sim::row_of(fault->kind).name);
    };
    for (const At& at : scenario.actions) add(at.action);
    for (const scenario::When& when : scenario.whens) add(when.action);
    if (names.empty()) return "no faults";
    return fmt::format("faults: {}", fmt::join(names, ", "));
}

}  // namespace

bool may_lose(const Scenario& scenario) {
    const auto takes = [](const auto& one) { return takes_unflushed(one.action); };
    return std::ranges::any_of(scenario::plan(scenario), takes) ||
           std::ranges::any_of(scenario.whens, takes);
}

void expect_what_holds(Drawing& drawing) {
    Scenario& made = drawing.made;
    made.length = std::max(drawing.work_end, drawing.fault_end) + calm;
    const Prospect prospect = prospect_of(drawing);
    const auto expect = [&](Expectation::Kind kind) {
        made.expectations.push_back({.kind = kind, .partition = {}});
    };
    const bool may_lose = explore::may_lose(made);
    if (prospect.loses_power) expect(Expectation::exactly_the_unflushed_is_lost);
    if (!may_lose) expect(Expectation::nothing_acknowledged_is_lost);
    // Who has read what is lost goes on behind it, past what comes in its place.
    if (prospect.is_read && !may_lose) expect(Expectation::everything_acknowledged_is_consumed);
    // Who remembers what the log has lost is told so, and gives records up.
    const bool is_settled =
        !may_lose || std::ranges::none_of(made.producers, &Producer::is_idempotent);
    if (prospect.is_patient && is_settled && !drawing.kills_clients)
        expect(Expectation::everything_sent_is_acknowledged);
    if (!made.consumers.empty() && prospect.is_at_once && !may_lose)
        expect(Expectation::consumers_reach_the_end);
    if (prospect.is_idempotent && !may_lose) expect(Expectation::nothing_is_doubled);
}

std::string description(const Scenario& scenario) {
    const auto idempotent = static_cast<std::uint64_t>(
        std::ranges::count_if(scenario.producers, &Producer::is_idempotent));
    std::string flushes;
    for (const auto& [name, value] : scenario.settings) {
        if (name.starts_with("log.flush.interval")) flushes += name + '=' + value + ", ";
    }
    const std::size_t directories = scenario.log_directories().size();
    return fmt::format("{}: {}; {}, {} idempotent; {}; {}{} log director{}; {}", scenario.file,
                       topics_text(scenario), some(scenario.producers.size(), "producer"),
                       idempotent, some(scenario.consumers.size(), "consumer"), flushes,
                       directories, directories == 1 ? "y" : "ies", faults_text(scenario));
}

}  // namespace barnabas::explore
