// Reads a segment's batches in order, a run of bytes at a time, and tells what recovery needs to
// know: where the good batches end, and the indexes and leader epochs that belong to them.
#pragma once

#include <string>

#include "engine/base/hash.h"
#include "engine/log/checkpoint.h"
#include "engine/log/index.h"

namespace barnabas::log {

class SegmentScan {
  public:
    enum class Trust : std::uint8_t {
        heads,    // a clean stop: the file is as it was left
        nothing,  // every length, offset and CRC is checked
    };

    SegmentScan() = default;
    // Begins at the start of the file, or where `resume_at` says, with the indexes so far.
    SegmentScan(Offset base, std::uint64_t file_size, Trust trust, SegmentIndex index)
        : base_(base), next_(base), file_size_(file_size), trust_(trust), index_(index) {}
    void resume_at(std::uint32_t position) { position_ = position; }

    // Takes the bytes that stand at position(): as many whole batches as they hold.
    void feed(ByteView bytes);

    bool is_done() const { return is_cut_ || position_ == file_size_; }
    std::uint32_t position() const { return position_; }          // behind the last good batch
    std::uint32_t bytes_wanted() const { return bytes_wanted_; }  // to make the next step
    // The file does not end where its batches do, and why.
    bool is_cut() const { return is_cut_; }
    const std::string& why() const { return why_; }

    Offset next_offset() const { return next_; }
    const SegmentIndex& index() const { return index_; }
    SegmentIndex take_index() { return std::move(index_); }
    const std::vector<EpochStart>& epochs() const { return epochs_; }
    std::int64_t first_timestamp() const { return first_timestamp_; }
    std::int64_t largest_timestamp() const { return largest_timestamp_; }  // of what was read
    bool has_producers() const { return has_producers_; }
    // Offsets are missing before or within its batches, as only compaction leaves it.
    bool has_gaps() const { return has_gaps_; }

    // How much a turn takes of a log: long enough to be quick, short enough to keep others served.
    static constexpr std::uint32_t slice_bytes = 1u << 20;

    void digest(Hasher& hasher) const;

  private:
    bool take(ByteView rest);
    bool cut(std::string why);

    Offset base_{};
    Offset next_{};
    std::uint64_t file_size_ = 0;
    Trust trust_ = Trust::nothing;
    std::uint32_t position_ = 0;
    std::uint32_t bytes_wanted_ = slice_bytes;
    bool is_cut_ = false;
    std::string why_;
    SegmentIndex index_;
    std::vector<EpochStart> epochs_;
    std::int64_t first_timestamp_ = records::no_timestamp;
    std::int64_t largest_timestamp_ = records::no_timestamp;
    bool has_producers_ = false;
    bool has_gaps_ = false;
};

}  // namespace barnabas::log
