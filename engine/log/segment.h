// One segment of a log as the log keeps it in memory: a row of numbers, whatever the size of its
// files; and the places of the newest batches.
#pragma once

#include <vector>

#include "engine/base/hash.h"
#include "engine/base/queue.h"
#include "engine/log/index.h"
#include "engine/log/names.h"

namespace barnabas::log {

struct Segment {
    Offset base{};
    Offset flushed_to{};                                   // its batches below survive power loss
    TimeEntry largest;  // of what earlier lives left in it, or of all once it is sealed
    std::int64_t first_timestamp = records::no_timestamp;  // max timestamp of the first batch
    // When its .log was last written, or later: the wall time of that in this life, else when it
    // was found. The age of batches without timestamps, in the place of the file's.
    std::int64_t written_by = records::no_timestamp;
    std::uint32_t size = 0;                                // bytes of .log that were asked for
    std::uint32_t written = 0;                             // bytes of .log that are there for sure
    std::uint32_t offset_bytes = 0;                        // size of .index, of a sealed segment
    std::uint32_t time_bytes = 0;         // size of .timeindex, of a sealed segment
    std::uint32_t transaction_bytes = 0;  // size of .txnindex, of a sealed segment
    std::uint32_t slot = 0;               // names its files while its .log is open; 0: it is not
    bool is_entry_durable = false;        // its .log is in the directory for good
    bool is_created = true;               // its .log is there; false until that was answered
    bool has_index_files_open = false;
    bool is_used = false;  // since the last close_unused_files()
    bool is_largest_known = false;     // its batches bear it out
    bool is_age_unknown = false;       // they could not be followed to their end
    bool is_time_index_wrong = false;  // .timeindex does not say what they do: it is not asked
    bool is_preallocated = false;  // its .log is as large as segment.bytes, whatever is in it

    // How old a sealed segment is, as Kafka sees it. Needs: is_largest_known.
    std::int64_t age_timestamp() const {
        return largest.timestamp >= 0 ? largest.timestamp : written_by;
    }
};

// A segment that takes no more batches, on its way to survive power loss with its indexes.
struct Sealing {
    SegmentIndex index;
    std::uint32_t flushes_left = 0;
    bool is_flushing = false;
};

// Where the newest batches stand, so that readers at the tail need no look into a file. Bounded.
class RecentBatches {
  public:
    struct Row {
        Offset base;
        Offset next;
        std::uint32_t position = 0;
        std::uint32_t end = 0;  // where the next batch begins
    };
    static constexpr std::size_t rows_max = 64;

    // Needs: `row` follows the last one, in the same segment unless clear() was called.
    void add(const Row& row) {
        if (rows_.size() == rows_max) rows_.pop_front();
        rows_.push_back(row);
    }
    void clear() { rows_.clear(); }
    void cut_end(Offset end) {
        while (!rows_.empty() && rows_.back().next > end) rows_.keep_first(rows_.size() - 1);
    }
    bool has(Offset offset) const {
        return !rows_.empty() && offset >= rows_.front().base && offset < rows_.back().next;
    }
    // The first batch that ends behind `offset`. Needs: has(offset).
    std::size_t find(Offset offset) const;
    const Row& operator[](std::size_t at) const { return rows_[at]; }
    std::size_t size() const { return rows_.size(); }

    void digest(Hasher& hasher) const;

  private:
    Queue<Row> rows_;  // of one segment, the active one
};

// The segment that `offset` belongs to: the last one that begins at or below it. Needs: one does.
std::size_t find_segment(const std::vector<Segment>& segments, Offset offset);

}  // namespace barnabas::log
