// PartitionLog: indexes into their files, sealed segments and flushes.
#include <algorithm>

#include "engine/log/partition_log.h"
#include "engine/runtime/visit.h"

namespace barnabas::log {

// A segment's .log gets a name. What is asked for next waits for the file, not for the answer.
void PartitionLog::bind(Segment& segment, Turn& turn) {
    segment.is_used = true;
    if (segment.slot != 0) return;
    segment.slot = free_slot();
    turn.ask(effect::Open{ids_.next(Purpose::lookup), file(segment, FileKind::log),
                          path(file_name(segment.base, FileKind::log)), OpenMode::existing});
}

void PartitionLog::bind_indexes(Segment& segment, Turn& turn) {
    bind(segment, turn);
    if (segment.has_index_files_open) return;
    if (index_of(segment.base)) return open_index_files(segment, OpenMode::create, turn);
    segment.has_index_files_open = true;
    for (const FileKind kind : {FileKind::index, FileKind::timeindex})
        turn.ask(effect::Open{ids_.next(Purpose::lookup), file(segment, kind),
                              path(file_name(segment.base, kind)), OpenMode::existing});
}

void PartitionLog::close_files(Segment& segment, Turn& turn) {
    turn.ask(effect::Close{file(segment, FileKind::log)});
    if (segment.has_index_files_open)
        for (const FileKind kind : {FileKind::index, FileKind::timeindex})
            turn.ask(effect::Close{file(segment, kind)});
    segment.slot = 0;
    segment.has_index_files_open = false;
}

void PartitionLog::close_unused_files(Turn& turn, Promised promised) {
    const bool is_busy = !writes_.empty() || !creating_.empty() || !index_operations_.empty() ||
                         !flushes_.empty() || !index_flushes_.empty() || !sealing_.empty() ||
                         !lookups_.empty() || cleaning_ || is_full_;
    if (state_ != State::open || is_busy) return;
    for (Segment& segment : segments_) {
        if (segment.slot == 0 || std::exchange(segment.is_used, false)) continue;
        if (std::ranges::binary_search(promised, file(segment, FileKind::log))) continue;
        close_files(segment, turn);
    }
}

void PartitionLog::open_index_files(Segment& segment, OpenMode mode, Turn& turn) {
    segment.has_index_files_open = true;
    for (const FileKind kind : {FileKind::index, FileKind::timeindex}) {
        const Token operation = ids_.next(Purpose::index);
        index_operations_[operation] = {segment.base, kind, false};
        turn.ask(effect::Open{operation, file(segment, kind), path(file_name(segment.base, kind)),
                              mode});
    }
}

// Asks for the entries that wait, as far as their batches are stored.
void PartitionLog::write_index(Segment& segment, SegmentIndex& index, Turn& turn) {
    const auto write = [&](IndexFile& entries, FileKind kind, std::uint32_t bytes) {
        if (entries.asked > 0 || bytes == 0) return;
        bind_indexes(segment, turn);
        entries.asked = bytes;
        if (segment.base == active().base) are_indexes_flushed_ = false;
        const Token operation = ids_.next(Purpose::index);
        index_operations_[operation] = {segment.base, kind, true};
        turn.ask(effect::Write{operation, file(segment, kind), entries.written,
                               Bytes::copy(ByteView(entries.waiting).first(bytes))});
    };
    const bool is_all_stored = segment.written == segment.size;
    const Offset end =
        is_all_stored && segment.base != active().base ? Offset(INT64_MAX) : written_end_;
    write(index.offsets, FileKind::index, index.offset_bytes_below(segment.written));
    write(index.times, FileKind::timeindex, index.time_bytes_below(end));
}

void PartitionLog::on_index(const event::StorageDone& done, Turn& turn) {
    const auto found = index_operations_.find(done.operation);
    if (found == index_operations_.end()) return;
    const IndexOperation operation = found->second;
    index_operations_.erase(found);
    Segment* segment = find(operation.segment);
    SegmentIndex* index = index_of(operation.segment);
    CHECK(segment && index);
    IndexFile& entries = operation.kind == FileKind::index ? index->offsets : index->times;
    const bool is_ok = done.status == StorageStatus::ok;
    if (operation.is_write) entries.settle(is_ok);
    if (!is_ok) {
        // A file that could not be made fails its writes too.
        const bool is_known =
            !segment->has_index_files_open && done.status == StorageStatus::not_found;
        if (!is_known && !is_only_full(done, "writing an index", turn)) return;
        segment->has_index_files_open = segment->has_index_files_open && operation.is_write;
        if (state_ == State::closing) return fail("the disk is full: no clean stop", turn);
        return refuse_until_room("writing an index", turn);
    }
    if (!sealing_.empty()) go_on_sealing(turn);
    if (state_ == State::closing) go_on_closing(turn);
}

// Each sealed segment: its batches stored, then its indexes complete, then all flushed.
void PartitionLog::go_on_sealing(Turn& turn) {
    for (auto& [base, sealing] : sealing_) {
        Segment& segment = *find(base);
        if (sealing.is_flushing || segment.written < segment.size) continue;
        sealing.index.finish();
        write_index(segment, sealing.index, turn);
        if (!sealing.index.offsets.waiting.empty() || !sealing.index.times.waiting.empty())
            continue;
        if (!are_producers_stored(segment)) continue;
        sealing.is_flushing = true;
        bind_indexes(segment, turn);
        trim(segment, turn);
        if (!segment.is_entry_durable) flush_directory(turn);
        for (const FileKind kind : {FileKind::log, FileKind::index, FileKind::timeindex}) {
            const Token operation = ids_.next(Purpose::flush_index);
            index_flushes_[operation] = base;
            ++sealing.flushes_left;
            turn.ask(effect::Flush{operation, file(segment, kind)});
        }
        sealing.flushes_left += flush_transactions(base, turn);
    }
}

void PartitionLog::on_index_flushed(const event::StorageDone& done, Turn& turn) {
    const auto found = index_flushes_.find(done.operation);
    if (found == index_flushes_.end()) return;
    const Offset base = found->second;
    index_flushes_.erase(found);
    if (done.status != StorageStatus::ok)
        return fail("flushing failed", done.status, turn);
    const auto sealing = sealing_.find(base);
    if (sealing != sealing_.end() && --sealing->second.flushes_left == 0) {
        const SegmentIndex& index = sealing->second.index;
        Segment& segment = *find(base);
        segment.offset_bytes = index.offsets.written;
        segment.time_bytes = index.times.written;
        segment.largest = index.largest();
        segment.is_largest_known = true;
        if (segment.is_time_index_wrong) drop_time_index(segment, turn);
        seal_transactions(segment);
        segment.flushed_to = (&segment + 1)->base;
        sealing_.erase(sealing);
        move_flushed_end();
    }
    if (state_ == State::closing) go_on_closing(turn);
}

Offset PartitionLog::end_of(std::size_t segment) const {
    return segment + 1 < segments_.size() ? segments_[segment + 1].base : log_end_;
}

void PartitionLog::flush(Turn& turn) {
    CHECK(state_ == State::open || state_ == State::closing);
    flush_wanted_ = log_end_;
    flush_asked_at_ = turn.now;
    bool are_names_durable = true;
    for (std::size_t at = find_segment(segments_, flushed_end_); at < segments_.size(); ++at) {
        are_names_durable &= segments_[at].is_entry_durable;
        if (segments_[at].flushed_to < end_of(at)) flush_segment(segments_[at], end_of(at), turn);
    }
    if (!are_names_durable) flush_directory(turn);
    if (!sealing_.empty()) go_on_sealing(turn);
    store_epochs(turn);
}

Offset PartitionLog::acknowledged_end() const {
    if (config_->flush_messages > written_end_ - flushed_end_) return written_end_;
    return std::max(acknowledged_before_, flushed_end_ + (config_->flush_messages - 1));
}

void PartitionLog::set_config(Cow<LogConfig> config, Turn& turn) {
    acknowledged_before_ = acknowledged_end();
    config_ = std::move(config);
    flush_if_due(turn);
}

// One flush at a time, for all that was appended while the last one was under way.
void PartitionLog::flush_if_due(Turn& turn) {
    if (log_end_ - flush_wanted_ >= config_->flush_messages && state_ == State::open &&
        flushes_.empty() && directory_flushes_.empty())
        flush(turn);
}

void PartitionLog::flush_if_old(Turn& turn) {
    if (state_ != State::open || flush_wanted_ == log_end_) return;
    const auto age = std::chrono::floor<std::chrono::milliseconds>(turn.now - flush_asked_at_);
    if (age.count() >= config_->flush_ms) flush(turn);
}

void PartitionLog::flush_segment(Segment& segment, Offset upto, Turn& turn) {
    bind(segment, turn);
    const Token operation = ids_.next(Purpose::flush_data);
    flushes_[operation] = {segment.base, upto};
    turn.ask(effect::Flush{operation, file(segment, FileKind::log)});
}

// Covers the segments that were made by now: an answer that says so is needed before.
void PartitionLog::flush_directory(Turn& turn) {
    Offset covered{-1};
    for (const Segment& segment : segments_) {
        if (!segment.is_created) break;
        covered = segment.base;
    }
    const Token operation = ids_.next(Purpose::flush_directory);
    directory_flushes_[operation] = covered;
    turn.ask(effect::FlushDirectory{operation, directory_});
}

void PartitionLog::on_directory_flushed(const event::StorageDone& done, Turn& turn) {
    const auto found = directory_flushes_.find(done.operation);
    if (found == directory_flushes_.end()) return;
    const Offset covered = found->second;
    directory_flushes_.erase(found);
    if (done.status != StorageStatus::ok)
        return fail("flushing its directory failed", done.status, turn);
    for (Segment& segment : segments_)
        if (segment.base <= covered) segment.is_entry_durable = true;
    move_flushed_end();
    flush_if_due(turn);
    if (state_ == State::closing) go_on_closing(turn);
}

void PartitionLog::on_data_flushed(const event::StorageDone& done, Turn& turn) {
    const auto found = flushes_.find(done.operation);
    if (found == flushes_.end()) return;
    const FlushUnderWay flush = found->second;
    flushes_.erase(found);
    // After a failed flush nobody knows what is stored: there is no second try.
    if (done.status != StorageStatus::ok)
        return fail("flushing failed", done.status, turn);
    if (Segment* segment = find(flush.segment)) {
        segment->flushed_to = std::max(segment->flushed_to, flush.upto);
        move_flushed_end();
    }
    flush_if_due(turn);
    if (state_ == State::closing) go_on_closing(turn);
}

void PartitionLog::move_flushed_end() {
    for (std::size_t at = find_segment(segments_, flushed_end_); at < segments_.size(); ++at) {
        const Segment& segment = segments_[at];
        if (!segment.is_entry_durable) break;
        flushed_end_ = std::max(flushed_end_, std::min(segment.flushed_to, written_end_));
        if (flushed_end_ < end_of(at)) break;
    }
    CHECK(flushed_end_ <= written_end_);
}

Offset PartitionLog::recovery_point() const {
    return sealing_.empty() ? flushed_end_ : std::min(flushed_end_, sealing_.begin()->first);
}

}  // namespace barnabas::log
