#include "sim/scenario/run.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/broker/broker.h"
#include "engine/runtime/visit.h"
#include "sim/clients/admin_node.h"
#include "sim/clients/producer_node.h"
#include "sim/scenario/judge.h"
#include "sim/scenario/plan.h"
#include "sim/scenario/words.h"

namespace barnabas::scenario {
namespace {

using sim::NodeIndex;

constexpr std::uint16_t broker_port = 9092;

std::string broker_address(std::int32_t number) {
    return fmt::format("10.0.{}.{}", number / 250, number % 250 + 1);
}

sim::WorldOptions world_options(const Scenario& scenario) {
    sim::WorldOptions options;
    options.seed = scenario.seed;
    options.guards = scenario.guards;
    options.network.latency.least = scenario.network.latency_least;
    options.network.latency.spread = scenario.network.latency_most - scenario.network.latency_least;
    options.network.bytes_per_second = scenario.network.bandwidth;
    return options;
}

Machine make_broker(const settings::BrokerSettings& settings) {
    return Machine(broker::Broker(settings));
}

// What a scenario's `set` lines do not say. Power is lost in simulations: nothing is flushed that
// Kafka would not flush.
std::vector<std::string> assignments_of(const Scenario& scenario, std::int32_t number) {
    std::vector<std::string> all{
        fmt::format("node.id={}", number),
        fmt::format("listeners=PLAINTEXT://{}:{}", broker_address(number), broker_port),
        fmt::format("log.dirs={}", default_log_directory)};
    for (const auto& [name, value] : scenario.settings) all.push_back(name + '=' + value);
    return all;
}

client::Options client_options(const Scenario& scenario, const std::string& name) {
    client::Options options;
    for (std::int32_t i = 1; i <= std::min(scenario.brokers, 3); ++i) {
        options.bootstrap.push_back({broker_address(i), broker_port});
    }
    options.client_id = name;
    options.create_topics = false;  // the admin makes them as the scenario wants them
    options.request_timeout = 5s;
    return options;
}

std::int32_t partitions_of(const Scenario& scenario, const std::string& name) {
    const auto topic = std::find_if(scenario.topics.begin(), scenario.topics.end(),
                                    [&](const Topic& one) { return one.name == name; });
    CHECK(topic != scenario.topics.end());
    return topic->partitions;
}

settings::TopicOverrides overrides_of(const Topic& topic) {
    settings::TopicOverrides overrides;
    for (const auto& [name, value] : topic.settings) overrides[name] = value;
    return overrides;
}

// By how much the scenario may set clocks apart, in all: those of producers, whose timestamps
// records have, and those of brokers, which take them for ages.
Duration clock_skew(const Scenario& scenario, const std::vector<At>& plan) {
    Duration skew{};
    const auto add = [&](const Action& action) {
        if (action.verb == Verb::step_wall) skew += action.time;
        if (action.verb == Verb::drift) {
            skew += scenario.length / 1'000'000 * std::abs(action.number);
        }
    };
    for (const At& at : plan) add(at.action);
    for (const When& when : scenario.whens) add(when.action);
    return skew;
}

std::string print(const sim::Happening& last) {
    if (const Event* event = last.event()) return barnabas::print(*event);
    if (const sim::Deed* deed = last.deed()) return std::string(name_of(deed->kind));
    return "the end of the run";
}

}  // namespace

Result<Run, std::string> Run::make(Scenario scenario, BrokerMaker maker) {
    Run run(std::move(scenario));
    if (auto added = run.add_brokers(maker ? maker : make_broker); !added) {
        return unexpected(added.error());
    }
    run.add_admin();
    run.add_retention();
    run.add_clients();
    for (std::uint32_t i = 0; i < run.world_.nodes(); ++i) run.world_.start(NodeIndex(i));
    return run;
}

Run::Run(Scenario scenario)
    : scenario_(std::move(scenario)),
      plan_(scenario::plan(scenario_)),
      whens_(scenario_.whens),
      world_(world_options(scenario_)) {}

Run::Run(const Run& other) = default;
Run::Run(Run&& other) noexcept = default;
Run& Run::operator=(const Run& other) = default;
Run& Run::operator=(Run&& other) noexcept = default;
Run::~Run() = default;

Result<void, std::string> Run::add_brokers(BrokerMaker maker) {
    for (std::int32_t number = 1; number <= scenario_.brokers; ++number) {
        const auto parsed =
            settings::parse({.file_name = {},
                             .file = std::nullopt,
                             .assignments = assignments_of(scenario_, number),
                             .default_log_directory = std::string(default_log_directory)});
        if (!parsed) {
            std::string all;
            for (const settings::Problem& problem : parsed.error()) all += problem.print() + '\n';
            return unexpected(scenario_.file + ": " + all);
        }
        settings_ = parsed->settings;
        brokers_.push_back(world_.add_node({.name = fmt::format("broker {}", number),
                                            .machine = maker(parsed->settings),
                                            .address = broker_address(number)}));
        std::set<std::string> topics, compacted;
        for (const Topic& topic : scenario_.topics) {
            topics.insert(topic.name);
            if (settings_of(topic).is_compacted) compacted.insert(topic.name);
        }
        watch_.add_broker(brokers_.back(), settings_.log_directories(), topics, compacted);
    }
    return {};
}

void Run::add_admin() {
    if (scenario_.topics.empty()) return;
    std::vector<protocol::CreateTopicsRequest::CreatableTopic> topics;
    for (const Topic& topic : scenario_.topics) {
        auto& wanted = topics.emplace_back();
        wanted.name = topic.name;
        wanted.num_partitions = topic.partitions;
        wanted.replication_factor = topic.replicas;
        for (const auto& [name, value] : topic.settings) {
            wanted.configs.push_back({.name = name, .value = value, .unknown_tags = {}});
        }
    }
    std::vector<sim::AdminNode::Deletion> deletions;
    for (const At& at : plan_) {
        if (at.action.verb != Verb::delete_records) continue;
        deletions.push_back({at.time, at.action.partition, at.action.number});
    }
    const sim::AdminNode admin({broker_address(1), broker_port}, std::move(topics),
                               std::move(deletions));
    watch_.add_admin(
        world_.add_node({.name = "admin", .machine = Machine(admin), .address = "10.1.0.1"}));
}

settings::TopicSettings Run::settings_of(const Topic& topic) const {
    return settings::resolve_topic(overrides_of(topic), settings_);
}

// What the settings let a log lose from its start. By size it may lose what it has just taken.
void Run::add_retention() {
    const Duration skew = clock_skew(scenario_, plan_);
    for (const Topic& topic : scenario_.topics) {
        const settings::TopicSettings settings = settings_of(topic);
        if (!settings.is_deleted || (!settings.retention && !settings.retention_bytes)) continue;
        Duration least{};
        if (!settings.retention_bytes) {
            const Duration longest = Duration::max() / 2;  // it may be any number of milliseconds
            const bool is_long = *settings.retention > floor<std::chrono::milliseconds>(longest);
            least = is_long ? longest : std::max(Duration(0), *settings.retention - skew);
        }
        watch_.ledger().add_retention(topic.name, least);
    }
}

void Run::add_clients() {
    int clients = 0;
    const auto add = [&](const std::string& name, Machine machine) {
        return world_.add_node(
            {.name = name,
             .machine = std::move(machine),
             .address = fmt::format("10.2.{}.{}", clients / 250, clients % 250 + 1)});
    };
    for (const Producer& wanted : scenario_.producers) {
        client::ProducerOptions options;
        options.cluster = client_options(scenario_, wanted.name);
        options.cluster.request_timeout = wanted.request_timeout;
        options.acks = wanted.acks;
        options.is_idempotent = wanted.is_idempotent;
        options.linger = wanted.linger;
        options.delivery_timeout = wanted.delivery_timeout;
        options.in_flight_max = wanted.in_flight;
        const sim::Workload workload{.name = wanted.name,
                                     .topic = wanted.topic,
                                     .partitions = partitions_of(scenario_, wanted.topic),
                                     .rate = wanted.rate,
                                     .size = wanted.size,
                                     .keys = wanted.keys,
                                     .from = wanted.from,
                                     .length = wanted.length};
        const NodeIndex node = add(wanted.name, sim::ProducerNode(workload, std::move(options)));
        watch_.add_producer(world_, node);
        ++clients;
    }
    for (const Consumer& wanted : scenario_.consumers) {
        client::ConsumerOptions options;
        options.cluster = client_options(scenario_, wanted.name);
        options.reset = wanted.from;
        const NodeIndex node =
            add(wanted.name, sim::ConsumerNode(wanted.topic, partitions_of(scenario_, wanted.topic),
                                               std::move(options)));
        watch_.add_consumer(world_, node, wanted.from == client::Start::earliest);
        ++clients;
    }
}

NodeIndex Run::broker(std::int32_t number) const {
    CHECK(number >= 1 && number <= scenario_.brokers);
    return brokers_[static_cast<std::size_t>(number - 1)];
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
        const auto behind =
            std::upper_bound(plan_.begin() + static_cast<std::ptrdiff_t>(next_action_), plan_.end(),
                             due, [](const At& a, const At& b) { return a.time < b.time; });
        plan_.insert(behind, due);
        whens_.erase(whens_.begin() + static_cast<std::ptrdiff_t>(i--));
    }
    if (first_bad_ || ledger().violation_count() == 0) return;
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
    const bool is_harm = action.verb == Verb::lose_power || action.verb == Verb::flip_bit;
    const NodeIndex node = broker(action.who.broker);
    if (is_harm) watch_.before_harm(world_, node);
    note_harm(action, node);
    act_on_node(action, node);
    if (is_harm) watch_.after_harm(world_, node);
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
        }
    }
}

// Of which log directories the broker may say from now on that their storage failed.
void Run::note_harm(const Action& action, NodeIndex node) {
    const bool is_of_one =
        action.verb >= Verb::directory_broken && action.verb <= Verb::directory_unflushable;
    const bool is_of_all = action.verb == Verb::disk_full || action.verb == Verb::disk_broken ||
                           action.verb == Verb::flip_bit;
    if (is_of_one) harmed_.emplace(node, action.directory);
    if (!is_of_all) return;
    for (std::string& directory : scenario_.log_directories()) {
        harmed_.emplace(node, std::move(directory));
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
    const auto directory = watch_.directory_of(node, action.partition);
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
    sim::Ledger& ledger = watch_.ledger();
    if (const auto& stop = world_.stopped()) {
        ledger.report("stopped", stop->message + " in " + stop->node_name + " at " + stop->event);
    }
    for (const NodeIndex node : brokers_) {
        if (world_.state(node) == sim::NodeState::exited && world_.exit_code(node) != 0) {
            ledger.report("exited", fmt::format("{} ended with {}", world_.name(node),
                                                world_.exit_code(node)));
        }
    }
    if (const auto admin = world_.find("admin")) {
        const auto* machine = world_.machine(*admin).as<sim::AdminNode>();
        for (const std::string& refusal : machine->refusals()) ledger.report("refused", refusal);
    }
    judge_spread();
    watch_.judge_deletions(
        std::chrono::milliseconds(settings_.number("log.retention.check.interval.ms")));
    for (const Expectation& expectation : scenario_.expectations) judge(expectation, ledger);
    if (!first_bad_ && ledger.violation_count() > 0) {
        first_bad_ = FirstBad{world_.events(), world_.now(), "everybody", "the end of the run"};
    }
}

void Run::judge_spread() {
    sim::Ledger& ledger = watch_.ledger();
    for (const Topic& topic : scenario_.topics) {
        for (std::int32_t i = 0; i < topic.partitions; ++i) {
            const TopicPartition partition{topic.name, PartitionIndex(i)};
            const auto& told = ledger.told(partition);
            if (!told.contains(protocol::ErrorCode::kafka_storage_error)) continue;
            const bool is_explained = std::ranges::any_of(harmed_, [&](const auto& harmed) {
                return watch_.directory_of(harmed.first, partition) == harmed.second;
            });
            if (is_explained) continue;
            ledger.report("spread", partition.text() +
                                        " was refused with KAFKA_STORAGE_ERROR, and "
                                        "nothing had befallen its log directory");
        }
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
    for (const Topic& topic : scenario_.topics) {
        for (std::int32_t i = 0; i < topic.partitions; ++i) {
            const TopicPartition partition{topic.name, PartitionIndex(i)};
            report.unavailable.emplace_back(partition.text(), ledger().unavailable(partition));
        }
    }
    for (std::size_t i = 0; i < sim::deed_kinds; ++i) {
        const auto kind = static_cast<sim::Deed::Kind>(i);
        if (sim::is_fault(kind) && world_.deeds()[i] > 0) {
            report.faults.emplace_back(name_of(kind), world_.deeds()[i]);
        }
    }
    report.violation_count = ledger().violation_count();
    report.violations = ledger().violations();
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
