#include "engine/log/flusher.h"

#include <algorithm>

#include "engine/log/log_parts.h"
#include "engine/runtime/visit.h"

namespace barnabas::log {

void Flusher::begin(const LogParts& log, const Turn& turn) {
    asked_at_ = turn.now;
    end_ = acknowledged_before_ = log.segments.front().base;
    move_end(log);
    wanted_ = end_;
}

void Flusher::flush(LogParts& log, Turn& turn) {
    CHECK(log.state == LogState::open || log.is_closing());
    wanted_ = log.end;
    asked_at_ = turn.now;
    bool are_names_durable = true;
    for (std::size_t at = find_segment(log.segments, end_); at < log.segments.size(); ++at) {
        Segment& segment = log.segments[at];
        are_names_durable &= segment.is_entry_durable;
        if (segment.flushed_to < log.end_of(at)) flush_segment(segment, log.end_of(at), log, turn);
    }
    if (!are_names_durable) flush_directory(log, turn);
    log.sealer.go_on(log, turn);
    log.texts.store_epochs(log, turn);
}

Offset Flusher::acknowledged_end(const LogParts& log) const {
    if (log.config->flush_messages > log.written_end - end_) return log.written_end;
    return std::max(acknowledged_before_, end_ + (log.config->flush_messages - 1));
}

void Flusher::set_config(Cow<LogConfig> config, LogParts& log, Turn& turn) {
    acknowledged_before_ = acknowledged_end(log);
    log.config = std::move(config);
    flush_if_due(log, turn);
}

// One flush at a time, for all that was appended while the last one was under way.
void Flusher::flush_if_due(LogParts& log, Turn& turn) {
    if (log.end - wanted_ >= log.config->flush_messages && log.state == LogState::open &&
        flushes_.empty() && directory_flushes_.empty())
        flush(log, turn);
}

void Flusher::flush_if_old(LogParts& log, Turn& turn) {
    if (log.state != LogState::open || wanted_ == log.end) return;
    const auto age = std::chrono::floor<std::chrono::milliseconds>(turn.now - asked_at_);
    if (age.count() >= log.config->flush_ms) flush(log, turn);
}

void Flusher::flush_segment(Segment& segment, Offset upto, LogParts& log, Turn& turn) {
    log.bind(segment, turn);
    const Token operation = log.ids.next(Purpose::flush_data);
    flushes_[operation] = {segment.base, upto};
    turn.ask(effect::Flush{operation, log.file(segment, FileKind::log)});
}

// Covers the segments that were made by now: an answer that says so is needed before.
void Flusher::flush_directory(LogParts& log, Turn& turn) {
    Offset covered{-1};
    for (const Segment& segment : log.segments) {
        if (!segment.is_created) break;
        covered = segment.base;
    }
    const Token operation = log.ids.next(Purpose::flush_directory);
    directory_flushes_[operation] = covered;
    turn.ask(effect::FlushDirectory{operation, log.directory});
}

void Flusher::on_directory_flushed(const event::StorageDone& done, LogParts& log, Turn& turn) {
    const auto found = directory_flushes_.find(done.operation);
    if (found == directory_flushes_.end()) return;
    const Offset covered = found->second;
    directory_flushes_.erase(found);
    if (done.status != StorageStatus::ok)
        return log.fail("flushing its directory failed", done.status, turn);
    for (Segment& segment : log.segments)
        if (segment.base <= covered) segment.is_entry_durable = true;
    move_end(log);
    flush_if_due(log, turn);
    if (log.is_closing()) log.closing.go_on(log, turn);
}

void Flusher::on_data_flushed(const event::StorageDone& done, LogParts& log, Turn& turn) {
    const auto found = flushes_.find(done.operation);
    if (found == flushes_.end()) return;
    const UnderWay flush = found->second;
    flushes_.erase(found);
    // After a failed flush nobody knows what is stored: there is no second try.
    if (done.status != StorageStatus::ok)
        return log.fail("flushing failed", done.status, turn);
    if (Segment* segment = log.find(flush.segment)) {
        segment->flushed_to = std::max(segment->flushed_to, flush.upto);
        move_end(log);
    }
    flush_if_due(log, turn);
    if (log.is_closing()) log.closing.go_on(log, turn);
}

void Flusher::move_end(const LogParts& log) {
    for (std::size_t at = find_segment(log.segments, end_); at < log.segments.size(); ++at) {
        const Segment& segment = log.segments[at];
        if (!segment.is_entry_durable) break;
        end_ = std::max(end_, std::min(segment.flushed_to, log.written_end));
        if (end_ < log.end_of(at)) break;
    }
    CHECK(end_ <= log.written_end);
}


void Flusher::cut_back(Offset end) {
    for (auto& [token, flush] : flushes_) flush.upto = std::min(flush.upto, end);
    wanted_ = std::min(wanted_, end);
}

void Flusher::forget(Offset segment) {
    std::erase_if(flushes_, [&](const auto& entry) { return entry.second.segment == segment; });
}

}  // namespace barnabas::log
