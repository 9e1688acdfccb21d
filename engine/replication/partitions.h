// The partitions of which this node has copies, behind one door: who knows where a partition stands
// asks it, and is answered at once or later, by take_answers(). Whoever asks sees neither a log nor
// a partition.
//
//   slot = partitions.table().topic(id)->find(index)
//   answer = partitions.ask(asker, slot, ReadFrom{...}, effort, turn)    nothing: it comes later
//
// An idle copy costs a row of about a kilobyte and nothing else: no file is open, no timer is its
// own, and what copies have in common they share.
#pragma once

#include <boost/container/small_vector.hpp>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/replication/checks.h"
#include "engine/replication/partition_table.h"

namespace barnabas::replication {

class Partitions {
  public:
    using Answers = boost::container::small_vector<Answered, 1>;  // mostly one at a time

    // `check_names`: the topmost byte of the names under which batches are checked elsewhere.
    Partitions(NodeId node, const settings::BrokerSettings& settings, std::uint64_t check_names);

    const PartitionTable& table() const { return table_; }
    log::LogSlots& logs() { return table_; }
    const log::LogSlots& logs() const { return table_; }

    // What topics that say nothing themselves fall back to. Copies take it up when they are
    // followed.
    void on_settings(const settings::BrokerSettings& settings);
    // Settings and leaders as the image has them now, of the copies that are here.
    void follow(const metadata::Topic& topic, const metadata::Image& image, Turn& turn);
    // A copy that is missing, in table().next_slot().
    void add(const metadata::Topic& topic, PartitionIndex index, const TopicConfig& config,
             std::string directory, log::Names names);

    // Nothing: the answer comes later. `effort`: what the checks of produced batches may take in
    // this turn; of what takes more the answer comes later.
    std::optional<Answer> ask(const Asker& asker, Slot slot, const Question& question,
                              records::Effort& effort, Turn& turn);
    Answers take_answers() { return std::exchange(answers_, {}); }
    // From now on news of the partition is told to the watcher, until unwatch(). no_watch: it has
    // none to tell.
    WatchId watch(Slot slot, const Asker& watcher);
    void unwatch(Slot slot, WatchId watch);
    // Whether news still reach it: not any more once the partition was lost, also when it is back.
    bool is_watched(WatchId watch) const {
        return watch != no_watch && watches_.is_listed(watch);
    }
    std::vector<News> take_news() { return std::exchange(news_, {}); }

    // The log has heard from the disk, or has failed: what waits for that is answered.
    void on_log(std::uint32_t slot, Turn& turn);
    // A batch was checked elsewhere; `effort` is for those that wait behind it.
    void on_checked(const event::Computed& done, records::Effort effort, Turn& turn);
    // Batches of a connection that is gone, of which too many wait to be checked, are given up.
    void forget(ConnectionId connection);

    // The files of ranges that are found, and whose answers wait for another look: they stay as
    // they are.
    void add_promised(std::vector<FileId>& files) const;
    std::size_t looking_up() const { return readings_.size(); }

    // Since the last call, DeleteBelow has moved the start of this log.
    bool take_moved_starts() { return std::exchange(have_starts_moved_, false); }
    void digest(Hasher& hasher) const;

  private:
    // A read that waits for lookups: what is known, and for what reader.
    struct Reading {
        Asker asker;
        std::uint32_t slot = 0;
        bool is_committed_only = false;
        Offset from{};
        std::variant<Read, FoundOffset> answer;
    };

    void set_role(Partition& partition, const metadata::PartitionRow& row);
    void refuse_waiting(Partition& partition, protocol::ErrorCode code);
    void tell_watchers(const Leader& leader, bool is_stable);

    std::optional<Answer> append(const Asker& asker, std::uint32_t slot, const Append& batch,
                                 records::Effort& effort, Turn& turn);
    std::optional<Appended> append_checked(Partition& partition, const records::Validated& checked,
                                           const Check& check, Turn& turn);
    void finish_check(std::uint32_t slot, const records::Validated& checked, Turn& turn);
    std::optional<Answer> read(const Asker& asker, std::uint32_t slot, const ReadFrom& from,
                               Turn& turn);
    bool add_range(Reading& reading, const log::FileRange& range, Turn& turn);
    std::optional<Answer> find_offset(const Asker& asker, std::uint32_t slot,
                                      const FindOffset& what, Turn& turn);
    Deleted delete_below(Partition& partition, const DeleteBelow& what, Turn& turn);
    static ListedProducers list_producers(const Partition& partition, const ListProducers& what);
    void take_found(Partition& partition, Turn& turn);
    void on_found(const log::Found& found, Turn& turn);
    void acknowledge(Partition& partition);

    NodeId node_;
    bool are_transactions_verified_ = true;
    PartitionTable table_;
    Checks checks_;
    Watches watches_;
    std::map<log::LookupId, Reading> readings_;
    std::uint64_t last_lookup_ = 0;
    Answers answers_;
    std::vector<News> news_;
    bool have_starts_moved_ = false;
};

}  // namespace barnabas::replication
