// PartitionLog: compaction.
#include "engine/log/cleaning.h"

#include <algorithm>

#include "engine/base/wait.h"
#include "engine/log/partition_log.h"

namespace barnabas::log {

namespace {

__extension__ using Wide = unsigned __int128;

}  // namespace

bool Cleanable::is_due(const CleaningSettings& settings) const {
    if (dirty_bytes == 0) return false;
    const std::uint64_t all = clean_bytes + dirty_bytes;
    return is_overdue || Wide(dirty_bytes) * 1'000'000 >
                             Wide(all) * static_cast<std::uint64_t>(
                                             settings.dirty_ratio_min_millionths);
}

bool Cleanable::is_dirtier_than(const Cleanable& other) const {
    return Wide(dirty_bytes) * (other.clean_bytes + other.dirty_bytes) >
           Wide(other.dirty_bytes) * (clean_bytes + dirty_bytes);
}

bool Cleaning::uses(std::uint32_t slot) const {
    return cleaner.uses(slot) ||
           (swap && std::ranges::find(swap->old(), slot, &SegmentSwap::Old::slot) !=
                        swap->old().end());
}

// Nothing that is not flushed may be cleaned: what replaces it will be.
Offset PartitionLog::sealed_end() const {
    return sealing_.empty() ? segments_.back().base : sealing_.begin()->first;
}

Cleanable PartitionLog::cleanable(Offset first_dirty, Offset below,
                                  const CleaningSettings& settings, Turn& turn) {
    CHECK(state_ == State::open);
    const std::int64_t now = turn.wall.time_since_epoch().count();
    Cleanable found;
    found.first_dirty = std::max(first_dirty, log_start_);
    below = std::min(below, sealed_end());
    std::size_t at = find_segment(segments_, found.first_dirty);
    const std::size_t first = at;
    for (; segments_[at].base < below && end_of(at) <= below; ++at) {
        const Segment& segment = segments_[at];
        if (settings.lag_ms_min > 0) {
            if (!segment.is_largest_known) {
                learn_timestamps(turn);
                break;
            }
            if (segment.age_timestamp() > saturating_minus(now, settings.lag_ms_min)) break;
        }
        found.dirty_bytes += segment.size;
        if (settings.lag_ms_max == INT64_MAX || segment.size == 0) continue;
        if (segment.first_timestamp == records::no_timestamp) learn_first_timestamp(at, turn);
        const std::int64_t since = segment.first_timestamp;
        found.is_overdue = found.is_overdue || (since > 0 && since < now - settings.lag_ms_max);
    }
    found.end = std::max(segments_[at].base, found.first_dirty);
    for (std::size_t old = 0; old <= first && segments_[old].base < found.first_dirty; ++old)
        found.clean_bytes += segments_[old].size;
    return found;
}

// A sealed segment is opened by its name alone; its age stands in the head of its first batch.
void PartitionLog::learn_first_timestamp(std::size_t at, Turn& turn) {
    Segment& segment = segments_[at];
    const auto is_of_it = [&](const auto& row) { return row.second == segment.base; };
    if (std::ranges::any_of(reading_heads_, is_of_it)) return;
    bind(segment, turn);
    const Token operation = ids_.next(Purpose::clean);
    reading_heads_[operation] = segment.base;
    turn.ask(effect::Read{operation, file(segment, FileKind::log), 0,
                          static_cast<std::uint32_t>(records::batch_head_bytes)});
}

bool PartitionLog::on_head_read(const event::StorageDone& done, Turn& turn) {
    const auto node = reading_heads_.extract(done.operation);
    if (node.empty()) return false;
    Segment* segment = find(node.mapped());
    if (is_of_medium(done.status)) fail("reading failed", done.status, turn);
    const auto head = records::BatchHeader::parse(done.bytes);
    // One that says nothing of its age is as old as can be: 0 counts as no age.
    if (segment && done.status == StorageStatus::ok)
        segment->first_timestamp = head ? std::max<std::int64_t>(head->max_timestamp, 0) : 0;
    return true;
}

void PartitionLog::clean(const Cleanable& what, const CleaningSettings& settings, Turn& turn) {
    CHECK(state_ == State::open);
    CHECK(!cleaning_ && !cleaning_result_);
    Cleaner::Plan plan;
    plan.directory = directory_;
    plan.first_dirty = what.first_dirty;
    plan.rules.now = turn.wall.time_since_epoch().count();
    plan.rules.delete_retention_ms = settings.delete_retention_ms;
    plan.rules.end = what.end;
    if (const ProducerStates* states = producer_states()) {
        for (const auto& [id, producer] : states->producers()) {
            const auto* last = producer.last_batch();
            plan.rules.producers[id] = {last ? last->last : Offset(-1), producer.epoch};
        }
    }
    plan.config = *config_;
    plan.rules.record_bytes_max = config_->record_bytes_max;
    plan.map_bytes_max = settings.map_bytes_max;
    plan.map_load_millionths = settings.map_load_millionths;
    for (const Segment& segment : segments_)
        if (segment.base < what.end)
            plan.sources.push_back(
                {segment.base, segment.size, segment.offset_bytes, segment.time_bytes});
    const std::uint32_t reading_slot = free_slot();
    const std::uint32_t writing_slot = free_slot();
    cleaning_.emplace(Cleaning{Cleaner(std::move(plan), reading_slot, writing_slot), {}});
    go_on_with_aborted(begin_aborted(log_start_, what.end, own_lookup), turn);
}

bool PartitionLog::is_cleaning_waiting() const {
    return cleaning_ && (*cleaning_)->cleaner.is_waiting();
}

std::uint64_t PartitionLog::take_cleaning_moved() {
    return cleaning_ ? cleaning_->edit().cleaner.take_moved() : 0;
}

void PartitionLog::go_on_cleaning(Turn& turn) {
    CHECK(is_cleaning_waiting());
    cleaning_->edit().cleaner.advance(ids_, turn);
}

void PartitionLog::stop_cleaning(Turn& turn) {
    if (!cleaning_ || (*cleaning_)->swap) return;  // a swap is not left half done
    Cleaner& cleaner = cleaning_->edit().cleaner;
    if (cleaner.trouble() != Cleaner::Trouble::none) return;
    cleaner.give_up(Cleaner::Trouble::stopped, "the log is closed", ids_, turn);
    settle_cleaning(turn);
}

// Needs: nothing was swapped in yet.
void PartitionLog::give_up_cleaning(std::string why, Turn& turn) {
    cleaning_->edit().cleaner.give_up(Cleaner::Trouble::corrupt, std::move(why), ids_, turn);
    settle_cleaning(turn);
}

void PartitionLog::on_clean(const event::StorageDone& done, Turn& turn) {
    if (on_head_read(done, turn) || !cleaning_) return;
    Cleaning& cleaning = cleaning_->edit();
    if (cleaning.swap) {
        cleaning.swap->on(done, ids_, turn);
        return go_on_swapping(turn);
    }
    cleaning.cleaner.on(done, ids_, turn);
    settle_cleaning(turn);
}

void PartitionLog::on_clean(const event::Computed& done, Turn& turn) {
    if (!cleaning_) return;
    cleaning_->edit().cleaner.on(done, ids_, turn);
    settle_cleaning(turn);
}

// Looks at how far the job has come.
void PartitionLog::settle_cleaning(Turn& turn) {
    Cleaning& cleaning = cleaning_->edit();
    Cleaner& cleaner = cleaning.cleaner;
    if (cleaner.trouble() == Cleaner::Trouble::storage)
        return fail("compaction failed", cleaner.status(), turn);
    if (cleaner.has_segment()) {
        if (state_ != State::open) return stop_cleaning(turn);
        std::vector<SegmentSwap::Old> old;
        for (Segment& segment : segments_) {
            if (segment.base < cleaner.segment().segment.base) continue;
            if (segment.base >= cleaner.segment().next) break;
            bind_indexes(segment, turn);
            old.push_back({segment.base, segment.slot});
        }
        cleaning.swap.emplace(directory_, cleaner.segment(), std::move(old));
        return cleaning.swap->start(ids_, turn);
    }
    if (!cleaner.is_done() && !cleaner.has_failed()) return;
    finish_cleaning(turn);
}

void PartitionLog::finish_cleaning(Turn& turn) {
    const Cleaner& cleaner = (*cleaning_)->cleaner;
    CleaningResult result{cleaner.trouble(), {}};
    if (cleaner.is_done()) {
        result.cleaned_end = cleaner.cleaned_end();
        turn.note(Occurrence::Kind::segment, partition_.text(),
                  "compacted up to offset " + std::to_string(result.cleaned_end.value()) + ": " +
                      std::to_string(cleaner.filter().records_kept()) + " of " +
                      std::to_string(cleaner.filter().records_read()) + " records, " +
                      std::to_string(cleaner.bytes_after()) + " of " +
                      std::to_string(cleaner.bytes_before()) + " bytes stay");
    } else {
        const bool is_stopped = cleaner.trouble() == Cleaner::Trouble::stopped;
        turn.note(Occurrence::Kind::segment, partition_.text(),
                  "compaction was given up: " + cleaner.failure(),
                  is_stopped ? Severity::info : Severity::warning);
    }
    cleaning_result_ = result;
    cleaning_.reset();
    if (state_ == State::closing) go_on_closing(turn);
}

void PartitionLog::go_on_swapping(Turn& turn) {
    Cleaning& cleaning = cleaning_->edit();
    SegmentSwap& swap = *cleaning.swap;
    if (swap.status() != StorageStatus::ok)
        return fail("swapping a segment in failed", swap.status(), turn);
    if (swap.is_refused()) {
        if (state_ == State::closing) return fail("the disk is full: no clean stop", turn);
        turn.note(Occurrence::Kind::storage, partition_.text(),
                  "the disk is full: a compacted segment is swapped in when there is room",
                  Severity::warning);
        return;
    }
    if (swap.take_commit()) replace_segments(swap.fresh(), swap.old(), turn);
    if (!swap.is_done()) return;
    for (const SegmentSwap::Old& old : swap.old())
        deleted_.push_back(
            {old.slot, turn.now + wait_of(config_->file_delete_delay_ms)});
    cleaning.swap.reset();
    cleaning.cleaner.go_on(free_slot());
    settle_cleaning(turn);
    if (state_ == State::closing) stop_cleaning(turn);
}

// Ranges that readers were given stay good: they name the old files, which are removed later. A
// lookup that is under way in one of them begins anew.
void PartitionLog::replace_segments(const CleanedSegment& fresh,
                                    const std::vector<SegmentSwap::Old>& old, Turn& turn) {
    const auto is_old = [&](Offset base) {
        return base >= fresh.segment.base && base < fresh.next;
    };
    CHECK(!old.empty() && old.front().base == fresh.segment.base);
    CHECK(fresh.next <= sealed_end());
    for (auto& [token, lookup] : lookups_)
        if (is_old(lookup.segment())) lookup.forget_segment();
    replace_transactions(fresh.segment.base, fresh.next, turn);
    const auto first = std::ranges::find(segments_, fresh.segment.base, &Segment::base);
    CHECK(first != segments_.end());
    const auto end = std::find_if(first + 1, segments_.end(),
                                  [&](const Segment& one) { return !is_old(one.base); });
    const std::int64_t written_by = (end - 1)->written_by;
    *first = fresh.segment;
    first->written_by = written_by;
    segments_.erase(first + 1, end);
    move_flushed_end();
    turn.note(Occurrence::Kind::segment, partition_.text(),
              std::to_string(old.size()) + " segments from " +
                  std::to_string(fresh.segment.base.value()) + " on became one of " +
                  std::to_string(fresh.segment.size) + " bytes",
              Severity::debug);
}

}  // namespace barnabas::log
