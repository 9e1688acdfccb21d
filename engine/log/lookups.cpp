#include "engine/log/lookups.h"

#include <algorithm>

#include "engine/log/log_parts.h"
#include "engine/runtime/visit.h"

namespace barnabas::log {

void Lookups::learn_timestamps(LogParts& log, Turn& turn) {
    if (is_learning_timestamps_) return;
    is_learning_timestamps_ = true;
    begin(Lookup::of_largest_time(own_lookup), log, turn);
}

LookupView Lookups::view(LogParts& log) {
    return {log.segments,
            log.tail.index(),
            log.sealer.segments(),
            log.tail.recent(),
            log.ids,
            log.start,
            log.written_end,
            log.config->record_bytes_max};
}

std::variant<FileRange, Pending, OutOfRange> Lookups::locate(
    Offset from, Offset below, std::uint32_t bytes_max, LookupId id, bool is_below_close,
    LogParts& log, Turn& turn) {
    CHECK(log.state == LogState::open);
    if (from < log.start || from > log.end) return OutOfRange{};
    below = std::min(below, log.written_end);
    const FileId file = log.file(log.active(), FileKind::log);
    if (from >= below) return FileRange{file, log.active().written, 0};
    const RecentBatches& recent = log.tail.recent();
    if (recent.has(from)) {
        const std::size_t at = recent.find(from);
        const std::uint32_t position = recent[at].position;
        std::size_t last = at;
        while (last + 1 < recent.size() && recent[last + 1].next <= below &&
               recent[last + 1].end - position <= bytes_max)
            ++last;
        log.bind(log.active(), turn);
        return FileRange{log.file(log.active(), FileKind::log), position,
                         recent[last].end - position, recent[last].next,
                         recent[at].end - position};
    }
    begin(Lookup::of_range(id, from, below, bytes_max, is_below_close), log, turn);
    return Pending{};
}

void Lookups::begin(Lookup lookup, LogParts& log, Turn& turn) {
    lookup.start(view(log));
    go_on(std::move(lookup), log, turn);
}

// Asks for the bytes that it wants, or gives out its answer.
void Lookups::go_on(Lookup lookup, LogParts& log, Turn& turn) {
    if (const auto base = lookup.take_wrong_index()) on_wrong_time_index(*base, log, turn);
    if (lookup.found()) {
        if (lookup.id() == own_lookup)
            is_learning_timestamps_ = false;
        else
            found_.push_back(*lookup.found());
        return;
    }
    if (lookup.wants_work()) {
        const Token job = log.ids.next(Purpose::lookup);
        turn.ask(lookup.work(job, view(log)));
        under_way_.emplace(job, std::move(lookup));
        return;
    }
    const auto want = lookup.wanted();
    CHECK(want);
    Segment& segment = *log.find(lookup.segment());
    log.bind(segment, turn);
    if (want->file != FileKind::log) log.bind_indexes(segment, turn);
    const Token operation = log.ids.next(Purpose::lookup);
    turn.ask(effect::Read{operation, log.file(segment, want->file), want->position, want->length});
    under_way_.emplace(operation, std::move(lookup));
}

void Lookups::on(const event::Computed& done, LogParts& log, Turn& turn) {
    auto node = under_way_.extract(done.job);
    if (node.empty()) return;
    Lookup& lookup = node.mapped();
    if (log.find(lookup.segment()))
        lookup.feed_work(done.result, view(log));
    else
        lookup.start(view(log));  // the segment went meanwhile
    go_on(std::move(lookup), log, turn);
}

// The next start finds the file missing and makes it from the batches. Until then lookups by time
// walk through the segment. That of a segment that is still written goes when the segment is left.
void Lookups::on_wrong_time_index(Offset base, LogParts& log, Turn& turn) {
    Segment* segment = log.find(base);
    if (segment == nullptr) return;
    turn.note(Occurrence::Kind::recovered, log.partition.text(),
              file_name(base, FileKind::timeindex) +
                  " does not say what its batches do: it is not used, and the next start makes it "
                  "anew",
              Severity::warning);
    if (!log.sealer.index_of(base, log)) return drop_time_index(*segment, log, turn);
    if (base != log.active().base) return;
    if (segment->written == segment->size)
        log.tail.index().correct(segment->largest);
    else
        segment->is_largest_known = false;  // batches under way were not looked at
}

void Lookups::drop_time_index(Segment& segment, LogParts& log, Turn& turn) {
    log.bind_indexes(segment, turn);
    segment.time_bytes = 0;
    turn.ask(effect::Remove{log.ids.next(Purpose::remove), log.file(segment, FileKind::timeindex)});
}

void Lookups::on(const event::StorageDone& done, LogParts& log, Turn& turn) {
    auto node = under_way_.extract(done.operation);
    if (node.empty()) {  // the opening of a file: a rename of it must not find it missing
        if (done.status != StorageStatus::ok && done.status != StorageStatus::not_found)
            log.fail("opening a file", done.status, turn);
        return;
    }
    Lookup& lookup = node.mapped();
    if (done.status != StorageStatus::ok) {
        if (lookup.id() != own_lookup) found_.push_back({lookup.id(), Unreadable{}});
        return log.fail("reading failed", done.status, turn);
    }
    if (log.find(lookup.segment()))
        lookup.feed(done.bytes, view(log));
    else
        lookup.start(view(log));  // the segment went meanwhile
    go_on(std::move(lookup), log, turn);
}

void Lookups::replace_segments(Offset begin, Offset end) {
    for (auto& [token, lookup] : under_way_)
        if (lookup.segment() >= begin && lookup.segment() < end) lookup.forget_segment();
}

void Lookups::give_up(LogParts& log) {
    for (const auto& [token, lookup] : under_way_)
        if (lookup.id() != own_lookup) add_given_up(lookup.id(), log);
    under_way_.clear();
    log.aborted.give_up(log);
    is_learning_timestamps_ = false;
}

void Lookups::add_given_up(LookupId id, const LogParts& log) {
    if (log.state == LogState::cutting) return add({id, Void{}});
    add({id, Unreadable{}});
}

}  // namespace barnabas::log
