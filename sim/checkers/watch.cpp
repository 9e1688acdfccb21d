#include "sim/checkers/watch.h"

#include <algorithm>
#include <utility>

#include "sim/clients/admin_node.h"
#include "sim/clients/producer_node.h"

namespace barnabas::sim {

Watch::Watch() = default;
Watch::Watch(const Watch& other) = default;
Watch::Watch(Watch&& other) noexcept = default;
Watch& Watch::operator=(const Watch& other) = default;
Watch& Watch::operator=(Watch&& other) noexcept = default;
Watch::~Watch() = default;

void Watch::add_producer(const World& world, NodeIndex node) {
    const auto* producer = world.machine(node).as<ProducerNode>();
    CHECK(producer != nullptr);
    const Workload& workload = producer->workload();
    const client::ProducerOptions& options = producer->producer().options();
    ledger_.add_producer(workload.name, workload.topic, workload.partitions,
                         options.acks != client::Acks::none, options.is_idempotent);
    ledger_.add_keys(workload.name, workload.keys);
    producers_.emplace(node, ProducerWatch{workload.name});
}

void Watch::add_consumer(const World& world, NodeIndex node, bool wants_all) {
    const auto* consumer = world.machine(node).as<ConsumerNode>();
    CHECK(consumer != nullptr);
    ledger_.add_consumer(world.name(node), consumer->topic(), consumer->partitions(), wants_all);
    consumers_.emplace(node, ConsumerWatch{world.name(node)});
}

void Watch::add_broker(NodeIndex node, std::vector<std::string> log_directories,
                       std::set<std::string> topics, std::set<std::string> compacted) {
    for (const std::string& topic : compacted) ledger_.add_compacted(topic);
    LogFollower logs(std::move(log_directories), std::move(topics), std::move(compacted));
    brokers_.emplace(node, BrokerWatch{std::move(logs), {}});
}

std::optional<std::string> Watch::directory_of(NodeIndex broker,
                                               const TopicPartition& partition) const {
    return brokers_.at(broker).logs.directory_of(partition);
}

void Watch::look(const World& world) {
    const NodeIndex node = world.last().node;
    ledger_.move_to(world.now());
    if (const auto producer = producers_.find(node); producer != producers_.end()) {
        look_at_producer(world, node, producer->second);
    }
    if (const auto consumer = consumers_.find(node); consumer != consumers_.end()) {
        look_at_consumer(world, node, consumer->second);
    }
    if (const auto broker = brokers_.find(node); broker != brokers_.end()) {
        const Event* event = world.last().event();
        // Files change when an operation is done, or when a dying process leaves some undone.
        if (event == nullptr || std::holds_alternative<event::StorageDone>(*event)) {
            look_at_broker(world, node, broker->second);
        }
        look_at_fate(world, node, broker->second);
    }
    if (admin_ == node) look_at_admin(world);
}

void Watch::look_at_admin(const World& world) {
    const auto& progress = world.machine(*admin_).as<AdminNode>()->progress();
    for (; progress_told_ < progress.size(); ++progress_told_) {
        const AdminNode::Progress& one = progress[progress_told_];
        if (one.low_watermark) {
            ledger_.deletion_answered(one.partition, one.below, *one.low_watermark);
        } else {
            ledger_.deletion_asked(one.partition, one.below);
        }
    }
}

// A clean stop notes where logs begin. A death may come before that, and a disk may not take it.
void Watch::look_at_fate(const World& world, NodeIndex node, BrokerWatch& watch) {
    const NodeState state = world.state(node);
    const bool is_clean = state == NodeState::exited && world.exit_code(node) == 0;
    const bool is_up = state == NodeState::running || state == NodeState::paused;
    const Deed* deed = world.last().deed();
    const bool was_up = std::exchange(watch.was_up, is_up);
    if (deed == nullptr && is_up) return;
    const bool is_killed = deed != nullptr && deed->kind == Deed::Kind::restart && was_up;
    const bool is_disk_failing =
        deed != nullptr &&
        (deed->kind == Deed::Kind::disk_full || deed->kind == Deed::Kind::disk_error ||
         deed->kind == Deed::Kind::directory_error || deed->kind == Deed::Kind::bit_flip);
    if (is_disk_failing || is_killed || (!is_up && !is_clean)) return ledger_.forget_deletions();
    ledger_.delay_deletions();
}

void Watch::judge_deletions(Duration look_interval) {
    constexpr Duration moment = 1s;  // for renaming
    for (const auto& [node, broker] : brokers_) {
        for (const TopicPartition& partition : broker.logs.partitions()) {
            const Offset start = ledger_.must_start(partition, look_interval + moment);
            const auto first_end = broker.logs.first_end(partition);
            if (!first_end || *first_end > start) continue;
            ledger_.report("undeleted", partition.text() + " was deleted below " +
                                            std::to_string(start.value()) +
                                            ", and its first segment is there, which ends at " +
                                            std::to_string(first_end->value()));
        }
    }
}

void Watch::look_at_producer(const World& world, NodeIndex node, ProducerWatch& watch) {
    const auto& producer = world.machine(node).as<ProducerNode>()->producer();
    ledger_.given(watch.name, producer.next_number());
    for (const auto& history = producer.history(); watch.fates_told < history.size();
         ++watch.fates_told) {
        ledger_.fate(watch.name, history[watch.fates_told]);
    }
}

void Watch::look_at_consumer(const World& world, NodeIndex node, ConsumerWatch& watch) {
    const auto* consumer = world.machine(node).as<ConsumerNode>();
    for (const auto& seen = consumer->seen(); watch.seen_told < seen.size(); ++watch.seen_told) {
        ledger_.seen(watch.name, consumer->topic(), seen[watch.seen_told]);
    }
}

void Watch::look_at_broker(const World& world, NodeIndex node, BrokerWatch& watch) {
    for (const LogChange& change : watch.logs.follow(world.disk(node))) {
        switch (change.kind) {
            case LogChange::Kind::cut: ledger_.cut(change.partition, change.offset, false); break;
            case LogChange::Kind::begins: ledger_.begins(change.partition, change.offset); break;
            case LogChange::Kind::rewritten:
                ledger_.rewritten(change.partition, change.offset, change.end, change.left);
                break;
            case LogChange::Kind::stored:
                ledger_.stored(change.partition, change.offset, change.stamp);
        }
    }
}

void Watch::before_harm(const World& world, NodeIndex broker) {
    BrokerWatch& watch = brokers_.at(broker);
    look_at_broker(world, broker, watch);
    watch.durable = watch.logs.durable_ends(world.disk(broker));
}

void Watch::after_harm(const World& world, NodeIndex broker) {
    BrokerWatch& watch = brokers_.at(broker);
    std::map<TopicPartition, std::vector<LogChange>> left;
    for (const auto& [partition, end] : watch.durable) left[partition];
    for (LogChange& change : watch.logs.read_anew(world.disk(broker))) {
        if (change.kind == LogChange::Kind::begins) {
            ledger_.begins(change.partition, change.offset);
        } else {
            left[change.partition].push_back(std::move(change));
        }
    }
    const bool is_power_loss =
        world.last().deed() != nullptr && world.last().deed()->kind == Deed::Kind::power_loss;
    for (const auto& [partition, records] : left) {
        const auto stays = [&](const LogChange& change) {
            return change.offset < ledger_.end(partition) &&
                   change.stamp == ledger_.at(partition, change.offset);
        };
        const bool is_compacted = ledger_.is_compacted(partition);
        const auto first_new = std::find_if_not(records.begin(), records.end(), stays);
        Offset end = watch.logs.end(partition);
        if (!is_compacted && !records.empty()) {
            end =
                first_new == records.begin() ? records.front().offset : (first_new - 1)->offset + 1;
        }
        const auto durable = watch.durable.find(partition);
        if (is_power_loss && durable != watch.durable.end() && end < durable->second) {
            ledger_.report("lost", partition.text() + " was flushed up to " +
                                       std::to_string(durable->second.value()) +
                                       ", and power loss left it up to " +
                                       std::to_string(end.value()));
        }
        if (is_compacted) {
            std::vector<Stamped> stand;
            for (const LogChange& change : records) stand.push_back({change.offset, change.stamp});
            const bool is_known = is_power_loss && durable != watch.durable.end();
            ledger_.shaken(partition, is_known ? durable->second : Offset(0), end, stand);
            continue;
        }
        ledger_.cut(partition, end, true);
        for (auto change = first_new; change != records.end(); ++change) {
            ledger_.stored(partition, change->offset, change->stamp);
        }
    }
}

}  // namespace barnabas::sim
