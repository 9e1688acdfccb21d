// Ledger: what consumers see, and what they must have seen.
#include <algorithm>

#include "sim/checkers/ledger.h"

namespace barnabas::sim {

void Ledger::add_consumer(const std::string& name, const std::string& topic,
                          std::int32_t partitions, bool wants_all) {
    Reader& reader = edit_reader(name);
    reader.topic = topic;
    reader.partitions = partitions;
    reader.wants_all = wants_all;
}

Ledger::Reader& Ledger::edit_reader(const std::string& consumer) {
    auto at = readers_.begin();
    while (at != readers_.end() && at->name < consumer) ++at;
    if (at == readers_.end() || at->name != consumer) {
        at = readers_.insert(at, Reader{.name = consumer});
    }
    return *at;
}

void Ledger::seen(const std::string& consumer, const std::string& topic, const Seen& seen) {
    const TopicPartition partition{topic, seen.partition};
    CHECK(seen.partition >= PartitionIndex(0));
    Reader& reader = edit_reader(consumer);
    const auto index = static_cast<std::size_t>(seen.partition.value());
    if (index >= reader.readings.size()) reader.readings.resize(index + 1);
    Reading& reading = reader.readings.edit(index);
    switch (seen.kind) {
        case Seen::Kind::reset:
            judge_reset(reader, partition, reading.next.value_or(Offset(0)), seen.offset);
            reading.next = seen.offset;
            break;
        case Seen::Kind::record: see_record(reader, partition, seen, reading); break;
        case Seen::Kind::high_watermark:
            judge_recession(reader, partition, seen.offset, reading);
            reading.high_watermark = seen.offset;
            break;
    }
}

void Ledger::judge_recession(const Reader& reader, const TopicPartition& partition, Offset to,
                             Reading& reading) {
    if (!reading.high_watermark || to >= *reading.high_watermark) return;
    // What was on its way when the power went may tell of the old one still.
    const std::vector<Offset>& ends = log(partition).cut_ends;
    const auto first_new = ends.begin() + static_cast<std::ptrdiff_t>(reading.cuts);
    const auto lowest = std::min_element(first_new, ends.end());
    reading.cuts = ends.size();
    if (lowest != ends.end() && to >= *lowest) return;
    report("receded", reader.name + " saw the high watermark of " + partition.text() + " go from " +
                          std::to_string(reading.high_watermark->value()) + " to " +
                          std::to_string(to.value()) +
                          (lowest == ends.end()
                               ? ""
                               : ", and a cut had left the end at " +
                                     std::to_string(lowest->value())));
}

void Ledger::see_record(const Reader& reader, const TopicPartition& partition,
                        const Seen& seen, Reading& reading) {
    judged();
    const Log& log = this->log(partition);
    const bool is_gap = reading.next && *reading.next < seen.offset &&
                        may_skip(log, *reading.next, seen.offset, is_compacted(partition));
    if (reading.next != seen.offset && !is_gap) {
        report("skipped", reader.name + " saw " + at_text(partition, seen.offset) + " where " +
                               (reading.next ? at_text(partition, *reading.next) : "nothing") +
                               " was next");
    }
    reading.next = seen.offset + 1;
    judge_deleted(reader, partition, seen.offset);
    const auto entry = entry_of(partition, seen.offset, seen.stamp);
    if (!entry) return;
    const bool has_one = log.has(seen.offset);
    const bool stands = has_one && log.entry(seen.offset) == *entry;
    if (!stands && !has_gone(log, seen.offset, *entry)) {
        report("contradicted",
                reader.name + " saw " + text_of(*entry) + " at " + at_text(partition, seen.offset) +
                    ", where " +
                    (has_one ? text_of(log.entry(seen.offset)) : "nothing") +
                    " stands");
        return;
    }
    const Given* record = given_of(*entry);
    if (record != nullptr && !record->is_seen) {
        edit_given_of(*entry)->is_seen = true;
        ++counts_.consumed;
    }
}

// A position that is set anew: whoever wants all loses only what is not there any more.
void Ledger::judge_reset(const Reader& reader, const TopicPartition& partition, Offset from,
                         Offset to) {
    judge_deleted(reader, partition, to);
    if (!reader.wants_all) return;
    const Log& log = this->log(partition);
    const Offset stop = std::min(to, end(partition));
    for (Offset at = std::max({from, log.start, log.may_start}); at < stop; ++at) {
        if (log.is_absent(at) || log.gone->contains(at)) continue;
        const Entry& entry = log.entry(at);
        const Given* record = given_of(entry);
        if (record == nullptr || is_old(partition, *record)) continue;
        return report("skipped", reader.name + " was set from " + at_text(partition, from) +
                                     " to " + std::to_string(to.value()) + ", past " +
                                     text_of(entry) + " at " + std::to_string(at.value()));
    }
}

void Ledger::expect_all_consumed() {
    for (const Source& source : sources_) {
        for (std::uint64_t number = 0; number < source.records.size(); ++number) {
            const Given& record = source.records[number];
            const bool is_excused = record.is_lost || record.is_seen || record.is_overtaken;
            if (record.settled != Settled::acknowledged || is_excused) continue;
            const auto home = static_cast<std::int32_t>(source.home_of(number));
            const Log& log = this->log({source.topic, PartitionIndex(home)});
            const bool is_deleted = record.acknowledged_at < std::max(log.start, log.may_start);
            if (is_deleted) continue;
            report("unconsumed",
                    Stamp{source.name, number}.text() + " was acknowledged at offset " +
                        std::to_string(record.acknowledged_at.value()) + " and no consumer saw it");
        }
    }
}

void Ledger::expect_ends_reached() {
    for (const Reader& reader : readers_) {
        for (std::int32_t i = 0; i < reader.partitions; ++i) {
            const TopicPartition partition{reader.topic, PartitionIndex(i)};
            const Log& log = this->log(partition);
            const auto index = static_cast<std::size_t>(i);
            const bool has_begun = index < reader.readings.size();
            Offset next(0);
            if (has_begun) next = reader.readings[index].next.value_or(next);
            for (next = std::max(next, log.start); next < end(partition); ++next) {
                if (!log.is_absent(next)) break;
            }
            if (next >= end(partition)) continue;
            report("unfinished", reader.name + " never came to " + at_text(partition, next) +
                                      ", and the log ends at " +
                                      std::to_string(end(partition).value()));
        }
    }
}

}  // namespace barnabas::sim
