// PartitionLog: where records stand.
#include <algorithm>

#include "engine/log/partition_log.h"
#include "engine/runtime/visit.h"

namespace barnabas::log {

// Retention needs the largest timestamp of each segment, as its batches bear it out: this look
// leaves all of them known.
void PartitionLog::learn_timestamps(Turn& turn) {
    if (is_learning_timestamps_) return;
    is_learning_timestamps_ = true;
    begin(Lookup::of_largest_time(own_lookup), turn);
}

LookupView PartitionLog::view() {
    return {segments_, active_index_, sealing_, recent_, ids_, log_start_, written_end_,
            config_->record_bytes_max};
}

std::variant<FileRange, Pending, OutOfRange> PartitionLog::locate(Offset from, Offset below,
                                                                  std::uint32_t bytes_max,
                                                                  LookupId id, Turn& turn,
                                                                  bool is_below_close) {
    CHECK(state_ == State::open);
    if (from < log_start_ || from > log_end_) return OutOfRange{};
    below = std::min(below, written_end_);
    if (from >= below) return FileRange{file(active(), FileKind::log), active().written, 0};
    if (recent_.has(from)) {
        const std::size_t at = recent_.find(from);
        const std::uint32_t position = recent_[at].position;
        std::size_t last = at;
        while (last + 1 < recent_.size() && recent_[last + 1].next <= below &&
               recent_[last + 1].end - position <= bytes_max)
            ++last;
        bind(active(), turn);
        return FileRange{file(active(), FileKind::log), position, recent_[last].end - position,
                         recent_[last].next, recent_[at].end - position};
    }
    begin(Lookup::of_range(id, from, below, bytes_max, is_below_close), turn);
    return Pending{};
}

void PartitionLog::find_timestamp(std::int64_t timestamp, LookupId id, Turn& turn) {
    CHECK(state_ == State::open);
    begin(Lookup::of_time(id, timestamp), turn);
}

void PartitionLog::find_largest_timestamp(LookupId id, Turn& turn) {
    CHECK(state_ == State::open);
    begin(Lookup::of_largest_time(id), turn);
}

void PartitionLog::begin(Lookup lookup, Turn& turn) {
    lookup.start(view());
    go_on(std::move(lookup), turn);
}

// Asks for the bytes that it wants, or gives out its answer.
void PartitionLog::go_on(Lookup lookup, Turn& turn) {
    if (const auto base = lookup.take_wrong_index()) on_wrong_time_index(*base, turn);
    if (lookup.found()) {
        if (lookup.id() == own_lookup)
            is_learning_timestamps_ = false;
        else
            found_.push_back(*lookup.found());
        return;
    }
    if (lookup.wants_work()) {
        const Token job = ids_.next(Purpose::lookup);
        turn.ask(lookup.work(job, view()));
        lookups_.emplace(job, std::move(lookup));
        return;
    }
    const auto want = lookup.wanted();
    CHECK(want);
    Segment& segment = *find(lookup.segment());
    bind(segment, turn);
    if (want->file != FileKind::log) bind_indexes(segment, turn);
    const Token operation = ids_.next(Purpose::lookup);
    turn.ask(effect::Read{operation, file(segment, want->file), want->position, want->length});
    lookups_.emplace(operation, std::move(lookup));
}

void PartitionLog::on_lookup(const event::Computed& done, Turn& turn) {
    auto node = lookups_.extract(done.job);
    if (node.empty()) return;
    Lookup& lookup = node.mapped();
    if (find(lookup.segment()))
        lookup.feed_work(done.result, view());
    else
        lookup.start(view());  // the segment went meanwhile
    go_on(std::move(lookup), turn);
}

// The next start finds the file missing and makes it from the batches. Until then lookups by time
// walk through the segment. That of a segment that is still written goes when the segment is left.
void PartitionLog::on_wrong_time_index(Offset base, Turn& turn) {
    Segment* segment = find(base);
    if (segment == nullptr) return;
    turn.note(Occurrence::Kind::recovered, partition_.text(),
              file_name(base, FileKind::timeindex) +
                  " does not say what its batches do: it is not used, and the next start makes it "
                  "anew",
              Severity::warning);
    if (!index_of(base)) return drop_time_index(*segment, turn);
    if (base != active().base) return;
    if (segment->written == segment->size)
        active_index_.correct(segment->largest);
    else
        segment->is_largest_known = false;  // batches under way were not looked at
}

void PartitionLog::drop_time_index(Segment& segment, Turn& turn) {
    bind_indexes(segment, turn);
    segment.time_bytes = 0;
    turn.ask(effect::Remove{ids_.next(Purpose::remove), file(segment, FileKind::timeindex)});
}

void PartitionLog::give_up_lookups() {
    for (const auto& [token, lookup] : lookups_)
        if (lookup.id() != own_lookup) found_.push_back({lookup.id(), Unreadable{}});
    lookups_.clear();
    if (producers_) {
        for (const auto& [token, lookup] : (*producers_)->lookups)
            if (lookup.id != own_lookup) found_.push_back({lookup.id, Unreadable{}});
        edit_producers().lookups.clear();
    }
    is_learning_timestamps_ = false;
}

void PartitionLog::on_lookup(const event::StorageDone& done, Turn& turn) {
    auto node = lookups_.extract(done.operation);
    if (node.empty()) {  // the opening of a file: a rename of it must not find it missing
        if (done.status != StorageStatus::ok && done.status != StorageStatus::not_found)
            fail("opening a file", done.status, turn);
        return;
    }
    Lookup& lookup = node.mapped();
    if (done.status != StorageStatus::ok) {
        if (lookup.id() != own_lookup) found_.push_back({lookup.id(), Unreadable{}});
        return fail("reading failed", done.status, turn);
    }
    if (find(lookup.segment()))
        lookup.feed(done.bytes, view());
    else
        lookup.start(view());  // the segment went meanwhile
    go_on(std::move(lookup), turn);
}

}  // namespace barnabas::log
