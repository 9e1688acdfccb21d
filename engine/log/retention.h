// What goes from the start of a log: segments below the log's start, or beyond retention.ms or
// retention.bytes. Their files are renamed to .deleted, and removed file.delete.delay.ms later:
// readers that were given a range of them may finish.
//
// One segment is gone from the log's directory before the next one goes: a crash between two of
// them must not leave a hole, behind which the next start would give up all.
#pragma once

#include <optional>
#include <string>

#include "engine/base/cow.h"
#include "engine/base/queue.h"
#include "engine/log/log_state.h"
#include "engine/log/segment.h"
#include "engine/runtime/event.h"
#include "engine/runtime/turn.h"

namespace barnabas::log {

struct LogParts;

class Retention {
  public:
    // To be called every so often. Keeps every record at or above `below`.
    void clean_up(Offset below, Promised promised, LogParts& log, Turn& turn);
    // What stands below is gone for readers. Needs: start <= the written end.
    static void raise_start(Offset start, LogParts& log, Turn& turn);
    // A segment's files have other names by now and are removed later.
    void add_deleted(std::uint32_t slot, const LogParts& log, const Turn& turn);

    bool uses(std::uint32_t slot) const;
    // A segment's new name found no room: try_again() is to be called.
    bool waits_for_room() const { return deleting_ && (*deleting_)->is_refused; }
    void try_again(LogParts& log, Turn& turn);
    // The directory is read anew: what became of the last rename shows there.
    void forget_renaming() { deleting_.reset(); }

    void on_renamed(const event::StorageDone& done, LogParts& log, Turn& turn);

    void digest(Hasher& hasher) const;

  private:
    struct Deleted {  // a segment whose files are renamed
        std::uint32_t slot = 0;
        Instant remove_at{};
    };
    struct Deleting {  // a segment whose .log is being renamed: the next one waits for that
        Token operation;
        std::uint32_t slot = 0;
        std::string path;
        bool is_refused = false;  // the disk is full
    };

    static bool is_beyond(const Segment& segment, std::uint64_t excess_bytes, const LogParts& log,
                          const Turn& turn);
    void delete_what_is_due(Offset below, LogParts& log, Turn& turn);
    void delete_first_segment(LogParts& log, Turn& turn);
    void rename(LogParts& log, Turn& turn);

    Queue<Deleted> deleted_;
    std::optional<Cow<Deleting>> deleting_;
    Offset below_{};  // of the last clean_up()
};

}  // namespace barnabas::log
