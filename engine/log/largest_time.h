// The largest timestamp of a segment, as the heads of its batches have it.
//
// The last entry of .timeindex is believed when the batch that it names bears it out, and then for
// what stands before that batch only: the heads behind it are looked at, which are few as long as
// timestamps grow. An entry that no batch bears out is worth nothing: all heads are looked at.
#pragma once

#include "engine/base/hash.h"
#include "engine/log/search.h"

namespace barnabas::log {

class LargestTime {
  public:
    // How much of each file counts; batches end at `log_bytes` and at offset `end`.
    struct Files {
        std::uint32_t log_bytes = 0;
        std::uint32_t offset_bytes = 0;
        std::uint32_t time_bytes = 0;
    };
    LargestTime() = default;
    LargestTime(Offset base, Offset end, const Files& files);

    std::optional<Want> wanted() const;
    void feed(ByteView bytes);

    // When nothing is wanted any more.
    const TimeEntry& largest() const { return largest_; }
    // The last entry of .timeindex is that one.
    bool is_index_right() const { return is_index_right_; }
    // Its batches cannot be followed to their end: no more is known than largest().
    bool is_broken() const { return is_broken_; }

    void digest(Hasher& hasher) const;

  private:
    enum class Stage : std::uint8_t {
        entry,  // the last of .timeindex
        index,  // to a position near the batch that it names
        batch,  // to that batch
        heads,  // of what follows
        done,
    };

    void settle();
    void look_at_heads(std::uint32_t position);

    Offset base_{};
    Offset end_{};
    Files files_;
    Stage stage_ = Stage::done;
    TimeEntry entry_;
    TimeEntry largest_;
    bool is_index_right_ = false;
    bool is_broken_ = false;
    IndexSearch index_;
    BatchSearch batch_;
};

}  // namespace barnabas::log
