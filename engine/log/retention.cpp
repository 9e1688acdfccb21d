#include "engine/log/retention.h"

#include <algorithm>

#include "engine/base/wait.h"
#include "engine/log/log_parts.h"
#include "engine/runtime/visit.h"

namespace barnabas::log {
namespace {

// So much there is beyond retention.bytes.
std::uint64_t excess_bytes(const LogParts& log) {
    if (log.config->retention_bytes < 0) return 0;
    std::uint64_t bytes = 0;
    for (const Segment& segment : log.segments) bytes += segment.size;
    const auto kept = static_cast<std::uint64_t>(log.config->retention_bytes);
    return bytes > kept ? bytes - kept : 0;
}

}  // namespace

void Retention::raise_start(Offset start, LogParts& log, Turn& turn) {
    CHECK(start <= log.written_end);
    if (start <= log.start) return;
    log.start = start;
    log.texts.cut_start(start, log, turn);
}

bool Retention::is_beyond(const Segment& segment, std::uint64_t excess_bytes, const LogParts& log,
                          const Turn& turn) {
    if (!log.config->is_deleted) return false;
    if (excess_bytes >= segment.size && excess_bytes > 0) return true;
    if (log.config->retention_ms < 0 || !segment.is_largest_known || segment.is_age_unknown)
        return false;
    const bool is_active = segment.base == log.segments.back().base;
    const std::int64_t newest = is_active ? log.tail.index().largest().timestamp : -1;
    const std::int64_t largest =
        newest >= 0 ? std::max(newest, segment.largest.timestamp) : segment.age_timestamp();
    const std::int64_t now = turn.wall.time_since_epoch().count();
    return largest >= 0 && now - largest > log.config->retention_ms;
}

void Retention::clean_up(Offset below, Promised promised, LogParts& log, Turn& turn) {
    if (log.state != LogState::open) return;
    const auto is_promised = [&](std::uint32_t slot) {
        return std::ranges::binary_search(promised, log.ids.file(slot, FileKind::log));
    };
    while (!deleted_.empty() && deleted_.front().remove_at <= turn.now &&
           !is_promised(deleted_.front().slot)) {
        for (const FileKind kind : all_file_kinds)
            turn.ask(effect::Remove{log.ids.next(Purpose::remove),
                                    log.ids.file(deleted_.front().slot, kind)});
        deleted_.pop_front();
    }
    delete_what_is_due(below, log, turn);
}

void Retention::delete_what_is_due(Offset below, LogParts& log, Turn& turn) {
    // A compaction counts on the segments that it began with.
    if (log.state != LogState::open || log.compaction.is_under_way()) return;
    below_ = below = std::min(below, log.written_end);
    const std::uint64_t excess = excess_bytes(log);
    const Segment& first = log.segments.front();
    const Offset end = log.end_of(0);
    const bool is_only_empty = first.size == 0 && log.segments.size() == 1;
    const bool is_due = end <= log.start || is_beyond(first, excess, log, turn);
    if (is_due && end <= below && !is_only_empty && !log.sealer.has(first.base) && !deleting_) {
        if (log.segments.size() > 1) {
            delete_first_segment(log, turn);
        } else if (!log.room.is_full() && !log.tail.is_writing()) {
            // It goes once it is sealed: the next call finds it so.
            log.tail.roll(log.end, log, turn);
        }
    }
    const bool is_any_unknown =
        std::ranges::any_of(log.segments, [](const Segment& one) { return !one.is_largest_known; });
    if (log.config->is_deleted && log.config->retention_ms >= 0 && is_any_unknown)
        log.lookups.learn_timestamps(log, turn);
}

void Retention::on_renamed(const event::StorageDone& done, LogParts& log, Turn& turn) {
    // What else could not be removed is looked at by the next open.
    if (!deleting_ || done.operation != (*deleting_)->operation) return;
    if (done.status == StorageStatus::no_space) {
        deleting_->edit().is_refused = true;
        turn.note(Occurrence::Kind::storage, log.partition.text(),
                  "the disk is full: a segment is deleted when there is room for its new name",
                  Severity::warning);
        if (log.is_closing()) log.closing.go_on(log, turn);
        return;
    }
    deleting_.reset();
    if (done.status != StorageStatus::ok && done.status != StorageStatus::not_found)
        return log.fail("deleting a segment", done.status, turn);
    if (done.status == StorageStatus::ok) delete_what_is_due(below_, log, turn);
}

void Retention::rename(LogParts& log, Turn& turn) {
    Deleting& deleting = deleting_->edit();
    deleting.is_refused = false;
    deleting.operation = log.ids.next(Purpose::remove);
    turn.ask(effect::Rename{deleting.operation, log.ids.file(deleting.slot, FileKind::log),
                            deleting.path});
}

// Readers that were given a range of it may finish: its files are renamed now and removed later.
void Retention::delete_first_segment(LogParts& log, Turn& turn) {
    Segment& segment = log.segments.front();
    log.bind(segment, turn);
    for (const FileKind kind : all_file_kinds) {
        const std::string name = log.path(file_name(segment.base, kind));
        const bool is_index = kind == FileKind::index || kind == FileKind::timeindex;
        if (kind == FileKind::txnindex || (is_index && !segment.has_index_files_open))
            turn.ask(effect::Open{log.ids.next(Purpose::remove), log.file(segment, kind), name,
                                  OpenMode::existing});
        if (kind == FileKind::log) {
            deleting_.emplace(Deleting{Token(), segment.slot, name + ".deleted"});
            rename(log, turn);
            continue;
        }
        turn.ask(effect::Rename{log.ids.next(Purpose::remove), log.file(segment, kind),
                                name + ".deleted"});
    }
    add_deleted(segment.slot, log, turn);
    turn.note(Occurrence::Kind::segment, log.partition.text(),
              "the segment at " + std::to_string(segment.base.value()) + " is deleted");
    log.producers.remove_snapshot(segment.base, log, turn);
    log.segments.erase(log.segments.begin());
    raise_start(std::max(log.start, log.segments.front().base), log, turn);
    log.flusher.raise_start(log.segments.front().base);
}

void Retention::add_deleted(std::uint32_t slot, const LogParts& log, const Turn& turn) {
    deleted_.push_back({slot, turn.now + wait_of(log.config->file_delete_delay_ms)});
}

bool Retention::uses(std::uint32_t slot) const {
    return std::any_of(deleted_.begin(), deleted_.end(),
                       [&](const Deleted& row) { return row.slot == slot; });
}

void Retention::try_again(LogParts& log, Turn& turn) {
    if (waits_for_room()) rename(log, turn);
}

}  // namespace barnabas::log
