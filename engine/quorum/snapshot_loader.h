// Finds the newest snapshot of the metadata log that can be used, and reads it.
//
// What a crash left half written is removed. A file is read wholly and checked (frames, CRCs,
// header, footer) before it is chosen; one that is no good is said, left where it is, and the next
// older one is tried. What was chosen is read a second time, a slice a turn, and given out.
#pragma once

#include <deque>

#include "engine/base/hash.h"
#include "engine/quorum/snapshot_id.h"
#include "engine/quorum/snapshot_scan.h"
#include "engine/runtime/event.h"
#include "engine/runtime/turn.h"

namespace barnabas::quorum {

// A snapshot that lies on the disk.
struct SnapshotRow {
    SnapshotId id;
    std::uint64_t size = 0;
    // Of the last record in it; nothing when its header was not read.
    std::optional<std::int64_t> timestamp;
};

class SnapshotLoader {
  public:
    SnapshotLoader(Token token, FileId file, std::string directory)
        : token_(token), file_(file), directory_(std::move(directory)) {}

    void start(Turn& turn);
    void on(const event::StorageDone& done, Turn& turn);

    // One was chosen, or there is none that is good.
    bool has_chosen() const { return stage_ == Stage::chosen; }
    const std::optional<SnapshotRow>& chosen() const { return chosen_; }
    // What is wrong with the newest one that is no good; empty when all are, as far as was looked.
    const std::string& complaint() const { return complaint_; }
    // All that is there, oldest first, the broken ones not among them.
    const std::vector<SnapshotRow>& rows() const { return rows_; }

    // Reads the chosen one. Needs: has_chosen(), and chosen() is something.
    void read(Turn& turn);
    bool is_read() const { return stage_ == Stage::read; }
    std::vector<Committed> take() { return scan_.take(); }
    const ControlState& control() const { return scan_.control(); }
    // Why nothing comes of it: the disk failed. Empty while all is well.
    const std::string& failure() const { return failure_; }
    StorageStatus status() const { return status_; }  // with which

    void digest(Hasher& hasher) const;

  private:
    enum class Stage : std::uint8_t {
        listing,
        opening_left_over,
        removing_left_over,
        checking,
        chosen,
        reading,
        read,
    };
    void on_listed(const event::StorageDone& done, Turn& turn);
    void next_left_over(Turn& turn);
    void next_candidate(Turn& turn);
    void on_bytes(const event::StorageDone& done, Turn& turn);
    void give_up_candidate(const std::string& why, Turn& turn);
    void open(Turn& turn);
    void ask_for_bytes(Turn& turn);

    Token token_;
    FileId file_;
    std::string directory_;
    Stage stage_ = Stage::listing;
    std::vector<std::string> left_overs_;
    std::vector<SnapshotRow> rows_;   // ascending
    std::deque<SnapshotRow> to_try_;  // newest first
    std::optional<SnapshotRow> chosen_;
    std::string complaint_;
    std::string failure_;
    StorageStatus status_ = StorageStatus::ok;
    bool is_open_ = false;
    SnapshotScan scan_;
};

}  // namespace barnabas::quorum
