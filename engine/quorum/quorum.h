// The KRaft quorum over `__cluster_metadata-0`, as far as one voter goes: this node.
//
// Loading: the log is opened, `quorum-state` is read. A lone voter needs nobody's vote: it takes
// the next epoch, stores that in `quorum-state` before anything of the epoch is written, and
// appends LeaderChange. A record is committed when it is flushed: the high watermark follows the
// flush, not the write, because no other replica holds it (Kafka flushes the metadata log the same
// way).
//
// Committed batches come out in order through take_committed(), those of earlier lives first: the
// owner applies each exactly once. caught_up() turns true when all that stood in the log at the
// start of this epoch has come out.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/log/partition_log.h"
#include "engine/protocol/types.h"
#include "engine/runtime/whole_file.h"

namespace barnabas::quorum {

// One batch of the metadata log: the values of its records. Control batches do not come out.
struct Committed {
    Offset base_offset;
    LeaderEpoch epoch;
    std::vector<Bytes> values;
};

class Quorum {
  public:
    // Tokens and file ids of the quorum and its log are `names` + [0, 2^25).
    Quorum(NodeId node, std::string log_directory, log::LogConfig config, std::uint64_t names);

    void start(bool was_clean_stop, Turn& turn);
    bool owns(Token token) const;
    void on(const event::StorageDone& done, Turn& turn);

    // One batch, committed as a whole or lost as a whole. False when it was not taken: the disk is
    // full, or failed. Needs: is_leader().
    bool append(const std::vector<Bytes>& values, Turn& turn);
    // Since the last call, batches that had been taken were lost: a write failed. What was decided
    // on them is void.
    bool take_loss() { return std::exchange(has_lost_, false); }
    // The offset that the next appended record will have.
    Offset end_offset() const { return log_.log_end_offset(); }
    // All records below it are committed.
    Offset high_watermark() const;
    std::vector<Committed> take_committed();

    bool is_leader() const { return std::holds_alternative<Leader>(role_); }
    bool caught_up() const;
    LeaderEpoch epoch() const { return epoch_; }
    // Empty while all is well; else why this node can have no metadata.
    const std::string& failure() const { return failure_; }

    // Flushes and settles the log's files for a clean stop; is_closed() when that is done.
    void close(Turn& turn);
    bool is_closed() const;

    void digest(Hasher& hasher) const;

  private:
    enum class Stage : std::uint8_t { opening_log, reading_state, storing_state };
    struct Loading {
        Stage stage;
    };
    struct Leader {
        Offset epoch_start;  // where LeaderChange stands
    };

    void on_log_progress(Turn& turn);
    void commit_appended(const Turn& turn);
    void drop_lost();
    void on_state_read(Turn& turn);
    void on_state_written(Turn& turn);
    bool take_office(Turn& turn);
    void replay_next(Turn& turn);
    void on_replay_read(const event::StorageDone& done, Turn& turn);
    void fail(std::string why, Turn& turn);
    void read_range(const log::FileRange& range, Turn& turn);
    std::optional<std::string> replay(const Bytes& bytes);

    NodeId node_;
    std::string directory_;
    std::uint64_t names_ = 0;
    log::PartitionLog log_;
    std::variant<Loading, Leader> role_{Loading{Stage::opening_log}};
    LeaderEpoch epoch_{0};
    ReadFile state_read_;
    ReplaceFile state_write_;
    Offset replayed_{0};              // below it all came out, or was control
    bool is_replaying_ = false;       // a Read for the replay is under way
    std::deque<Committed> appended_;  // of this life, not committed yet
    std::vector<Committed> committed_;
    bool has_lost_ = false;
    std::string failure_;
};

}  // namespace barnabas::quorum
