// From an empty machine to a node that may serve, as far as its log directories go: lock them, read
// what they say about themselves, format them when they are empty.
//
// Nothing is changed in a directory that is not ours: one that holds something but no
// `meta.properties`, belongs to another node or another cluster, or is locked by another process.
#pragma once

#include <string>
#include <vector>

#include "engine/base/uuid.h"
#include "engine/log/checkpoint.h"
#include "engine/protocol/types.h"
#include "engine/runtime/event.h"
#include "engine/runtime/turn.h"
#include "engine/runtime/whole_file.h"

namespace barnabas::broker {

struct LogDirectory {
    std::string path;
    Uuid id;
    bool was_clean_stop = false;
    // What the checkpoint files say; a partition that they do not name is at 0.
    log::PartitionOffsets recovery_points;
    log::PartitionOffsets log_starts;
};

class Startup {
  public:
    Startup(NodeId node, const std::vector<std::string>& paths);

    void start(Turn& turn);
    void on(const event::StorageDone& done, Turn& turn);

    bool is_done() const { return stage_ == Stage::done; }
    // Empty while all is well. Then the node must not start.
    const std::string& failure() const { return failure_; }
    const std::string& cluster_id() const { return cluster_id_; }
    const std::vector<LogDirectory>& directories() const { return directories_; }

  private:
    // For each directory in turn; formatting begins when all were read.
    enum class Stage : std::uint8_t {
        making,
        entering,  // its name, in the directory above it
        locking,
        reading_properties,
        listing,
        reading_clean_stop,
        removing_clean_stop,
        settling_removal,  // for good: power loss must not bring the mark back
        reading_recovery_points,
        reading_log_starts,
        writing_bootstrap,
        writing_properties,
        done,
    };

    void enter(Stage stage, Turn& turn);
    void next_directory(Turn& turn);
    void next_format(Turn& turn);
    void on_properties(Turn& turn);
    void on_listing(const event::StorageDone& done, Turn& turn);
    void on_offsets(Turn& turn);
    void on_removing(const event::StorageDone& done, Turn& turn);
    void on_written(const event::StorageDone& done, Turn& turn);
    void fail(std::string why);
    std::string path(std::string_view name) const { return at().path + '/' + std::string(name); }
    LogDirectory& at() { return directories_[index_]; }
    const LogDirectory& at() const { return directories_[index_]; }

    NodeId node_;
    std::vector<LogDirectory> directories_;
    std::string cluster_id_;
    Stage stage_ = Stage::making;
    std::size_t index_ = 0;
    ReadFile read_;
    ReplaceFile write_;
    bool is_removing_ = false;  // the mark of a clean stop is open and being removed
    std::string failure_;
};

}  // namespace barnabas::broker
