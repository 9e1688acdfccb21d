// What a log knows of its producers and transactions, and the files that keep it: a .txnindex for
// each segment with aborted transactions, and a .snapshot of all producers where a segment begins
// and at a clean stop.
//
// Both tell only of what is written. Most logs have no producer, and hold nothing here.
#pragma once

#include <optional>
#include <string>

#include "engine/base/cow.h"
#include "engine/base/result.h"
#include "engine/log/log_state.h"
#include "engine/log/producers.h"
#include "engine/log/segment.h"
#include "engine/runtime/event.h"
#include "engine/runtime/turn.h"

namespace barnabas::log {

struct LogParts;

class ProducerFiles {
  public:
    // As an opening found them. `index`: of the active segment.
    void begin(ProducerStates states, std::optional<TransactionIndex> index,
               std::optional<Offset> newest_snapshot, const LogParts& log);

    // What the producer's state says of a batch before it is appended; nothing when the batch is
    // welcome. Needs: header.has_producer().
    std::optional<Result<Appended, AppendRefusal>> screen(
        const records::BatchHeader& header, const std::optional<EndOfTransaction>& end,
        Origin origin, const Turn& turn) const;
    // Needs: the batch was appended just now, at the header's base offset.
    void apply(const records::BatchHeader& header, const std::optional<EndOfTransaction>& end,
               const LogParts& log);
    // The batches from `end` on were never stored. Needs: their segments are gone.
    void cut_back(Offset end, const LogParts& log);
    // More of the log is written: stores what tells of it, also what found no room before.
    void on_written(LogParts& log, Turn& turn);

    // Of all that was appended; null as long as there is no producer.
    const ProducerStates* states() const { return box_ ? &(*box_)->states : nullptr; }
    Offset last_stable_offset(Offset high_watermark, const LogParts& log) const;
    void settle(Offset high_watermark);
    void expire(const LogParts& log, const Turn& turn);

    // A snapshot belongs where the new segment begins, if there has ever been a producer.
    void on_rolled(Offset segment, LogParts& log, Turn& turn);
    // What recovery would make anew of a sealed segment's batches is in files.
    bool are_stored(const Segment& segment) const;
    // Asks that a segment's transaction index survives power loss: how many answers will come, as
    // flushes of the segment's indexes.
    std::uint32_t flush_index(Offset segment, LogParts& log, Turn& turn);
    // Needs: the segment takes no more batches, and its index is written.
    void seal_index(Segment& segment);
    // Leaves a snapshot of all that the log holds, as a clean stop does: false while that and other
    // writes are under way.
    bool is_ready_to_close(LogParts& log, Turn& turn);

    // One segment at `begin` stands for all up to `end`: snapshots in between go, as in Kafka.
    // Needs: the log's segments are the old ones.
    void replace_segments(Offset begin, Offset end, LogParts& log, Turn& turn);
    void remove_snapshot(Offset at, LogParts& log, Turn& turn);

    // The transaction index of a segment whose entries are not all in its file; else null.
    const TransactionIndex* index_of(Offset segment) const;
    std::uint32_t file_bytes(const Segment& segment) const;  // of its .txnindex
    struct OpenedFile {
        FileId file;
        Token operation;
    };
    static OpenedFile open_index(Offset segment, OpenMode mode, LogParts& log, Turn& turn);

    void on(const event::StorageDone& done, LogParts& log, Turn& turn);

    void digest(Hasher& hasher) const;

  private:
    Producers& edit();
    bool has_had_some() const;
    void write_indexes(LogParts& log, Turn& turn);
    void take_snapshot(Offset at, LogParts& log, Turn& turn);
    void store_next_snapshot(LogParts& log, Turn& turn);
    void on_index_opened(const event::StorageDone& done, LogParts& log, Turn& turn);
    void on_index_written(const event::StorageDone& done, const Producers::IndexWrite& write,
                          LogParts& log, Turn& turn);
    void on_snapshot(const event::StorageDone& done, LogParts& log, Turn& turn);

    std::optional<Cow<Producers>> box_;
    std::optional<Offset> newest_snapshot_;  // that is stored
};

}  // namespace barnabas::log
