// What stands in the logs of partitions, as their files on a disk tell it: read from outside, batch
// by batch, by nothing that the broker thinks of itself.
//
// Of a compacted topic that is at any instant what a restart would find: NNN.log.swap stands for
// all segments from its base up to its end, unless a .cleaned file at or below its base says that
// the swap has not begun.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/records/record.h"
#include "sim/clients/stamp.h"
#include "sim/disk/disk.h"

namespace barnabas::sim {

// What a stored record says beside its value, and what its batch says of it.
struct RecordFacts {
    std::int64_t timestamp = records::no_timestamp;
    std::optional<std::string> key = {};
    std::int32_t headers = 0;
    bool is_tombstone = false;  // it has no value, and its stamp in a header
    bool is_append_time = false;
    LeaderEpoch leader_epoch = no_leader_epoch;
    ProducerId producer = no_producer;
    ProducerEpoch producer_epoch = records::no_producer_epoch;
    std::int32_t sequence = records::no_sequence;  // its own, not its batch's
};

struct LogChange {
    enum class Kind : std::uint8_t {
        stored,  // a record stands at `offset`, behind those before
        cut,     // what stood at `offset` and behind is gone
        begins,  // what stood before `offset` is gone, or is there once more
        rewritten,  // `left` stands in the place of all from `offset` up to `end`
        spoiled,    // rot: what stood from `offset` up to `end` cannot be read any more
    };
    Kind kind = Kind::stored;
    TopicPartition partition;
    Offset offset;
    std::optional<Stamp> stamp;  // stored: nothing when the value is no workload's
    Offset end{};
    std::vector<Stamped> left{};
    RecordFacts facts{};  // stored
};

// A segment as its files tell it.
struct SegmentView {
    TopicPartition partition;
    std::string path;  // of its .log
    FileNumber file;
    Offset base;
    Offset next;
    std::uint64_t bytes = 0;  // of whole batches
    std::int64_t largest_timestamp = records::no_timestamp;
};

class LogFollower {
  public:
    // Follows the partitions of these topics below those log directories. Some of them are
    // compacted: a segment of theirs may end before the next one begins.
    LogFollower(std::vector<std::string> log_directories, std::set<std::string> topics,
                std::set<std::string> compacted = {})
        : directories_(std::move(log_directories)),
          topics_(std::move(topics)),
          compacted_(std::move(compacted)) {}

    // What changed at the files' ends since the last call.
    std::vector<LogChange> follow(const Disk& disk);
    // All that stands there, from the first record on. Goes on from there.
    std::vector<LogChange> read_anew(const Disk& disk);
    // The end of each partition's log when all is lost that was not flushed.
    std::map<TopicPartition, Offset> durable_ends(const Disk& disk) const;
    // A bit was flipped in that file. A batch that it left unreadable is told of as spoiled.
    std::vector<LogChange> spoil(const Disk& disk, const std::string& path, std::uint64_t byte);
    std::set<TopicPartition> partitions() const;
    // Those of a partition in ascending order; what is behind a hole is left out.
    std::vector<SegmentView> segments() const;
    // All below survives power loss, as the disk's own books say.
    Offset flushed_end(const TopicPartition& partition, const Disk& disk) const;
    // Which log directory the partition's files are in.
    std::optional<std::string> directory_of(const TopicPartition& partition) const;
    // Where its first segment ends; nothing when it is the only one.
    std::optional<Offset> first_end(const TopicPartition& partition) const;
    // So many bytes of segments were read.
    std::uint64_t bytes_read() const { return bytes_read_; }
    // Where the log ends, or 0.
    Offset end(const TopicPartition& partition) const;

  private:
    struct Boundary {  // behind a batch
        std::uint64_t position = 0;
        Offset next;
        std::int64_t largest = records::no_timestamp;  // of all up to here
    };
    struct Segment {
        TopicPartition partition;
        Offset base;
        FileNumber file;
        std::vector<Boundary> batches;
        bool is_cleaned = false;      // by compaction: it says that all of it is flushed
        bool is_behind_hole = false;  // then nothing of it stands

        std::uint64_t parsed() const { return batches.empty() ? 0 : batches.back().position; }
        Offset next() const { return batches.empty() ? base : batches.back().next; }
    };

    using Segments = std::map<std::string, Segment, std::less<>>;

    struct Name {  // of a file of a segment
        TopicPartition partition;
        Offset base;
        std::string ending;  // .log, .index.cleaned
    };

    // Nothing for what does not belong to a segment of a followed partition.
    std::optional<Name> name_at(const std::string& path) const;
    Segments segments_on(const Disk& disk) const;
    Segments::const_iterator first_of(const TopicPartition& partition) const;
    Offset end_of_swap(const std::string& path, Segment swap, const Disk& disk) const;
    bool is_compacted(const TopicPartition& partition) const {
        return compacted_.contains(partition.topic);
    }
    bool has_hole_behind(const Segment& segment, Offset next_base, const Disk& disk) const;
    void grow(Segment& segment, const Bytes& bytes, std::vector<LogChange>* changes) const;
    bool take(Segment& segment, const records::Batch& batch, std::vector<LogChange>* changes) const;

    void follow_touched(const Disk& disk, std::vector<LogChange>& changes);
    void follow_segment(Segments::iterator one, const Disk& disk, std::vector<LogChange>& changes);
    void follow_names(const Disk& disk, std::vector<LogChange>& changes);
    // Segments with bases from `first` to `last` are gone, and younger ones are not.
    void follow_rewriting(const TopicPartition& partition, Offset first, Offset last,
                          const Disk& disk, std::vector<LogChange>& changes);
    void follow_starts(std::vector<LogChange>& changes);

    std::vector<std::string> directories_;
    std::set<std::string> topics_;
    std::set<std::string> compacted_;
    // Of the disk when it was followed last: while these stand, no file, no name has changed.
    std::uint64_t changes_ = UINT64_MAX;
    std::uint64_t name_changes_ = UINT64_MAX;
    std::uint64_t touches_ = 0;
    // By the path of NNN.log, also when that is called NNN.log.swap still: those of a partition in
    // ascending order.
    Segments segments_;
    std::map<FileNumber, std::string> paths_;  // of their files
    std::map<TopicPartition, Offset> starts_;  // the bases of their first segments
    // Batches that rot has taken, by where they begin: how long they are, and where they end.
    std::map<std::pair<FileNumber, std::uint64_t>, Boundary> spoiled_;
    std::uint64_t bytes_read_ = 0;
};

}  // namespace barnabas::sim
