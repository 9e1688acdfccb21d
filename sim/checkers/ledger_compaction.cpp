// Ledger: what compaction may take from a log, and what not.
#include <algorithm>

#include "sim/checkers/ledger.h"

namespace barnabas::sim {

std::optional<std::uint64_t> Ledger::key_of(const Entry& entry) const {
    if (!entry.producer || sources_[*entry.producer].keys == 0) return std::nullopt;
    return key_number(entry.number, sources_[*entry.producer].keys);
}

void Ledger::rewritten(const TopicPartition& partition, Offset from, Offset to,
                       const std::vector<Stamped>& left) {
    if (!is_compacted(partition)) {
        report("vanished", "segments from " + at_text(partition, from) +
                                " on were replaced, and the topic is not compacted");
    }
    rewrite(partition, from, to, left, Offset(INT64_MAX));
}

void Ledger::shaken(const TopicPartition& partition, Offset flushed, Offset end,
                    const std::vector<Stamped>& left) {
    cut(partition, std::min(end, this->end(partition)), true);
    rewrite(partition, logs_[partition].start, end, left, flushed);
}

// What is not among `left` was taken by compaction; or, when it was not flushed, by power loss.
void Ledger::rewrite(const TopicPartition& partition, Offset from, Offset to,
                     const std::vector<Stamped>& left, Offset flushed) {
    Log& log = logs_[partition];
    to = std::min(to, end(partition));
    auto next = left.begin();
    for (Offset at = std::max(from, log.start); at < to; ++at) {
        const bool was_absent = log.absent.contains(at);
        if (next == left.end() || next->offset != at) {
            if (was_absent) continue;
            at < flushed ? overtake(log, at) : lose_in_the_middle(partition, at);
            continue;
        }
        const Entry known = (*log.entries)[static_cast<std::size_t>(at.value())];
        const Stamped& found = *next++;
        if (was_absent && !known.producer) {
            stored(partition, at, found.stamp);  // fills a gap
            continue;
        }
        if (entry_of(partition, at, found.stamp) != known) {
            report("contradicted",
                    text_of(known) + " stood at " + at_text(partition, at) +
                        ", and now " + (found.stamp ? found.stamp->text() : "a foreign value"));
        }
        if (was_absent) comes_back(log, at);
    }
    for (; next != left.end(); ++next) stored(partition, next->offset, next->stamp);
    judge_keys(partition);
}

// A crash came before the swap of segments counted.
void Ledger::comes_back(Log& log, Offset offset) {
    log.absent.erase(offset);
    ++counts_.stored;
    Given* record = given_of((*log.entries)[static_cast<std::size_t>(offset.value())]);
    if (record != nullptr && record->copies++ > 0) ++counts_.doubles;
}

void Ledger::overtake(Log& log, Offset offset) {
    log.absent.insert(offset);
    --counts_.stored;
    Given* record = given_of((*log.entries)[static_cast<std::size_t>(offset.value())]);
    if (record == nullptr) return;
    record->is_overtaken = true;
    if (--record->copies > 0) --counts_.doubles;
}

void Ledger::lose_in_the_middle(const TopicPartition& partition, Offset offset) {
    Log& log = logs_[partition];
    Entry& entry = log.entries.edit()[static_cast<std::size_t>(offset.value())];
    const Entry gone = std::exchange(entry, Entry{});
    log.absent.insert(offset);
    log.gone.emplace(offset, Gone{gone, log.lost_by_cut.size() - 1});
    --counts_.stored;
    lose(partition, offset, gone, true);
}

// That the last one of each key stands says that whatever is absent was overtaken by one that
// stands: also after power loss took what had overtaken it.
void Ledger::judge_keys(const TopicPartition& partition) {
    Log& log = logs_[partition];
    if (log.absent.empty()) return;
    std::map<std::uint64_t, Offset> last, last_there;
    for (Offset at = log.start; at < end(partition); ++at) {
        const Entry& entry = (*log.entries)[static_cast<std::size_t>(at.value())];
        const auto key = key_of(entry);
        if (!key) continue;
        last[*key] = at;
        if (!log.absent.contains(at)) last_there[*key] = at;
    }
    for (const auto& [key, at] : last) {
        if (!log.absent.contains(at)) continue;
        const Entry entry = (*log.entries)[static_cast<std::size_t>(at.value())];
        if (may_be_forgotten(partition, entry) && !last_there.contains(key)) continue;
        Given* record = given_of(entry);
        if (std::exchange(record->is_lost, true)) continue;  // it was said
        counts_.lost += record->settled == Settled::acknowledged;
        report("forgotten", text_of(entry) + " at " + at_text(partition, at) +
                                 " was the last of its key, and is gone");
    }
}

// A tombstone that is old enough, and that no record of its key outlives.
bool Ledger::may_be_forgotten(const TopicPartition& partition, const Entry& entry) const {
    const auto least = delete_retention_.find(partition.topic);
    if (least == delete_retention_.end() || !entry.producer) return false;
    const Source& source = sources_[*entry.producer];
    return is_tombstone(entry.number, source.tombstones) &&
           now_ - (*source.records)[entry.number].given_when >= least->second;
}

// Nothing stands there: compaction took it, or rot; or of a compacted log power loss.
bool Ledger::may_skip(const Log& log, Offset from, Offset to, bool is_compacted) {
    for (Offset at = from; at < to; ++at) {
        const bool is_gone = is_compacted && log.gone.contains(at);
        if (!log.absent.contains(at) && !is_gone) return false;
    }
    return from < to;
}

void Ledger::spoiled(const TopicPartition& partition, Offset from, Offset to) {
    Log& log = logs_[partition];
    log.spoiled_from = std::min(log.spoiled_from.value_or(from), from);
    log.lost_by_cut.push_back(0);
    log.cut_ends.push_back(from);
    for (Offset at = std::max(from, log.start); at < std::min(to, end(partition)); ++at) {
        if (!log.absent.contains(at)) lose_in_the_middle(partition, at);
    }
}

}  // namespace barnabas::sim
