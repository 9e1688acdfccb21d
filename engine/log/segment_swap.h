// Puts a cleaned segment in the place of those that it was made of, so that a crash between any two
// operations leaves a log that the next open makes whole:
//   .cleaned -> .swap      before: nothing has happened; from here on the swap will be completed
//   old -> .deleted        removed file.delete.delay.ms later
//   .swap -> no suffix
// The directory is flushed behind each step: power loss may keep any part of what was not.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "engine/base/hash.h"
#include "engine/log/cleaner.h"

namespace barnabas::log {

class SegmentSwap {
  public:
    struct Old {
        Offset base;
        std::uint32_t slot = 0;  // its files are open, but for the .txnindex
    };
    SegmentSwap(std::string directory, CleanedSegment fresh, std::vector<Old> old)
        : directory_(std::move(directory)), fresh_(std::move(fresh)), old_(std::move(old)) {}

    void start(Ids& ids, Turn& turn);
    // Needs: Purpose::clean. Answers to others are ignored.
    void on(const event::StorageDone& done, Ids& ids, Turn& turn);

    // Readers are to be sent to the new segment from here on. True once.
    bool take_commit() { return std::exchange(is_commit_due_, false); }
    bool is_done() const { return stage_ == Stage::done; }
    // Anything but ok: the disk failed, and the swap stands still.
    StorageStatus status() const { return status_; }
    // The disk is full: it stands still until try_again().
    bool is_refused() const { return is_refused_ && under_way_.empty(); }
    void try_again(Ids& ids, Turn& turn);

    const CleanedSegment& fresh() const { return fresh_; }
    const std::vector<Old>& old() const { return old_; }

    void digest(Hasher& hasher) const;

  private:
    enum class Stage : std::uint8_t {
        announcing,  // .swap
        settling_announcement,
        retiring,  // .deleted
        settling_retirement,
        naming,  // the final names
        settling_names,
        done,
    };

    void rename_fresh(std::string_view suffix, Ids& ids, Turn& turn);
    void go_on(Ids& ids, Turn& turn);
    void retire_old(Ids& ids, Turn& turn);
    void flush_directory(Stage stage, Ids& ids, Turn& turn);
    std::string path(Offset base, FileKind kind, std::string_view suffix) const;
    Token ask(Ids& ids);

    std::string directory_;
    CleanedSegment fresh_;
    std::vector<Old> old_;
    Stage stage_ = Stage::announcing;
    std::set<Token> under_way_;
    bool is_commit_due_ = false;
    bool is_refused_ = false;
    StorageStatus status_ = StorageStatus::ok;
};

}  // namespace barnabas::log
