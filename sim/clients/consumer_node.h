// A node that reads all partitions of a topic and remembers what it saw. It may die: its next life
// goes on where it had read to.
#pragma once

#include "engine/client/consumer.h"
#include "sim/clients/stamp.h"

namespace barnabas::sim {

// One thing that a consumer saw of a partition.
struct Seen {
    enum class Kind : std::uint8_t {
        record,          // at `offset`, with `stamp`: nothing when the value is no workload's
        reset,           // the position was set: the next record may be at `offset` or behind it
        high_watermark,  // the partition's high watermark is `offset` now
    };
    Kind kind = Kind::record;
    PartitionIndex partition;
    Offset offset;
    std::optional<Stamp> stamp;
};

// Where it begins, beside what its options say.
struct Reading {
    std::optional<Offset> from;  // of every partition
    Duration after{};            // so long after its start
};

class ConsumerNode {
  public:
    ConsumerNode(std::string topic, std::int32_t partitions, client::ConsumerOptions options,
                 const Reading& reading = {});

    void on(const Event& event, Turn& turn);
    void digest(Hasher& hasher) const;
    // What this one begins its next life as.
    ConsumerNode next_life() const;

    const std::string& topic() const { return topic_; }
    std::int32_t partitions() const { return partitions_; }
    const client::Consumer& consumer() const { return consumer_; }
    const client::Journal<Seen>& seen() const { return seen_; }

  private:
    void begin(Turn& turn);

    std::string topic_;
    std::int32_t partitions_;
    client::ConsumerOptions options_;
    client::Consumer consumer_;
    std::vector<std::optional<Offset>> starts_;  // of this life, by partition
    std::optional<Instant> begin_;  // of reading; nothing before the first start
    Duration after_{};
    bool is_reading_ = false;
    client::Journal<Seen> seen_;
    std::size_t resets_seen_ = 0;
    std::vector<std::optional<Offset>> high_watermarks_;  // as last seen, by partition
};

}  // namespace barnabas::sim
