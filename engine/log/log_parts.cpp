#include "engine/log/log_parts.h"

#include <algorithm>

#include "engine/runtime/visit.h"

namespace barnabas::log {

Segment* LogParts::find(Offset segment) {
    const auto found = std::ranges::lower_bound(segments, segment, {}, &Segment::base);
    return found != segments.end() && found->base == segment ? &*found : nullptr;
}

Offset LogParts::end_of(std::size_t segment) const {
    return segment + 1 < segments.size() ? segments[segment + 1].base : end;
}

std::uint32_t LogParts::free_slot() {
    for (;;) {
        const std::uint32_t slot = ids.next_slot();
        const auto has_it = [&](const Segment& row) { return row.slot == slot; };
        if (std::ranges::none_of(segments, has_it) && !retention.uses(slot) &&
            !compaction.uses(slot))
            return slot;
    }
}

void LogParts::bind(Segment& segment, Turn& turn) {
    segment.is_used = true;
    if (segment.slot != 0) return;
    segment.slot = free_slot();
    turn.ask(effect::Open{ids.next(Purpose::lookup), file(segment, FileKind::log),
                          path(file_name(segment.base, FileKind::log)), OpenMode::existing});
}

void LogParts::bind_indexes(Segment& segment, Turn& turn) {
    bind(segment, turn);
    if (segment.has_index_files_open) return;
    if (sealer.index_of(segment.base, *this))
        return sealer.open_index_files(segment, OpenMode::create, *this, turn);
    segment.has_index_files_open = true;
    for (const FileKind kind : {FileKind::index, FileKind::timeindex})
        turn.ask(effect::Open{ids.next(Purpose::lookup), file(segment, kind),
                              path(file_name(segment.base, kind)), OpenMode::existing});
}

void LogParts::close_files(Segment& segment, Turn& turn) {
    turn.ask(effect::Close{file(segment, FileKind::log)});
    if (segment.has_index_files_open)
        for (const FileKind kind : {FileKind::index, FileKind::timeindex})
            turn.ask(effect::Close{file(segment, kind)});
    segment.slot = 0;
    segment.has_index_files_open = false;
}

void LogParts::close_all_files(Turn& turn) {
    for (Segment& segment : segments)
        if (segment.slot != 0) close_files(segment, turn);
}

bool LogParts::is_at_rest() const {
    return !tail.is_writing() && !tail.is_creating() && !sealer.is_writing() &&
           !sealer.is_flushing() && sealer.is_empty() && !flusher.is_flushing() &&
           !lookups.is_busy() && !compaction.is_under_way();
}

void LogParts::close_unused_files(Promised promised, Turn& turn) {
    if (state != LogState::open || room.is_full() || !is_at_rest()) return;
    for (Segment& segment : segments) {
        if (segment.slot == 0 || std::exchange(segment.is_used, false)) continue;
        if (std::ranges::binary_search(promised, file(segment, FileKind::log))) continue;
        close_files(segment, turn);
    }
}

void LogParts::fail(std::string why, Turn& turn) {
    if (state == LogState::failed) return;
    give_up(std::move(why), turn);
    turn.note(Occurrence::Kind::storage, partition.text(), failure, Severity::error);
}

void LogParts::fail(std::string_view what, StorageStatus status, Turn& turn) {
    is_medium_broken |= is_of_medium(status);
    fail(std::string(what) + ": " + std::string(name_of(status)), turn);
}

void LogParts::give_up(std::string why, Turn& turn) {
    state = LogState::failed;
    failure = std::move(why);
    opening.drop(*this, turn);
    cutting.drop(*this, turn);
    lookups.give_up(*this);
    compaction.drop();
}

bool LogParts::is_only_full(const event::StorageDone& done, std::string_view what, Turn& turn) {
    if (done.status == StorageStatus::no_space) return true;
    fail(std::string(what) + " failed", done.status, turn);
    return false;
}

}  // namespace barnabas::log
