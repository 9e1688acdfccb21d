// Takes the end of a log away, or all of it, and opens what is left: the log is closed as for a
// clean stop, cut on the disk, and read anew, producers and epochs with it.
//
// Crash-safe at every step: segments go newest first, each for good before the next one, and only
// then the file is cut that holds the new end. What was cut is flushed before anything is appended:
// power loss brings nothing of it back between newer batches.
#pragma once

#include <optional>
#include <set>
#include <vector>

#include "engine/base/cow.h"
#include "engine/log/search.h"
#include "engine/log/segment.h"
#include "engine/runtime/event.h"
#include "engine/runtime/turn.h"

namespace barnabas::log {

struct LogParts;

// How many entries of an index file tell only of batches below an offset: its entries are looked at
// one by one, by halving.
class EntryCount {
  public:
    EntryCount() = default;
    // Needs: `kind` is index or timeindex. `base`: of the segment.
    EntryCount(FileKind kind, Offset base, std::uint32_t file_bytes, Offset below);

    std::optional<Want> wanted() const;
    void feed(ByteView bytes);
    std::uint32_t bytes() const;  // that they take up; when nothing is wanted any more

    void digest(Hasher& hasher) const;

  private:
    std::uint32_t middle() const { return begin_ + (end_ - begin_) / 2; }
    std::uint32_t entry_bytes() const;

    FileKind kind_ = FileKind::index;
    Offset base_{};
    Offset below_{};
    std::uint32_t begin_ = 0;  // entries that do
    std::uint32_t end_ = 0;    // the first one that does not
};

class Cutting {
  public:
    // All from `to` on goes; with `is_all`, all of it goes, and the log begins anew there. See
    // PartitionLog::truncate() and begin_anew().
    void begin(Offset to, bool is_all, LogParts& log, Turn& turn);
    // Its files are closed.
    void on_closed(LogParts& log, Turn& turn);
    void on(const event::StorageDone& done, LogParts& log, Turn& turn);
    // The log is open again.
    void end() { box_.reset(); }
    // The log failed.
    void drop(LogParts& log, Turn& turn);
    // Instead of going on, the log is closed.
    void stop(LogParts& log, Turn& turn);

    // Needs: the log's state is cutting.
    Offset to() const { return (*box_)->to; }
    // A step found no room: it is tried again by try_again().
    bool waits_for_room() const { return (*box_)->is_refused; }
    void wait_for_room() { box_->edit().is_refused = true; }
    void try_again(LogParts& log, Turn& turn);

    void digest(Hasher& hasher) const;

  private:
    enum class Stage : std::uint8_t {
        closing,     // the log
        opening,     // the files of the segment that holds the new end
        searching,   // the batch there, and what tells of those before it
        removing,    // the files of the newest segment that goes
        settling,    // that, for good
        shortening,  // what is left
        loading,     // it
    };
    struct Cut {
        Offset to{};
        bool is_all = false;
        Stage stage = Stage::closing;
        bool is_refused = false;
        std::set<Token> under_way;
        std::uint32_t slot = 0;  // of the files that are open
        IndexSearch index;
        std::optional<BatchSearch> batch;  // when it is known where to begin
        EntryCount offsets, times;
        bool is_index_doubted = false;
        bool is_batch_known = false;
        std::uint32_t end_position = 0;  // of .log, where it is cut
    };

    static Token ask(Cut& cut, LogParts& log);
    void open_files(LogParts& log, Turn& turn);
    void close_files(LogParts& log, Turn& turn);
    void search(LogParts& log, Turn& turn);
    static std::optional<Want> wanted(const Cut& cut);
    void on_read(const Bytes& bytes, LogParts& log, Turn& turn);
    static void go_on_searching(Cut& cut, const LogParts& log);
    void remove_next(LogParts& log, Turn& turn);
    void shorten(LogParts& log, Turn& turn);
    void load(LogParts& log, Turn& turn);
    void on_trouble(StorageStatus status, LogParts& log, Turn& turn);

    std::optional<Cow<Cut>> box_;
};

}  // namespace barnabas::log
