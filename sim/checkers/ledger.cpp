#include "sim/checkers/ledger.h"

#include <algorithm>

namespace barnabas::sim {
namespace {

using Fate = client::Fate;

constexpr std::size_t violations_kept = 100;

std::string at_text(const TopicPartition& partition, Offset offset) {
    return partition.text() + '@' + std::to_string(offset.value());
}

}  // namespace

void Ledger::violate(std::string rule, std::string text) {
    ++violation_count_;
    if (violations_.size() < violations_kept) {
        violations_.push_back({std::move(rule), std::move(text)});
    }
}

void Ledger::add_producer(const std::string& name, const std::string& topic,
                          std::int32_t partitions) {
    CHECK(!find(name));
    sources_.push_back({name, topic, partitions, {}});
}

std::optional<Ledger::ProducerIndex> Ledger::find(const std::string& producer) const {
    for (std::size_t i = 0; i < sources_.size(); ++i)
        if (sources_[i].name == producer) return static_cast<ProducerIndex>(i);
    return std::nullopt;
}

std::string Ledger::text_of(const Entry& entry) const {
    if (!entry.producer) return "a foreign value";
    return Stamp{sources_[*entry.producer].name, entry.number}.text();
}

Ledger::Given* Ledger::given_of(const Entry& entry) {
    if (!entry.producer) return nullptr;
    auto& records = sources_[*entry.producer].records.edit();
    return entry.number < records.size() ? &records[entry.number] : nullptr;
}

void Ledger::given(const std::string& producer, std::uint64_t end) {
    const auto index = find(producer);
    CHECK(index.has_value());
    Source& source = sources_[*index];
    if (end <= source.records->size()) return;
    counts_.given += end - source.records->size();
    source.records.edit().resize(end);
}

void Ledger::fate(const std::string& producer, const Fate& fate) {
    const auto index = find(producer);
    CHECK(index.has_value());
    Source& source = sources_[*index];
    CHECK(fate.number < source.records->size());
    Given& record = source.records.edit()[fate.number];
    switch (fate.kind) {
        case Fate::Kind::lost_reply: ++record.lost_replies; break;
        case Fate::Kind::acknowledged: acknowledge(source, fate, record); break;
        case Fate::Kind::failed:
            record.settled = Settled::failed;
            ++counts_.failed;
            if (record.copies > 0) {
                violate("revoked", Stamp{producer, fate.number}.text() +
                                       " failed for sure and stands in " + fate.to.text());
            }
            break;
        case Fate::Kind::unknown:
            record.settled = Settled::unknown;
            ++record.lost_replies;
            ++counts_.unknown;
            break;
    }
}

void Ledger::acknowledge(Source& source, const Fate& fate, Given& record) {
    record.settled = Settled::acknowledged;
    record.acknowledged_at = fate.offset;
    ++counts_.acknowledged;
    const Entry wanted{find(source.name), fate.number};
    const Log& log = logs_[fate.to];
    const auto& entries = *log.entries;
    const auto place = static_cast<std::size_t>(fate.offset.value());
    if (fate.offset >= Offset(0) && place < entries.size() && entries[place] == wanted) return;
    const auto [first, last] = log.gone.equal_range(fate.offset);
    if (std::any_of(first, last, [&](const auto& gone) { return gone.second == wanted; })) {
        record.is_lost = true;  // the answer was still on its way
        ++counts_.lost_foreseen;
        return;
    }
    const std::string found = place < entries.size() ? text_of(entries[place]) : "nothing";
    violate("misplaced", text_of(wanted) + " was acknowledged at " + at_text(fate.to, fate.offset) +
                             ", where " + found + " stands");
}

std::optional<Ledger::Entry> Ledger::entry_of(const TopicPartition& partition, Offset offset,
                                              const std::optional<Stamp>& stamp) {
    const std::string where = at_text(partition, offset);
    if (!stamp) {
        violate("invented", "a value that no producer makes stands at " + where);
        return std::nullopt;
    }
    const auto index = find(stamp->producer);
    if (!index || stamp->number >= sources_[*index].records->size()) {
        violate("invented", stamp->text() + " stands at " + where + " and was never given");
        return std::nullopt;
    }
    const Source& source = sources_[*index];
    const auto home =
        static_cast<std::int32_t>(stamp->number % static_cast<std::uint64_t>(source.partitions));
    if (source.topic != partition.topic || home != partition.partition.value()) {
        violate("invented", stamp->text() + " stands at " + where + " and was given to " +
                                TopicPartition{source.topic, PartitionIndex(home)}.text());
    }
    return Entry{index, stamp->number};
}

void Ledger::stored(const TopicPartition& partition, Offset offset,
                    const std::optional<Stamp>& stamp) {
    Log& log = logs_[partition];
    const Offset expected(static_cast<std::int64_t>(log.entries->size()));
    if (offset != expected) {
        violate("dense", "after " + at_text(partition, expected - 1) + " comes " +
                             at_text(partition, offset));
        if (offset < expected) return;
        log.entries.edit().resize(static_cast<std::size_t>(offset.value()));
    }
    const Entry entry = entry_of(partition, offset, stamp).value_or(Entry{});
    log.entries.edit().push_back(entry);
    ++counts_.stored;
    Given* record = given_of(entry);
    if (record == nullptr) return;
    if (record->copies++ > 0) ++counts_.doubles;
    if (record->settled == Settled::failed) {
        violate("revoked",
                text_of(entry) + " failed for sure and stands at " + at_text(partition, offset));
    }
    check_copies(sources_[*entry.producer], entry.number, *record);
}

void Ledger::check_copies(const Source& source, std::uint64_t number, const Given& record) {
    if (record.copies <= record.lost_replies + 1) return;
    violate("doubled", Stamp{source.name, number}.text() + " stands " +
                           std::to_string(record.copies) + " times, and the replies to " +
                           std::to_string(record.lost_replies) + " tries were lost");
}

void Ledger::cut(const TopicPartition& partition, Offset end, bool is_foreseen) {
    Log& log = logs_[partition];
    if (is_foreseen) ++log.foreseen_cuts;
    auto& entries = log.entries.edit();
    while (static_cast<std::int64_t>(entries.size()) > end.value()) {
        const Entry entry = entries.back();
        entries.pop_back();
        --counts_.stored;
        const Offset offset(static_cast<std::int64_t>(entries.size()));
        if (is_foreseen) log.gone.emplace(offset, entry);
        lose(partition, offset, entry, is_foreseen);
    }
}

void Ledger::lose(const TopicPartition& partition, Offset offset, const Entry& entry,
                  bool is_foreseen) {
    Given* record = given_of(entry);
    if (record == nullptr) return;
    if (--record->copies > 0) --counts_.doubles;
    const bool was_acknowledged =
        record->settled == Settled::acknowledged && record->acknowledged_at == offset;
    if (was_acknowledged) {
        record->is_lost = true;
        ++(is_foreseen ? counts_.lost_foreseen : counts_.lost);
    }
    if (is_foreseen || !(was_acknowledged || record->is_seen)) return;
    violate("lost", text_of(entry) + " stood at " + at_text(partition, offset) + ", was " +
                        (was_acknowledged ? "acknowledged" : "seen by a consumer") +
                        ", and is gone");
}

std::optional<Stamp> Ledger::at(const TopicPartition& partition, Offset offset) const {
    const auto log = logs_.find(partition);
    if (log == logs_.end() || offset < Offset(0) || offset >= end(partition)) return std::nullopt;
    const Entry& entry = (*log->second.entries)[static_cast<std::size_t>(offset.value())];
    if (!entry.producer) return std::nullopt;
    return Stamp{sources_[*entry.producer].name, entry.number};
}

Offset Ledger::end(const TopicPartition& partition) const {
    const auto log = logs_.find(partition);
    return Offset(log == logs_.end() ? 0 : static_cast<std::int64_t>(log->second.entries->size()));
}

void Ledger::seen(const std::string& consumer, const std::string& topic, const Seen& seen) {
    const TopicPartition partition{topic, seen.partition};
    Reading& reading = readings_[{consumer, partition}];
    switch (seen.kind) {
        case Seen::Kind::reset: reading.next = seen.offset; break;
        case Seen::Kind::record: see_record(consumer, partition, seen); break;
        case Seen::Kind::high_watermark:
            if (reading.high_watermark && seen.offset < *reading.high_watermark &&
                ++reading.recessions > logs_[partition].foreseen_cuts) {
                violate("receded", consumer + " saw the high watermark of " + partition.text() +
                                       " go from " +
                                       std::to_string(reading.high_watermark->value()) + " to " +
                                       std::to_string(seen.offset.value()));
            }
            reading.high_watermark = seen.offset;
            break;
    }
}

void Ledger::see_record(const std::string& consumer, const TopicPartition& partition,
                        const Seen& seen) {
    Reading& reading = readings_[{consumer, partition}];
    if (reading.next != seen.offset) {
        violate("skipped", consumer + " saw " + at_text(partition, seen.offset) + " where " +
                               (reading.next ? at_text(partition, *reading.next) : "nothing") +
                               " was next");
    }
    reading.next = seen.offset + 1;
    const auto entry = entry_of(partition, seen.offset, seen.stamp);
    if (!entry) return;
    const Log& log = logs_[partition];
    const auto place = static_cast<std::size_t>(seen.offset.value());
    const auto [first, last] = log.gone.equal_range(seen.offset);
    const bool stands = place < log.entries->size() && (*log.entries)[place] == *entry;
    const bool stood =
        std::any_of(first, last, [&](const auto& gone) { return gone.second == *entry; });
    if (!stands && !stood) {
        violate("contradicted",
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

void Ledger::expect_all_settled() {
    for (const Source& source : sources_) {
        for (std::uint64_t number = 0; number < source.records->size(); ++number) {
            const Settled settled = (*source.records)[number].settled;
            if (settled == Settled::acknowledged) continue;
            violate("unsettled", Stamp{source.name, number}.text() +
                                     (settled == Settled::open ? " waits for an answer still"
                                                               : " was never acknowledged"));
        }
    }
}

void Ledger::expect_all_consumed() {
    for (const Source& source : sources_) {
        for (std::uint64_t number = 0; number < source.records->size(); ++number) {
            const Given& record = (*source.records)[number];
            if (record.settled != Settled::acknowledged || record.is_lost || record.is_seen) {
                continue;
            }
            violate("unconsumed",
                    Stamp{source.name, number}.text() + " was acknowledged at offset " +
                        std::to_string(record.acknowledged_at.value()) + " and no consumer saw it");
        }
    }
}

}  // namespace barnabas::sim
