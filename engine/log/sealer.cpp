#include "engine/log/sealer.h"

#include "engine/log/log_parts.h"
#include "engine/runtime/visit.h"

namespace barnabas::log {

void Sealer::add(Offset segment, SegmentIndex index) {
    segments_[segment] = Sealing{std::move(index)};
}

SegmentIndex Sealer::take_back(Offset segment) {
    const auto found = segments_.find(segment);
    CHECK(found != segments_.end());
    SegmentIndex index = std::move(found->second.index);
    segments_.erase(found);
    return index;
}

void Sealer::forget(Offset segment) {
    std::erase_if(flushes_, [&](const auto& entry) { return entry.second == segment; });
    std::erase_if(operations_, [&](const auto& entry) { return entry.second.segment == segment; });
}

Token Sealer::next_flush(Offset segment, LogParts& log) {
    const Token operation = log.ids.next(Purpose::flush_index);
    flushes_[operation] = segment;
    return operation;
}

SegmentIndex* Sealer::index_of(Offset segment, LogParts& log) {
    if (segment == log.active().base) return &log.tail.index();
    const auto found = segments_.find(segment);
    return found == segments_.end() ? nullptr : &found->second.index;
}

void Sealer::flush_active(LogParts& log, Turn& turn) {
    if (are_active_indexes_flushed_) return;
    log.bind_indexes(log.active(), turn);
    for (const FileKind kind : {FileKind::index, FileKind::timeindex}) {
        const Token operation = next_flush(log.active().base, log);
        turn.ask(effect::Flush{operation, log.file(log.active(), kind)});
    }
}

void Sealer::open_index_files(Segment& segment, OpenMode mode, LogParts& log, Turn& turn) {
    segment.has_index_files_open = true;
    for (const FileKind kind : {FileKind::index, FileKind::timeindex}) {
        const Token operation = log.ids.next(Purpose::index);
        operations_[operation] = {segment.base, kind, false};
        turn.ask(effect::Open{operation, log.file(segment, kind),
                              log.path(file_name(segment.base, kind)), mode});
    }
}

// Asks for the entries that wait, as far as their batches are stored.
void Sealer::write_index(Segment& segment, SegmentIndex& index, LogParts& log, Turn& turn) {
    const auto write = [&](IndexFile& entries, FileKind kind, std::uint32_t bytes) {
        if (entries.asked > 0 || bytes == 0) return;
        log.bind_indexes(segment, turn);
        entries.asked = bytes;
        if (segment.base == log.active().base) are_active_indexes_flushed_ = false;
        const Token operation = log.ids.next(Purpose::index);
        operations_[operation] = {segment.base, kind, true};
        turn.ask(effect::Write{operation, log.file(segment, kind), entries.written,
                               Bytes::copy(ByteView(entries.waiting).first(bytes))});
    };
    const bool is_all_stored = segment.written == segment.size;
    const Offset end =
        is_all_stored && segment.base != log.active().base ? Offset(INT64_MAX) : log.written_end;
    write(index.offsets, FileKind::index, index.offset_bytes_below(segment.written));
    write(index.times, FileKind::timeindex, index.time_bytes_below(end));
}

void Sealer::on_index(const event::StorageDone& done, LogParts& log, Turn& turn) {
    const auto found = operations_.find(done.operation);
    if (found == operations_.end()) return;
    const IndexOperation operation = found->second;
    operations_.erase(found);
    Segment* segment = log.find(operation.segment);
    SegmentIndex* index = index_of(operation.segment, log);
    CHECK(segment && index);
    IndexFile& entries = operation.kind == FileKind::index ? index->offsets : index->times;
    const bool is_ok = done.status == StorageStatus::ok;
    if (operation.is_write) entries.settle(is_ok);
    if (!is_ok) {
        // A file that could not be made fails its writes too.
        const bool is_known =
            !segment->has_index_files_open && done.status == StorageStatus::not_found;
        if (!is_known && !log.is_only_full(done, "writing an index", turn)) return;
        segment->has_index_files_open = segment->has_index_files_open && operation.is_write;
        if (log.is_closing())
            return log.fail("the disk is full: no clean stop", turn);
        return log.room.refuse("writing an index", log, turn);
    }
    go_on(log, turn);
    if (log.is_closing()) log.closing.go_on(log, turn);
}

// Each sealed segment: its batches stored, then its indexes complete, then all flushed.
void Sealer::go_on(LogParts& log, Turn& turn) {
    for (auto& [base, sealing] : segments_) {
        Segment& segment = *log.find(base);
        if (sealing.is_flushing || segment.written < segment.size) continue;
        sealing.index.finish();
        write_index(segment, sealing.index, log, turn);
        if (!sealing.index.offsets.waiting.empty() || !sealing.index.times.waiting.empty())
            continue;
        if (!log.producers.are_stored(segment)) continue;
        sealing.is_flushing = true;
        log.bind_indexes(segment, turn);
        Tail::trim(segment, log, turn);
        if (!segment.is_entry_durable) log.flusher.flush_directory(log, turn);
        for (const FileKind kind : {FileKind::log, FileKind::index, FileKind::timeindex}) {
            const Token operation = next_flush(base, log);
            ++sealing.flushes_left;
            turn.ask(effect::Flush{operation, log.file(segment, kind)});
        }
        sealing.flushes_left += log.producers.flush_index(base, log, turn);
    }
}

void Sealer::on_flushed(const event::StorageDone& done, LogParts& log, Turn& turn) {
    const auto found = flushes_.find(done.operation);
    if (found == flushes_.end()) return;
    const Offset base = found->second;
    flushes_.erase(found);
    if (done.status != StorageStatus::ok)
        return log.fail("flushing failed", done.status, turn);
    const auto sealing = segments_.find(base);
    if (sealing != segments_.end() && --sealing->second.flushes_left == 0) {
        finish(base, sealing->second.index, log, turn);
        segments_.erase(sealing);
        log.flusher.move_end(log);
    }
    if (log.is_closing()) log.closing.go_on(log, turn);
}

// It is as a clean stop would leave it.
void Sealer::finish(Offset base, const SegmentIndex& index, LogParts& log, Turn& turn) {
    Segment& segment = *log.find(base);
    segment.offset_bytes = index.offsets.written;
    segment.time_bytes = index.times.written;
    segment.largest = index.largest();
    segment.is_largest_known = true;
    if (segment.is_time_index_wrong) Lookups::drop_time_index(segment, log, turn);
    log.producers.seal_index(segment);
    segment.flushed_to = (&segment + 1)->base;
}

}  // namespace barnabas::log
