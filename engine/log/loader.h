// Opens a partition's directory: makes it or reads it, and after an unclean stop checks every
// segment from the recovery point on, cuts a torn tail and rebuilds indexes. One operation or a
// handful is under way at a time, and a turn looks at no more than a slice of a segment.
//
// A disk without room ends it: once all that was asked for is answered, it has_failed(), and the
// owner begins anew when there may be room.
//
// Crash-safe at every step: what follows a cut goes, newest first, and is gone for good before the
// cut itself is made, so that a log never comes back with a hole in it.
#pragma once

#include <map>
#include <set>

#include "engine/base/hash.h"
#include "engine/log/config.h"
#include "engine/log/leader_epochs.h"
#include "engine/log/producer_loader.h"
#include "engine/log/scan.h"
#include "engine/log/segment.h"
#include "engine/log/swap_recovery.h"
#include "engine/runtime/whole_file.h"

namespace barnabas::log {

class Loader {
  public:
    struct Plan {
        std::string subject;    // for notes: the partition
        std::string directory;  // the partition's own
        LogConfig config;
        TopicId topic_id;  // zero: take whatever the directory says
        bool was_clean_stop = false;
        // Its end was cut off since: the indexes of the last segment may end before that does.
        bool was_cut = false;
        std::optional<Offset> recovery_point;  // nothing: nobody knows
        Offset log_start_offset{};
    };

    explicit Loader(Plan plan) : plan_(std::move(plan)) {}

    void start(Ids& ids, Turn& turn);
    // Needs: Purpose::load.
    void on(const event::StorageDone& done, Ids& ids, Turn& turn);

    // Lets go of what it has open: it is not asked any more.
    void close_files(const Ids& ids, Turn& turn) const;

    bool is_done() const { return stage_ == Stage::done; }
    bool has_failed() const {
        return stage_ == Stage::failed && !(is_out_of_room_ && !under_way_.empty());
    }
    // The disk was full: another attempt may go better, and none of this one is under way.
    bool is_out_of_room() const { return is_out_of_room_; }
    const std::string& failure() const { return failure_; }
    bool is_medium_broken() const { return is_medium_broken_; }

    // What was found, when it is done.
    struct Loaded {
        std::vector<Segment> segments;  // at least one; the last is active
        SegmentIndex active_index;
        LeaderEpochs epochs;
        Offset next_offset{};
        TopicId topic_id;
        bool are_epochs_stored = false;   // leader-epoch-checkpoint says the same
        bool are_indexes_flushed = true;  // those of the active segment
        bool is_topic_id_stored = false;  // partition.metadata is there
        ProducerStates producers;
        std::optional<TransactionIndex> transactions;  // of the active segment, if it has some
        std::optional<Offset> newest_snapshot;
    };
    Loaded take() { return std::move(loaded_); }

    void digest(Hasher& hasher) const;

  private:
    enum class Stage : std::uint8_t {
        listing,
        swapping,        // completing a compaction that a crash interrupted
        making,          // the directory
        entering,        // it into its parent, for good
        reading_id,      // partition.metadata
        reading_epochs,  // leader-epoch-checkpoint
        removing,        // what crashes left over
        opening,         // a segment's files
        reading_ends,    // first head and last index entries of the active one, after a clean stop
        scanning,
        removing_later,  // the segments behind a cut
        settling,        // that removal, for good
        cutting,         // the torn tail, and the indexes that are to be written anew
        indexing,        // writing them
        producers,       // their state
        done,
        failed,
    };
    // Which of a stage's operations an answer is to.
    enum class Part : std::uint8_t { log, index, timeindex, text, swap, any };

    void on_failure(const event::StorageDone& done, Part part, Ids& ids, Turn& turn);
    void advance(const event::StorageDone& done, Part part, Ids& ids, Turn& turn);
    void on_swap(const event::StorageDone& done, Ids& ids, Turn& turn);
    void on_listed(const event::StorageDone& done, Ids& ids, Turn& turn);
    void read_text(Stage stage, std::string_view name, Ids& ids, Turn& turn);
    void go_on_with_epochs(Ids& ids, Turn& turn);
    void on_id_read(Ids& ids, Turn& turn);
    void on_epochs_read(Ids& ids, Turn& turn);
    void remove_left_overs(Ids& ids, Turn& turn);
    void next_segment(Ids& ids, Turn& turn);
    bool is_trusted() const;
    void open_segment(bool only_its_ends, Ids& ids, Turn& turn);
    void close_segment(const Ids& ids, Turn& turn);
    void leave_empty(Ids& ids, Turn& turn);
    void on_opened(Ids& ids, Turn& turn);
    void read_ends(Ids& ids, Turn& turn);
    void on_ends_read(Ids& ids, Turn& turn);
    void check_from_start(const std::string& why, Ids& ids, Turn& turn);
    void scan_all(Ids& ids, Turn& turn);
    void read_on(Ids& ids, Turn& turn);
    void on_read(const Bytes& bytes, Ids& ids, Turn& turn);
    void on_scanned(Ids& ids, Turn& turn);
    bool is_time_index_sound() const;
    bool is_hole_behind() const;
    void give_up_behind_hole(Ids& ids, Turn& turn);
    void remove_segments_from(std::size_t first, Ids& ids, Turn& turn);
    void cut_tail(Ids& ids, Turn& turn);
    void write_indexes(Ids& ids, Turn& turn);
    void leave_segment(Ids& ids, Turn& turn);
    void finish(Ids& ids, Turn& turn);
    void on_producers(const event::StorageDone& done, Ids& ids, Turn& turn);
    void take_producers(Turn& turn);

    Segment& segment() { return loaded_.segments[at_]; }
    const Segment& segment() const { return loaded_.segments[at_]; }
    bool is_active() const { return at_ + 1 == loaded_.segments.size(); }
    bool is_beyond_recovery_point() const;
    std::string path(const std::string& name) const { return plan_.directory + '/' + name; }
    FileId file(FileKind kind, const Ids& ids) const { return ids.file(segment().slot, kind); }
    Token ask(Part part, Ids& ids);
    void fail(std::string why, Turn& turn);
    void fail(std::string_view what, StorageStatus status, Turn& turn);
    void tell(Occurrence::Kind kind, std::string text, Turn& turn);

    Plan plan_;
    bool is_trusted_stop_ = false;  // what a clean stop left is taken as it is
    Offset check_from_{};           // else all above is checked
    bool was_compacted_ = false;    // some time: gaps have been seen within segments
    std::optional<std::size_t> hole_before_;  // the first segment that seems to follow a loss
    Stage stage_ = Stage::listing;
    std::string failure_;
    bool is_medium_broken_ = false;
    bool is_out_of_room_ = false;
    std::uint32_t slot_before_ = 0;  // the slots behind it are its own
    Loaded loaded_;
    std::map<Token, Part> under_way_;
    std::optional<SwapRecovery> swap_;
    ReadFile text_;
    bool has_id_file_ = false;
    bool has_epochs_file_ = false;
    std::vector<std::string> left_overs_;
    std::set<Offset> unindexed_;  // segments one of whose files is missing
    std::size_t at_ = 0;          // the segment that is looked at
    std::size_t remove_from_ = 0;
    std::uint64_t log_bytes_ = 0;  // the sizes of its files
    std::uint64_t offset_bytes_ = 0;
    std::uint64_t time_bytes_ = 0;
    OffsetEntry last_offset_;
    TimeEntry last_time_;
    SegmentScan scan_;
    bool is_scanned_wholly_ = false;
    bool is_looking_at_ends_ = false;
    ProducerLoader::Plan producers_plan_;
    ProducerLoader producers_;
};

}  // namespace barnabas::log
