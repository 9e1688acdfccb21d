// `__cluster_metadata-0` as it lies on this node's disk: the log, its snapshots, `quorum-state`,
// and what their control records say of the quorum. Who leads, and what is committed, is not its to
// say: LoneVoter does.
//
// start() finds the newest good snapshot, opens the log, reads `quorum-state` and the snapshot, and
// looks the log behind it through for control records. Then is_loaded(). What a snapshot holds was
// committed: it comes out at once. Of the log nothing comes out before commit() says that it is
// committed, not even what an earlier life has written: another leader may have replaced it.
//
// Committed batches come out in order through take_committed(): the owner applies each exactly
// once. A batch that is appended in this life is kept in memory until it is committed; what earlier
// ones left is read from the disk, a slice a turn.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/cow.h"
#include "engine/log/partition_log.h"
#include "engine/protocol/types.h"
#include "engine/quorum/batches.h"
#include "engine/quorum/snapshot_loader.h"
#include "engine/quorum/snapshot_writer.h"
#include "engine/quorum/state_file.h"
#include "engine/records/build.h"
#include "engine/runtime/whole_file.h"

namespace barnabas::quorum {

// How long older snapshots are kept, and the log below them; -1 keeps all.
struct SnapshotRetention {
    std::int64_t bytes = -1;  // metadata.max.retention.bytes, of the log and its snapshots
    std::int64_t ms = -1;     // metadata.max.retention.ms
};

class MetadataLog {
  public:
    // Its tokens and file ids are `first_token` + [0, 2^25).
    MetadataLog(const std::string& log_directory, log::LogConfig config, std::uint64_t first_token,
                SnapshotRetention retention = {});
    // Compiled once, not in every file that holds one: much state by value.
    MetadataLog(const MetadataLog& other);
    MetadataLog(MetadataLog&& other) noexcept;
    MetadataLog& operator=(const MetadataLog& other);
    MetadataLog& operator=(MetadataLog&& other) noexcept;
    ~MetadataLog();

    void start(bool was_clean_stop, Turn& turn);
    bool owns(Token token) const;
    void on(const event::StorageDone& done, Turn& turn);
    bool is_loaded() const { return stage_ == Stage::loaded; }
    const std::string& directory() const { return directory_; }
    // Empty while all is well; else why this node can have no metadata.
    const std::string& failure() const { return failure_; }
    void fail(std::string why, Turn& turn);
    // The disk was full: what found no room is tried again by try_again(), to be called every so
    // often.
    bool waits_for_room() const { return !refused_.empty() || log_.waits_for_room(); }
    void try_again(Turn& turn);

    // What quorum-state says, as it lies on the disk. Needs: is_loaded().
    const QuorumState& state() const { return state_; }
    // Replaces quorum-state: state() is this one when it survives power loss. Needs: is_loaded(),
    // and none is on its way.
    void store(QuorumState state, Turn& turn);
    bool is_storing() const { return storing_.has_value(); }
    // What the control records say of the quorum, those that are not committed included: a voter
    // goes by the newest that it has.
    const ControlState& control() const { return control_; }
    // The newest leader epoch that quorum-state, the log or a snapshot knows. Needs: is_loaded().
    LeaderEpoch latest_epoch() const;
    // What a log without any record is to begin with, as `bootstrap.checkpoint` beside it says;
    // empty when the log has records or there is no such file. Needs: is_loaded().
    const std::vector<Bytes>& bootstrap() const { return bootstrap_; }

    // One batch, committed as a whole or lost as a whole, and flushed. False when it was not taken:
    // the disk is full, or failed. No values are taken and are no batch. Needs: is_loaded().
    bool append(const std::vector<Bytes>& values, LeaderEpoch epoch, Turn& turn);
    // Likewise one control record.
    bool append_control(records::ControlType type, ByteView value, LeaderEpoch epoch, Turn& turn);
    // Since the last call, the batches of values that had been taken from this offset on were lost:
    // a write failed. What was decided on them is void.
    std::optional<Offset> take_loss() { return std::exchange(lost_from_, std::nullopt); }
    // Batches that were appended in this life, in order, and are not committed yet.
    const std::deque<Committed>& appended() const { return appended_; }
    // The offset that the next appended record will have.
    Offset end_offset() const { return log_.log_end_offset(); }
    Offset written_end() const { return log_.written_end(); }
    Offset flushed_end() const { return log_.flushed_end(); }

    // All records below it are committed, and come out. It never falls.
    void commit(Offset high_watermark, Turn& turn);
    Offset high_watermark() const { return high_watermark_; }
    // Batches that came out since the last call.
    std::vector<Committed> take_committed() { return std::exchange(committed_, {}); }
    // All below it came out.
    Offset given_end() const { return given_end_; }

    // A snapshot: the owner gives the records of its image in as many batches as it likes, one
    // whenever snapshot_wants_records(), at least one, and then finishes it. begin_snapshot() is
    // false when one is under way or none is needed: the newest is that one. Needs: all records
    // below id.end are in the image that the records come from.
    bool begin_snapshot(const SnapshotId& id, std::int64_t timestamp, Turn& turn);
    bool is_snapshotting() const { return writer_.has_value(); }
    bool snapshot_wants_records() const { return writer_ && (*writer_)->wants_records(); }
    void add_to_snapshot(const std::vector<Bytes>& values, Turn& turn);
    void finish_snapshot(Turn& turn);
    const std::vector<SnapshotRow>& snapshots() const { return snapshots_; }
    // To be called every so often: removes older snapshots beyond retention, and the log below.
    void clean_up(Turn& turn);
    Offset log_start_offset() const { return log_.log_start_offset(); }

    // Flushes and closes the log's files for a clean stop; is_closed() when that is done.
    void close(Turn& turn) { log_.close(turn); }
    bool is_closed() const { return log_.state() == log::PartitionLog::State::closed; }

    void digest(Hasher& hasher) const;

  private:
    enum class Stage : std::uint8_t {
        finding_snapshot,
        opening_log,
        closing_log,  // it ends before the snapshot: it begins anew there
        reading_state,
        reading_snapshot,
        looking_through,  // the log, for control records
        reading_bootstrap,
        loaded,
    };

    void on_loading(const event::StorageDone& done, Turn& turn);
    void on_snapshot_progress(Turn& turn);
    void on_log_progress(Turn& turn);
    void on_log_opened(Turn& turn);
    void on_state_read(Turn& turn);
    void on_looked_through(Turn& turn);
    void on_bootstrap_read(Turn& turn);
    void on_state_written(Turn& turn);
    void on_log_read(const event::StorageDone& done, Turn& turn);
    void on_snapshot_written(const event::StorageDone& done, Turn& turn);
    void open_log(Turn& turn);
    void read_state(Turn& turn);
    void look_through(Turn& turn);
    void read_bootstrap(Turn& turn);
    void write_state(Turn& turn);
    void read_log(Turn& turn);
    void read_range(const log::FileRange& range, Turn& turn);
    Offset read_end() const;
    std::optional<std::string> take_batches(const Bytes& bytes);
    bool append(const records::Prepared& batch, LeaderEpoch epoch, Committed entry, Turn& turn);
    void give_out_appended();
    void drop_lost();
    bool is_oldest_due(const Turn& turn) const;
    // Fails, unless the disk is only full: then the stage is begun again by try_again().
    void fail(const std::string& what, StorageStatus status, Turn& turn);
    void wait_for_room(std::string what, Turn& turn);
    std::string path_of(std::string_view name) const;
    // The log has the lower half of the tokens; these are of the upper one.
    enum class Job : std::uint64_t { state, reading, snapshot, writer, remover };
    Token token_of(Job job) const;
    FileId file_of(Job job) const { return FileId(token_of(job).value()); }

    std::string directory_;
    std::uint64_t first_token_ = 0;
    log::PartitionLog log_;
    SnapshotRetention retention_;
    Stage stage_ = Stage::finding_snapshot;
    std::optional<Cow<SnapshotLoader>> loader_;  // until the snapshot is read
    std::vector<SnapshotRow> snapshots_;         // that lie on the disk, oldest first
    std::optional<Cow<SnapshotWriter>> writer_;
    ControlState control_;
    QuorumState state_;
    std::optional<QuorumState> storing_;
    bool has_records_ = false;  // some stand in the snapshot or the log
    bool was_clean_stop_ = false;
    bool begins_anew_ = false;  // the log, where the snapshot ends
    std::vector<Bytes> bootstrap_;
    ReadFile file_read_;
    ReplaceFile state_write_;
    Offset look_at_{0};      // while the log is looked through: below it that is done
    Offset given_end_{0};    // below it all came out, or was control
    Offset loaded_end_{0};   // where this life's own batches begin
    bool is_reading_ = false;
    Offset high_watermark_{0};
    std::deque<Committed> appended_;
    std::vector<Committed> committed_;
    std::optional<Offset> lost_from_;
    std::string failure_;
    std::string refused_;  // what found no room
};

}  // namespace barnabas::quorum
