#include "engine/log/lookup.h"

#include <algorithm>

#include "engine/records/compression.h"

namespace barnabas::log {
namespace {

// Of a light job: some 25 ms.
constexpr std::uint64_t light_work_bytes = 8u << 20;

}  // namespace

const SegmentIndex* LookupView::index_of(Offset base) const {
    if (base == segments.back().base) return &active_index;
    const auto found = sealing.find(base);
    return found == sealing.end() ? nullptr : &found->second.index;
}

TimeEntry LookupView::largest_of(const Segment& segment) const {
    const SegmentIndex* index = index_of(segment.base);
    const bool is_newer = index && index->largest().timestamp > segment.largest.timestamp;
    return is_newer ? index->largest() : segment.largest;
}

Lookup Lookup::of_range(LookupId id, Offset from, Offset below, std::uint32_t bytes_max,
                        bool is_below_close) {
    Lookup lookup;
    lookup.id_ = id;
    lookup.from_ = from;
    lookup.below_ = below;
    lookup.bytes_max_ = bytes_max;
    lookup.is_below_close_ = is_below_close;
    return lookup;
}

Lookup Lookup::of_time(LookupId id, std::int64_t timestamp) {
    Lookup lookup;
    lookup.id_ = id;
    lookup.aim_ = Aim::time;
    lookup.timestamp_ = timestamp;
    return lookup;
}

Lookup Lookup::of_largest_time(LookupId id) {
    Lookup lookup;
    lookup.id_ = id;
    lookup.aim_ = Aim::largest_time;
    return lookup;
}

Segment& Lookup::row(Offset base, const LookupView& view) {
    return view.segments[find_segment(view.segments, base)];
}

void Lookup::start(const LookupView& view) {
    found_.reset();
    is_index_doubted_ = is_work_heavy_ = false;
    batch_bytes_ = {};
    if (aim_ != Aim::range) {
        from_ = view.log_start;
        return consider_times(view);
    }
    if (from_ < view.log_start || from_ > view.written_end) return answer(OutOfRange{});
    below_ = std::min(below_, view.written_end);
    segment_ = row(from_, view).base;
    seek_offset(from_, Stage::index, view);
}

std::optional<Want> Lookup::wanted() const {
    if (found_) return std::nullopt;
    switch (stage_) {
        case Stage::work: return std::nullopt;
        case Stage::largest: return largest_.wanted();
        case Stage::time_index:
        case Stage::index:
        case Stage::below_index:
        case Stage::bound: return index_.wanted();
        case Stage::batch:
        case Stage::below_batch: return batch_.wanted();
        case Stage::records:
            return Want{FileKind::log, batch_.position(),
                        static_cast<std::uint32_t>(batch_.header().size())};
    }
    return std::nullopt;
}

void Lookup::feed(const Bytes& bytes, const LookupView& view) {
    switch (stage_) {
        case Stage::largest: largest_.feed(bytes); break;
        case Stage::time_index:
        case Stage::index:
        case Stage::below_index:
        case Stage::bound: index_.feed(bytes); break;
        case Stage::batch:
        case Stage::below_batch: batch_.feed(bytes); break;
        case Stage::records: return find_record(bytes, view);
        case Stage::work: CHECK(!"it waits for no bytes");
    }
    settle(view);
}

// Goes on as long as no further bytes are wanted for it.
void Lookup::settle(const LookupView& view) {
    if (found_ || wants_work() || wanted()) return;
    switch (stage_) {
        case Stage::largest: return on_largest(view);
        case Stage::time_index: return on_time_index_done(index_.time_entry(), view);
        case Stage::index:
        case Stage::below_index: return on_index_done(index_.offset_entry(), view);
        case Stage::batch:
        case Stage::below_batch: return on_batch_done(view);
        case Stage::bound: return on_bound_found(index_.next_offset_entry(), view);
        case Stage::records:
        case Stage::work: break;
    }
    CHECK(!"this stage always wants bytes");
}

void Lookup::begin_largest(const Segment& segment, const LookupView& view) {
    segment_ = segment.base;
    stage_ = Stage::largest;
    const SegmentIndex* index = view.index_of(segment_);
    largest_ = LargestTime(segment_, segment_end(view),
                           {segment.written, index ? index->offsets.written : segment.offset_bytes,
                            index ? index->times.written : segment.time_bytes});
    settle(view);
}

// What cannot be read to its end is never too old to keep.
void Lookup::on_largest(const LookupView& view) {
    Segment& segment = row(segment_, view);
    segment.largest = largest_.largest();
    segment.is_largest_known = true;
    segment.is_age_unknown = largest_.is_broken();
    if (!largest_.is_index_right()) {
        segment.is_time_index_wrong = true;
        wrong_index_ = segment_;
    }
    consider_times(view);
}

// Chooses the segment for a timestamp by the largest one of each, oldest first.
void Lookup::consider_times(const LookupView& view) {
    from_ = std::max(from_, view.log_start);  // retention may have taken what was looked at
    const Segment* latest = nullptr;
    TimeEntry largest;
    for (std::size_t at = find_segment(view.segments, from_); at < view.segments.size(); ++at) {
        const Segment& segment = view.segments[at];
        if (!segment.is_largest_known) return begin_largest(segment, view);
        const TimeEntry entry = view.largest_of(segment);
        if (entry.timestamp > largest.timestamp) {
            latest = &segment;
            largest = entry;
        }
        if (aim_ == Aim::time && latest && largest.timestamp >= timestamp_) break;
    }
    if (!latest || (aim_ == Aim::time && largest.timestamp < timestamp_))
        return answer(TimestampOffset{});
    if (aim_ == Aim::largest_time) timestamp_ = largest.timestamp;
    segment_ = latest->base;
    seek_time(view);
}

void Lookup::seek_time(const LookupView& view) {
    const Segment& segment = row(segment_, view);
    stage_ = Stage::time_index;
    const SegmentIndex* index = view.index_of(segment_);
    if (segment.is_time_index_wrong) return on_time_index_done(std::nullopt, view);
    if (index) {
        if (const auto entry = index->find_waiting_time(timestamp_))
            return on_time_index_done(entry, view);
    }
    const std::uint32_t bytes = index ? index->times.written : segment.time_bytes;
    index_ = IndexSearch(FileKind::timeindex, segment_, bytes, timestamp_, timestamp_);
    settle(view);
}

void Lookup::on_time_index_done(const std::optional<TimeEntry>& entry, const LookupView& view) {
    const Offset near = entry ? entry->offset : segment_;
    seek_offset(std::max(near, from_), Stage::index, view);
}

void Lookup::seek_offset(Offset offset, Stage stage, const LookupView& view) {
    const Segment& segment = row(segment_, view);
    stage_ = stage;
    sought_ = offset;
    const SegmentIndex* index = view.index_of(segment_);
    if (index) {
        if (const auto entry = index->find_waiting(offset)) return on_index_done(entry, view);
    }
    const std::uint32_t bytes = index ? index->offsets.written : segment.offset_bytes;
    index_ = IndexSearch(FileKind::index, segment_, bytes, offset.value(),
                         segment_end(view).value());
    settle(view);
}

void Lookup::on_index_done(const std::optional<OffsetEntry>& entry, const LookupView& view) {
    const Segment& segment = row(segment_, view);
    // An entry that cannot be true is as good as none: the search begins at the start.
    const bool is_usable = entry && entry->position < segment.written && !is_index_doubted_;
    const std::uint32_t position = is_usable ? entry->position : 0;
    stage_ = stage_ == Stage::below_index ? Stage::below_batch : Stage::batch;
    batch_ = aim_ == Aim::range ? BatchSearch(position, segment.written, sought_)
                                : BatchSearch(position, segment.written, from_, timestamp_);
    settle(view);
}

void Lookup::on_batch_done(const LookupView& view) {
    if (batch_.is_broken()) {
        // An index that leads astray costs a walk from the start of its segment, no more.
        if (std::exchange(is_index_doubted_, true)) return answer(Unreadable{});
        const bool is_below = stage_ == Stage::below_batch;
        return seek_offset(sought_, is_below ? Stage::below_index : Stage::index, view);
    }
    if (stage_ == Stage::below_batch) return finish_range(batch_.position(), view);
    if (!batch_.is_found()) {
        if (aim_ != Aim::range) return answer(TimestampOffset{});
        const std::size_t at = find_segment(view.segments, segment_);
        if (at + 1 == view.segments.size())
            return answer(FileRange{view.ids.file(view.segments[at].slot, FileKind::log),
                                    view.segments[at].written, 0});
        segment_ =
            view.segments[at + 1].base;  // compaction left nothing behind `from_` in this one
        return seek_offset(from_, Stage::index, view);
    }
    if (aim_ == Aim::range) return on_range_begin(view);
    stage_ = Stage::records;
}

void Lookup::on_range_begin(const LookupView& view) {
    const Segment& segment = row(segment_, view);
    range_position_ = batch_.position();
    first_batch_bytes_ = static_cast<std::uint32_t>(batch_.header().size());
    if (batch_.header().base_offset >= below_)
        return answer(FileRange{view.ids.file(segment.slot, FileKind::log), range_position_, 0});
    const bool is_one_batch_left = segment.written - range_position_ == first_batch_bytes_;
    if (below_ >= segment_end(view) || is_one_batch_left)
        return finish_range(segment.written, view);
    if (is_active(view) && view.recent.has(below_))
        return finish_range(view.recent[view.recent.find(below_)].position, view);
    seek_offset(below_, Stage::below_index, view);
}

void Lookup::finish_range(std::uint32_t end, const LookupView& view) {
    const std::uint32_t length = std::max(end - range_position_, first_batch_bytes_);
    range_length_ = std::min(length, std::max(bytes_max_, first_batch_bytes_));
    if (is_below_close_ && range_length_ < length) return seek_bound(view);
    answer_range(segment_end(view), view);
}

void Lookup::seek_bound(const LookupView& view) {
    stage_ = Stage::bound;
    const std::uint32_t end = range_position_ + range_length_;
    const SegmentIndex* index = view.index_of(segment_);
    if (index && index->offset_bytes_below(end) > 0)  // then the file tells of nothing behind it
        return on_bound_found(std::nullopt, view);
    const Segment& segment = row(segment_, view);
    const std::uint32_t bytes = index ? index->offsets.written : segment.offset_bytes;
    index_ = IndexSearch::by_position(segment_, bytes, end - 1, segment.written);
    settle(view);
}

// `entry`: the first one in the file, if any, whose batch does not begin within the range.
void Lookup::on_bound_found(std::optional<OffsetEntry> entry, const LookupView& view) {
    const SegmentIndex* index = view.index_of(segment_);
    if (!entry && index) entry = index->find_waiting_from(range_position_ + range_length_);
    const bool is_usable = entry && entry->last > from_;
    answer_range(is_usable ? entry->last : segment_end(view), view);
}

Offset Lookup::segment_end(const LookupView& view) const {
    if (is_active(view)) return view.written_end;
    return view.segments[find_segment(view.segments, segment_) + 1].base;
}

void Lookup::answer_range(Offset end, const LookupView& view) {
    answer(FileRange{view.ids.file(row(segment_, view).slot, FileKind::log), range_position_,
                     range_length_, std::min(below_, end), first_batch_bytes_});
}

TimeQuery Lookup::time_query(const LookupView& view) const {
    return {timestamp_, from_, view.record_bytes_max,
            is_work_heavy_ ? records::unpacked_bytes_max : light_work_bytes};
}

void Lookup::find_record(const Bytes& bytes, const LookupView& view) {
    const records::BatchHeader& header = batch_.header();
    if (bytes.size() < header.size()) return answer(Unreadable{});
    const records::Batch batch{header, bytes.slice(0, header.size())};
    if (const auto plain = plain_at_once(batch))
        return on_record(log::find_time(header, *plain, time_query(view)), view);
    stage_ = Stage::work;
    batch_bytes_ = batch.bytes;
}

effect::Compute Lookup::work(Token job, const LookupView& view) const {
    CHECK(wants_work());
    const auto load = is_work_heavy_ ? effect::Load::heavy : effect::Load::light;
    return find_time_job(job, load, batch_bytes_, time_query(view));
}

void Lookup::feed_work(const Bytes& result, const LookupView& view) {
    CHECK(wants_work());
    const TimeAnswer answered = read_time(result);
    if (answered.trouble == BatchTrouble::too_much_effort) {
        is_work_heavy_ = true;
        return;
    }
    is_work_heavy_ = false;
    batch_bytes_ = {};
    on_record(answered, view);
}

void Lookup::on_record(const TimeAnswer& answered, const LookupView& view) {
    const records::BatchHeader& header = batch_.header();
    if (answered.trouble != BatchTrouble::none)
        return answer(Unreadable{answered.trouble == BatchTrouble::record_too_large});
    if (answered.offset >= Offset(0))
        return answer(TimestampOffset{answered.timestamp, answered.offset, header.leader_epoch});
    // Its largest timestamp stands before the log's start: the next batch, then.
    const Segment& segment = row(segment_, view);
    stage_ = Stage::batch;
    batch_ = BatchSearch(batch_.position() + static_cast<std::uint32_t>(header.size()),
                         segment.written, from_, timestamp_);
    settle(view);
}

}  // namespace barnabas::log
