// What stands in the logs of partitions, as their files on a disk tell it: read from outside, batch
// by batch, by nothing that the broker thinks of itself.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/protocol/types.h"
#include "sim/clients/stamp.h"
#include "sim/disk/disk.h"

namespace barnabas::sim {

struct LogChange {
    enum class Kind : std::uint8_t {
        stored,  // a record stands at `offset`, behind those before
        cut,     // what stood at `offset` and behind is gone
        begins,  // what stood before `offset` is gone, or is there once more
    };
    Kind kind = Kind::stored;
    TopicPartition partition;
    Offset offset;
    std::optional<Stamp> stamp;  // stored: nothing when the value is no workload's
};

class LogFollower {
  public:
    // Follows the partitions of these topics below that log directory.
    LogFollower(std::string log_directory, std::set<std::string> topics)
        : directory_(std::move(log_directory)), topics_(std::move(topics)) {}

    // What changed at the files' ends since the last call.
    std::vector<LogChange> follow(const Disk& disk);
    // All that stands there, from the first record on. Goes on from there.
    std::vector<LogChange> read_anew(const Disk& disk);
    // The end of each partition's log when all is lost that was not flushed.
    std::map<TopicPartition, Offset> durable_ends(const Disk& disk) const;

  private:
    struct Boundary {  // behind a batch
        std::uint64_t position = 0;
        Offset next;
    };
    struct Segment {
        TopicPartition partition;
        Offset base;
        FileNumber file;
        std::vector<Boundary> batches;

        std::uint64_t parsed() const { return batches.empty() ? 0 : batches.back().position; }
        Offset next() const { return batches.empty() ? base : batches.back().next; }
    };

    // Nothing for what is no segment of a followed partition.
    std::optional<Segment> segment_at(const std::string& path) const;
    static void grow(Segment& segment, const Bytes& bytes, std::vector<LogChange>* changes);

    void follow_names(const Disk& disk, std::vector<LogChange>& changes);
    void follow_starts(std::vector<LogChange>& changes);

    std::string directory_;
    std::set<std::string> topics_;
    // Of the disk when it was followed last: while these stand, no file, no name has changed.
    std::uint64_t changes_ = UINT64_MAX;
    std::uint64_t name_changes_ = UINT64_MAX;
    std::map<std::string, Segment> segments_;  // by path: those of a partition in ascending order
    std::map<TopicPartition, Offset> starts_;  // the bases of their first segments
};

}  // namespace barnabas::sim
