// The end of a log, where batches are appended: what is on its way into the active segment, where
// the newest batches stand, and when a new segment begins.
//
// Batches are written in order, many at once. A write that finds no room takes back its batch and
// all behind it, with their index entries, epochs and producers: the log ends before it again.
#pragma once

#include <map>
#include <optional>

#include "engine/base/queue.h"
#include "engine/base/result.h"
#include "engine/log/log_state.h"
#include "engine/log/producer_states.h"
#include "engine/log/segment.h"
#include "engine/records/prepared.h"
#include "engine/runtime/event.h"
#include "engine/runtime/turn.h"

namespace barnabas::log {

struct LogParts;

class Tail {
  public:
    // The active segment goes on where the index ends. Needs: the log's segments are loaded.
    void begin(SegmentIndex index, LogParts& log, Turn& turn);

    // Gives the batch the next offsets and asks for its write.
    Result<Appended, AppendRefusal> append(const records::Prepared& batch, LeaderEpoch epoch,
                                           Origin origin, LogParts& log, Turn& turn);
    // See PartitionLog::append_as_written().
    Result<Appended, AppendRefusal> append_as_written(const Bytes& run, LogParts& log, Turn& turn);
    // Seals the active segment and begins a new one, at the log's end or behind it.
    void roll(Offset base, LogParts& log, Turn& turn);
    // Makes the active segment's files. What is written to them may be asked for in the same turn.
    void create_files(LogParts& log, Turn& turn);
    // Gives back what preallocation took and no batch has filled, before the file is left for good.
    static void trim(Segment& segment, LogParts& log, Turn& turn);

    void on_written(const event::StorageDone& done, LogParts& log, Turn& turn);
    void on_created(const event::StorageDone& done, LogParts& log, Turn& turn);

    bool is_writing() const { return !writes_.empty(); }
    bool is_creating() const { return !creating_.empty(); }  // a segment's .log is being made
    const RecentBatches& recent() const { return recent_; }
    SegmentIndex& index() { return index_; }  // of the active segment
    const SegmentIndex& index() const { return index_; }
    // Since the last call, the log was cut back to this offset: batches at or above it that were
    // not written are lost.
    std::optional<Offset> take_cut() { return std::exchange(cut_, std::nullopt); }

    void digest(Hasher& hasher) const;

  private:
    struct InFlight {  // a batch on its way into its file
        Token operation;
        Offset base;  // where the log ended before it
        Offset next;
        Offset segment;
        std::uint32_t position = 0;
        std::uint32_t end = 0;
        bool is_done = false;
        SegmentIndex::Mark mark;  // of the segment's index before it
    };

    // `header`: of the next batch, at its offset.
    bool must_roll(const records::BatchHeader& header, const LogParts& log) const;
    static Offset next_base(const records::BatchHeader& header, const LogParts& log);
    void put(const records::BatchHeader& header, Chain bytes,
             const std::optional<EndOfTransaction>& end, LogParts& log, Turn& turn);
    void draw_roll_jitter(const LogParts& log, Turn& turn);
    static void preallocate(LogParts& log, Turn& turn);
    void cut_back(std::size_t first_lost, LogParts& log, Turn& turn);
    void drop_last_segment(LogParts& log, Turn& turn);

    Queue<InFlight> writes_;
    RecentBatches recent_;
    SegmentIndex index_;
    std::int64_t roll_jitter_ms_ = 0;      // of the active segment
    std::map<Token, Offset> creating_;     // segments whose .log is being made
    std::optional<Offset> cut_;
};

}  // namespace barnabas::log
