// A node that reads all partitions of a topic and remembers what it saw.
#pragma once

#include "engine/base/persistent_vector.h"
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

class ConsumerNode {
  public:
    ConsumerNode(std::string topic, std::int32_t partitions, client::ConsumerOptions options);

    void on(const Event& event, Turn& turn);
    void digest(Hasher& hasher) const;

    const std::string& topic() const { return topic_; }
    std::int32_t partitions() const { return partitions_; }
    const client::Consumer& consumer() const { return consumer_; }
    const PersistentVector<Seen>& seen() const { return seen_; }

  private:
    std::string topic_;
    std::int32_t partitions_;
    client::Consumer consumer_;
    PersistentVector<Seen> seen_;
    std::size_t resets_seen_ = 0;
    std::uint64_t answers_seen_ = 0;
    std::vector<std::optional<Offset>> high_watermarks_;  // as last seen, by partition
};

}  // namespace barnabas::sim
