#include "sim/scenario/run.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/node/node.h"
#include "engine/runtime/visit.h"
#include "sim/clients/admin_node.h"
#include "sim/scenario/assembly.h"
#include "sim/scenario/judge.h"
#include "sim/scenario/plan.h"
#include "sim/scenario/words.h"

namespace barnabas::scenario {
namespace {

using sim::NodeIndex;

Machine make_broker(const settings::BrokerSettings& settings) {
    return Machine(node::Node(settings));
}

std::string print(const sim::Happening& last) {
    if (const Event* event = last.event()) return barnabas::print(*event);
    if (const sim::Deed* deed = last.deed()) return std::string(name_of(deed->kind));
    return "the end of the run";
}

sim::Roles roles_of(const sim::Cast& cast) {
    sim::Roles roles;
    for (const auto& broker : cast.brokers) roles.brokers.push_back(broker.node);
    for (const auto& producer : cast.producers) roles.clients.push_back(producer.node);
    for (const auto& consumer : cast.consumers) roles.clients.push_back(consumer.node);
    return roles;
}

}  // namespace

struct Run::Looking final : sim::Witness {
    Run& run;

    explicit Looking(Run& looked_at) : run(looked_at) {}
    void before_harm(NodeIndex node) override {
        if (run.watch_.cast().broker(node)) run.watch_.before_harm(run.world_, node);
    }
    void after_deed() override { run.look(); }
};

Result<Run, std::string> Run::make(Scenario scenario, BrokerMaker maker) {
    sim::World world(world_options(scenario));
    auto cast = assemble(scenario, maker ? maker : make_broker, world);
    if (!cast) return unexpected(cast.error());
    Run run(std::move(scenario), std::move(world), std::move(*cast));
    for (std::uint32_t i = 0; i < run.world_.nodes(); ++i) {
        run.world_.start(NodeIndex(i));
        run.watch_.look(run.world_);
    }
    return run;
}

Run::Run(Scenario scenario, sim::World world, sim::Cast cast)
    : scenario_(std::move(scenario)),
      plan_(scenario::plan(scenario_)),
      whens_(scenario_.whens),
      faults_(roles_of(cast)),
      world_(std::move(world)),
      watch_(std::move(cast)) {}

Run::Run(const Run& other) = default;
Run::Run(Run&& other) noexcept = default;
Run& Run::operator=(const Run& other) = default;
Run& Run::operator=(Run&& other) noexcept = default;
Run::~Run() = default;

NodeIndex Run::broker(std::int32_t number) const {
    CHECK(number >= 1 && number <= scenario_.brokers);
    return watch_.cast().brokers[static_cast<std::size_t>(number - 1)].node;
}

bool Run::step() {
    if (is_done_) return false;
    Duration limit = scenario_.length;
    const bool has_action = next_action_ < plan_.size() && plan_[next_action_].time < limit;
    if (has_action) limit = plan_[next_action_].time;
    const bool has_end = !ends_.empty() && ends_.begin()->first <= limit &&
                         ends_.begin()->first < scenario_.length;
    if (has_end) limit = ends_.begin()->first;
    if (world_.step_until(Instant(limit))) {
        ++position_;
        look();
        return true;
    }
    if ((!has_action && !has_end) || world_.stopped()) {
        finish();
        return false;
    }
    ++position_;
    if (has_end)
        end_fault();
    else
        act(At(plan_[next_action_++]));  // a copy: what is done may add to the plan
    return true;
}

void Run::look() {
    watch_.look(world_);
    follow_up();
}

// What a condition brings about, and whether a rule was broken.
void Run::follow_up() {
    for (std::size_t i = 0; i < whens_.size(); ++i) {
        if (!holds(whens_[i].condition)) continue;
        const When& when = whens_[i];
        const At due{world_.now().time_since_epoch() + when.delay, when.action, when.length};
        const auto behind = std::upper_bound(
            plan_.begin() + static_cast<std::ptrdiff_t>(next_action_), plan_.end(), due,
            [](const At& a, const At& b) { return a.time < b.time; });
        plan_.insert(behind, due);
        whens_.erase(whens_.begin() + static_cast<std::ptrdiff_t>(i--));
    }
    if (first_bad_ || watch_.violation_count() == 0) return;
    const sim::Happening& last = world_.last();
    first_bad_ = FirstBad{world_.events(), last.at, world_.name(last.node), print(last)};
}

bool Run::holds(const Condition& condition) const {
    switch (condition.kind) {
        case Condition::Kind::restarts: {
            const sim::Deed* deed = world_.last().deed();
            return deed != nullptr && deed->kind == sim::Deed::Kind::restart &&
                   deed->node == broker(condition.who.number);
        }
        case Condition::Kind::dies: {
            const sim::NodeState state = world_.state(broker(condition.who.number));
            return state == sim::NodeState::crashed || state == sim::NodeState::powered_off ||
                   state == sim::NodeState::exited;
        }
        case Condition::Kind::reaches:
            return ledger().end(condition.partition) >= Offset(condition.number);
        case Condition::Kind::made: {
            const auto admin = world_.find("admin");
            CHECK(admin.has_value());
            return world_.machine(*admin).as<sim::AdminNode>()->has_made(condition.topic);
        }
    }
    return false;
}

void Run::act(const At& at) {
    Looking looking(*this);
    const std::uint64_t seed = identity_of(at, scenario_.seed);
    if (const auto* fault = std::get_if<Fault>(&at.action)) {
        const auto id = faults_.begin(*fault, seed, world_, looking);
        if (id && at.length) ends_.emplace(at.time + *at.length, *id);
    } else if (const auto* treatment = std::get_if<Treatment>(&at.action)) {
        faults_.apply(treatment->remedy, treatment->who, treatment->directory, seed, world_,
                      looking);
    }  // what the admin asks for, it sees to by itself
}

void Run::end_fault() {
    Looking looking(*this);
    const sim::FaultId id = ends_.begin()->second;
    ends_.erase(ends_.begin());
    faults_.end(id, world_, looking);
}

void Run::finish() {
    is_done_ = true;
    watch_.finish(world_);
    for (const Expectation& expectation : scenario_.expectations) judge(expectation, watch_);
    watch_.judge_checkers(world_);
    if (!first_bad_ && watch_.violation_count() > 0) {
        first_bad_ = FirstBad{world_.events(), world_.now(), "everybody", "the end of the run"};
    }
}

Report Run::report() const {
    Report report;
    report.scenario = scenario_.file;
    report.seed = scenario_.seed;
    report.events = world_.events();
    report.time = world_.now().time_since_epoch();
    report.hash = world_.final_hash();
    report.counts = ledger().counts();
    const auto& progress = watch_.of<sim::Progress>();
    for (const Topic& topic : scenario_.topics) {
        for (std::int32_t i = 0; i < topic.partitions; ++i) {
            const TopicPartition partition{topic.name, PartitionIndex(i)};
            report.unavailable.emplace_back(partition.text(), progress.unavailable(partition));
        }
    }
    report.recoveries = progress.recoveries();
    for (std::size_t i = 0; i < sim::deed_kinds; ++i) {
        const auto kind = static_cast<sim::Deed::Kind>(i);
        if (sim::is_fault(kind) && world_.deeds()[i] > 0) {
            report.faults.emplace_back(name_of(kind), world_.deeds()[i]);
        }
    }
    report.violation_count = watch_.violation_count();
    report.violations = watch_.violations();
    report.ends = watch_.of<sim::Exits>().ends();
    report.checkers = watch_.accounts(world_);
    report.first_bad = first_bad_;
    report.reproduce = fmt::format("barnabas sim run {} --seed {}", scenario_.file, scenario_.seed);
    for (const GuardRow& row : all_guards()) {
        if (scenario_.guards.has(row.guard)) continue;
        report.without.emplace_back(row.name);
        report.reproduce += fmt::format(" --without {}", row.name);
    }
    const bool counts = report.time >= counts_from_time && report.events >= counts_from_events &&
                        report.counts.acknowledged >= counts_from_acknowledged &&
                        report.fault_count() >= counts_from_faults;
    report.verdict = report.violation_count > 0 ? Verdict::violated
                     : counts                   ? Verdict::passed
                                                : Verdict::too_small;
    return report;
}

}  // namespace barnabas::scenario
