#include "sim/checkers/ledger.h"

#include <algorithm>

namespace barnabas::sim {
namespace {

using Fate = client::Fate;

constexpr std::size_t violations_kept = 100;

}  // namespace

std::string Ledger::at_text(const TopicPartition& partition, Offset offset) {
    return partition.text() + '@' + std::to_string(offset.value());
}

void Ledger::violate(std::string rule, std::string text) {
    ++violation_count_;
    if (violations_.size() < violations_kept) {
        violations_.push_back({std::move(rule), std::move(text)});
    }
}

void Ledger::add_producer(const std::string& name, const std::string& topic,
                          std::int32_t partitions, bool wants_acknowledgements,
                          bool is_idempotent) {
    CHECK(!find(name));
    sources_.push_back({name, topic, partitions, wants_acknowledgements, is_idempotent, {},
                        std::vector<Service>(static_cast<std::size_t>(partitions))});
}

void Ledger::add_keys(const std::string& producer, std::uint64_t keys) {
    const auto index = find(producer);
    CHECK(index.has_value());
    sources_[*index].keys = keys;
}

void Ledger::add_retention(const std::string& topic, Duration least) { retention_[topic] = least; }

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
    for (std::uint64_t number = source.records->size(); number < end; ++number) {
        wait_for(source, number);
    }
    Given fresh;
    fresh.given_when = now_;
    source.records.edit().resize(end, fresh);
}

void Ledger::wait_for(Source& source, std::uint64_t number) {
    Service& service = source.services[source.home_of(number)];
    if (service.waiting++ == 0) service.since = now_;
}

// The last word on a record: an acknowledgement ends the time without one, and so does it when
// nothing waits any more.
void Ledger::answered(Source& source, const Fate& fate) {
    Service& service = source.services[source.home_of(fate.number)];
    --service.waiting;
    if (fate.kind != Fate::Kind::acknowledged && service.waiting > 0) return;
    service.longest = std::max(service.longest, now_ - service.since);
    service.since = now_;
}

Duration Ledger::unavailable(const TopicPartition& partition) const {
    Duration longest{};
    for (const Source& source : sources_) {
        const auto home = static_cast<std::size_t>(partition.partition.value());
        if (source.topic != partition.topic || !source.wants_acknowledgements) continue;
        if (home >= source.services.size()) continue;
        const Service& service = source.services[home];
        longest = std::max(longest, service.longest);
        if (service.waiting > 0) longest = std::max(longest, now_ - service.since);
    }
    return longest;
}

const std::set<protocol::ErrorCode>& Ledger::told(const TopicPartition& partition) const {
    static const std::set<protocol::ErrorCode> nothing;
    const auto found = told_.find(partition);
    return found == told_.end() ? nothing : found->second;
}

void Ledger::fate(const std::string& producer, const Fate& fate) {
    const auto index = find(producer);
    CHECK(index.has_value());
    Source& source = sources_[*index];
    CHECK(fate.number < source.records->size());
    Given& record = source.records.edit()[fate.number];
    if (fate.kind != Fate::Kind::lost_reply) answered(source, fate);
    if (fate.error != protocol::ErrorCode::none) told_[fate.to].insert(fate.error);
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
    record.acknowledged_when = now_;
    ++counts_.acknowledged;
    const Entry wanted{find(source.name), fate.number};
    Log& log = logs_[fate.to];
    const auto& entries = *log.entries;
    const auto place = static_cast<std::size_t>(fate.offset.value());
    if (fate.offset >= Offset(0) && place < entries.size() && entries[place] == wanted) return;
    const auto [first, last] = log.gone.equal_range(fate.offset);
    const auto gone =
        std::find_if(first, last, [&](const auto& one) { return one.second.entry == wanted; });
    if (gone != last) {
        record.is_lost = true;  // the answer was still on its way
        count_loss(log, gone->second.cut, Duration(0));
        return;
    }
    const std::string found = place < entries.size() ? text_of(entries[place]) : "nothing";
    violate("misplaced", text_of(wanted) + " was acknowledged at " + at_text(fate.to, fate.offset) +
                             ", where " + found + " stands");
}

void Ledger::count_loss(Log& log, std::size_t cut, Duration age) {
    ++counts_.lost_foreseen;
    counts_.lost_at_once = std::max(counts_.lost_at_once, ++log.lost_by_cut[cut]);
    counts_.lost_age = std::max(counts_.lost_age, age);
}

bool Ledger::has_gone(const Log& log, Offset offset, const Entry& entry) {
    const auto [first, last] = log.gone.equal_range(offset);
    return std::any_of(first, last, [&](const auto& one) { return one.second.entry == entry; });
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
        static_cast<std::int32_t>(source.home_of(stamp->number));
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
    const bool may_have_gaps = is_compacted(partition);
    const auto place = static_cast<std::size_t>(offset.value());
    // One segment may be written before the end of the one before it.
    const bool fills_gap =
        offset < expected && log.absent.contains(offset) && !(*log.entries)[place].producer;
    if (offset != expected && !fills_gap) {
        if (!may_have_gaps || offset < expected) {
            violate("dense", "after " + at_text(partition, expected - 1) + " comes " +
                                 at_text(partition, offset));
        }
        if (offset < expected) return;
        for (Offset gap = expected; may_have_gaps && gap < offset; ++gap) log.absent.insert(gap);
        log.entries.edit().resize(place);
    }
    const Entry entry = entry_of(partition, offset, stamp).value_or(Entry{});
    if (fills_gap) {
        log.absent.erase(offset);
        log.entries.edit()[place] = entry;
    } else {
        log.entries.edit().push_back(entry);
    }
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
    const int allowed = source.is_idempotent ? 1 : record.lost_replies + 1;
    if (record.copies <= allowed) return;
    violate("doubled", Stamp{source.name, number}.text() + " stands " +
                           std::to_string(record.copies) + " times, and the replies to " +
                           std::to_string(record.lost_replies) + " tries were lost");
}

void Ledger::cut(const TopicPartition& partition, Offset end, bool is_foreseen) {
    Log& log = logs_[partition];
    if (is_foreseen) log.lost_by_cut.push_back(0);
    auto& entries = log.entries.edit();
    while (static_cast<std::int64_t>(entries.size()) > end.value()) {
        const Entry entry = entries.back();
        entries.pop_back();
        const Offset offset(static_cast<std::int64_t>(entries.size()));
        if (offset < log.start) continue;  // it was deleted before
        if (is_foreseen) log.gone.emplace(offset, Gone{entry, log.lost_by_cut.size() - 1});
        if (log.absent.erase(offset) > 0) continue;
        --counts_.stored;
        lose(partition, offset, entry, is_foreseen);
    }
    log.start = std::min(log.start, end);
    judge_keys(partition);
}

void Ledger::deleted(const TopicPartition& partition, Offset start) {
    Log& log = logs_[partition];
    log.may_start = std::max(log.may_start, start);
}

// A start that goes back shows what was deleted once more: the broker died before it had noted it.
void Ledger::begins(const TopicPartition& partition, Offset start) {
    Log& log = logs_[partition];
    const auto retention = retention_.find(partition.topic);
    const auto end = static_cast<std::size_t>(start.value());
    for (auto place = static_cast<std::size_t>(log.start.value()); place < end; ++place) {
        if (place >= log.entries->size()) break;
        const Offset offset(static_cast<std::int64_t>(place));
        if (log.absent.contains(offset)) continue;
        --counts_.stored;
        if (offset < log.may_start) continue;
        const Given* record = given_of((*log.entries)[place]);
        if (record == nullptr) continue;
        const bool is_old =
            retention != retention_.end() && now_ - record->given_when >= retention->second;
        if (is_old) continue;
        violate("vanished", text_of((*log.entries)[place]) + " stood at " +
                                at_text(partition, offset) +
                                ", and went although nobody deleted it and it was not old enough");
    }
    for (auto place = end; place < static_cast<std::size_t>(log.start.value()); ++place) {
        const Offset offset(static_cast<std::int64_t>(place));
        counts_.stored += place < log.entries->size() && !log.absent.contains(offset);
    }
    log.start = start;
    if (end > log.entries->size()) log.entries.edit().resize(end);
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
        if (is_foreseen) {
            Log& log = logs_[partition];
            count_loss(log, log.lost_by_cut.size() - 1, now_ - record->acknowledged_when);
        } else {
            ++counts_.lost;
        }
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
        case Seen::Kind::record: see_record(consumer, partition, seen, reading); break;
        case Seen::Kind::high_watermark:
            if (reading.high_watermark && seen.offset < *reading.high_watermark &&
                ++reading.recessions > logs_[partition].lost_by_cut.size()) {
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
                        const Seen& seen, Reading& reading) {
    const bool is_gap = is_compacted(partition) && reading.next &&
                        may_skip(logs_[partition], *reading.next, seen.offset);
    if (reading.next != seen.offset && !is_gap) {
        violate("skipped", consumer + " saw " + at_text(partition, seen.offset) + " where " +
                               (reading.next ? at_text(partition, *reading.next) : "nothing") +
                               " was next");
    }
    reading.next = seen.offset + 1;
    const auto entry = entry_of(partition, seen.offset, seen.stamp);
    if (!entry) return;
    const Log& log = logs_[partition];
    const auto place = static_cast<std::size_t>(seen.offset.value());
    const bool stands = place < log.entries->size() && (*log.entries)[place] == *entry;
    if (!stands && !has_gone(log, seen.offset, *entry)) {
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
            const bool is_excused = record.is_lost || record.is_seen || record.is_overtaken;
            if (record.settled != Settled::acknowledged || is_excused) continue;
            const auto home = static_cast<std::int32_t>(source.home_of(number));
            const auto log = logs_.find({source.topic, PartitionIndex(home)});
            const bool is_deleted =
                log != logs_.end() && record.acknowledged_at <
                                          std::max(log->second.start, log->second.may_start);
            if (is_deleted) continue;
            violate("unconsumed",
                    Stamp{source.name, number}.text() + " was acknowledged at offset " +
                        std::to_string(record.acknowledged_at.value()) + " and no consumer saw it");
        }
    }
}

}  // namespace barnabas::sim
