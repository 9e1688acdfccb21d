// Kafka's numbers, each a type of its own.
#pragma once

#include <cstdint>
#include <string>

#include "engine/base/id.h"
#include "engine/base/uuid.h"

namespace barnabas {

using Offset = Position<struct OffsetTag, std::int64_t>;
using NodeId = Id<struct NodeTag, std::int32_t>;
using PartitionIndex = Id<struct PartitionTag, std::int32_t>;
using LeaderEpoch = Position<struct LeaderEpochTag, std::int32_t>;
using PartitionEpoch = Position<struct PartitionEpochTag, std::int32_t>;
using BrokerEpoch = Id<struct BrokerEpochTag, std::int64_t>;
using ProducerId = Id<struct ProducerIdTag, std::int64_t>;
using ProducerEpoch = Position<struct ProducerEpochTag, std::int16_t>;
using TopicId = Uuid;

constexpr NodeId no_node{-1};
constexpr LeaderEpoch no_leader_epoch{-1};
constexpr ProducerId no_producer{-1};

// A partition as people and files name it: "orders-0".
struct TopicPartition {
    std::string topic;
    PartitionIndex partition;

    std::string text() const { return topic + '-' + std::to_string(partition.value()); }
    friend auto operator<=>(const TopicPartition&, const TopicPartition&) = default;
};

}  // namespace barnabas
