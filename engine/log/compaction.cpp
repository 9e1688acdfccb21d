#include "engine/log/compaction.h"

#include <algorithm>

#include "engine/base/wait.h"
#include "engine/log/log_parts.h"
#include "engine/runtime/visit.h"

namespace barnabas::log {

// Nothing that is not flushed may be cleaned: what replaces it will be.
Offset Compaction::sealed_end(const LogParts& log) {
    return log.sealer.is_empty() ? log.active().base : log.sealer.first();
}

Cleanable Compaction::cleanable(Offset first_dirty, Offset below, const CleaningSettings& settings,
                                LogParts& log, Turn& turn) {
    CHECK(log.state == LogState::open);
    const std::int64_t now = turn.wall.time_since_epoch().count();
    Cleanable found;
    found.first_dirty = std::max(first_dirty, log.start);
    below = std::min(below, sealed_end(log));
    std::size_t at = find_segment(log.segments, found.first_dirty);
    const std::size_t first = at;
    for (; log.segments[at].base < below && log.end_of(at) <= below; ++at) {
        Segment& segment = log.segments[at];
        if (settings.lag_ms_min > 0) {
            if (!segment.is_largest_known) {
                log.lookups.learn_timestamps(log, turn);
                break;
            }
            if (segment.age_timestamp() > saturating_minus(now, settings.lag_ms_min)) break;
        }
        found.dirty_bytes += segment.size;
        if (settings.lag_ms_max == INT64_MAX || segment.size == 0) continue;
        if (segment.first_timestamp == records::no_timestamp)
            learn_first_timestamp(segment, log, turn);
        const std::int64_t since = segment.first_timestamp;
        found.is_overdue = found.is_overdue || (since > 0 && since < now - settings.lag_ms_max);
    }
    found.end = std::max(log.segments[at].base, found.first_dirty);
    for (std::size_t old = 0; old <= first && log.segments[old].base < found.first_dirty; ++old)
        found.clean_bytes += log.segments[old].size;
    return found;
}

// A sealed segment is opened by its name alone; its age stands in the head of its first batch.
void Compaction::learn_first_timestamp(Segment& segment, LogParts& log, Turn& turn) {
    const auto is_of_it = [&](const auto& row) { return row.second == segment.base; };
    if (std::ranges::any_of(reading_heads_, is_of_it)) return;
    log.bind(segment, turn);
    const Token operation = log.ids.next(Purpose::clean);
    reading_heads_[operation] = segment.base;
    turn.ask(effect::Read{operation, log.file(segment, FileKind::log), 0,
                          static_cast<std::uint32_t>(records::batch_head_bytes)});
}

bool Compaction::on_head_read(const event::StorageDone& done, LogParts& log, Turn& turn) {
    const auto node = reading_heads_.extract(done.operation);
    if (node.empty()) return false;
    Segment* segment = log.find(node.mapped());
    if (is_of_medium(done.status)) log.fail("reading failed", done.status, turn);
    const auto head = records::BatchHeader::parse(done.bytes);
    // One that says nothing of its age is as old as can be: 0 counts as no age.
    if (segment && done.status == StorageStatus::ok)
        segment->first_timestamp = head ? std::max<std::int64_t>(head->max_timestamp, 0) : 0;
    return true;
}

void Compaction::begin(const Cleanable& what, const CleaningSettings& settings, LogParts& log,
                       Turn& turn) {
    CHECK(log.state == LogState::open);
    CHECK(!cleaning_ && !result_);
    Cleaner::Plan plan;
    plan.directory = log.directory;
    plan.first_dirty = what.first_dirty;
    plan.rules.now = turn.wall.time_since_epoch().count();
    plan.rules.delete_retention_ms = settings.delete_retention_ms;
    plan.rules.end = what.end;
    if (const ProducerStates* states = log.producers.states()) {
        for (const auto& [id, producer] : states->producers()) {
            const auto* last = producer.last_batch();
            plan.rules.producers[id] = {last ? last->last : Offset(-1), producer.epoch};
        }
    }
    plan.config = *log.config;
    plan.rules.record_bytes_max = log.config->record_bytes_max;
    plan.map_bytes_max = settings.map_bytes_max;
    plan.map_load_millionths = settings.map_load_millionths;
    for (const Segment& segment : log.segments)
        if (segment.base < what.end)
            plan.sources.push_back(
                {segment.base, segment.size, segment.offset_bytes, segment.time_bytes});
    const std::uint32_t reading_slot = log.free_slot();
    const std::uint32_t writing_slot = log.free_slot();
    cleaning_.emplace(Cleaning{Cleaner(std::move(plan), reading_slot, writing_slot), {}});
    log.aborted.find_for_compaction(what.end, log, turn);
}

void Compaction::go_on(LogParts& log, Turn& turn) {
    CHECK(is_waiting());
    cleaning_->edit().cleaner.advance(log.ids, turn);
}

void Compaction::stop(LogParts& log, Turn& turn) {
    if (!cleaning_ || (*cleaning_)->swap) return;  // a swap is not left half done
    Cleaner& cleaner = cleaning_->edit().cleaner;
    if (cleaner.trouble() != Cleaner::Trouble::none) return;
    cleaner.give_up(Cleaner::Trouble::stopped, "the log is closed", log.ids, turn);
    look(log, turn);
}

// Needs: nothing was swapped in yet.
void Compaction::give_up(std::string why, LogParts& log, Turn& turn) {
    cleaning_->edit().cleaner.give_up(Cleaner::Trouble::corrupt, std::move(why), log.ids, turn);
    look(log, turn);
}

void Compaction::on(const event::StorageDone& done, LogParts& log, Turn& turn) {
    if (on_head_read(done, log, turn) || !cleaning_) return;
    Cleaning& cleaning = cleaning_->edit();
    if (cleaning.swap) {
        cleaning.swap->on(done, log.ids, turn);
        return go_on_swapping(log, turn);
    }
    cleaning.cleaner.on(done, log.ids, turn);
    look(log, turn);
}

void Compaction::on(const event::Computed& done, LogParts& log, Turn& turn) {
    if (!cleaning_) return;
    cleaning_->edit().cleaner.on(done, log.ids, turn);
    look(log, turn);
}

// Looks at how far the job has come.
void Compaction::look(LogParts& log, Turn& turn) {
    Cleaning& cleaning = cleaning_->edit();
    Cleaner& cleaner = cleaning.cleaner;
    if (cleaner.trouble() == Cleaner::Trouble::storage)
        return log.fail("compaction failed", cleaner.status(), turn);
    if (cleaner.has_segment()) {
        if (log.state != LogState::open) return stop(log, turn);
        return begin_swap(log, turn);
    }
    if (!cleaner.is_done() && !cleaner.has_failed()) return;
    finish(log, turn);
}

void Compaction::finish(LogParts& log, Turn& turn) {
    const Cleaner& cleaner = (*cleaning_)->cleaner;
    CleaningResult result{cleaner.trouble(), {}};
    if (cleaner.is_done()) {
        result.cleaned_end = cleaner.cleaned_end();
        turn.note(Occurrence::Kind::segment, log.partition.text(),
                  "compacted up to offset " + std::to_string(result.cleaned_end.value()) + ": " +
                      std::to_string(cleaner.filter().records_kept()) + " of " +
                      std::to_string(cleaner.filter().records_read()) + " records, " +
                      std::to_string(cleaner.bytes_after()) + " of " +
                      std::to_string(cleaner.bytes_before()) + " bytes stay");
    } else {
        const bool is_stopped = cleaner.trouble() == Cleaner::Trouble::stopped;
        turn.note(Occurrence::Kind::segment, log.partition.text(),
                  "compaction was given up: " + cleaner.failure(),
                  is_stopped ? Severity::info : Severity::warning);
    }
    result_ = result;
    cleaning_.reset();
    if (log.is_closing()) log.closing.go_on(log, turn);
}

void Compaction::go_on_swapping(LogParts& log, Turn& turn) {
    Cleaning& cleaning = cleaning_->edit();
    SegmentSwap& swap = *cleaning.swap;
    if (swap.status() != StorageStatus::ok)
        return log.fail("swapping a segment in failed", swap.status(), turn);
    if (swap.is_refused()) {
        if (log.is_closing())
            return log.fail("the disk is full: no clean stop", turn);
        turn.note(Occurrence::Kind::storage, log.partition.text(),
                  "the disk is full: a compacted segment is swapped in when there is room",
                  Severity::warning);
        return;
    }
    if (swap.take_commit()) replace_segments(swap.fresh(), swap.old(), log, turn);
    if (!swap.is_done()) return;
    for (const SegmentSwap::Old& old : swap.old())
        log.retention.add_deleted(old.slot, log, turn);
    cleaning.swap.reset();
    cleaning.cleaner.go_on(log.free_slot());
    look(log, turn);
    if (log.is_closing()) stop(log, turn);
}

// Ranges that readers were given stay good: they name the old files, which are removed later. A
// lookup that is under way in one of them begins anew.
void Compaction::replace_segments(const CleanedSegment& fresh,
                                  const std::vector<SegmentSwap::Old>& old, LogParts& log,
                                  Turn& turn) {
    const auto is_old = [&](Offset base) {
        return base >= fresh.segment.base && base < fresh.next;
    };
    CHECK(!old.empty() && old.front().base == fresh.segment.base);
    CHECK(fresh.next <= sealed_end(log));
    log.lookups.replace_segments(fresh.segment.base, fresh.next);
    log.aborted.replace_segments(fresh.segment.base, fresh.next);
    log.producers.replace_segments(fresh.segment.base, fresh.next, log, turn);
    const auto first = std::ranges::find(log.segments, fresh.segment.base, &Segment::base);
    CHECK(first != log.segments.end());
    const auto end = std::find_if(first + 1, log.segments.end(),
                                  [&](const Segment& one) { return !is_old(one.base); });
    const std::int64_t written_by = (end - 1)->written_by;
    *first = fresh.segment;
    first->written_by = written_by;
    log.segments.erase(first + 1, end);
    log.flusher.move_end(log);
    turn.note(Occurrence::Kind::segment, log.partition.text(),
              std::to_string(old.size()) + " segments from " +
                  std::to_string(fresh.segment.base.value()) + " on became one of " +
                  std::to_string(fresh.segment.size) + " bytes",
              Severity::debug);
}

void Compaction::begin_swap(LogParts& log, Turn& turn) {
    Cleaning& cleaning = cleaning_->edit();
    const CleanedSegment& cleaned = cleaning.cleaner.segment();
    std::vector<SegmentSwap::Old> old;
    for (Segment& segment : log.segments) {
        if (segment.base < cleaned.segment.base) continue;
        if (segment.base >= cleaned.next) break;
        log.bind_indexes(segment, turn);
        old.push_back({segment.base, segment.slot});
    }
    cleaning.swap.emplace(log.directory, cleaned, std::move(old));
    cleaning.swap->start(log.ids, turn);
}

void Compaction::learn(const std::vector<AbortedTransaction>& aborted) {
    cleaning_->edit().cleaner.learn(aborted);
}

void Compaction::try_again(LogParts& log, Turn& turn) {
    if (waits_for_room()) cleaning_->edit().swap->try_again(log.ids, turn);
}

}  // namespace barnabas::log
