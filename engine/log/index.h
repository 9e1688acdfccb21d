// The two sparse indexes of a segment in Kafka's format: which entries are due, and those that are
// not in their files yet. Entries are gathered: a file gets a write for many of them.
#pragma once

#include <optional>
#include <vector>

#include "engine/base/hash.h"
#include "engine/records/batch.h"

namespace barnabas::log {

constexpr std::uint32_t offset_entry_bytes = 8;  // relative offset int32, position int32
constexpr std::uint32_t time_entry_bytes = 12;   // timestamp int64, relative offset int32

struct OffsetEntry {
    Offset last;  // the last offset of the batch at `position`
    std::uint32_t position = 0;
    friend bool operator==(const OffsetEntry&, const OffsetEntry&) = default;
};
struct TimeEntry {  // the largest timestamp so far and the last offset of the batch that has it
    std::int64_t timestamp = records::no_timestamp;
    Offset offset{-1};
    friend bool operator==(const TimeEntry&, const TimeEntry&) = default;
};

// Needs: the entry's bytes at `from`.
OffsetEntry load_offset_entry(const std::uint8_t* from, Offset base);
TimeEntry load_time_entry(const std::uint8_t* from, Offset base);

// What stands in an index file, and what is to follow.
struct IndexFile {
    std::uint32_t written = 0;          // bytes that are in the file for sure
    std::uint32_t asked = 0;            // of `waiting`, on their way into the file
    std::vector<std::uint8_t> waiting;  // the bytes behind `written`

    std::uint32_t size() const { return written + static_cast<std::uint32_t>(waiting.size()); }
    // The write that was asked for is done, or failed and may be tried again.
    void settle(bool is_done);
};

class SegmentIndex {
  public:
    SegmentIndex() = default;
    SegmentIndex(Offset base, std::uint32_t interval_bytes)
        : base_(base), interval_bytes_(interval_bytes) {}
    // Goes on where a cleanly closed segment stopped: both files hold so many bytes, and end with
    // these entries.
    void resume(std::uint32_t offset_bytes, std::uint32_t time_bytes, TimeEntry last_time);

    // What add() changes beside the entries, so that batches that were never stored can be taken
    // back.
    struct Mark {
        std::uint64_t bytes_since_entry = 0;
        TimeEntry largest;
        TimeEntry last_time_entry;
    };
    Mark mark() const { return {bytes_since_entry_, largest_, last_time_entry_}; }

    // A batch of `size` bytes, ending at offset `last`, stands at `position`.
    void add(Offset last, std::uint32_t position, std::size_t size, std::int64_t max_timestamp);
    // Takes back every batch from `position` on. Needs: the mark made before the first of them, and
    // that none of their entries was asked to be written.
    void take_back(const Mark& mark, std::uint32_t position);
    // The largest timestamp so far is another one than resume() was told.
    void correct(TimeEntry largest) { largest_ = last_time_entry_ = largest; }
    // The time entry with which Kafka closes a segment.
    void finish();

    // Entries in files of `bytes_max` each: no further batch fits.
    bool is_full(std::uint32_t bytes_max) const;
    TimeEntry largest() const { return largest_; }

    // Among the entries that wait: the last one whose offset is not above `offset`.
    std::optional<OffsetEntry> find_waiting(Offset offset) const;
    std::optional<TimeEntry> find_waiting_time(std::int64_t timestamp) const;
    // The first one whose batch stands at `position` or behind it.
    std::optional<OffsetEntry> find_waiting_from(std::uint32_t position) const;
    // How many of the waiting bytes are about batches below a position, below an offset: what may
    // be written when the log is stored up to there.
    std::uint32_t offset_bytes_below(std::uint32_t position) const;
    std::uint32_t time_bytes_below(Offset end) const;

    IndexFile offsets;
    IndexFile times;

    void digest(Hasher& hasher) const;

  private:
    void add_time_entry();

    Offset base_{};
    std::uint32_t interval_bytes_ = 4096;
    std::uint64_t bytes_since_entry_ = 0;
    TimeEntry largest_;
    TimeEntry last_time_entry_;
};

}  // namespace barnabas::log
