// Completes or undoes the swap of segments that a crash interrupted, as Kafka does:
//   - .swap files at or above the lowest .cleaned file were not all renamed yet: they go, and then
//     nothing has happened;
//   - otherwise every .log.swap is whole and on the disk: the segments that it stands for go, as
//     far as they are there still, and the .swap files get their final names. One that was damaged
//     since is refused, and nothing is changed.
// May be cut off itself at any operation and begun again.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/hash.h"
#include "engine/log/names.h"
#include "engine/log/scan.h"
#include "engine/runtime/event.h"
#include "engine/runtime/turn.h"

namespace barnabas::log {

class SwapRecovery {
  public:
    // Some file of the directory is a .swap.
    static bool is_needed(const std::vector<DirectoryEntry>& entries);

    SwapRecovery(std::string subject, std::string directory,
                 const std::vector<DirectoryEntry>& entries);

    void start(Ids& ids, Turn& turn);
    // Needs: an operation out of take_asked().
    void on(const event::StorageDone& done, Ids& ids, Turn& turn);

    // The operations that were asked for since the last call; their answers belong here.
    std::vector<Token> take_asked() { return std::exchange(asked_, {}); }
    // Then the directory is as a swap that was completed, or never began, leaves it.
    bool is_done() const { return stage_ == Stage::done; }
    const std::string& failure() const { return failure_; }
    StorageStatus status() const { return status_; }  // not ok: the disk was the reason

    void digest(Hasher& hasher) const;

  private:
    enum class Stage : std::uint8_t {
        scanning,  // each .log.swap, for the offset where it ends
        removing,  // what is overtaken, one way or the other
        settling_removal,
        renaming,
        settling_names,
        done,
    };
    struct Swap {
        std::string name;  // without .swap
        Offset base{};
        FileKind kind = FileKind::log;
        std::uint64_t size = 0;
    };

    void next_scan(Ids& ids, Turn& turn);
    void read_on(Ids& ids, Turn& turn);
    void on_scan(const event::StorageDone& done, Ids& ids, Turn& turn);
    void remove(Ids& ids, Turn& turn);
    void rename(Ids& ids, Turn& turn);
    void settle(Stage stage, Ids& ids, Turn& turn);
    std::string path(const std::string& name) const { return directory_ + '/' + name; }
    Token ask(Ids& ids);

    std::string subject_;
    std::string directory_;
    Stage stage_ = Stage::scanning;
    std::vector<Swap> swaps_;
    std::vector<Swap> segments_;        // files of segments
    std::vector<std::string> removed_;  // or to be
    std::optional<Offset> begin_;       // of what the swaps stand for
    Offset end_{};
    std::size_t at_ = 0;
    FileId scanned_;
    SegmentScan scan_;
    std::size_t under_way_ = 0;
    std::vector<Token> asked_;
    std::string failure_;
    StorageStatus status_ = StorageStatus::ok;
};

}  // namespace barnabas::log
