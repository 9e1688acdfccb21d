#include "sim/checkers/progress.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/clients/producer_node.h"

namespace barnabas::sim {
namespace {

// A client that dials while a fault ends gives that up first, and pauses before the next try.
constexpr Duration patience = aftermath + Duration(2s);

std::int64_t milliseconds(Duration time) { return time / Duration(1ms); }

// Something that a fault had brought about is over.
bool ends_something(const Deed& deed) {
    switch (deed.kind) {
        case Deed::Kind::restart:
        case Deed::Kind::resume:
        case Deed::Kind::heal:
        case Deed::Kind::disk_mend:
        case Deed::Kind::directory_mend:
        case Deed::Kind::bad_sector_mend:
        case Deed::Kind::unlock: return true;
        case Deed::Kind::slow_node:
        case Deed::Kind::disk_slow: return deed.amount <= 1;
        case Deed::Kind::refuse: return deed.amount == 0;
        default: return false;
    }
}

// The way there and back, once more for what was lost meanwhile, and the disk.
Duration way(const Cast& cast) { return 4 * cast.latency_most + Duration(100ms); }

}  // namespace

std::string Progress::rest(const Sight& sight) const {
    if (sight.cast.producers.empty()) return "nobody produces";
    return sight.now() < Instant(opening) ? "the run ended before it had begun" : "";
}

void Progress::look(const Sight& sight) {
    now_ = sight.now();
    if (sight.deed != nullptr && ends_something(*sight.deed)) mended_ = now_;
    if (sight.durable != nullptr) {
        follow_power_loss(sight);
    } else if (sight.changes != nullptr) {
        for (const LogChange& change : *sight.changes) follow_log(sight, change);
    } else if (const Cast::Producer* producer = sight.cast.producer(sight.node)) {
        follow_producer(sight, *producer);
    } else if (const Cast::Consumer* consumer = sight.cast.consumer(sight.node)) {
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
    const auto end = sight.world.machine(sight.node).as<ProducerNode>()->next_number();
    while (source.given.size() < end) {
        Service& service = source.services[source.given.size() % source.services.size()];
        source.given.push(now_);
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
    if (mended_) recoveries_.push_back(now_ - *std::exchange(mended_, std::nullopt));
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
    sight.seen.each([&](const Seen& seen) {
        if (seen.kind == Seen::Kind::high_watermark) return;
        const TopicPartition partition{consumer.topic, seen.partition};
        Reading& reading = readings_[{sight.node, partition}];
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
                                               consumer.name, partition.text(),
                                               seen.offset.value(), milliseconds(time)));
                }
            }
        }
        move(reading, partition, is_record ? seen.offset + 1 : seen.offset);
    });
}

void Progress::move(Reading& reading, const TopicPartition& partition, Offset next) {
    reading.next = next;
    const auto end = ends_.find(partition);
    const bool has_more = end != ends_.end() && next < end->second;
    reading.since = has_more ? std::optional(now_) : std::nullopt;
}

// The tail is gone, and a reader may be beyond the end.
void Progress::follow_power_loss(const Sight& sight) {
    for (auto& [partition, end] : ends_) end = sight.logs_of(sight.node).end(partition);
    for (auto& [key, reading] : readings_) {
        if (reading.next) move(reading, key.second, *reading.next);
    }
}

// What compaction or a cut took need not be seen any more.
void Progress::follow_log(const Sight& sight, const LogChange& change) {
    Offset& end = ends_[change.partition];
    const bool is_stored = change.kind == LogChange::Kind::stored;
    if (is_stored) {
        end = std::max(end, change.offset + 1);
    } else if (change.kind == LogChange::Kind::cut) {
        end = std::min(end, change.offset);
    }
    for (const Cast::Consumer& consumer : sight.cast.consumers) {
        if (consumer.topic != change.partition.topic) continue;
        Reading& reading = readings_[{consumer.node, change.partition}];
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
    for (auto& [key, reading] : readings_) {
        if (!reading.since || !is_stuck(key.first, *reading.since)) continue;
        report("stuck", fmt::format("{} has seen nothing at {}@{} since {}, where something "
                                    "stands; no fault is left to blame",
                                    sight.world.name(key.first), key.second.text(),
                                    reading.next->value(), Harm::text(*reading.since)));
        reading.since.reset();
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
