// Ledger: what it is shown of a run, put into its own words.
#include <algorithm>

#include "sim/checkers/ledger.h"
#include "sim/clients/admin_node.h"
#include "sim/clients/producer_node.h"

namespace barnabas::sim {

void Ledger::add(const Cast& cast) {
    skew_ = cast.clock_skew;
    for (const Cast::Topic& topic : cast.topics) {
        if (topic.settings.is_compacted) add_compacted(topic.name);
        const auto delete_retention = topic.settings.delete_retention;
        if (delete_retention < std::chrono::hours(1))
            add_delete_retention(topic.name, delete_retention - cast.clock_skew);
        add_retention_of(topic, cast.clock_skew);
    }
    for (const Cast::Producer& one : cast.producers) {
        add_producer(one.name, one.topic, one.partitions, one.is_idempotent);
        add_keys(one.name, one.keys, one.tombstones);
    }
    for (const Cast::Consumer& one : cast.consumers) {
        add_consumer(one.name, one.topic, one.partitions, one.wants_all, one.since);
    }
}

// What the settings let a log lose from its start: the least that they ever ask for.
void Ledger::add_retention_of(const Cast::Topic& topic, Duration skew) {
    std::optional<Duration> least;
    topic.can_be([&](const settings::TopicSettings& settings) {
        if (!settings.is_deleted || (!settings.retention && !settings.retention_bytes))
            return false;
        Duration one{};
        if (!settings.retention_bytes) {
            const Duration longest = Duration::max() / 2;  // it may be any number of milliseconds
            const bool is_long = *settings.retention > floor<std::chrono::milliseconds>(longest);
            one = is_long ? longest : std::max(Duration(0), *settings.retention - skew);
        }
        least = std::min(least.value_or(one), one);
        return false;
    });
    if (least) add_retention(topic.name, *least);
}

std::string Ledger::rest(const Sight& sight) const {
    return counts_.given == 0 || sight.cast.producers.empty() ? "nobody produces" : "";
}

void Ledger::look(const Sight& sight) {
    move_to(sight.now());
    if (const Cast::Producer* producer = sight.cast.producer(sight.node)) {
        given(producer->name,
              sight.world.machine(sight.node).as<ProducerNode>()->next_number());
        sight.fates.each([&](const client::Fate& one) { fate(producer->name, one); });
    }
    if (const Cast::Consumer* consumer = sight.cast.consumer(sight.node)) {
        sight.seen.each([&](const Seen& one) { seen(consumer->name, consumer->topic, one); });
    }
    if (sight.durable != nullptr) {
        foresee(sight);
    } else if (sight.changes != nullptr) {
        for (const LogChange& change : *sight.changes) follow_log(change);
    }
    if (sight.cast.broker(sight.node) != nullptr) follow_life(sight);
    if (sight.cast.admin == sight.node) follow_admin(sight);
}

void Ledger::follow_log(const LogChange& change) {
    switch (change.kind) {
        case LogChange::Kind::cut: return cut(change.partition, change.offset, false);
        case LogChange::Kind::begins: return begins(change.partition, change.offset);
        case LogChange::Kind::rewritten:
            return rewritten(change.partition, change.offset, change.end, change.left);
        case LogChange::Kind::spoiled: return spoiled(change.partition, change.offset, change.end);
        case LogChange::Kind::stored: return stored(change.partition, change.offset, change.stamp);
    }
}

void Ledger::follow_admin(const Sight& sight) {
    const auto& progress = sight.world.machine(sight.node).as<AdminNode>()->progress();
    for (; progress_told_ < progress.size(); ++progress_told_) {
        const AdminNode::Progress& one = progress[progress_told_];
        if (one.low_watermark) {
            deletion_answered(one.partition, one.below, *one.low_watermark);
        } else {
            deletion_asked(one.partition, one.below);
        }
    }
}

// A clean stop notes where logs begin. A death may come before that, and a disk may not take it.
void Ledger::follow_life(const Sight& sight) {
    const bool is_up = sight.is_up(sight.node);
    const bool is_clean = sight.world.state(sight.node) == NodeState::exited &&
                          sight.world.exit_code(sight.node) == 0;
    const bool was_up = std::exchange(was_up_[sight.node], is_up);
    if (sight.deed == nullptr && is_up) return;
    const Deed::Kind kind = sight.deed ? sight.deed->kind : Deed::Kind::last;
    const bool is_killed = kind == Deed::Kind::restart && was_up;
    const bool is_disk_failing = kind == Deed::Kind::disk_full || kind == Deed::Kind::disk_error ||
                                 kind == Deed::Kind::directory_error ||
                                 kind == Deed::Kind::bit_flip;
    if (is_disk_failing || is_killed || (!is_up && !is_clean)) return forget_deletions();
    delay_deletions();
}

// What power loss left, held against what was flushed before.
void Ledger::foresee(const Sight& sight) {
    const LogFollower& logs = sight.logs_of(sight.node);
    std::map<TopicPartition, std::vector<Stamped>> left;
    for (const auto& [partition, end] : *sight.durable) left[partition];
    for (const LogChange& change : *sight.changes) {
        if (change.kind == LogChange::Kind::begins) {
            begins(change.partition, change.offset);
        } else {
            left[change.partition].push_back({change.offset, change.stamp});
        }
    }
    for (const auto& [partition, records] : left) {
        const auto stays = [&](const Stamped& one) {
            return one.offset < end(partition) && one.stamp == at(partition, one.offset);
        };
        const auto first_new = std::find_if_not(records.begin(), records.end(), stays);
        Offset end = logs.end(partition);
        if (!is_compacted(partition) && !records.empty()) {
            end = first_new == records.begin() ? records.front().offset
                                               : (first_new - 1)->offset + 1;
        }
        const auto durable = sight.durable->find(partition);
        const bool is_known = durable != sight.durable->end();
        if (is_known && end < durable->second) {
            report("lost", partition.text() + " was flushed up to " +
                               std::to_string(durable->second.value()) +
                               ", and power loss left it up to " + std::to_string(end.value()));
        }
        ++counts_.power_losses;
        if (is_compacted(partition)) {
            shaken(partition, is_known ? durable->second : Offset(0), end, records);
        } else {
            cut(partition, end, true);
            for (auto one = first_new; one != records.end(); ++one) {
                stored(partition, one->offset, one->stamp);
            }
        }
        logs_[partition].left = this->end(partition);
    }
}

void Ledger::finish(const Sight& sight) {
    move_to(sight.now());
    judge_deletions(sight);
}

// What was deleted so long ago is no longer on the disks.
void Ledger::judge_deletions(const Sight& sight) {
    constexpr Duration moment = 1s;  // for renaming
    const auto interval = std::chrono::milliseconds(
        sight.cast.settings.number("log.retention.check.interval.ms"));
    for (const auto& [node, logs] : sight.logs) {
        for (const TopicPartition& partition : logs.partitions()) {
            const Offset start = must_start(partition, interval + moment);
            const auto first_end = logs.first_end(partition);
            if (!first_end || *first_end > start) continue;
            report("undeleted", partition.text() + " was deleted below " +
                                    std::to_string(start.value()) +
                                    ", and its first segment is there, which ends at " +
                                    std::to_string(first_end->value()));
        }
    }
}

}  // namespace barnabas::sim
