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

}  // namespace

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
    const bool has_action =
        next_action_ < plan_.size() && plan_[next_action_].time < scenario_.length;
    const Duration limit = has_action ? plan_[next_action_].time : scenario_.length;
    if (world_.step_until(Instant(limit))) {
        ++position_;
        look();
        return true;
    }
    if (!has_action || world_.stopped()) {
        finish();
        return false;
    }
    ++position_;
    act(plan_[next_action_++].action);
    look();
    return true;
}

void Run::look() {
    watch_.look(world_);
    for (std::size_t i = 0; i < whens_.size(); ++i) {
        if (!holds(whens_[i].condition)) continue;
        const At due{world_.now().time_since_epoch() + whens_[i].delay, whens_[i].action};
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
                   deed->node == broker(condition.who.broker);
        }
        case Condition::Kind::dies: {
            const sim::NodeState state = world_.state(broker(condition.who.broker));
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

void Run::act(const Action& action) {
    if (action.verb == Verb::delete_records) return;  // the admin sees to it by itself
    if (action.verb == Verb::heal) return world_.heal_all();
    if (action.verb >= Verb::cut && action.verb <= Verb::reset) return act_on_network(action);
    const NodeIndex node = broker(action.who.broker);
    if (action.verb == Verb::lose_power) watch_.before_harm(world_, node);
    act_on_node(action, node);
}

std::vector<NodeIndex> Run::nodes_of(const Party& party, const Party& but) const {
    if (party.is_broker()) return {broker(party.broker)};
    if (!party.is_others()) return {*world_.find(party.client)};
    std::vector<NodeIndex> all;
    const auto left_out = nodes_of(but, {});
    for (std::uint32_t i = 0; i < world_.nodes(); ++i) {
        const NodeIndex node(i);
        if (std::find(left_out.begin(), left_out.end(), node) == left_out.end()) {
            all.push_back(node);
        }
    }
    return all;
}

void Run::act_on_network(const Action& action) {
    for (const NodeIndex one : nodes_of(action.who, action.whom)) {
        for (const NodeIndex other : nodes_of(action.whom, action.who)) {
            switch (action.verb) {
                case Verb::cut: world_.cut(other, one); [[fallthrough]];
                case Verb::cut_one_way: world_.cut(one, other); break;
                case Verb::clog: world_.clog(other, one); [[fallthrough]];
                case Verb::clog_one_way: world_.clog(one, other); break;
                default: CHECK(action.verb == Verb::reset); world_.reset_between(one, other);
            }
            watch_.look(world_);
        }
    }
}

void Run::act_on_node(const Action& action, NodeIndex node) {
    switch (action.verb) {
        case Verb::kill: return world_.crash(node);
        case Verb::stop: return world_.order(node, Order::shut_down);
        case Verb::restart: return world_.restart(node);
        case Verb::lose_power: return world_.lose_power(node);
        case Verb::crash_after:
            return world_.crash_after_effects(node, static_cast<std::uint64_t>(action.number));
        case Verb::pause: return world_.pause(node);
        case Verb::resume: return world_.resume(node);
        case Verb::disk_full: return world_.fill_disk(node, world_.disk(node).used());
        case Verb::disk_slow:
            return world_.slow_disk(node, static_cast<std::uint32_t>(action.number));
        case Verb::disk_broken: return world_.break_disk(node);
        case Verb::disk_healthy: return world_.mend_disk(node);
        case Verb::directory_broken:
            return world_.fail_directory(node, action.directory, sim::Failing::all);
        case Verb::directory_unreadable:
            return world_.fail_directory(node, action.directory, sim::Failing::reads);
        case Verb::directory_unwritable:
            return world_.fail_directory(node, action.directory, sim::Failing::writes);
        case Verb::directory_unflushable:
            return world_.fail_directory(node, action.directory, sim::Failing::flushes);
        case Verb::directory_healthy: return world_.mend_directory(node, action.directory);
        case Verb::flip_bit: return flip_bit(action, node);
        case Verb::drift: return world_.set_drift(node, action.number);
        case Verb::step_wall: return world_.step_wall(node, action.time);
        default: CHECK(!"every verb has its deed");
    }
}

void Run::flip_bit(const Action& action, NodeIndex node) {
    const auto directory = watch_.logs(node).directory_of(action.partition);
    if (!directory) return;
    const std::string prefix = fmt::format("{}/{}/", *directory, action.partition.text());
    for (const sim::Disk::FileView& file : world_.disk(node).files()) {
        if (!file.path.starts_with(prefix) || !file.path.ends_with(".log") || file.size == 0) {
            continue;
        }
        Random random(scenario_.seed + position_);
        const std::uint64_t byte = random.below(file.size);
        world_.flip_bit(node, file.path, byte, static_cast<unsigned>(random.below(8)));
        return;
    }
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
