#include "engine/log/scan.h"

#include <algorithm>

namespace barnabas::log {

void SegmentScan::feed(ByteView bytes) {
    const std::uint32_t begin = position_;
    bytes_wanted_ = slice_bytes;
    while (!is_done() && take(bytes.subspan(position_ - begin))) {}
}

bool SegmentScan::cut(std::string why) {
    is_cut_ = true;
    why_ = std::move(why);
    return false;
}

// One batch; false when the next one is not wholly there, or is none.
bool SegmentScan::take(ByteView rest) {
    const std::uint64_t left = file_size_ - position_;
    if (left < records::batch_head_bytes) return cut("the file ends within the head of a batch");
    const auto header = records::BatchHeader::parse(rest);
    if (!header) return false;
    if (!header->is_plausible()) return cut("there is no batch of format 2");
    if (header->size() > left) return cut("the file ends within a batch");
    if (header->base_offset < next_)
        return cut("offset " + std::to_string(header->base_offset.value()) + " follows " +
                   std::to_string(next_.value() - 1));
    if (header->last_offset() - base_ > INT32_MAX)
        return cut("an offset is too far from the segment's first");
    if (header->size() > rest.size()) {
        bytes_wanted_ = std::max(slice_bytes, static_cast<std::uint32_t>(header->size()));
        return false;
    }
    if (trust_ == Trust::nothing && records::crc_of(rest.first(header->size())) != header->crc)
        return cut("a batch has a wrong CRC");

    if (position_ == 0) first_timestamp_ = header->max_timestamp;
    largest_timestamp_ = std::max(largest_timestamp_, header->max_timestamp);
    if (header->leader_epoch >= LeaderEpoch(0) &&
        (epochs_.empty() || header->leader_epoch > epochs_.back().epoch))
        epochs_.push_back({header->leader_epoch, header->base_offset});
    has_producers_ |= header->has_producer();
    has_gaps_ |= header->base_offset > next_ ||
                 header->record_count < header->next_offset() - header->base_offset;
    index_.add(header->last_offset(), position_, header->size(), header->max_timestamp);
    position_ += static_cast<std::uint32_t>(header->size());
    next_ = header->next_offset();
    return true;
}

}  // namespace barnabas::log
