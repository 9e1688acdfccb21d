// The partitions that this node holds: their logs, and who waits for what in them.
//
// A replica keeps its slot for the life of the node; the slot stands in the names of its log's
// tokens and files, so that an answer of the disk finds its way back.
//
// An idle replica costs a row of about a kilobyte and nothing else: no file is open, no timer is
// its own, and what partitions have in common they share.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "engine/base/cow.h"
#include "engine/base/queue.h"
#include "engine/broker/connections.h"
#include "engine/broker/startup.h"
#include "engine/log/partition_log.h"
#include "engine/metadata/assignment.h"
#include "engine/metadata/image.h"
#include "engine/protocol/errors.h"
#include "engine/records/compression.h"
#include "engine/settings/topic_settings.h"

namespace barnabas::broker {

// A produced batch that is answered when the log holds all below `until`.
struct ProduceWait {
    Offset until;
    Address row;
    std::uint32_t topic = 0;  // where its result stands in the response
    std::uint32_t partition = 0;
};

struct Replica {
    TopicPartition name;
    TopicId topic_id;
    LeaderEpoch leader_epoch{0};
    NodeId leader = no_node;
    std::uint16_t isr_size = 0;
    std::uint16_t directory = 0;  // of the node's log directories
    bool waits_to_open = true;  // others open first
    Cow<settings::TopicSettings> settings;
    std::optional<records::Compression> compression;  // nothing: as the producer chose
    log::PartitionLog log;
    Queue<ProduceWait> produce_waits;  // ascending by `until`
    std::vector<Address> fetch_waits;  // fetches that wait for more than there is
    Offset told_high_watermark{0};     // up to which they were woken
    Offset told_last_stable{0};        // likewise those that read committed records
    std::uint32_t slot = 0;

    // Consumers see what lies below. With one replica that is all that may be acknowledged.
    Offset high_watermark() const { return log.acknowledged_end(); }
    bool is_open() const { return log.state() == log::PartitionLog::State::open; }
    // Closed since its disk was full: it is opened later.
    bool waits_for_room() const {
        return log.state() == log::PartitionLog::State::closed && log.waits_for_room();
    }
    bool is_opening() const {
        return waits_to_open || log.state() == log::PartitionLog::State::opening;
    }
    // Open, or closed as a clean stop leaves it.
    bool is_whole() const {
        return !is_opening() && log.is_loaded() &&
               log.state() != log::PartitionLog::State::failed;
    }
    // What a client is told whose leader epoch is another one; -1 asks for no check.
    protocol::ErrorCode check_epoch(std::int32_t epoch_of_client) const;
    void digest(Hasher& hasher) const;
};

class Replicas {
  public:
    // A replica's place does not change as others come.
    using Slots = std::deque<std::optional<Replica>>;

    Replicas(NodeId node, const settings::BrokerSettings& settings);

    // Opens, moves or drops what the image now says of this node's partitions of one topic.
    void follow(const metadata::Topic& topic, const metadata::Image& image,
                const std::vector<LogDirectory>& directories, Turn& turn);

    // What topics that say nothing themselves fall back to. Those that are here take it up when
    // they are followed.
    void on_settings(const settings::BrokerSettings& settings);

    // From now on what the image adds was made in this life: nothing of it is anywhere yet.
    void expect_new_partitions() { are_added_new_ = true; }

    Replica* find(std::string_view topic, PartitionIndex partition);
    Replica& at(std::uint32_t slot) { return *slots_.at(slot); }
    const Slots& all() const { return slots_; }

    // An answer of the disk to the log of one replica, which is returned.
    // Needs: names::owner_of() says that it is ours.
    Replica& on(const event::StorageDone& done, const std::vector<LogDirectory>& directories,
                Turn& turn);

    // Likewise of a computation.
    Replica& on(const event::Computed& done, Turn& turn);

    // Logs that are neither open nor failed yet.
    std::size_t opening() const { return under_way_ + to_open_.size(); }
    // Some log found no room on its disk: try_again() is to be called every so often.
    bool wait_for_room() const { return !without_room_.empty(); }
    void try_again(const std::vector<LogDirectory>& directories, Turn& turn);
    // No replica of the topic that is here is still opening.
    bool is_settled(std::string_view topic) const;

    void close(Turn& turn);
    bool are_closed() const { return closing_ == 0; }  // Needs: close() was called.
    // What has moved in some log since the last call.
    bool take_moved_recovery_points() { return std::exchange(news_.has_recovery_points, false); }
    bool take_moved_log_starts() { return std::exchange(news_.has_log_starts, false); }
    // That could not be written down: it is news again.
    void put_back_moved_recovery_points() { news_.has_recovery_points = true; }
    void put_back_moved_log_starts() { news_.has_log_starts = true; }
    // DeleteRecords.
    void raise_log_start(Replica& replica, Offset start, Turn& turn);
    // Deletes what is beyond retention, of the replicas from that slot on, some at a time. Returns
    // where to go on; 0 when all had their turn.
    std::uint32_t clean_up(std::uint32_t from, log::PartitionLog::Promised promised, Turn& turn);
    // Flushes what flush.ms wants flushed, in the same way.
    std::uint32_t flush_old(std::uint32_t from, Turn& turn);
    // Forgets the producers that were silent for too long, in the same way.
    std::uint32_t expire_producers(std::uint32_t from, Turn& turn);

    // A directory whose medium failed under one of its logs.
    std::optional<std::size_t> take_broken_directory() {
        return std::exchange(broken_directory_, std::nullopt);
    }
    // All logs of that directory fail. Returns them.
    std::vector<Replica*> take_offline(std::size_t directory, const std::string& why, Turn& turn);
    // Copies that this node has put where the image did not say, since the last call.
    std::vector<metadata::Assignment> take_assignments() { return std::exchange(assignments_, {}); }

    // So many logs are opened at once: an opening log needs more memory than an open one.
    static constexpr std::size_t opening_max = 256;

    void digest(Hasher& hasher) const;

  private:
    static constexpr std::uint32_t visited_at_once = 1000;

    template <class Visit>
    std::uint32_t visit_some(std::uint32_t from, Visit visit);

    Cow<settings::TopicSettings> settings_of(const metadata::Topic& topic,
                                             const metadata::Image& image) const;
    Cow<log::LogConfig> log_config_of(const Cow<settings::TopicSettings>& topic) const;
    void open_next(const std::vector<LogDirectory>& directories, Turn& turn);
    template <class Change>
    void watch(Replica& replica, Change change);
    void add(const metadata::Topic& topic, PartitionIndex index, const metadata::PartitionRow& row,
             const Cow<settings::TopicSettings>& settings, const Cow<log::LogConfig>& config,
             const std::vector<LogDirectory>& directories, Turn& turn);
    std::size_t place(const TopicPartition& name, const TopicId& topic,
                      const metadata::PartitionRow& row,
                      const std::vector<LogDirectory>& directories, Turn& turn);
    std::size_t fewest(const std::vector<LogDirectory>& directories) const;

    NodeId node_;
    settings::BrokerSettings settings_;
    Cow<settings::TopicSettings> default_settings_;  // of topics that say nothing themselves
    Cow<log::LogConfig> default_config_;
    Slots slots_;
    std::deque<std::uint32_t> to_open_;
    std::size_t under_way_ = 0;  // logs that are being opened
    std::set<std::uint32_t> without_room_;
    std::size_t closing_ = 0;
    struct News {
        bool has_recovery_points = false;
        bool has_log_starts = false;
    };
    News news_;
    bool are_added_new_ = false;
    std::vector<std::size_t> loads_;  // copies in each directory
    std::optional<std::size_t> broken_directory_;
    std::vector<metadata::Assignment> assignments_;
    struct Held {
        PartitionIndex partition;
        std::uint32_t slot = 0;
    };
    struct OfTopic {
        std::vector<Held> held;     // ascending
        std::uint32_t opening = 0;  // of them: neither open nor failed yet

        std::vector<Held>::const_iterator find(PartitionIndex partition) const;
    };
    std::map<std::string, OfTopic, std::less<>> by_name_;
};

}  // namespace barnabas::broker
