// Writes one snapshot of the metadata log: under a temporary name, flushed, renamed, and the
// directory flushed. A crash leaves the whole file or what the next start removes.
//
// One write is under way at a time. The owner gives it records while wants_records(), then calls
// finish().
#pragma once

#include <string>
#include <vector>

#include "engine/base/hash.h"
#include "engine/quorum/batches.h"
#include "engine/quorum/snapshot_id.h"
#include "engine/records/prepared.h"
#include "engine/runtime/event.h"
#include "engine/runtime/turn.h"

namespace barnabas::quorum {

class SnapshotWriter {
  public:
    struct Plan {
        SnapshotId id;
        std::int64_t timestamp = records::no_timestamp;  // of the last record that is in it
        ControlState control;
    };
    SnapshotWriter(Token token, FileId file, std::string directory, Plan plan)
        : token_(token), file_(file), directory_(std::move(directory)), plan_(std::move(plan)) {}

    void start(Turn& turn);
    void on(const event::StorageDone& done, Turn& turn);

    bool wants_records() const { return stage_ == Stage::ready; }
    // One batch. Needs: wants_records(), and values.
    void append(const std::vector<Bytes>& values, Turn& turn);
    // No more records. Needs: wants_records().
    void finish(Turn& turn);

    bool is_done() const { return stage_ == Stage::done; }
    StorageStatus status() const { return status_; }
    const SnapshotId& id() const { return plan_.id; }
    std::int64_t timestamp() const { return plan_.timestamp; }
    std::uint64_t size() const { return position_; }

    void digest(Hasher& hasher) const;

  private:
    enum class Stage : std::uint8_t {
        opening,
        writing,
        ready,  // for records
        ending,
        flushing,
        renaming,
        settling,
        done,
    };
    void write_header(Turn& turn);
    void add(const records::Prepared& batch);
    void write(Stage next, Turn& turn);

    Token token_;
    FileId file_;
    std::string directory_;
    Plan plan_;
    Stage stage_ = Stage::opening;
    StorageStatus status_ = StorageStatus::ok;
    std::uint64_t position_ = 0;
    Offset next_{0};  // offsets in a snapshot begin at 0
    Chain waiting_;
};

}  // namespace barnabas::quorum
