#include "sim/checkers/ledger.h"

#include <algorithm>

namespace barnabas::sim {
namespace {

using Fate = client::Fate;

// No producer leaves such a gap: an offset behind it is garbage, and not worth room for the gap.
constexpr std::int64_t gap_most = 1 << 20;

}  // namespace

Ledger::Ledger() = default;
Ledger::Ledger(const Ledger& other) = default;
Ledger::Ledger(Ledger&& other) noexcept = default;
Ledger& Ledger::operator=(const Ledger& other) = default;
Ledger& Ledger::operator=(Ledger&& other) noexcept = default;
Ledger::~Ledger() = default;

std::string Ledger::at_text(const TopicPartition& partition, Offset offset) {
    return partition.text() + '@' + std::to_string(offset.value());
}

void Ledger::add_producer(const std::string& name, const std::string& topic,
                          std::int32_t partitions, bool is_idempotent) {
    CHECK(!find(name));
    sources_.push_back({name, topic, partitions, is_idempotent, {}});
}

void Ledger::add_keys(const std::string& producer, std::uint64_t keys,
                      std::uint64_t tombstones) {
    const auto index = find(producer);
    CHECK(index.has_value());
    sources_[*index].keys = keys;
    sources_[*index].tombstones = tombstones;
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
    Given fresh;
    fresh.given_when = now_;
    source.records.edit().resize(end, fresh);
}

void Ledger::fate(const std::string& producer, const Fate& fate) {
    const auto index = find(producer);
    CHECK(index.has_value());
    Source& source = sources_[*index];
    CHECK(fate.number < source.records->size());
    judged();
    Given& record = source.records.edit()[fate.number];
    switch (fate.kind) {
        case Fate::Kind::lost_reply: ++record.lost_replies; break;
        case Fate::Kind::refused: break;
        case Fate::Kind::acknowledged: acknowledge(source, fate, record); break;
        case Fate::Kind::failed:
            record.settled = Settled::failed;
            ++counts_.failed;
            if (record.copies > 0) {
                report("revoked", Stamp{producer, fate.number}.text() +
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
    report("misplaced", text_of(wanted) + " was acknowledged at " + at_text(fate.to, fate.offset) +
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
    const auto where = [&] { return at_text(partition, offset); };
    if (!stamp) {
        report("invented", "a value that no producer makes stands at " + where());
        return std::nullopt;
    }
    const auto index = find(stamp->producer);
    if (!index || stamp->number >= sources_[*index].records->size()) {
        report("invented", stamp->text() + " stands at " + where() + " and was never given");
        return std::nullopt;
    }
    const Source& source = sources_[*index];
    const auto home = static_cast<std::int32_t>(source.home_of(stamp->number));
    if (source.topic != partition.topic || home != partition.partition.value()) {
        report("invented", stamp->text() + " stands at " + where() + " and was given to " +
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
            report("dense", "after " + at_text(partition, expected - 1) + " comes " +
                                 at_text(partition, offset));
        }
        if (offset < expected || offset - expected > gap_most) return;
        for (Offset gap = expected; may_have_gaps && gap < offset; ++gap) log.absent.insert(gap);
        log.entries.edit().resize(place);
    }
    judged();
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
        report("revoked",
                text_of(entry) + " failed for sure and stands at " + at_text(partition, offset));
    }
    check_copies(sources_[*entry.producer], entry.number, *record);
}

void Ledger::check_copies(const Source& source, std::uint64_t number, const Given& record) {
    const int allowed = source.is_idempotent ? 1 : record.lost_replies + 1;
    if (record.copies <= allowed) return;
    report("doubled", Stamp{source.name, number}.text() + " stands " +
                           std::to_string(record.copies) + " times, and the replies to " +
                           std::to_string(record.lost_replies) + " tries were lost");
}

void Ledger::cut(const TopicPartition& partition, Offset end, bool is_foreseen) {
    Log& log = logs_[partition];
    // A recovery that finds rot ends the log there.
    is_foreseen = is_foreseen || (log.spoiled_from && end >= *log.spoiled_from);
    if (is_foreseen) {
        log.lost_by_cut.push_back(0);
        log.cut_ends.push_back(end);
    }
    auto& entries = log.entries.edit();
    while (static_cast<std::int64_t>(entries.size()) > end.value()) {
        const Entry entry = entries.back();
        entries.pop_back();
        const Offset offset(static_cast<std::int64_t>(entries.size()));
        if (offset < log.start) continue;  // it was deleted before
        if (is_foreseen) log.gone.emplace(offset, Gone{entry, log.lost_by_cut.size() - 1});
        if (log.absent.erase(offset) > 0) continue;
        --counts_.stored;
        if (!is_foreseen && offset < log.left) ++counts_.cut_back;
        lose(partition, offset, entry, is_foreseen);
    }
    log.start = std::min(log.start, end);
    log.left = std::min(log.left, end);
    judge_keys(partition);
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
    report("lost", text_of(entry) + " stood at " + at_text(partition, offset) + ", was " +
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

void Ledger::expect_all_settled() {
    for (const Source& source : sources_) {
        for (std::uint64_t number = 0; number < source.records->size(); ++number) {
            const Settled settled = (*source.records)[number].settled;
            if (settled == Settled::acknowledged) continue;
            report("unsettled", Stamp{source.name, number}.text() +
                                     (settled == Settled::open ? " waits for an answer still"
                                                               : " was never acknowledged"));
        }
    }
}

}  // namespace barnabas::sim
