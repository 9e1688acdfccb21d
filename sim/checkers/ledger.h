// The history of a run, held against what was promised. It hears what producers gave and were told,
// what stands in the logs on disk, and what consumers saw, in the order in which it happened, and
// says at once what must not be.
//
// The rules, for one replica of each partition:
//   invented       every value in a log or in a consumer's hands was given by a producer, to there
//   dense          offsets of a log ascend by one; in a compacted topic they ascend
//   misplaced      an acknowledged record stands at the offset that it was acknowledged with
//   revoked        a record whose every try failed for sure stands in no log
//   doubled        there are no more copies than tries whose reply was lost, and one; of an
//                  idempotent producer, no more than one
//   lost           what was acknowledged, or seen by a consumer, stays; only a cut that was
//   foreseen
//                  (power loss: what was not flushed) may take it, and that is counted
//   contradicted   a consumer sees at an offset the one value that stands there
//   skipped        a consumer sees every offset that stands, in order, from where its position was
//                  set; and that is not set past what stands, unless it asked for the latest
//   misled         a consumer that asks for a time begins at the first record as young as that
//   forgotten      compaction takes a record only for the sake of a later one of its key: the last
//                  one of each key stands, at its offset, whatever power loss takes. A tombstone
//                  may go when it is as old as delete.retention.ms, not before what it deletes
//   receded        a partition's high watermark only rises; a foreseen cut lets it fall once, and
//                  not below where that left the end of the log
//   vanished       a log loses its oldest records to retention or DeleteRecords only
//   undeleted      what DeleteRecords was answered for is out of sight, and its files go;
//                  unless the broker dies before it has noted where the log begins
// and at the end, where a scenario expects it: unsettled, unconsumed, unfinished.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/base/cow.h"
#include "sim/checkers/checker.h"
#include "sim/checkers/sight.h"

namespace barnabas::sim {

struct Counts {
    std::uint64_t given = 0;  // to producers
    std::uint64_t acknowledged = 0;
    std::uint64_t failed = 0;  // for sure
    std::uint64_t unknown = 0;
    std::uint64_t consumed = 0;       // records that some consumer saw
    std::uint64_t doubles = 0;        // copies beyond the first that stand in the logs
    std::uint64_t lost_foreseen = 0;  // acknowledged, and gone as a cut foresaw
    std::uint64_t lost = 0;           // acknowledged, and gone against the rules
    std::uint64_t stored = 0;         // records that stand in the logs
    std::uint64_t power_losses = 0;   // of a partition each, held against what was flushed
    std::uint64_t cut_back = 0;       // whole after a power loss, and cut off by the next life
    // Of acknowledged records, by one foreseen cut of one partition: how many at most went, and how
    // long ago the oldest of them was acknowledged.
    std::uint64_t lost_at_once = 0;
    Duration lost_age{};

    friend bool operator==(const Counts&, const Counts&) = default;
};

class Ledger : public Judge {
  public:
    // Compiled once, not in every file that holds one: much state by value.
    Ledger();
    Ledger(const Ledger& other);
    Ledger(Ledger&& other) noexcept;
    Ledger& operator=(const Ledger& other);
    Ledger& operator=(Ledger&& other) noexcept;
    ~Ledger();

    static constexpr std::string_view name = "ledger";

    // Takes on whom the cast names. Tests do so one by one.
    void add(const Cast& cast);
    void before(const Sight&) {}
    void look(const Sight& sight);
    void finish(const Sight& sight);
    std::string rest(const Sight& sight) const;

    void add_producer(const std::string& name, const std::string& topic, std::int32_t partitions,
                      bool is_idempotent = false);
    // A consumer of all partitions of a topic. From the earliest record on: then it sees all.
    // `since`: from the first record on that was given then, or later.
    void add_consumer(const std::string& name, const std::string& topic, std::int32_t partitions,
                      bool wants_all, std::optional<Duration> since = std::nullopt);
    // A log of this topic may lose its oldest records when they were given so long ago.
    void add_retention(const std::string& topic, Duration least);
    // A compacted topic. The producer's keys are numbered by key_number().
    void add_compacted(const std::string& topic) { compacted_.insert(topic); }
    void add_keys(const std::string& producer, std::uint64_t keys, std::uint64_t tombstones = 0);
    // In a compacted topic tombstones stay for so long.
    void add_delete_retention(const std::string& topic, Duration least) {
        delete_retention_[topic] = least;
    }

    // What is told next happened at this instant.
    void move_to(Instant now) { now_ = now; }

    // A producer was handed records up to this number, without it.
    void given(const std::string& producer, std::uint64_t end);
    void fate(const std::string& producer, const client::Fate& fate);

    // A record appeared behind the last one. No stamp: its value is no workload's.
    void stored(const TopicPartition& partition, Offset offset, const std::optional<Stamp>& stamp);
    // The log ends at `end` now. Foreseen: over what replication can bear, and by how much is
    // known.
    void cut(const TopicPartition& partition, Offset end, bool is_foreseen);
    // DeleteRecords is asked for: the log may begin at `start` or before from now on.
    void deletion_asked(const TopicPartition& partition, Offset start);
    // It was answered: the log does begin there.
    void deletion_answered(const TopicPartition& partition, Offset start, Offset low_watermark);
    // The broker died, or its disk failed: it may not have noted what was deleted.
    void forget_deletions();
    // Something befell it that takes time.
    void delay_deletions();
    // Where the log must begin by now, when the files have had so much time.
    Offset must_start(const TopicPartition& partition, Duration time) const;
    // The log's files begin at `start` now.
    void begins(const TopicPartition& partition, Offset start);
    // These stand in the place of all from `from` up to `to`.
    void rewritten(const TopicPartition& partition, Offset from, Offset to,
                   const std::vector<Stamped>& left);
    // Power loss left these of a compacted log, which ends at `end`. It may have taken all that
    // was not flushed, also from the middle; below `flushed` only compaction may.
    void shaken(const TopicPartition& partition, Offset flushed, Offset end,
                const std::vector<Stamped>& left);
    // Rot took what stood from `from` up to `to`: over budget, and what recovery then cuts as well.
    void spoiled(const TopicPartition& partition, Offset from, Offset to);
    bool is_compacted(const TopicPartition& partition) const {
        return compacted_.contains(partition.topic);
    }
    std::optional<Stamp> at(const TopicPartition& partition, Offset offset) const;
    Offset end(const TopicPartition& partition) const;

    void seen(const std::string& consumer, const std::string& topic, const Seen& seen);

    // The rules for the end of a run.
    void expect_all_settled();  // every record was acknowledged
    // Every acknowledged record that was not lost, deleted or overtaken by a later one of its key
    // was seen.
    void expect_all_consumed();
    void expect_ends_reached();  // behind each consumer's position nothing stands

    const Counts& counts() const { return counts_; }

  private:
    using ProducerIndex = std::uint32_t;

    enum class Settled : std::uint8_t { open, acknowledged, failed, unknown };
    struct Given {  // one record of a producer
        Settled settled = Settled::open;
        bool is_seen = false;
        bool is_lost = false;       // acknowledged, and its copy there is gone
        bool is_overtaken = false;  // compaction took a copy
        std::uint16_t copies = 0;
        std::uint16_t lost_replies = 0;
        Offset acknowledged_at{-1};
        Instant acknowledged_when;
        Instant given_when;  // which is its timestamp
    };
    struct Source {  // a producer
        std::string name;
        std::string topic;
        std::int32_t partitions = 1;
        bool is_idempotent = false;
        Cow<std::vector<Given>> records;
        std::uint64_t keys = 0;
        std::uint64_t tombstones = 0;

        std::size_t home_of(std::uint64_t number) const {
            return number % static_cast<std::uint64_t>(partitions);
        }
    };
    struct Entry {                              // what stands at an offset
        std::optional<ProducerIndex> producer;  // nothing: not of a workload
        std::uint64_t number = 0;
        friend bool operator==(const Entry&, const Entry&) = default;
    };
    struct Gone {  // what stood there before a foreseen cut
        Entry entry;
        std::size_t cut = 0;
    };
    struct Deleted {  // DeleteRecords was answered
        Offset start;
        Instant since;
    };
    struct Log {
        Cow<std::vector<Entry>> entries;  // by offset, from 0: also of what was deleted
        std::set<Offset> absent;          // nothing stands there: taken by compaction, or a gap
        std::multimap<Offset, Gone> gone;
        std::vector<std::uint64_t> lost_by_cut;  // acknowledged records, of each foreseen cut
        std::vector<Offset> cut_ends;            // where each of them left the end
        Offset start;                            // what stood before it was deleted
        Offset may_start;                        // as DeleteRecords asked for
        std::uint64_t deaths_when_asked = 0;
        std::vector<Deleted> deleted;
        std::optional<Offset> spoiled_from;  // the first offset that rot took
        Offset left;  // below it all stood on the disk when the power was gone
    };
    struct Reader {  // a consumer
        std::string topic;
        std::int32_t partitions = 1;
        bool wants_all = false;
        std::optional<Duration> since;
    };
    struct Reading {  // of a consumer, of one partition
        std::optional<Offset> next;
        std::optional<Offset> high_watermark;
        std::size_t cuts = 0;  // foreseen ones that have let it fall
    };

    static std::string at_text(const TopicPartition& partition, Offset offset);
    void add_retention_of(const Cast::Topic& topic, Duration skew);
    void follow_admin(const Sight& sight);
    void follow_life(const Sight& sight);
    void follow_log(const LogChange& change);
    void foresee(const Sight& sight);
    void judge_deletions(const Sight& sight);
    std::optional<ProducerIndex> find(const std::string& producer) const;
    std::string text_of(const Entry& entry) const;
    Given* given_of(const Entry& entry);
    std::optional<Entry> entry_of(const TopicPartition& partition, Offset offset,
                                  const std::optional<Stamp>& stamp);
    void check_copies(const Source& source, std::uint64_t number, const Given& record);
    void acknowledge(Source& source, const client::Fate& fate, Given& record);
    void lose(const TopicPartition& partition, Offset offset, const Entry& entry, bool is_foreseen);
    void count_loss(Log& log, std::size_t cut, Duration age);
    static bool has_gone(const Log& log, Offset offset, const Entry& entry);
    std::optional<std::uint64_t> key_of(const Entry& entry) const;
    void rewrite(const TopicPartition& partition, Offset from, Offset to,
                 const std::vector<Stamped>& left, Offset flushed);
    void comes_back(Log& log, Offset offset);
    void overtake(Log& log, Offset offset);
    void lose_in_the_middle(const TopicPartition& partition, Offset offset);
    void judge_keys(const TopicPartition& partition);
    bool may_be_forgotten(const TopicPartition& partition, const Entry& entry) const;
    void judge_reset(const std::string& consumer, const TopicPartition& partition,
                     std::optional<Offset> before, Offset to);
    void judge_time(const std::string& consumer, const TopicPartition& partition, Offset to,
                    Duration since);
    void judge_recession(const std::string& consumer, const TopicPartition& partition, Offset to,
                         Reading& reading);
    void judge_deleted(const std::string& consumer, const TopicPartition& partition, Offset at);
    bool is_old(const TopicPartition& partition, const Given& record) const;
    static bool may_skip(const Log& log, Offset from, Offset to, bool is_compacted);
    void see_record(const std::string& consumer, const TopicPartition& partition, const Seen& seen,
                    Reading& reading);

    std::vector<Source> sources_;
    std::map<TopicPartition, Log> logs_;
    std::map<std::string, Reader> readers_;
    std::map<std::pair<std::string, TopicPartition>, Reading> readings_;
    std::uint64_t deaths_ = 0;
    std::map<std::string, Duration> retention_;
    std::set<std::string> compacted_;
    std::map<std::string, Duration> delete_retention_;
    Instant now_;
    Duration skew_{};  // of clocks, at most
    Counts counts_;
    std::size_t progress_told_ = 0;  // of the admin's
    std::map<NodeIndex, bool> was_up_;
};

}  // namespace barnabas::sim
