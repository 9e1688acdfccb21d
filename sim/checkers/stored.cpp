#include "sim/checkers/stored.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/clients/producer_node.h"

namespace barnabas::sim {
namespace {

std::string at_text(const LogChange& change) {
    return fmt::format("{}@{}", change.partition.text(), change.offset.value());
}

}  // namespace

std::string Stored::rest(const Sight& sight) const {
    for (const Cast::Topic& topic : sight.cast.topics) {
        if (std::ranges::any_of(sight.cast.producers, [&](const auto& producer) {
                return producer.topic == topic.name;
            })) {
            return sight.now() < Instant(opening) ? "the run ended before it had begun" : "";
        }
    }
    return "nobody produces";
}

void Stored::look(const Sight& sight) {
    if (const Cast::Producer* producer = sight.cast.producer(sight.node)) {
        follow_producer(sight, *producer);
    }
    if (sight.changes == nullptr) return;
    // What power loss left is read from the start once more: it tells nothing new of what is known.
    if (sight.durable != nullptr) {
        for (auto& [partition, log] : logs_) log = {};
    }
    for (const LogChange& change : *sight.changes) judge(sight, change);
}

void Stored::follow_producer(const Sight& sight, const Cast::Producer& producer) {
    Source& source = sources_[producer.name];
    const auto end = sight.world.machine(sight.node).as<ProducerNode>()->next_number();
    while (source.timestamps.size() < end) {
        source.timestamps.push(sight.world.wall(sight.node).time_since_epoch().count());
    }
    sight.fates.each([&](const client::Fate& fate) {
        source.has_tried_again |= fate.kind != client::Fate::Kind::acknowledged;
    });
}

void Stored::judge(const Sight& sight, const LogChange& change) {
    Log& log = logs_[change.partition];
    switch (change.kind) {
        case LogChange::Kind::cut:
        case LogChange::Kind::spoiled:
            log = {};  // what follows may be what was there before, or a retry of it
            return;
        case LogChange::Kind::rewritten:
        case LogChange::Kind::begins: return;
        case LogChange::Kind::stored: break;
    }
    judged();
    if (change.offset < log.end) return;  // one segment is read before the end of the one before it
    // The end of the segment before may be missing still; or it was compacted, who knows.
    if (change.offset > log.end && sight.cast.is_compacted(change.partition.topic))
        for (auto& [producer, sequence] : log.sequences) sequence.is_certain = false;
    log.end = change.offset + 1;
    if (change.facts.leader_epoch < log.epoch) {
        report("epoch", fmt::format("at {} the leader epoch goes from {} to {}", at_text(change),
                                    log.epoch.value(), change.facts.leader_epoch.value()));
    }
    log.epoch = std::max(log.epoch, change.facts.leader_epoch);
    if (change.facts.producer != no_producer) judge_sequence(sight, log, change);
    if (!change.stamp) return;  // the ledger names it
    judge_record(sight, *change.stamp, change);
    judge_order(sight, log, *change.stamp, change);
}

void Stored::judge_record(const Sight& sight, const Stamp& stamp, const LogChange& change) {
    const Cast::Producer* producer = sight.cast.producer(stamp.producer);
    const auto source = sources_.find(stamp.producer);
    if (producer == nullptr || source == sources_.end()) return;
    if (stamp.number >= source->second.timestamps.size()) return;
    const RecordFacts& facts = change.facts;
    const auto altered = [&](std::string_view what) {
        report("altered", fmt::format("{} stands at {} with {}", stamp.text(), at_text(change),
                                      what));
    };
    std::optional<std::string> key;
    if (producer->keys > 0) key = key_of(stamp.number, producer->keys).text();
    if (facts.key != key) altered(facts.key ? "the key \"" + *facts.key + '"' : "no key");
    const bool is_deletion = is_tombstone(stamp.number, producer->tombstones);
    if (facts.is_tombstone != is_deletion) altered(is_deletion ? "a value" : "no value");
    if (facts.headers != is_deletion)
        altered(fmt::format("{} headers, and was given {}", facts.headers, is_deletion ? 1 : 0));
    const std::int64_t given = source->second.timestamps[stamp.number];
    if (!facts.is_append_time && facts.timestamp != given) {
        altered(fmt::format("the timestamp {}, and was given {}", facts.timestamp, given));
    }
}

// A retry stands behind what was sent after its first try. Compaction leaves the order as it is.
void Stored::judge_order(const Sight& sight, Log& log, const Stamp& stamp,
                         const LogChange& change) {
    const auto [newest, is_first] = log.newest.emplace(stamp.producer, stamp.number);
    if (is_first) return;
    if (stamp.number > newest->second) {
        newest->second = stamp.number;
        return;
    }
    const Cast::Producer* producer = sight.cast.producer(stamp.producer);
    const auto source = sources_.find(stamp.producer);
    if (producer == nullptr || source == sources_.end()) return;
    // A retry may be stored before anybody was told that the first try failed.
    const bool is_explained =
        !producer->is_idempotent &&
        (source->second.has_tried_again ||
         sight.harm.of_client(producer->node, sight.cast,
                              sight.now() - producer->request_timeout - aftermath));
    if (is_explained) return;
    report("disordered", fmt::format("{} stands at {}, behind {} {}", stamp.text(),
                                     at_text(change), stamp.producer, newest->second));
}

void Stored::judge_sequence(const Sight& sight, Log& log, const LogChange& change) {
    const RecordFacts& facts = change.facts;
    const bool is_certain =
        sight.durable == nullptr || !sight.cast.is_compacted(change.partition.topic);
    const Sequence found{facts.producer_epoch, facts.sequence, is_certain};
    const auto [known, is_first] = log.sequences.emplace(facts.producer, found);
    Sequence& sequence = known->second;
    if (is_first) return;
    const Sequence before = std::exchange(sequence, found);
    if (facts.producer_epoch < before.epoch) {
        return report("sequence", fmt::format("at {} the epoch of producer id {} goes from {} to "
                                              "{}",
                                              at_text(change), facts.producer.value(),
                                              before.epoch.value(), facts.producer_epoch.value()));
    }
    const bool is_new_epoch = facts.producer_epoch > before.epoch;
    const std::int32_t expected = is_new_epoch ? 0 : before.last == INT32_MAX ? 0 : before.last + 1;
    if (facts.sequence == expected) return;
    if (!before.is_certain && facts.sequence > expected) return;  // those between were compacted
    report("sequence", fmt::format("at {} stands sequence {} of producer id {}, where {} follows",
                                   at_text(change), facts.sequence, facts.producer.value(),
                                   expected));
}

}  // namespace barnabas::sim
