// The index files of a log, and the segments that take no more batches on their way to survive
// power loss: batches written, indexes complete, then all of it flushed. Where the oldest of them
// begins recovery has to begin.
#pragma once

#include <map>
#include <optional>

#include "engine/log/segment.h"
#include "engine/runtime/effect.h"
#include "engine/runtime/event.h"
#include "engine/runtime/turn.h"

namespace barnabas::log {

struct LogParts;

class Sealer {
  public:
    // The segment takes no more batches. go_on() does what is to be done for it.
    void add(Offset segment, SegmentIndex index);
    // It does again. Needs: not all of its batches are written.
    SegmentIndex take_back(Offset segment);
    // Goes on with each sealed segment, as far as what was asked for before is done.
    void go_on(LogParts& log, Turn& turn);

    bool is_empty() const { return segments_.empty(); }
    bool has(Offset segment) const { return segments_.contains(segment); }
    // Where the oldest of them begins. Needs: !is_empty().
    Offset first() const { return segments_.begin()->first; }
    const std::map<Offset, Sealing>& segments() const { return segments_; }
    // The index of a segment whose entries are not all in its files: a sealed one's or the active
    // one's; else nothing.
    SegmentIndex* index_of(Offset segment, LogParts& log);

    void open_index_files(Segment& segment, OpenMode mode, LogParts& log, Turn& turn);
    // Asks for the entries that wait, as far as their batches are written.
    void write_index(Segment& segment, SegmentIndex& index, LogParts& log, Turn& turn);
    // The active segment's index files, unless they are flushed. Their answers count in is_busy().
    void flush_active(LogParts& log, Turn& turn);
    // An operation that is answered as a flush of that segment's indexes.
    Token next_flush(Offset segment, LogParts& log);
    // What was asked for the segment is void: its files go.
    void forget(Offset segment);
    void set_active_flushed(bool is_flushed) { are_active_indexes_flushed_ = is_flushed; }

    bool is_writing() const { return !operations_.empty(); }  // or opening index files
    bool is_flushing() const { return !flushes_.empty(); }
    void on_index(const event::StorageDone& done, LogParts& log, Turn& turn);
    void on_flushed(const event::StorageDone& done, LogParts& log, Turn& turn);

    void digest(Hasher& hasher) const;

  private:
    struct IndexOperation {
        Offset segment;
        FileKind kind;
        bool is_write = false;
    };

    void finish(Offset segment, const SegmentIndex& index, LogParts& log, Turn& turn);

    std::map<Offset, Sealing> segments_;
    std::map<Token, IndexOperation> operations_;
    std::map<Token, Offset> flushes_;  // of what segment's indexes
    bool are_active_indexes_flushed_ = true;
};

}  // namespace barnabas::log
