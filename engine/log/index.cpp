#include "engine/log/index.h"

#include "engine/base/put_big.h"

namespace barnabas::log {

namespace {

std::int32_t relative(Offset offset, Offset base) {
    return static_cast<std::int32_t>(offset - base);
}

}  // namespace

OffsetEntry load_offset_entry(const std::uint8_t* from, Offset base) {
    return {base + load_big<std::int32_t>(from), load_big<std::uint32_t>(from + 4)};
}

TimeEntry load_time_entry(const std::uint8_t* from, Offset base) {
    return {load_big<std::int64_t>(from), base + load_big<std::int32_t>(from + 8)};
}

void IndexFile::settle(bool is_done) {
    if (is_done) {
        written += asked;
        waiting.erase(waiting.begin(), waiting.begin() + asked);
        if (waiting.empty()) waiting.shrink_to_fit();  // an idle log holds little
    }
    asked = 0;
}

void SegmentIndex::resume(std::uint32_t offset_bytes, std::uint32_t time_bytes,
                          TimeEntry last_time) {
    offsets.written = offset_bytes;
    times.written = time_bytes;
    last_time_entry_ = largest_ = last_time;
}

void SegmentIndex::add(Offset last, std::uint32_t position, std::size_t size,
                       std::int64_t max_timestamp) {
    if (max_timestamp > largest_.timestamp) largest_ = {max_timestamp, last};
    if (bytes_since_entry_ > interval_bytes_) {
        put_big(offsets.waiting, relative(last, base_));
        put_big(offsets.waiting, position);
        add_time_entry();
        bytes_since_entry_ = 0;
    }
    bytes_since_entry_ += size;
}

void SegmentIndex::add_time_entry() {
    if (largest_.timestamp <= last_time_entry_.timestamp) return;
    put_big(times.waiting, largest_.timestamp);
    put_big(times.waiting, relative(largest_.offset, base_));
    last_time_entry_ = largest_;
}

void SegmentIndex::take_back(const Mark& mark, std::uint32_t position) {
    offsets.waiting.resize(offset_bytes_below(position));
    CHECK(offsets.asked <= offsets.waiting.size());
    while (!times.waiting.empty() &&
           load_time_entry(times.waiting.data() + times.waiting.size() - time_entry_bytes, base_)
                   .timestamp > mark.last_time_entry.timestamp)
        times.waiting.resize(times.waiting.size() - time_entry_bytes);
    CHECK(times.asked <= times.waiting.size());
    bytes_since_entry_ = mark.bytes_since_entry;
    largest_ = mark.largest;
    last_time_entry_ = mark.last_time_entry;
}

void SegmentIndex::finish() { add_time_entry(); }

bool SegmentIndex::is_full(std::uint32_t bytes_max) const {
    // One time entry more is kept free for finish().
    return offsets.size() / offset_entry_bytes >= bytes_max / offset_entry_bytes ||
           times.size() / time_entry_bytes + 1 >= bytes_max / time_entry_bytes;
}

std::optional<OffsetEntry> SegmentIndex::find_waiting(Offset offset) const {
    for (std::size_t end = offsets.waiting.size(); end > 0; end -= offset_entry_bytes) {
        const OffsetEntry entry =
            load_offset_entry(offsets.waiting.data() + end - offset_entry_bytes, base_);
        if (entry.last <= offset) return entry;
    }
    return std::nullopt;
}

std::optional<TimeEntry> SegmentIndex::find_waiting_time(std::int64_t timestamp) const {
    for (std::size_t end = times.waiting.size(); end > 0; end -= time_entry_bytes) {
        const TimeEntry entry =
            load_time_entry(times.waiting.data() + end - time_entry_bytes, base_);
        if (entry.timestamp <= timestamp) return entry;
    }
    return std::nullopt;
}

std::optional<OffsetEntry> SegmentIndex::find_waiting_from(std::uint32_t position) const {
    const std::uint32_t at = offset_bytes_below(position);
    if (at == offsets.waiting.size()) return std::nullopt;
    return load_offset_entry(offsets.waiting.data() + at, base_);
}

std::uint32_t SegmentIndex::offset_bytes_below(std::uint32_t position) const {
    std::size_t end = offsets.waiting.size();
    while (end > 0 &&
           load_offset_entry(offsets.waiting.data() + end - offset_entry_bytes, base_).position >=
               position)
        end -= offset_entry_bytes;
    return static_cast<std::uint32_t>(end);
}

std::uint32_t SegmentIndex::time_bytes_below(Offset end_offset) const {
    std::size_t end = times.waiting.size();
    while (end > 0 &&
           load_time_entry(times.waiting.data() + end - time_entry_bytes, base_).offset >=
               end_offset)
        end -= time_entry_bytes;
    return static_cast<std::uint32_t>(end);
}

}  // namespace barnabas::log
