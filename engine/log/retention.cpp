// PartitionLog: what goes from the start of the log.
#include <algorithm>
#include <array>

#include "engine/base/wait.h"
#include "engine/log/partition_log.h"

namespace barnabas::log {

namespace {}  // namespace

void PartitionLog::raise_log_start(Offset start, Turn& turn) {
    CHECK(start <= written_end_);
    if (start <= log_start_) return;
    log_start_ = start;
    if (!epochs_.cut_start(start)) return;
    are_epochs_stored_ = false;
    store_epochs(turn);
}

bool PartitionLog::is_beyond_retention(const Segment& segment, std::uint64_t excess_bytes,
                                       const Turn& turn) const {
    if (!config_->is_deleted) return false;
    if (excess_bytes >= segment.size && excess_bytes > 0) return true;
    if (config_->retention_ms < 0 || !segment.is_largest_known || segment.is_age_unknown)
        return false;
    const bool is_active = segment.base == segments_.back().base;
    const std::int64_t newest = is_active ? active_index_.largest().timestamp : -1;
    const std::int64_t largest =
        newest >= 0 ? std::max(newest, segment.largest.timestamp) : segment.age_timestamp();
    return largest >= 0 && turn.wall.time_since_epoch().count() - largest > config_->retention_ms;
}

void PartitionLog::clean_up(Offset below, Turn& turn, Promised promised) {
    if (state_ != State::open) return;
    const auto is_promised = [&](std::uint32_t slot) {
        return std::ranges::binary_search(promised, ids_.file(slot, FileKind::log));
    };
    while (!deleted_.empty() && deleted_.front().remove_at <= turn.now &&
           !is_promised(deleted_.front().slot)) {
        for (const FileKind kind : all_file_kinds)
            turn.ask(
                effect::Remove{ids_.next(Purpose::remove), ids_.file(deleted_.front().slot, kind)});
        deleted_.pop_front();
    }
    delete_what_is_due(below, turn);
}

void PartitionLog::delete_what_is_due(Offset below, Turn& turn) {
    if (state_ != State::open || cleaning_) return;  // it counts on the segments that it began with
    deleting_below_ = below = std::min(below, written_end_);
    std::uint64_t excess = 0;
    if (config_->retention_bytes >= 0 &&
        size_bytes() > static_cast<std::uint64_t>(config_->retention_bytes))
        excess = size_bytes() - static_cast<std::uint64_t>(config_->retention_bytes);
    const Segment& first = segments_.front();
    const Offset end = end_of(0);
    const bool is_only_empty = first.size == 0 && segments_.size() == 1;
    const bool is_due = end <= log_start_ || is_beyond_retention(first, excess, turn);
    if (is_due && end <= below && !is_only_empty && !sealing_.contains(first.base) && !deleting_) {
        if (segments_.size() > 1) {
            delete_first_segment(turn);
        } else if (!is_full_ && writes_.empty()) {
            roll(turn);  // it goes once it is sealed: the next call finds it so
        }
    }
    const bool is_any_unknown =
        std::ranges::any_of(segments_, [](const Segment& one) { return !one.is_largest_known; });
    if (config_->is_deleted && config_->retention_ms >= 0 && is_any_unknown) learn_timestamps(turn);
}

// One segment is gone from the log's directory before the next one goes: a crash between two of
// them must not leave a hole, behind which the next start would give up all.
void PartitionLog::on_removed(const event::StorageDone& done, Turn& turn) {
    // What else could not be removed is looked at by the next open.
    if (!deleting_ || done.operation != (*deleting_)->operation) return;
    if (done.status == StorageStatus::no_space) {
        deleting_->edit().is_refused = true;
        turn.note(Occurrence::Kind::storage, partition_.text(),
                  "the disk is full: a segment is deleted when there is room for its new name",
                  Severity::warning);
        if (state_ == State::closing) go_on_closing(turn);
        return;
    }
    deleting_.reset();
    if (done.status != StorageStatus::ok && done.status != StorageStatus::not_found)
        return fail("deleting a segment", done.status, turn);
    if (done.status == StorageStatus::ok) delete_what_is_due(deleting_below_, turn);
}

void PartitionLog::rename_deleted(Turn& turn) {
    Deleting& deleting = deleting_->edit();
    deleting.is_refused = false;
    deleting.operation = ids_.next(Purpose::remove);
    turn.ask(effect::Rename{deleting.operation, ids_.file(deleting.slot, FileKind::log),
                            deleting.path});
}

// Readers that were given a range of it may finish: its files are renamed now and removed later.
void PartitionLog::delete_first_segment(Turn& turn) {
    Segment& segment = segments_.front();
    bind(segment, turn);
    for (const FileKind kind : all_file_kinds) {
        const std::string name = path(file_name(segment.base, kind));
        const bool is_index = kind == FileKind::index || kind == FileKind::timeindex;
        if (kind == FileKind::txnindex || (is_index && !segment.has_index_files_open))
            turn.ask(effect::Open{ids_.next(Purpose::remove), file(segment, kind), name,
                                  OpenMode::existing});
        if (kind == FileKind::log) {
            deleting_.emplace(Deleting{Token(), segment.slot, name + ".deleted"});
            rename_deleted(turn);
            continue;
        }
        turn.ask(
            effect::Rename{ids_.next(Purpose::remove), file(segment, kind), name + ".deleted"});
    }
    deleted_.push_back({segment.slot, turn.now + wait_of(config_->file_delete_delay_ms)});
    turn.note(Occurrence::Kind::segment, partition_.text(),
              "the segment at " + std::to_string(segment.base.value()) + " is deleted");
    remove_snapshot(segment.base, turn);
    segments_.erase(segments_.begin());
    raise_log_start(std::max(log_start_, segments_.front().base), turn);
    flushed_end_ = std::max(flushed_end_, segments_.front().base);
}

}  // namespace barnabas::log
