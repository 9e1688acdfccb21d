// The log of one partition: an ordered run of segments in one directory, in Kafka's own files.
//
// Acknowledge from written_end(): what lies below it survives SIGKILL. What lies below
// flushed_end() survives power loss. Its tokens and file ids lie in [names.base, names.base +
// 2^24): the owner routes every StorageDone of that range to on(), and looks afterwards at what it
// cares about (state(), written_end(), take_found(), take_cut()).
//
// A full disk cuts the log back to its last whole batch: appends are refused, reads go on, and once
// a second one append is let through to see whether there is room again. What else found no room
// waits for try_again(). Any other storage error makes the log fail: the owner takes its directory
// offline.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "engine/base/cow.h"
#include "engine/base/hash.h"
#include "engine/log/cleaning.h"
#include "engine/log/config.h"
#include "engine/log/loader.h"
#include "engine/log/lookup.h"
#include "engine/log/producers.h"
#include "engine/records/prepared.h"

namespace barnabas::log {

struct Appended {
    Offset base;
    Offset last;
    // A retry of a batch that is here already, at these offsets: nothing was appended.
    bool is_duplicate = false;
    std::int64_t timestamp = records::no_timestamp;  // of the batch that is here
};

enum class AppendRefusal : std::uint8_t {
    not_open,         // opening, closing or failed
    no_space,         // the disk is full
    batch_too_large,  // larger than a whole segment may be
    // What the producer did before does not allow it.
    producer_fenced,
    out_of_order_sequence,
    not_transactional,
    coordinator_fenced,
};

class PartitionLog {
  public:
    enum class State : std::uint8_t { closed, opening, open, closing, failed };

    // `directory` is the partition's own. A zero topic id takes what partition.metadata says. Logs
    // with the same config share it.
    PartitionLog(TopicPartition partition, TopicId topic_id, std::string directory,
                 Cow<LogConfig> config, Names names);
    // Compiled once, not in every file that holds one: much state by value.
    PartitionLog(const PartitionLog& other);
    PartitionLog(PartitionLog&& other) noexcept;
    PartitionLog& operator=(const PartitionLog& other);
    PartitionLog& operator=(PartitionLog&& other) noexcept;
    ~PartitionLog();

    // Makes the directory or reads it; with an unclean stop before, checks all from the recovery
    // point on, or all when nobody knows it. Needs: state() is closed. state() tells when it is
    // done: closed again means that the disk is full, and that it is to be opened again later.
    void open(bool was_clean_stop, std::optional<Offset> recovery_point, Offset log_start_offset,
              Turn& turn);
    void on(const event::StorageDone& done, Turn& turn);
    void on(const event::Computed& done, Turn& turn);
    // Writes all that is to be written, flushes it, closes the files: then state() is closed. A log
    // that is still opening gives that up. Needs: state() is open or opening.
    void close(Turn& turn);

    State state() const { return state_; }
    // It was open once: its offsets are known.
    bool is_loaded() const { return !segments_.empty(); }
    const std::string& failure() const { return failure_; }
    // It failed because of the medium: its whole directory is in doubt.
    bool is_medium_broken() const { return is_medium_broken_; }
    // Its directory is gone: the log fails without another word.
    void take_offline(std::string why, Turn& turn);
    bool is_full() const { return is_full_; }
    // Something found no room on the disk: the owner calls try_again() every so often, or, while it
    // is closed, open().
    bool waits_for_room() const;
    // Needs: state() is not closed.
    void try_again(Turn& turn);
    const TopicPartition& partition() const { return partition_; }
    const TopicId& topic_id() const { return topic_id_; }
    const std::string& directory() const { return directory_; }

    // Gives the batch its offsets and asks for its write. Many may be under way.
    Result<Appended, AppendRefusal> append(const records::Prepared& batch, LeaderEpoch epoch,
                                           Turn& turn, Origin origin = Origin::client);
    // Since the last call, a failed write cut the log back to this offset: appends at or above it
    // that were not below written_end() are lost and must be refused.
    std::optional<Offset> take_cut() { return std::exchange(cut_, std::nullopt); }

    // Asks that all appended so far survives power loss; flushed_end() tells when it does.
    void flush(Turn& turn);
    // To be called every so often: asks for it when flush.ms have passed since the last time.
    void flush_if_old(Turn& turn);

    Offset log_start_offset() const { return log_start_; }
    Offset log_end_offset() const { return log_end_; }  // of what was appended
    Offset written_end() const { return written_end_; }
    Offset flushed_end() const { return flushed_end_; }
    // written_end(), unless flush.messages wants more of it flushed first. Never falls while the
    // log is open.
    Offset acknowledged_end() const;
    // What may be stored as the recovery point: all below survives power loss, indexes included.
    Offset recovery_point() const;
    const LeaderEpochs& leader_epochs() const { return epochs_; }
    std::uint64_t size_bytes() const;  // of all .log files
    std::size_t segment_count() const { return segments_.size(); }

    // Where the batches from the one that holds `from` on stand, up to `below` (a batch's end), the
    // first batch whole even above `bytes_max`. An answer at the tail comes at once. For readers
    // that ask find_aborted() next, FileRange::below is kept close to where the range ends.
    std::variant<FileRange, Pending, OutOfRange> locate(Offset from, Offset below,
                                                        std::uint32_t bytes_max, LookupId id,
                                                        Turn& turn, bool is_below_close = false);
    // The first record whose timestamp is at least that, at or behind log_start_offset(); and the
    // record with the largest one. Answered by take_found().
    void find_timestamp(std::int64_t timestamp, LookupId id, Turn& turn);
    void find_largest_timestamp(LookupId id, Turn& turn);
    // The transactions that were aborted and have records in [from, below), from segments on where
    // FileRange::below came from; nothing when that needs a look into files: then take_found().
    std::optional<std::vector<AbortedTransaction>> find_aborted(Offset from, Offset below,
                                                                LookupId id, Turn& turn);
    // The lookups that were completed since the last call.
    std::vector<Found> take_found() { return std::exchange(found_, {}); }

    // Up to where a reader of committed records may read: below it every transaction is decided.
    // At most the high watermark.
    Offset last_stable_offset(Offset high_watermark) const;
    // Tells that the high watermark has moved.
    void settle_transactions(Offset high_watermark);
    // To be called every so often: forgets who was silent for producer.id.expiration.ms.
    void expire_producers(const Turn& turn);
    // Of all that was appended; null as long as there is no producer.
    const ProducerStates* producer_states() const;

    // DeleteRecords: what stands below is gone for readers, its segments go with clean_up().
    // Needs: start <= written_end().
    void raise_log_start(Offset start, Turn& turn);
    // Files that answers name which have not left yet, ascending.
    using Promised = std::span<const FileId>;

    // To be called every so often: segments below the log's start, or beyond retention.ms or
    // retention.bytes, are renamed to .deleted, and removed file.delete.delay.ms later, or when
    // they are promised no longer. Keeps every record at or above `below`, the high watermark.
    void clean_up(Offset below, Turn& turn, Promised promised = {});

    // To be called every so often: gives back what names its files and was not used since the last
    // call, nor promised. They are opened again when they are wanted.
    void close_unused_files(Turn& turn, Promised promised = {});

    // Compaction. What could be cleaned now, below `below` (the high watermark or the last stable
    // offset), when all below `first_dirty` was cleaned before. Looks up timestamps that it lacks:
    // then the next call knows more.
    Cleanable cleanable(Offset first_dirty, Offset below, const CleaningSettings& settings,
                        Turn& turn);
    // Begins. Needs: `what` of this turn, not empty; no cleaning under way.
    void clean(const Cleanable& what, const CleaningSettings& settings, Turn& turn);
    bool is_cleaning() const { return cleaning_.has_value(); }
    // The job stands still until go_on_cleaning(); it moved so many bytes since the last call.
    bool is_cleaning_waiting() const;
    std::uint64_t take_cleaning_moved();
    void go_on_cleaning(Turn& turn);
    // How the last one ended, once. It ends by close() too, and with the log's failure without one.
    std::optional<CleaningResult> take_cleaning_result() {
        return std::exchange(cleaning_result_, std::nullopt);
    }

    // Hides nothing that was acknowledged, and flushes what flush.messages now wants flushed.
    void set_config(Cow<LogConfig> config, Turn& turn);
    const LogConfig& config() const { return *config_; }

    void digest(Hasher& hasher) const;

    // How long appends are refused, once the disk was full, before one is let through again.
    static constexpr Duration probe_interval = 1s;

  private:
    struct InFlight {  // a batch on its way into its file
        Token operation;
        Offset base;
        Offset next;
        Offset segment;
        std::uint32_t position = 0;
        std::uint32_t end = 0;
        bool is_done = false;
        SegmentIndex::Mark mark;  // of the segment's index before it
    };
    struct FlushUnderWay {
        Offset segment;
        Offset upto;
    };

    // Opening and closing.
    void on_load(const event::StorageDone& done, Turn& turn);
    void go_on_closing(Turn& turn);
    void store_epochs(Turn& turn);
    void store_metadata(Turn& turn);
    void on_epochs_stored(const event::StorageDone& done, Turn& turn);
    void on_metadata_stored(const event::StorageDone& done, Turn& turn);

    // Appending.
    bool must_roll(const records::Prepared& batch) const;
    void roll(Turn& turn);
    std::uint32_t free_slot();
    void on_append(const event::StorageDone& done, Turn& turn);
    void on_created(const event::StorageDone& done, Turn& turn);
    void create_files(Turn& turn);
    void draw_roll_jitter(Turn& turn);
    void preallocate(Turn& turn);
    void trim(Segment& segment, Turn& turn);
    void cut_back(std::size_t first_lost, Turn& turn);
    void drop_last_segment(Turn& turn);
    void refuse_until_room(std::string_view what, Turn& turn);
    void tell_of_room(Turn& turn);

    // Indexes.
    void write_index(Segment& segment, SegmentIndex& index, Turn& turn);
    void open_index_files(Segment& segment, OpenMode mode, Turn& turn);
    void bind(Segment& segment, Turn& turn);
    void bind_indexes(Segment& segment, Turn& turn);
    void close_files(Segment& segment, Turn& turn);
    void on_index(const event::StorageDone& done, Turn& turn);
    void go_on_sealing(Turn& turn);
    void on_index_flushed(const event::StorageDone& done, Turn& turn);
    void flush_active_indexes(Turn& turn);

    // Durability.
    void flush_segment(Segment& segment, Offset upto, Turn& turn);
    Offset end_of(std::size_t segment) const;
    void flush_if_due(Turn& turn);
    void flush_directory(Turn& turn);
    void on_data_flushed(const event::StorageDone& done, Turn& turn);
    void on_directory_flushed(const event::StorageDone& done, Turn& turn);
    void move_flushed_end();

    // Retention.
    bool is_beyond_retention(const Segment& segment, std::uint64_t excess_bytes,
                             const Turn& turn) const;
    void delete_what_is_due(Offset below, Turn& turn);
    void delete_first_segment(Turn& turn);
    void rename_deleted(Turn& turn);
    void on_removed(const event::StorageDone& done, Turn& turn);
    void learn_timestamps(Turn& turn);

    // Compaction.
    Offset sealed_end() const;
    void learn_first_timestamp(std::size_t at, Turn& turn);
    bool on_head_read(const event::StorageDone& done, Turn& turn);
    void on_clean(const event::StorageDone& done, Turn& turn);
    void on_clean(const event::Computed& done, Turn& turn);
    void settle_cleaning(Turn& turn);
    void go_on_swapping(Turn& turn);
    void replace_segments(const CleanedSegment& fresh, const std::vector<SegmentSwap::Old>& old,
                          Turn& turn);
    void finish_cleaning(Turn& turn);
    void stop_cleaning(Turn& turn);
    void give_up_cleaning(std::string why, Turn& turn);

    // Producers and transactions.
    Producers& edit_producers();
    std::optional<Result<Appended, AppendRefusal>> screen(
        const records::BatchHeader& header, const std::optional<EndOfTransaction>& end,
        Origin origin, const Turn& turn) const;
    bool has_had_producers() const;
    void apply_to_producers(const records::BatchHeader& header,
                            const std::optional<EndOfTransaction>& end);
    void settle_producers(Turn& turn);
    void cut_back_producers(Offset end);
    void write_transactions(Turn& turn);
    struct Opening {
        FileId file;
        Token operation;
    };
    Opening open_transactions(Offset base, OpenMode mode, Turn& turn);
    bool are_producers_stored(const Segment& segment) const;
    std::uint32_t flush_transactions(Offset base, Turn& turn);
    void seal_transactions(Segment& segment);
    void replace_transactions(Offset begin, Offset end, Turn& turn);
    std::string snapshot_path(Offset at) const;
    void take_snapshot(Offset at, Turn& turn);
    void store_next_snapshot(Turn& turn);
    void remove_snapshot(Offset at, Turn& turn);
    bool are_producers_ready_to_close(Turn& turn);
    void on_producers(const event::StorageDone& done, Turn& turn);
    void on_transactions_opened(const event::StorageDone& done, Turn& turn);
    void on_transactions_written(const event::StorageDone& done, const Producers::IndexWrite& write,
                                 Turn& turn);
    void on_snapshot(const event::StorageDone& done, Turn& turn);
    AbortedLookup begin_aborted(Offset from, Offset below, LookupId id) const;
    const TransactionIndex* transaction_index_of(Offset base) const;
    std::uint32_t transaction_file_bytes(const Segment& segment) const;
    bool collect_aborted(AbortedLookup& lookup) const;
    void go_on_with_aborted(AbortedLookup lookup, Turn& turn);
    void read_aborted(AbortedLookup lookup, Turn& turn);
    void on_aborted_read(const event::StorageDone& done, Turn& turn);

    // Looking up.
    LookupView view();
    void begin(Lookup lookup, Turn& turn);
    void go_on(Lookup lookup, Turn& turn);
    void on_lookup(const event::StorageDone& done, Turn& turn);
    void on_lookup(const event::Computed& done, Turn& turn);
    void give_up_lookups();
    void on_wrong_time_index(Offset base, Turn& turn);
    void drop_time_index(Segment& segment, Turn& turn);

    Segment& active() { return segments_.back(); }
    Segment* find(Offset base);
    SegmentIndex* index_of(Offset base);
    FileId file(const Segment& segment, FileKind kind) const {
        return ids_.file(segment.slot, kind);
    }
    std::string path(const std::string& name) const { return directory_ + '/' + name; }
    void fail(std::string why, Turn& turn);
    void fail(std::string_view what, StorageStatus status, Turn& turn);
    void give_up(std::string why, Turn& turn);
    void drop_loader(Turn& turn);
    void give_up_opening(Turn& turn);
    // False, and the log failed, when it is more than a lack of space.
    bool is_only_full(const event::StorageDone& done, std::string_view what, Turn& turn);

    // What each append and its answer touch stands together: with many partitions most of it comes
    // from memory, not from the processor's cache.
    Ids ids_;
    Cow<LogConfig> config_;
    State state_ = State::closed;
    bool is_medium_broken_ = false;
    bool is_full_ = false;
    bool is_probing_ = false;
    bool are_epochs_stored_ = true;
    std::vector<Segment> segments_;  // ascending, the last one is active
    Offset log_start_{};
    Offset log_end_{};
    Offset written_end_{};
    Offset flushed_end_{};
    Offset flush_wanted_{};  // what flush() was asked for
    Instant flush_asked_at_{};
    std::int64_t roll_jitter_ms_ = 0;  // of the active segment
    Queue<InFlight> writes_;
    RecentBatches recent_;
    LeaderEpochs epochs_;
    SegmentIndex active_index_;
    std::optional<Cow<Producers>> producers_;
    std::vector<Found> found_;
    std::optional<Offset> cut_;
    std::map<Offset, Sealing> sealing_;

    TopicPartition partition_;
    TopicId topic_id_;
    std::string directory_;
    std::string failure_;
    std::optional<Cow<Loader>> loader_;

    std::map<Token, Offset> creating_;  // segments whose .log is being made
    struct IndexOperation {
        Offset segment;
        FileKind kind;
        bool is_write = false;
    };
    std::map<Token, IndexOperation> index_operations_;
    std::map<Token, FlushUnderWay> flushes_;
    std::map<Token, Offset> index_flushes_;
    std::map<Token, Offset> directory_flushes_;  // up to which segment the names are covered
    Offset acknowledged_before_{};               // by the settings that held before
    Instant probe_at_{};

    std::optional<Cow<ReplaceFile>> epochs_file_;
    std::optional<Cow<ReplaceFile>> metadata_file_;
    bool is_metadata_stored_ = true;
    bool are_indexes_flushed_ = true;  // those of the active segment
    bool is_closing_flushed_ = false;

    struct Deleted {  // a segment whose files are renamed
        std::uint32_t slot = 0;
        Instant remove_at{};
    };
    Queue<Deleted> deleted_;
    struct Deleting {  // a segment whose .log is being renamed: the next one waits for that
        Token operation;
        std::uint32_t slot = 0;
        std::string path;
        bool is_refused = false;  // the disk is full
    };
    std::optional<Cow<Deleting>> deleting_;
    Offset deleting_below_{};
    bool is_learning_timestamps_ = false;

    std::optional<Cow<Cleaning>> cleaning_;
    std::optional<CleaningResult> cleaning_result_;
    std::map<Token, Offset> reading_heads_;  // of segments whose age is asked for
    std::optional<Offset> newest_snapshot_;  // that is stored

    std::map<Token, Lookup> lookups_;
};

}  // namespace barnabas::log
