// From an empty machine to a node that may serve, as far as its log directories go: lock them, read
// what they say about themselves, format them when they are empty.
//
// Nothing is changed in a directory that is not ours: one that holds something but no
// `meta.properties`, belongs to another node or another cluster, or is locked by another process.
// Then the node must not start. A full disk and a shortage of descriptors or memory are waited for.
// A directory of several that cannot be read or written is offline: its partitions are out of
// reach, the others go on, unless the metadata log is in it.
#pragma once

#include <string>
#include <vector>

#include "engine/base/hash.h"
#include "engine/log_manager/log_directory.h"
#include "engine/protocol/types.h"
#include "engine/runtime/event.h"
#include "engine/runtime/turn.h"
#include "engine/runtime/whole_file.h"

namespace barnabas::log_manager {

class Startup {
  public:
    // `metadata_path` may be one of the others.
    // Its operations are one `token`, its files one `file`.
    Startup(NodeId node, const std::vector<std::string>& paths, const std::string& metadata_path,
            Token token, FileId file);

    void start(Turn& turn);
    void on(const event::StorageDone& done, Turn& turn);

    // The disk is full, or descriptors or memory run short: try_again() is to be called every so
    // often.
    bool is_waiting() const { return is_refused_; }
    void try_again(Turn& turn);
    // The metadata log's directory is new: the bootstrap.checkpoint that stands beside an empty
    // log is to be given, in the same turn.
    bool wants_bootstrap() const { return wants_bootstrap_; }
    void write_bootstrap(Bytes checkpoint, Turn& turn);
    bool is_done() const { return stage_ == Stage::done; }
    // Empty while all is well. Then the node must not start.
    const std::string& failure() const { return failure_; }
    const std::string& cluster_id() const { return cluster_id_; }
    const std::vector<LogDirectory>& directories() const { return directories_; }
    const LogDirectory& metadata_directory() const { return directories_[metadata_index_]; }
    // Since then: the medium failed. Needs: is_done().
    void take_offline(std::size_t directory) { directories_[directory].is_online = false; }
    // All partitions that were found are placed.
    void forget_partitions();
    // No directory can take a partition any more.
    bool are_all_offline() const;

    void digest(Hasher& hasher) const;

  private:
    // For each directory in turn; formatting begins when all were read.
    enum class Stage : std::uint8_t {
        making,
        entering,  // its name, in the directory above it, and so on up: all may be new
        locking,
        reading_properties,
        listing,
        listing_partitions,
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
    void write(std::string_view name, Bytes bytes, Turn& turn);
    void next_directory(Turn& turn);
    void next_format(Turn& turn);
    void on_properties(Turn& turn);
    void on_listing(const event::StorageDone& done, Turn& turn);
    void on_offsets(Turn& turn);
    void on_removing(const event::StorageDone& done, Turn& turn);
    void on_written(const event::StorageDone& done, Turn& turn);
    void fail(std::string why);
    void give_up(std::string_view what, StorageStatus status, Turn& turn);
    void on_partitions(const event::StorageDone& done, Turn& turn);
    std::string path(std::string_view name) const { return at().path + '/' + std::string(name); }
    LogDirectory& at() { return directories_[index_]; }
    const LogDirectory& at() const { return directories_[index_]; }

    NodeId node_;
    Token token_;
    FileId file_;
    std::vector<LogDirectory> directories_;
    std::size_t metadata_index_ = 0;
    std::string cluster_id_;
    Stage stage_ = Stage::making;
    std::size_t index_ = 0;
    std::string entered_;  // the directory that was flushed last
    ReadFile read_;
    ReplaceFile write_;
    bool is_removing_ = false;  // the mark of a clean stop is open and being removed
    bool wants_bootstrap_ = false;
    bool is_refused_ = false;    // the stage waits to be begun again
    std::string failure_;
};

}  // namespace barnabas::log_manager
