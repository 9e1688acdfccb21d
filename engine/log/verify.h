// Is a segment as it should be? Looks at every batch and every index entry and says what is wrong
// with them; changes nothing. The log is fed in slices, so that memory does not grow with it; an
// index is at most segment.index.bytes and given whole.
//
//     SegmentCheck check(base, file_size, {.index = ..., .timeindex = ..., .txnindex = ...});
//     while (!check.is_done()) check.feed(read(check.position(), check.bytes_wanted()));
//     for (const Finding& finding : check.findings()) ...
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "engine/log/checkpoint.h"
#include "engine/log/index.h"
#include "engine/log/names.h"

namespace barnabas::log {

struct Finding {
    std::optional<FileKind> file;  // of the segment; nothing: a file of its own
    std::uint64_t position = 0;
    std::string what;
};

class SegmentCheck {
  public:
    struct Indexes {  // nothing: there is no such file
        std::optional<Bytes> index;
        std::optional<Bytes> timeindex;
        std::optional<Bytes> txnindex;
    };

    SegmentCheck(Offset base, std::uint64_t file_size, Indexes indexes);

    bool is_done() const { return is_done_; }
    std::uint64_t position() const { return position_; }
    std::uint32_t bytes_wanted() const { return bytes_wanted_; }
    // Needs: the bytes at position(), as many as were wanted unless the file ends.
    void feed(ByteView bytes);

    const std::vector<Finding>& findings() const { return findings_; }
    Offset next_offset() const { return next_; }
    std::uint64_t batches() const { return batches_; }
    std::uint64_t largest_batch() const { return largest_batch_; }
    std::int64_t largest_timestamp() const { return largest_timestamp_; }
    // The longest stretch of the log between two entries of its index, or behind the last one; and
    // the last timestamp in its time index.
    std::uint64_t unlisted_bytes_most() const {
        return std::max(unlisted_bytes_most_, position_ - listed_up_to_);
    }
    std::int64_t last_listed_timestamp() const { return last_time_.timestamp; }
    // Where each leader epoch begins that batches here have.
    const std::vector<EpochStart>& epochs() const { return epochs_; }

    static constexpr std::uint32_t slice_bytes = 1u << 20;
    // A file that is rotten from one end to the other needs no finding for each of its entries.
    static constexpr std::size_t findings_max = 100;

  private:
    bool take(ByteView rest);
    void follow_indexes(const records::BatchHeader& header);
    void finish();
    void check_transactions();
    void find(FileKind file, std::uint64_t position, std::string what);
    bool stop(std::string what);

    Offset base_{};
    Offset next_{};
    std::uint64_t file_size_ = 0;
    Indexes indexes_;
    std::uint64_t position_ = 0;
    std::uint32_t bytes_wanted_ = slice_bytes;
    bool is_done_ = false;
    std::uint64_t batches_ = 0;
    std::uint64_t largest_batch_ = 0;
    std::uint64_t listed_up_to_ = 0;  // the position that the index listed last
    std::uint64_t unlisted_bytes_most_ = 0;
    std::size_t index_at_ = 0;  // bytes of the indexes that were compared with the log
    std::size_t times_at_ = 0;
    std::size_t index_end_ = 0;  // behind it there are only zeros
    std::size_t times_end_ = 0;
    std::int64_t largest_timestamp_ = records::no_timestamp;
    Offset last_indexed_{-1};
    TimeEntry last_time_;
    std::vector<EpochStart> epochs_;
    std::vector<Finding> findings_;
};

// What is wrong with leader-epoch-checkpoint, held against the batches that begin an epoch, in a
// log that ends at `end`. It need not reach as far back as the first segment does, and epochs
// without a batch stand in it as well.
std::vector<std::string> check_epochs(const std::vector<EpochStart>& stored,
                                      const std::vector<EpochStart>& of_batches, Offset end);

}  // namespace barnabas::log
