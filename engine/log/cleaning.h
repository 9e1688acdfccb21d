// What compaction of one log looks like from outside: what there is to do, how it goes, what came
// of it.
#pragma once

#include <optional>
#include <string>

#include "engine/log/segment_swap.h"

namespace barnabas::log {

// The settings of a cleaning, by Kafka's names, and the time it is.
struct CleaningSettings {
    std::int64_t delete_retention_ms = 86'400'000;      // delete.retention.ms
    std::int64_t lag_ms_min = 0;                        // min.compaction.lag.ms
    std::int64_t lag_ms_max = INT64_MAX;                // max.compaction.lag.ms
    std::int64_t dirty_ratio_min_millionths = 500'000;  // min.cleanable.dirty.ratio
    std::uint64_t map_bytes_max = 128u << 20;           // log.cleaner.dedupe.buffer.size
    std::int64_t map_load_millionths = 900'000;         // log.cleaner.io.buffer.load.factor
};

// What may be cleaned: sealed segments that are flushed, below the limits.
struct Cleanable {
    Offset first_dirty{};
    Offset end{};                   // where a segment begins
    std::uint64_t clean_bytes = 0;  // before first_dirty
    std::uint64_t dirty_bytes = 0;  // from there to `end`
    bool is_overdue = false;        // max.compaction.lag.ms has passed

    // More than the dirty ratio asks for, or overdue.
    bool is_due(const CleaningSettings& settings) const;
    // A larger part of it is dirty.
    bool is_dirtier_than(const Cleanable& other) const;
};

// A cleaning under way.
struct Cleaning {
    Cleaner cleaner;
    std::optional<SegmentSwap> swap;

    bool uses(std::uint32_t slot) const;
    // Its row is the log's already, and its files have their names not yet.
    bool is_swapping_in(const Segment& segment) const {
        return swap && swap->fresh().segment.slot == segment.slot;
    }
    void digest(Hasher& hasher) const;
};

// How one ended.
struct CleaningResult {
    Cleaner::Trouble trouble = Cleaner::Trouble::none;
    Offset cleaned_end{};  // without trouble: all below was cleaned
};

}  // namespace barnabas::log
