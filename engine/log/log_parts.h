// A log taken to pieces: what all its parts work on, and the parts, each with a page of its own.
//
//   opening   reads or makes the directory             -> tail, texts, producers, flusher
//   tail      appends, begins new segments             -> sealer, producers, texts, flusher
//   sealer    index files; full segments to the disk   -> flusher, producers
//   flusher   what survives power loss
//   texts     leader epochs, topic id
//   producers who writes; their files
//   lookups, aborted     questions of readers
//   retention, compaction     what goes, what is put in its place
//   room      whether the disk is full
//   closing   all of that comes to rest
//   cutting   closed, cut on the disk, opened anew
//
// A part changes its own members and what is shared, and asks other parts by their functions. Each
// function that needs more than its own part is given the whole.
#pragma once

#include <string>
#include <vector>

#include "engine/base/cow.h"
#include "engine/log/aborted_lookups.h"
#include "engine/log/closing.h"
#include "engine/log/compaction.h"
#include "engine/log/config.h"
#include "engine/log/cutting.h"
#include "engine/log/flusher.h"
#include "engine/log/log_state.h"
#include "engine/log/lookups.h"
#include "engine/log/opening.h"
#include "engine/log/producer_files.h"
#include "engine/log/retention.h"
#include "engine/log/room.h"
#include "engine/log/sealer.h"
#include "engine/log/tail.h"
#include "engine/log/text_files.h"

namespace barnabas::log {

struct LogParts {
    // What each append and its answer touch stands together: with many partitions most of it comes
    // from memory, not from the processor's cache.
    Ids ids;
    Cow<LogConfig> config;
    LogState state = LogState::closed;
    bool is_medium_broken = false;
    std::vector<Segment> segments;  // ascending, the last one is active; none before it was open
    Offset start{};        // no reader sees what stands below
    Offset end{};          // of what was appended
    Offset written_end{};  // all below survives SIGKILL
    Room room;
    Flusher flusher;
    Tail tail;
    TextFiles texts;
    ProducerFiles producers;
    Sealer sealer;
    Lookups lookups;

    TopicPartition partition;
    TopicId topic_id;
    std::string directory;
    std::string failure;
    Opening opening;
    AbortedLookups aborted;
    Retention retention;
    Compaction compaction;
    Closing closing;
    Cutting cutting;

    // What is under way comes to rest: parts tell `closing` when they are done.
    bool is_closing() const {
        return state == LogState::closing || state == LogState::cutting;
    }
    // Needs: there are segments.
    Segment& active() { return segments.back(); }
    const Segment& active() const { return segments.back(); }
    Segment* find(Offset segment);  // null: none begins there
    Offset end_of(std::size_t segment) const;

    std::string path(const std::string& name) const { return directory + '/' + name; }
    FileId file(const Segment& segment, FileKind kind) const {
        return ids.file(segment.slot, kind);
    }
    std::uint32_t free_slot();
    // A segment's .log, or all its files, are open from here on. What is asked for next waits for
    // the file, not for the answer.
    void bind(Segment& segment, Turn& turn);
    void bind_indexes(Segment& segment, Turn& turn);
    void close_files(Segment& segment, Turn& turn);
    void close_all_files(Turn& turn);
    void close_unused_files(Promised promised, Turn& turn);
    // No part waits for an answer that has to do with open files.
    bool is_at_rest() const;

    // From here on the log takes nothing and answers nothing more. Says why in a note; give_up()
    // does not.
    void fail(std::string why, Turn& turn);
    void fail(std::string_view what, StorageStatus status, Turn& turn);
    void give_up(std::string why, Turn& turn);
    // False, and the log failed, when it is more than a lack of space.
    bool is_only_full(const event::StorageDone& done, std::string_view what, Turn& turn);

    void digest(Hasher& hasher) const;
};

}  // namespace barnabas::log
