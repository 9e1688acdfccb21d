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
//
// What it is made of stands in log_parts.h.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/log/log_parts.h"

namespace barnabas::log {

class PartitionLog {
  public:
    using State = LogState;
    using Promised = log::Promised;

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
    // that is still opening gives that up. Needs: state() is open, opening or cutting.
    void close(Turn& turn) { parts_.closing.begin(parts_, turn); }

    State state() const { return parts_.state; }
    // It was open once: its offsets are known.
    bool is_loaded() const { return !parts_.segments.empty(); }
    const std::string& failure() const { return parts_.failure; }
    // It failed because of the medium: its whole directory is in doubt.
    bool is_medium_broken() const { return parts_.is_medium_broken; }
    // Its directory is gone: the log fails without another word.
    void take_offline(std::string why, Turn& turn);
    bool is_full() const { return parts_.room.is_full(); }
    // Something found no room on the disk: the owner calls try_again() every so often, or, while it
    // is closed, open().
    bool waits_for_room() const;
    // Needs: state() is not closed.
    void try_again(Turn& turn);
    const TopicPartition& partition() const { return parts_.partition; }
    const TopicId& topic_id() const { return parts_.topic_id; }
    const std::string& directory() const { return parts_.directory; }

    // Gives the batch its offsets and asks for its write. Many may be under way.
    Result<Appended, AppendRefusal> append(const records::Prepared& batch, LeaderEpoch epoch,
                                           Turn& turn, Origin origin = Origin::client) {
        return parts_.tail.append(batch, epoch, origin, parts_, turn);
    }
    // Appends the whole batches of the run as a leader wrote them: offsets and epochs are kept, and
    // producers are not checked again. A batch that is cut off at the end is left out; offsets may
    // be missing between batches, as compaction leaves it. All or nothing. Needs: a whole batch.
    Result<Appended, AppendRefusal> append_as_written(const Bytes& run, Turn& turn) {
        return parts_.tail.append_as_written(run, parts_, turn);
    }
    // All from `to` on goes, and the batch that holds it: then state() is open again, and
    // log_end_offset() where that batch began. The second lets all go, so that the next batch may
    // have any offset from `at` on. Lookups under way are answered as void. A crash before the end
    // leaves the log as it was but for a part of what was to go. close() gives up what is not done.
    //
    // Needs: state() is open; the recovery point that is stored is not above `to`, or `at`, for a
    // sealed segment below that is trusted after a loss of power; no answer holds a range of the
    // log's files, whose connections were hung up.
    void truncate(Offset to, Turn& turn) { parts_.cutting.begin(to, false, parts_, turn); }
    void begin_anew(Offset at, Turn& turn) { parts_.cutting.begin(at, true, parts_, turn); }
    // Since the last call, a failed write cut the log back to this offset: appends at or above it
    // that were not below written_end() are lost and must be refused.
    std::optional<Offset> take_cut() { return parts_.tail.take_cut(); }

    // Asks that all appended so far survives power loss; flushed_end() tells when it does.
    void flush(Turn& turn) { parts_.flusher.flush(parts_, turn); }
    // To be called every so often: asks for it when flush.ms have passed since the last time.
    void flush_if_old(Turn& turn) { parts_.flusher.flush_if_old(parts_, turn); }

    Offset log_start_offset() const { return parts_.start; }
    Offset log_end_offset() const { return parts_.end; }  // of what was appended
    Offset written_end() const { return parts_.written_end; }
    Offset flushed_end() const { return parts_.flusher.end(); }
    // written_end(), unless flush.messages wants more of it flushed first. Never falls while the
    // log is open.
    Offset acknowledged_end() const { return parts_.flusher.acknowledged_end(parts_); }
    // What may be stored as the recovery point: all below survives power loss, indexes included.
    Offset recovery_point() const;
    const LeaderEpochs& leader_epochs() const { return parts_.texts.epochs(); }
    std::uint64_t size_bytes() const;  // of all .log files
    std::size_t segment_count() const { return parts_.segments.size(); }

    // Where the batches from the one that holds `from` on stand, up to `below` (a batch's end), the
    // first batch whole even above `bytes_max`. An answer at the tail comes at once. For readers
    // that ask find_aborted() next, FileRange::below is kept close to where the range ends.
    std::variant<FileRange, Pending, OutOfRange> locate(Offset from, Offset below,
                                                        std::uint32_t bytes_max, LookupId id,
                                                        Turn& turn, bool is_below_close = false) {
        return parts_.lookups.locate(from, below, bytes_max, id, is_below_close, parts_, turn);
    }
    // The first record whose timestamp is at least that, at or behind log_start_offset(); and the
    // record with the largest one. Answered by take_found().
    void find_timestamp(std::int64_t timestamp, LookupId id, Turn& turn);
    void find_largest_timestamp(LookupId id, Turn& turn);
    // The transactions that were aborted and have records in [from, below), from segments on where
    // FileRange::below came from; nothing when that needs a look into files: then take_found().
    std::optional<std::vector<AbortedTransaction>> find_aborted(Offset from, Offset below,
                                                                LookupId id, Turn& turn) {
        return parts_.aborted.find(from, below, id, parts_, turn);
    }
    // The lookups that were completed since the last call.
    std::vector<Found> take_found() { return parts_.lookups.take_found(); }

    // Up to where a reader of committed records may read: below it every transaction is decided.
    // At most the high watermark.
    Offset last_stable_offset(Offset high_watermark) const {
        return parts_.producers.last_stable_offset(high_watermark, parts_);
    }
    // Tells that the high watermark has moved.
    void settle_transactions(Offset high_watermark) { parts_.producers.settle(high_watermark); }
    // To be called every so often: forgets who was silent for producer.id.expiration.ms.
    void expire_producers(const Turn& turn) { parts_.producers.expire(parts_, turn); }
    // Of all that was appended; null as long as there is no producer.
    const ProducerStates* producer_states() const { return parts_.producers.states(); }

    // DeleteRecords: what stands below is gone for readers, its segments go with clean_up().
    // Needs: start <= written_end().
    void raise_log_start(Offset start, Turn& turn) { Retention::raise_start(start, parts_, turn); }
    // To be called every so often: segments below the log's start, or beyond retention.ms or
    // retention.bytes, are renamed to .deleted, and removed file.delete.delay.ms later, or when
    // they are promised no longer. Keeps every record at or above `below`, the high watermark.
    void clean_up(Offset below, Turn& turn, Promised promised = {}) {
        parts_.retention.clean_up(below, promised, parts_, turn);
    }
    // To be called every so often: gives back what names its files and was not used since the last
    // call, nor promised. They are opened again when they are wanted.
    void close_unused_files(Turn& turn, Promised promised = {}) {
        parts_.close_unused_files(promised, turn);
    }

    // Compaction. What could be cleaned now, below `below` (the high watermark or the last stable
    // offset), when all below `first_dirty` was cleaned before. Looks up timestamps that it lacks:
    // then the next call knows more.
    Cleanable cleanable(Offset first_dirty, Offset below, const CleaningSettings& settings,
                        Turn& turn) {
        return parts_.compaction.cleanable(first_dirty, below, settings, parts_, turn);
    }
    // Begins. Needs: `what` of this turn, not empty; no cleaning under way.
    void clean(const Cleanable& what, const CleaningSettings& settings, Turn& turn) {
        parts_.compaction.begin(what, settings, parts_, turn);
    }
    bool is_cleaning() const { return parts_.compaction.is_under_way(); }
    // The job stands still until go_on_cleaning(); it moved so many bytes since the last call.
    bool is_cleaning_waiting() const { return parts_.compaction.is_waiting(); }
    std::uint64_t take_cleaning_moved() { return parts_.compaction.take_moved(); }
    void go_on_cleaning(Turn& turn) { parts_.compaction.go_on(parts_, turn); }
    // How the last one ended, once. It ends by close() too, and with the log's failure without one.
    std::optional<CleaningResult> take_cleaning_result() {
        return parts_.compaction.take_result();
    }

    // Hides nothing that was acknowledged, and flushes what flush.messages now wants flushed.
    void set_config(Cow<LogConfig> config, Turn& turn) {
        parts_.flusher.set_config(std::move(config), parts_, turn);
    }
    const LogConfig& config() const { return *parts_.config; }

    void digest(Hasher& hasher) const { parts_.digest(hasher); }

    // How long appends are refused, once the disk was full, before one is let through again.
    static constexpr Duration probe_interval = Room::probe_interval;

  private:
    LogParts parts_;
};

}  // namespace barnabas::log
