#include "engine/log/aborted_lookups.h"

#include <algorithm>

#include "engine/log/log_parts.h"
#include "engine/runtime/visit.h"

namespace barnabas::log {

std::optional<std::vector<AbortedTransaction>> AbortedLookups::find(Offset from, Offset below,
                                                                    LookupId id, LogParts& log,
                                                                    Turn& turn) {
    CHECK(log.state == LogState::open);
    AbortedLookup lookup = begin(from, below, id, log);
    if (collect(lookup, log)) return lookup.collector.take_found();
    read(std::move(lookup), log, turn);
    return std::nullopt;
}

AbortedLookup AbortedLookups::begin(Offset from, Offset below, LookupId id,
                                    const LogParts& log) {
    AbortedLookup lookup;
    lookup.id = id;
    lookup.collector = AbortedCollector(from, below);
    lookup.go_to(log.segments[find_segment(log.segments, std::max(from, log.start))].base);
    return lookup;
}

// Goes on from segment to segment with what is in memory; false when a file has to be read.
bool AbortedLookups::collect(AbortedLookup& lookup, const LogParts& log) {
    std::size_t at = find_segment(log.segments, lookup.segment);
    for (; at < log.segments.size(); ++at) {
        const Segment& segment = log.segments[at];
        if (segment.base != lookup.segment) lookup.go_to(segment.base);
        const TransactionIndex* index = log.producers.index_of(segment.base);
        const bool is_all_known = index ? index->collect(lookup.collector, lookup.entries_read())
                                        : lookup.bytes_read >= segment.transaction_bytes;
        if (!is_all_known) return false;
        if (lookup.collector.is_complete()) break;
    }
    return true;
}

void AbortedLookups::read(AbortedLookup lookup, LogParts& log, Turn& turn) {
    const Segment& segment = *log.find(lookup.segment);
    lookup.bytes_asked = std::min(AbortedLookup::page_bytes,
                                  log.producers.file_bytes(segment) - lookup.bytes_read);
    // That of a segment that is being swapped in is open, under a name that does not last.
    const bool is_open = log.compaction.is_swapping_in(segment);
    const FileId file =
        is_open ? log.file(segment, FileKind::txnindex)
                : ProducerFiles::open_index(lookup.segment, OpenMode::existing, log, turn).file;
    const Token operation = log.ids.next(Purpose::producers);
    turn.ask(effect::Read{operation, file, lookup.bytes_read, lookup.bytes_asked});
    if (!is_open) turn.ask(effect::Close{file});
    under_way_.emplace(operation, std::move(lookup));
}

void AbortedLookups::on_read(const event::StorageDone& done, LogParts& log, Turn& turn) {
    AbortedLookup lookup = std::move(under_way_.extract(done.operation).mapped());
    if (is_of_medium(done.status)) {
        if (lookup.id != own_lookup) log.lookups.add({lookup.id, Unreadable{}});
        return log.fail("reading a transaction index failed", done.status, turn);
    }
    if (lookup.is_void || !log.find(lookup.segment)) {
        lookup = begin(lookup.collector.from(), lookup.collector.below(), lookup.id, log);
        return go_on(std::move(lookup), log, turn);
    }
    const bool is_read =
        done.status == StorageStatus::ok && done.bytes.size() == lookup.bytes_asked;
    const auto entries =
        is_read ? load_transaction_entries(done.bytes, lookup.next_marker) : std::nullopt;
    if (!entries) {
        const std::string why = file_name(lookup.segment, FileKind::txnindex) +
                                (is_read ? " is damaged at position " : " cannot be read from ") +
                                std::to_string(lookup.bytes_read) + (is_read ? "" : " on");
        if (lookup.id == own_lookup) return log.compaction.give_up(why, log, turn);
        turn.note(Occurrence::Kind::storage, log.partition.text(), why, Severity::error);
        log.lookups.add({lookup.id, Unreadable{}});
        return;
    }
    for (const AbortedTransaction& entry : *entries) lookup.collector.take(entry);
    lookup.next_marker = entries->back().last + 1;
    lookup.bytes_read += lookup.bytes_asked;
    go_on(std::move(lookup), log, turn);
}

void AbortedLookups::go_on(AbortedLookup lookup, LogParts& log, Turn& turn) {
    if (!lookup.collector.is_complete() && !collect(lookup, log))
        return read(std::move(lookup), log, turn);
    if (lookup.id == own_lookup)
        log.compaction.learn(lookup.collector.take_found());
    else
        log.lookups.add({lookup.id, lookup.collector.take_found()});
}

void AbortedLookups::find_for_compaction(Offset below, LogParts& log, Turn& turn) {
    go_on(begin(log.start, below, own_lookup, log), log, turn);
}

void AbortedLookups::replace_segments(Offset begin, Offset end) {
    for (auto& [token, lookup] : under_way_)
        lookup.is_void |= lookup.segment >= begin && lookup.segment < end;
}

void AbortedLookups::give_up(LogParts& log) {
    for (const auto& [token, lookup] : under_way_)
        if (lookup.id != own_lookup) log.lookups.add_given_up(lookup.id, log);
    under_way_.clear();
}

}  // namespace barnabas::log
