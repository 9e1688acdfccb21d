#include "engine/log/verify.h"

#include <algorithm>

#include "engine/log/transaction_index.h"

namespace barnabas::log {

namespace {

// A log that a crash ended leaves its indexes as large as they may become, zeros behind the end.
std::size_t end_before_zeros(const std::optional<Bytes>& file) {
    std::size_t end = file ? file->size() : 0;
    while (end > 0 && file->data()[end - 1] == 0) --end;
    return end;
}

std::string text(Offset offset) { return std::to_string(offset.value()); }

}  // namespace

SegmentCheck::SegmentCheck(Offset base, std::uint64_t file_size, Indexes indexes)
    : base_(base),
      next_(base),
      file_size_(file_size),
      indexes_(std::move(indexes)),
      index_end_(end_before_zeros(indexes_.index)),
      times_end_(end_before_zeros(indexes_.timeindex)) {
    if (index_end_ > 0 && indexes_.index->size() % offset_entry_bytes != 0)
        find(FileKind::index, indexes_.index->size(), "its size is no multiple of 8");
    if (times_end_ > 0 && indexes_.timeindex->size() % time_entry_bytes != 0)
        find(FileKind::timeindex, indexes_.timeindex->size(), "its size is no multiple of 12");
    if (file_size_ == 0) finish();
}

void SegmentCheck::find(FileKind file, std::uint64_t position, std::string what) {
    if (findings_.size() < findings_max) findings_.push_back({file, position, std::move(what)});
}

bool SegmentCheck::stop(std::string what) {
    find(FileKind::log, position_, std::move(what));
    finish();
    return false;
}

void SegmentCheck::feed(ByteView bytes) {
    const std::uint64_t begin = position_;
    bytes_wanted_ = slice_bytes;
    while (!is_done_ && take(bytes.subspan(position_ - begin))) {}
}

// One batch; false when more bytes are wanted, or nothing more can be told from here on.
bool SegmentCheck::take(ByteView rest) {
    const std::uint64_t left = file_size_ - position_;
    if (left < records::batch_head_bytes) return stop("the file ends within the head of a batch");
    const auto header = records::BatchHeader::parse(rest);
    if (!header) return false;
    if (!header->is_plausible()) return stop("there is no batch of format 2");
    if (header->size() > left) return stop("the file ends within a batch");
    if (header->size() > rest.size()) {
        bytes_wanted_ = std::max(slice_bytes, static_cast<std::uint32_t>(header->size()));
        return false;
    }
    if (header->base_offset < next_)
        find(FileKind::log, position_,
             "offset " + text(header->base_offset) + " follows " +
                 std::to_string(next_.value() - 1));
    if (header->last_offset() - base_ > INT32_MAX)
        find(FileKind::log, position_, "an offset is too far from the segment's first");
    if (records::crc_of(rest.first(header->size())) != header->crc)
        find(FileKind::log, position_, "the batch at offset " + text(header->base_offset) +
                                           " has a wrong CRC");
    follow_indexes(*header);
    if (header->leader_epoch >= LeaderEpoch(0) &&
        (epochs_.empty() || header->leader_epoch > epochs_.back().epoch))
        epochs_.push_back({header->leader_epoch, header->base_offset});
    else if (!epochs_.empty() && header->leader_epoch < epochs_.back().epoch)
        find(FileKind::log, position_, "the leader epoch goes back");
    next_ = std::max(next_, header->next_offset());
    position_ += header->size();
    ++batches_;
    if (position_ == file_size_) finish();
    return !is_done_;
}

// The entries that are about this batch.
void SegmentCheck::follow_indexes(const records::BatchHeader& header) {
    largest_timestamp_ = std::max(largest_timestamp_, header.max_timestamp);
    largest_batch_ = std::max(largest_batch_, std::uint64_t{header.size()});
    const std::size_t size = indexes_.index ? indexes_.index->size() : 0;
    for (; index_at_ < index_end_ && index_at_ + offset_entry_bytes <= size;
         index_at_ += offset_entry_bytes) {
        const OffsetEntry entry = load_offset_entry(indexes_.index->data() + index_at_, base_);
        if (entry.position > position_) break;
        if (entry.position > listed_up_to_) {
            unlisted_bytes_most_ = std::max(unlisted_bytes_most_, entry.position - listed_up_to_);
            listed_up_to_ = entry.position;
        }
        if (entry.position < position_)
            find(FileKind::index, index_at_,
                 "byte " + std::to_string(entry.position) + " of the log is no batch's first");
        else if (entry.last < header.last_offset())
            find(FileKind::index, index_at_,
                 "it says offset " + text(entry.last) + " where offset " +
                     text(header.last_offset()) + " ends");
        if (entry.last <= last_indexed_)
            find(FileKind::index, index_at_, "its offsets do not ascend");
        last_indexed_ = std::max(last_indexed_, entry.last);
    }
    const std::size_t times = indexes_.timeindex ? indexes_.timeindex->size() : 0;
    for (; times_at_ < times_end_ && times_at_ + time_entry_bytes <= times;
         times_at_ += time_entry_bytes) {
        const TimeEntry entry = load_time_entry(indexes_.timeindex->data() + times_at_, base_);
        if (entry.offset > header.last_offset()) break;
        if (entry.timestamp > largest_timestamp_)
            find(FileKind::timeindex, times_at_,
                 "no batch up to offset " + text(entry.offset) + " is as late as it says");
        if (entry.timestamp < last_time_.timestamp || entry.offset < last_time_.offset)
            find(FileKind::timeindex, times_at_, "its entries do not ascend");
        last_time_ = entry;
    }
}

void SegmentCheck::finish() {
    is_done_ = true;
    if (index_at_ < index_end_)
        find(FileKind::index, index_at_, "an entry points behind the end of the log");
    if (times_at_ < times_end_)
        find(FileKind::timeindex, times_at_,
             "an entry is about an offset behind the end of the log");
    check_transactions();
}

void SegmentCheck::check_transactions() {
    if (!indexes_.txnindex) return;
    const ByteView file = *indexes_.txnindex;
    if (file.size() % transaction_entry_bytes != 0)
        find(FileKind::txnindex, file.size(), "its size is no multiple of 34");
    Offset before{-1};
    for (std::size_t at = 0; at + transaction_entry_bytes <= file.size();
         at += transaction_entry_bytes) {
        const auto entry = load_transaction_entry(file.data() + at);
        if (!entry) {
            find(FileKind::txnindex, at, "its version is not 0");
            return;
        }
        if (entry->first > entry->last || entry->last < base_ || entry->last >= next_ ||
            entry->last <= before)
            find(FileKind::txnindex, at,
                 "an aborted transaction from " + text(entry->first) + " to " +
                     text(entry->last) + " does not fit the segment");
        before = entry->last;
    }
}

std::vector<std::string> check_epochs(const std::vector<EpochStart>& stored,
                                      const std::vector<EpochStart>& of_batches, Offset end) {
    std::vector<std::string> wrong;
    if (stored.empty()) return wrong;
    if (stored.back().start > end) {
        wrong.push_back("epoch " + std::to_string(stored.back().epoch.value()) + " begins at " +
                        text(stored.back().start) + ", and the log ends at " + text(end));
    }
    for (const EpochStart& seen : of_batches) {
        const auto after = std::ranges::upper_bound(stored, seen.start, {}, &EpochStart::start);
        if (after == stored.begin() || std::prev(after)->epoch == seen.epoch) continue;
        wrong.push_back("it has epoch " + std::to_string(std::prev(after)->epoch.value()) +
                        " for offset " + text(seen.start) + ", and the batch there has epoch " +
                        std::to_string(seen.epoch.value()));
    }
    return wrong;
}

}  // namespace barnabas::log
