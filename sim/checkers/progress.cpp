#include "sim/checkers/progress.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/clients/producer_node.h"

namespace barnabas::sim {
namespace {

// A client that dials while a fault ends gives that up first, and pauses before the next try.
constexpr Duration patience = aftermath + Duration(2s);

std::int64_t milliseconds(Duration time) { return time / Duration(1ms); }

// The way there and back, once more for what was lost meanwhile, and the disk.
Duration way(const Cast& cast) { return 4 * cast.latency_most + Duration(100ms); }

}  // namespace

std::string Progress::rest(const Sight& sight) const {
    if (sight.cast.producers.empty()) return "nobody produces";
    return sight.now() < Instant(opening) ? "the run ended before it had begun" : "";
}

void Progress::look(const Sight& sight) {
    now_ = sight.now();
    if (sight.durable != nullptr) {
        follow_power_loss(sight);
    } else if (sight.changes != nullptr) {
        for (const LogChange& change : *sight.changes) follow_log(sight, change);
    } else if (const Cast::Producer* producer = sight.producer) {
        follow_producer(sight, *producer);
    } else if (const Cast::Consumer* consumer = sight.consumer) {
        follow_consumer(sight, *consumer);
    }
    if (sight.has_second_passed) judge_stuck(sight);
}

void Progress::finish(const Sight& sight) {
    now_ = sight.now();
    judge_stuck(sight);
}

void Progress::follow_producer(const Sight& sight, const Cast::Producer& producer) {
    Source& source = sources_[sight.node];
    if (source.services.empty()) {
        source.topic = producer.topic;
        source.wants_acknowledgements = producer.acks != client::Acks::none;
        source.services.resize(static_cast<std::size_t>(producer.partitions));
    }
    const auto end = sight.world.machine(sight.node).as<ProducerNode>()->producer().next_number();
    while (source.given.size() < end) {
        Service& service = source.services[source.given.size() % source.services.size()];
        source.given.push_back(now_);
        if (service.waiting++ == 0) service.since = now_;
    }
    sight.fates.each([&](const client::Fate& fate) { settle(sight, producer, source, fate); });
}

// The last word on a record: an acknowledgement ends the time without one, and so does it when
// nothing waits any more.
void Progress::settle(const Sight& sight, const Cast::Producer& producer, Source& source,
                      const client::Fate& fate) {
    using Kind = client::Fate::Kind;
    if (fate.kind == Kind::lost_reply || fate.kind == Kind::refused) return;
    Service& service = source.services[fate.number % source.services.size()];
    --service.waiting;
    if (fate.kind != Kind::acknowledged && service.waiting > 0) return;
    service.longest = std::max(service.longest, now_ - service.since);
    service.since = now_;
    service.is_reported = false;
    if (fate.kind != Kind::acknowledged) return;
    judged();
    const Instant given = source.given[fate.number];
    const Duration time = now_ - given - producer.linger;
    if (time <= slowest_acknowledgement_ && time <= way(sight.cast)) return;
    if (given < Instant(opening) ||
        sight.harm.of_client(sight.node, sight.cast, given - aftermath)) {
        return;
    }
    slowest_acknowledgement_ = std::max(slowest_acknowledgement_, time);
    if (time <= way(sight.cast)) return;
    report("late", fmt::format("{} {} was acknowledged {} ms after it was sent to {}, and nothing "
                               "had befallen the way there",
                               producer.name, fate.number, milliseconds(time), fate.to.text()));
}

void Progress::follow_consumer(const Sight& sight, const Cast::Consumer& consumer) {
    Reader& reader = edit_reader(consumer);
    sight.seen.each([&](const Seen& seen) {
        if (seen.kind == Seen::Kind::high_watermark) return;
        Reading& reading = edit_reading(reader, seen.partition);
        const bool is_record = seen.kind == Seen::Kind::record;
        if (is_record && reading.since) {
            judged();
            const Duration time = now_ - *reading.since;
            const bool is_late = time > way(sight.cast);
            if ((is_late || time > slowest_sight_) && *reading.since >= Instant(opening) &&
                !sight.harm.of_client(sight.node, sight.cast, *reading.since - aftermath)) {
                slowest_sight_ = std::max(slowest_sight_, time);
                if (is_late) {
                    report("late", fmt::format("{} saw what stands at {}@{} after {} ms, and "
                                               "nothing had befallen the way there",
                                               consumer.name,
                                               TopicPartition{reader.topic, seen.partition}.text(),
                                               seen.offset.value(), milliseconds(time)));
                }
            }
        }
        move(reader, reading, seen.partition, is_record ? seen.offset + 1 : seen.offset);
    });
}

Progress::Reader& Progress::edit_reader(const Cast::Consumer& consumer) {
    auto at = readers_.begin();
    while (at != readers_.end() && at->node < consumer.node) ++at;
    if (at == readers_.end() || at->node != consumer.node) {
        at = readers_.insert(at, Reader{consumer.node, consumer.topic, {}});
    }
    return *at;
}

Progress::Reading& Progress::edit_reading(Reader& reader, PartitionIndex partition) {
    const auto index = static_cast<std::size_t>(partition.value());
    if (index >= reader.readings.size()) reader.readings.resize(index + 1);
    return reader.readings.edit(index);
}

std::optional<Offset> Progress::end(std::string_view topic, PartitionIndex partition) const {
    const auto known = std::ranges::find(topics_, topic, &Topic::name);
    const auto index = static_cast<std::size_t>(partition.value());
    if (known == topics_.end() || index >= known->ends.size()) return std::nullopt;
    return known->ends[index];
}

std::optional<Offset>& Progress::edit_end(const TopicPartition& partition) {
    auto known = std::ranges::find(topics_, partition.topic, &Topic::name);
    if (known == topics_.end()) known = topics_.insert(known, Topic{partition.topic, {}});
    const auto index = static_cast<std::size_t>(partition.partition.value());
    if (index >= known->ends.size()) known->ends.resize(index + 1);
    return known->ends.edit(index);
}

void Progress::move(const Reader& reader, Reading& reading, PartitionIndex partition,
                    Offset next) {
    reading.next = next;
    const auto end = this->end(reader.topic, partition);
    reading.since = end && next < *end ? std::optional(now_) : std::nullopt;
}

// The tail is gone, and a reader may be beyond the end.
void Progress::follow_power_loss(const Sight& sight) {
    for (Topic& topic : topics_) {
        for (std::size_t i = 0; i < topic.ends.size(); ++i) {
            if (!topic.ends[i]) continue;
            const PartitionIndex partition(static_cast<std::int32_t>(i));
            topic.ends.edit(i) = sight.logs_of(sight.node).end({topic.name, partition});
        }
    }
    for (Reader& reader : readers_) {
        for (std::size_t i = 0; i < reader.readings.size(); ++i) {
            if (!reader.readings[i].next) continue;
            Reading& reading = reader.readings.edit(i);
            move(reader, reading, PartitionIndex(static_cast<std::int32_t>(i)), *reading.next);
        }
    }
}

// What compaction or a cut took need not be seen any more.
void Progress::follow_log(const Sight& sight, const LogChange& change) {
    std::optional<Offset>& end = edit_end(change.partition);
    const bool is_stored = change.kind == LogChange::Kind::stored;
    if (is_stored) {
        end = std::max(end.value_or(Offset(0)), change.offset + 1);
    } else {
        const bool is_cut = change.kind == LogChange::Kind::cut;
        end = is_cut ? std::min(end.value_or(Offset(0)), change.offset) : end.value_or(Offset(0));
    }
    for (const Cast::Consumer& consumer : sight.cast.consumers) {
        if (consumer.topic != change.partition.topic) continue;
        Reading& reading = edit_reading(edit_reader(consumer), change.partition.partition);
        if (!is_stored) {
            reading.since.reset();
        } else if (reading.next && !reading.since && *reading.next <= change.offset) {
            reading.since = now_;
        }
    }
}

void Progress::judge_stuck(const Sight& sight) {
    const auto is_stuck = [&](NodeIndex client, Instant since) {
        if (now_ - since < patience) return false;
        judged();
        return !sight.harm.of_client(client, sight.cast, now_ - patience);
    };
    for (auto& [node, source] : sources_) {
        if (!source.wants_acknowledgements) continue;
        for (std::size_t i = 0; i < source.services.size(); ++i) {
            Service& service = source.services[i];
            if (service.waiting == 0 || service.is_reported || !is_stuck(node, service.since)) {
                continue;
            }
            service.is_reported = true;
            report("stuck", fmt::format("{} has had no acknowledgement from {}-{} since {}, and "
                                        "{} records wait; no fault is left to blame",
                                        sight.world.name(node), source.topic, i,
                                        Harm::text(service.since), service.waiting));
        }
    }
    for (Reader& reader : readers_) {
        for (std::size_t i = 0; i < reader.readings.size(); ++i) {
            const Reading& reading = reader.readings[i];
            if (!reading.since || !is_stuck(reader.node, *reading.since)) continue;
            report("stuck", fmt::format("{} has seen nothing at {}-{}@{} since {}, where something "
                                        "stands; no fault is left to blame",
                                        sight.world.name(reader.node), reader.topic, i,
                                        reading.next->value(), Harm::text(*reading.since)));
            reader.readings.edit(i).since.reset();
        }
    }
}

Duration Progress::unavailable(const TopicPartition& partition) const {
    Duration longest{};
    const auto home = static_cast<std::size_t>(partition.partition.value());
    for (const auto& [node, source] : sources_) {
        if (source.topic != partition.topic || !source.wants_acknowledgements) continue;
        if (home >= source.services.size()) continue;
        const Service& service = source.services[home];
        longest = std::max(longest, service.longest);
        if (service.waiting > 0) longest = std::max(longest, now_ - service.since);
    }
    return longest;
}

}  // namespace barnabas::sim
