// Ledger: what consumers see, and what they must have seen.
#include <algorithm>

#include "sim/checkers/ledger.h"

namespace barnabas::sim {

void Ledger::add_consumer(const std::string& name, const std::string& topic,
                          std::int32_t partitions, bool wants_all,
                          std::optional<Duration> since) {
    readers_[name] = {topic, partitions, wants_all, since};
}

void Ledger::seen(const std::string& consumer, const std::string& topic, const Seen& seen) {
    const TopicPartition partition{topic, seen.partition};
    Reading& reading = readings_[{consumer, partition}];
    switch (seen.kind) {
        case Seen::Kind::reset:
            judge_reset(consumer, partition, reading.next, seen.offset);
            reading.next = seen.offset;
            break;
        case Seen::Kind::record: see_record(consumer, partition, seen, reading); break;
        case Seen::Kind::high_watermark:
            judge_recession(consumer, partition, seen.offset, reading);
            reading.high_watermark = seen.offset;
            break;
    }
}

void Ledger::judge_recession(const std::string& consumer, const TopicPartition& partition,
                             Offset to, Reading& reading) {
    if (!reading.high_watermark || to >= *reading.high_watermark) return;
    // What was on its way when the power went may tell of the old one still.
    const std::vector<Offset>& ends = logs_[partition].cut_ends;
    const auto first_new = ends.begin() + static_cast<std::ptrdiff_t>(reading.cuts);
    const auto lowest = std::min_element(first_new, ends.end());
    reading.cuts = ends.size();
    if (lowest != ends.end() && to >= *lowest) return;
    report("receded", consumer + " saw the high watermark of " + partition.text() + " go from " +
                          std::to_string(reading.high_watermark->value()) + " to " +
                          std::to_string(to.value()) +
                          (lowest == ends.end()
                               ? ""
                               : ", and a cut had left the end at " +
                                     std::to_string(lowest->value())));
}

void Ledger::see_record(const std::string& consumer, const TopicPartition& partition,
                        const Seen& seen, Reading& reading) {
    judged();
    const bool is_gap =
        reading.next &&
        may_skip(logs_[partition], *reading.next, seen.offset, is_compacted(partition));
    if (reading.next != seen.offset && !is_gap) {
        report("skipped", consumer + " saw " + at_text(partition, seen.offset) + " where " +
                               (reading.next ? at_text(partition, *reading.next) : "nothing") +
                               " was next");
    }
    reading.next = seen.offset + 1;
    judge_deleted(consumer, partition, seen.offset);
    const auto entry = entry_of(partition, seen.offset, seen.stamp);
    if (!entry) return;
    const Log& log = logs_[partition];
    const auto place = static_cast<std::size_t>(seen.offset.value());
    const bool stands = place < log.entries->size() && (*log.entries)[place] == *entry;
    if (!stands && !has_gone(log, seen.offset, *entry)) {
        report("contradicted",
                consumer + " saw " + text_of(*entry) + " at " + at_text(partition, seen.offset) +
                    ", where " +
                    (place < log.entries->size() ? text_of((*log.entries)[place]) : "nothing") +
                    " stands");
        return;
    }
    Given* record = given_of(*entry);
    if (record != nullptr && !record->is_seen) {
        record->is_seen = true;
        ++counts_.consumed;
    }
}

// A record is as old as the millisecond in which it was given, by its producer's clock.
void Ledger::judge_time(const std::string& consumer, const TopicPartition& partition, Offset to,
                        Duration since) {
    constexpr Duration moment = 2ms;
    judged();
    const Log& log = logs_[partition];
    for (Offset at = log.start; at <= to && at < end(partition); ++at) {
        const Given* record = given_of((*log.entries)[static_cast<std::size_t>(at.value())]);
        if (record == nullptr || log.absent.contains(at)) continue;
        const Duration given = record->given_when.time_since_epoch();
        const bool is_wrong = at < to ? given > since + skew_ + moment
                                      : given < since - skew_ - moment;
        if (!is_wrong) continue;
        return report("misled", consumer + " asked for " + Harm::text(Instant(since)) +
                                    " and was led to " + at_text(partition, to) + ", where " +
                                    at_text(partition, at) + " was given at " +
                                    Harm::text(record->given_when));
    }
}

// A position that is set anew: whoever wants all loses only what is not there any more.
void Ledger::judge_reset(const std::string& consumer, const TopicPartition& partition,
                         std::optional<Offset> before, Offset to) {
    judge_deleted(consumer, partition, to);
    const auto reader = readers_.find(consumer);
    if (reader == readers_.end()) return;
    if (reader->second.since && !before)
        judge_time(consumer, partition, to, *reader->second.since);
    if (!reader->second.wants_all) return;
    const Offset from = before.value_or(Offset(0));
    const Log& log = logs_[partition];
    const Offset stop = std::min(to, end(partition));
    for (Offset at = std::max({from, log.start, log.may_start}); at < stop; ++at) {
        if (log.absent.contains(at) || log.gone.contains(at)) continue;
        const Entry& entry = (*log.entries)[static_cast<std::size_t>(at.value())];
        const Given* record = given_of(entry);
        if (record == nullptr || is_old(partition, *record)) continue;
        return report("skipped", consumer + " was set from " + at_text(partition, from) + " to " +
                                      std::to_string(to.value()) + ", past " + text_of(entry) +
                                      " at " + std::to_string(at.value()));
    }
}

void Ledger::expect_all_consumed() {
    for (const Source& source : sources_) {
        for (std::uint64_t number = 0; number < source.records->size(); ++number) {
            const Given& record = (*source.records)[number];
            const bool is_excused = record.is_lost || record.is_seen || record.is_overtaken;
            if (record.settled != Settled::acknowledged || is_excused) continue;
            const auto home = static_cast<std::int32_t>(source.home_of(number));
            const auto log = logs_.find({source.topic, PartitionIndex(home)});
            const bool is_deleted =
                log != logs_.end() && record.acknowledged_at <
                                          std::max(log->second.start, log->second.may_start);
            if (is_deleted) continue;
            report("unconsumed",
                    Stamp{source.name, number}.text() + " was acknowledged at offset " +
                        std::to_string(record.acknowledged_at.value()) + " and no consumer saw it");
        }
    }
}

void Ledger::expect_ends_reached() {
    for (const auto& [name, reader] : readers_) {
        for (std::int32_t i = 0; i < reader.partitions; ++i) {
            const TopicPartition partition{reader.topic, PartitionIndex(i)};
            const Log& log = logs_[partition];
            Offset next = readings_[{name, partition}].next.value_or(Offset(0));
            for (next = std::max(next, log.start); next < end(partition); ++next) {
                if (!log.absent.contains(next)) break;
            }
            if (next >= end(partition)) continue;
            report("unfinished", name + " never came to " + at_text(partition, next) +
                                      ", and the log ends at " +
                                      std::to_string(end(partition).value()));
        }
    }
}

}  // namespace barnabas::sim
