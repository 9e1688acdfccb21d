// Ledger: what compaction may take from a log, and what not.
#include <algorithm>
#include <utility>

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
    rewrite(partition, log(partition).start, end, left, flushed);
}

// What is not among `left` was taken by compaction; or, when it was not flushed, by power loss.
void Ledger::rewrite(const TopicPartition& partition, Offset from, Offset to,
                     const std::vector<Stamped>& left, Offset flushed) {
    Log& log = edit_log(partition);
    to = std::min(to, end(partition));
    auto next = left.begin();
    for (Offset at = std::max(from, log.start); at < to; ++at) {
        const bool was_absent = log.is_absent(at);
        if (next == left.end() || next->offset != at) {
            if (was_absent) continue;
            at < flushed ? overtake(log, at) : lose_in_the_middle(partition, at);
            continue;
        }
        const Entry known = log.entry(at);
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
    log.set_absent(offset, false);
    ++counts_.stored;
    Given* record = edit_given_of(log.entry(offset));
    if (record != nullptr && record->copies++ > 0) ++counts_.doubles;
}

void Ledger::overtake(Log& log, Offset offset) {
    log.set_absent(offset, true);
    touch_key(log, offset);
    --counts_.stored;
    Given* record = edit_given_of(log.entry(offset));
    if (record == nullptr) return;
    record->is_overtaken = true;
    if (--record->copies > 0) --counts_.doubles;
}

void Ledger::lose_in_the_middle(const TopicPartition& partition, Offset offset) {
    Log& log = edit_log(partition);
    touch_key(log, offset);
    unlink_key(log, offset);
    const Entry gone = log.entry(offset);
    log.put(offset, {.is_absent = true});
    log.gone.edit().emplace(offset, Gone{gone, log.lost_by_cut.size() - 1});
    --counts_.stored;
    lose(partition, offset, gone, true);
}

void Ledger::touch_key(Log& log, Offset at) const {
    if (const auto key = key_of(log.entry(at))) log.touched_keys.push_back(*key);
}

// Into the run of its key, which descends from the last one: nearly always as the last.
void Ledger::link_key(Log& log, Offset at) {
    const auto key = key_of(log.entry(at));
    if (!key) return;
    if (*key >= log.last_of_keys.size()) log.last_of_keys.resize(*key + 1, Offset(-1));
    Offset above(-1);
    Offset below = log.last_of_keys[*key];
    while (below > at) {
        above = below;
        below = log.entry(below).before_of_key;
    }
    log.entries.edit(static_cast<std::size_t>(at.value())).before_of_key = below;
    Offset& next = above < Offset(0)
                       ? log.last_of_keys.edit(*key)
                       : log.entries.edit(static_cast<std::size_t>(above.value())).before_of_key;
    next = at;
}

void Ledger::unlink_key(Log& log, Offset at) {
    const auto key = key_of(log.entry(at));
    if (!key || *key >= log.last_of_keys.size()) return;
    Offset above(-1);
    Offset here = log.last_of_keys[*key];
    while (here > at) {
        above = here;
        here = log.entry(here).before_of_key;
    }
    if (here != at) return;
    Offset& next = above < Offset(0)
                       ? log.last_of_keys.edit(*key)
                       : log.entries.edit(static_cast<std::size_t>(above.value())).before_of_key;
    next = log.entry(at).before_of_key;
}

// That the last one of each key stands says that whatever is absent was overtaken by one that
// stands: also after power loss took what had overtaken it. Of the keys that were touched: the
// others stand as they did when they were judged.
void Ledger::judge_keys(const TopicPartition& partition) {
    Log& log = edit_log(partition);
    std::vector<std::uint64_t> keys = std::exchange(log.touched_keys, {});
    if (log.absent == 0) return;
    std::ranges::sort(keys);
    for (const std::uint64_t key : keys) {
        if (key >= log.last_of_keys.size()) continue;
        const Offset at = log.last_of_keys[key];
        if (at < log.start || !log.is_absent(at)) continue;
        const Entry entry = log.entry(at);
        Given* record = edit_given_of(entry);
        if (std::exchange(record->is_lost, true)) continue;  // it was said
        counts_.lost += record->settled == Settled::acknowledged;
        report("forgotten", text_of(entry) + " at " + at_text(partition, at) +
                                 " was the last of its key, and is gone");
    }
}

// Nothing stands there: compaction took it, or rot; or of a compacted log power loss.
bool Ledger::may_skip(const Log& log, Offset from, Offset to, bool is_compacted) {
    for (Offset at = from; at < to; ++at) {
        const bool is_gone = is_compacted && log.gone->contains(at);
        if (!log.is_absent(at) && !is_gone) return false;
    }
    return from < to;
}

void Ledger::spoiled(const TopicPartition& partition, Offset from, Offset to) {
    Log& log = edit_log(partition);
    log.spoiled_from = std::min(log.spoiled_from.value_or(from), from);
    log.lost_by_cut.push_back(0);
    log.cut_ends.push_back(from);
    for (Offset at = std::max(from, log.start); at < std::min(to, end(partition)); ++at) {
        if (!log.is_absent(at)) lose_in_the_middle(partition, at);
    }
}

}  // namespace barnabas::sim
