// The KRaft quorum over `__cluster_metadata-0`, as far as one voter goes: this node.
//
// Loading: the newest good snapshot is found, the log is opened, `quorum-state` is read; the
// snapshot and then the log behind it are replayed. Only when all of that names no other voter does
// this node take office, for a lone voter needs nobody's vote: it takes the next epoch, stores that
// in `quorum-state` before anything of the epoch is written, and appends LeaderChange. A record is
// committed when it is flushed: the high watermark follows the flush, not the write, because no
// other replica holds it (Kafka flushes the metadata log the same way).
//
// Committed batches come out in order through take_committed(), those of the snapshot and of
// earlier lives first: the owner applies each exactly once. caught_up() turns true when all that
// stood in the log at the start of this epoch has come out.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/base/cow.h"
#include "engine/log/partition_log.h"
#include "engine/protocol/types.h"
#include "engine/quorum/batches.h"
#include "engine/quorum/snapshot_loader.h"
#include "engine/quorum/snapshot_writer.h"
#include "engine/runtime/whole_file.h"

namespace barnabas::quorum {

// How long older snapshots are kept, and the log below them; -1 keeps all.
struct SnapshotRetention {
    std::int64_t bytes = -1;  // metadata.max.retention.bytes, of the log and its snapshots
    std::int64_t ms = -1;     // metadata.max.retention.ms
};

class Quorum {
  public:
    // Tokens and file ids of the quorum and its log are `names` + [0, 2^25).
    Quorum(NodeId node, std::string log_directory, log::LogConfig config, std::uint64_t names,
           SnapshotRetention retention = {});
    // Compiled once, not in every file that holds one: much state by value.
    Quorum(const Quorum& other);
    Quorum(Quorum&& other) noexcept;
    Quorum& operator=(const Quorum& other);
    Quorum& operator=(Quorum&& other) noexcept;
    ~Quorum();

    void start(bool was_clean_stop, Turn& turn);
    bool owns(Token token) const;
    void on(const event::StorageDone& done, Turn& turn);

    // One batch, committed as a whole or lost as a whole. False when it was not taken: the disk is
    // full, or failed. No values are taken and are no batch. Needs: is_leader().
    bool append(const std::vector<Bytes>& values, Turn& turn);
    // Since the last call, the batches that had been taken from this offset on were lost: a write
    // failed. What was decided on them is void.
    std::optional<Offset> take_loss() { return std::exchange(lost_from_, std::nullopt); }
    // Batches that were taken, in order, and did not come out yet.
    const std::deque<Committed>& appended() const { return appended_; }
    // The offset that the next appended record will have.
    Offset end_offset() const { return log_.log_end_offset(); }
    // All records below it are committed.
    Offset high_watermark() const;
    std::vector<Committed> take_committed();

    bool is_leader() const { return std::holds_alternative<Leader>(role_); }
    bool caught_up() const;
    LeaderEpoch epoch() const { return epoch_; }
    // What a log without any record is to begin with, as `bootstrap.checkpoint` beside it says;
    // empty when the log has records or there is no such file. Needs: caught_up().
    const std::vector<Bytes>& bootstrap() const { return bootstrap_; }
    // The disk was full: what found no room is tried again by try_again(), to be called every so
    // often.
    bool waits_for_room() const { return !refused_.empty() || log_.waits_for_room(); }
    void try_again(Turn& turn);
    // Empty while all is well; else why this node can have no metadata.
    const std::string& failure() const { return failure_; }

    // A snapshot: the owner gives the records of its image in as many batches as it likes, one
    // whenever snapshot_wants_records(), at least one, and then finishes it. begin_snapshot() is
    // false when one is under way or none is needed: the newest is that one. Needs: is_leader(),
    // and all records below id.end are in the image that the records come from.
    bool begin_snapshot(const SnapshotId& id, std::int64_t timestamp, Turn& turn);
    bool is_snapshotting() const { return writer_.has_value(); }
    bool snapshot_wants_records() const { return writer_ && (*writer_)->wants_records(); }
    void add_to_snapshot(const std::vector<Bytes>& values, Turn& turn);
    void finish_snapshot(Turn& turn);
    const std::vector<SnapshotRow>& snapshots() const { return snapshots_; }
    // To be called every so often: removes older snapshots beyond retention, and the log below.
    void clean_up(Turn& turn);
    Offset log_start_offset() const { return log_.log_start_offset(); }

    // Flushes and settles the log's files for a clean stop; is_closed() when that is done.
    void close(Turn& turn);
    bool is_closed() const;

    void digest(Hasher& hasher) const;

  private:
    enum class Stage : std::uint8_t {
        finding_snapshot,
        opening_log,
        closing_log,  // it ends before the snapshot: it begins anew there
        reading_state,
        replaying,
        reading_bootstrap,
        storing_state,
    };
    struct Loading {
        Stage stage;
    };
    struct Leader {
        Offset epoch_start;  // where LeaderChange stands
    };

    void on_loading(const event::StorageDone& done, Turn& turn);
    void on_log_progress(Turn& turn);
    void on_log_opened(Turn& turn);
    void on_snapshot_progress(Turn& turn);
    void on_replayed(Turn& turn);
    void on_bootstrap_read(Turn& turn);
    void store_state(Turn& turn);
    // Up to where records may come out: all there is before this node leads, what is committed
    // then.
    Offset replay_end() const;
    std::string why_not_alone() const;
    void on_snapshot_written(const event::StorageDone& done, Turn& turn);
    bool is_oldest_due(const Turn& turn) const;
    // Of the quorum's names, the upper half; the log has the lower.
    static constexpr std::uint64_t own_names = 1u << 24;
    Token state_token() const { return Token(names_ + own_names); }
    FileId state_file() const { return FileId(names_ + own_names); }
    Token replay_token() const { return Token(names_ + own_names + 1); }
    Token snapshot_token() const { return Token(names_ + own_names + 2); }
    FileId snapshot_file() const { return FileId(names_ + own_names + 2); }
    Token writer_token() const { return Token(names_ + own_names + 3); }
    FileId writer_file() const { return FileId(names_ + own_names + 3); }
    Token remover_token() const { return Token(names_ + own_names + 4); }
    FileId remover_file() const { return FileId(names_ + own_names + 4); }
    Stage& stage() { return std::get<Loading>(role_).stage; }
    void commit_appended(const Turn& turn);
    void drop_lost(Turn& turn);
    void on_state_read(Turn& turn);
    void on_state_written(Turn& turn);
    void take_office(Turn& turn);
    void replay_next(Turn& turn);
    void on_replay_read(const event::StorageDone& done, Turn& turn);
    void fail(std::string why, Turn& turn);
    // Fails, unless the disk is only full: then the stage is begun again by try_again().
    void fail(const std::string& what, StorageStatus status, Turn& turn);
    void wait_for_room(std::string what, Turn& turn);
    void open_log(Turn& turn);
    void read_state(Turn& turn);
    void read_bootstrap(Turn& turn);
    void read_range(const log::FileRange& range, Turn& turn);
    std::optional<std::string> replay(const Bytes& bytes);

    NodeId node_;
    std::string directory_;
    std::uint64_t names_ = 0;
    log::PartitionLog log_;
    std::variant<Loading, Leader> role_{Loading{Stage::finding_snapshot}};
    LeaderEpoch epoch_{0};
    std::optional<Cow<SnapshotLoader>> snapshot_;  // until it is read
    std::vector<SnapshotRow> snapshots_;           // that lie on the disk, oldest first
    std::optional<Cow<SnapshotWriter>> writer_;
    SnapshotRetention retention_;
    Constitution constitution_;
    bool has_records_ = false;  // some came out of the snapshot or the log
    bool was_clean_stop_ = false;
    bool begins_anew_ = false;  // the log, where the snapshot ends
    std::vector<Bytes> bootstrap_;
    ReadFile file_read_;
    ReplaceFile state_write_;
    Offset replayed_{0};              // below it all came out, or was control
    bool is_replaying_ = false;       // a Read for the replay is under way
    std::deque<Committed> appended_;  // of this life, not committed yet
    std::vector<Committed> committed_;
    std::optional<Offset> lost_from_;
    std::string failure_;
    std::string refused_;  // what found no room
};

}  // namespace barnabas::quorum
