// The partitions that this node holds: their logs, and who waits for what in them.
//
// A replica keeps its slot for the life of the node; the slot stands in the names of its log's
// tokens and files, so that an answer of the disk finds its way back.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "engine/base/cow.h"
#include "engine/broker/connections.h"
#include "engine/broker/startup.h"
#include "engine/log/partition_log.h"
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
    settings::TopicSettings settings;
    std::optional<records::Compression> compression;  // nothing: as the producer chose
    log::PartitionLog log;
    std::deque<ProduceWait> produce_waits;  // ascending by `until`
    std::vector<Address> fetch_waits;       // fetches that wait for more than there is
    Offset told_high_watermark{0};          // up to which they were woken

    // Consumers see what lies below. With one replica that is all that may be acknowledged.
    Offset high_watermark() const { return log.acknowledged_end(); }
    bool is_open() const { return log.state() == log::PartitionLog::State::open; }
    // Its offsets are known: it is open, or was when the node stopped.
    bool is_loaded() const {
        return log.state() != log::PartitionLog::State::opening &&
               log.state() != log::PartitionLog::State::failed;
    }
    // What a client is told whose leader epoch is another one; -1 asks for no check.
    protocol::ErrorCode check_epoch(std::int32_t epoch_of_client) const;
};

class Replicas {
  public:
    Replicas(NodeId node, const settings::BrokerSettings& settings);

    // Opens, moves or drops what the image now says of this node's partitions of one topic.
    void follow(const metadata::Topic& topic, const metadata::Image& image,
                const std::vector<LogDirectory>& directories, Turn& turn);

    Replica* find(std::string_view topic, PartitionIndex partition);
    Replica& at(std::uint32_t slot) { return *slots_.at(slot); }
    const std::vector<std::optional<Replica>>& all() const { return slots_; }
    std::vector<std::optional<Replica>>& all() { return slots_; }

    std::size_t opening() const;  // logs that are neither open nor failed yet
    // No replica of the topic that is here is still opening.
    bool is_settled(std::string_view topic) const;

    bool are_closed() const;  // or failed: no log will write any more
    // Some log's recovery point or start has moved since the last call.
    bool has_news();
    // Deletes what is beyond retention.
    void clean_up(Turn& turn);

    void digest(Hasher& hasher) const;

  private:
    void add(const metadata::Topic& topic, PartitionIndex index, const metadata::PartitionRow& row,
             const metadata::Image& image, const std::vector<LogDirectory>& directories,
             Turn& turn);

    NodeId node_;
    settings::BrokerSettings settings_;
    std::vector<std::optional<Replica>> slots_;
    std::int64_t checkpointed_sum_ = 0;  // tells that an offset has moved: they only grow
    std::map<std::string, std::map<PartitionIndex, std::uint32_t>, std::less<>> by_name_;
};

}  // namespace barnabas::broker
