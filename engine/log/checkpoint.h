// The small text files of a log directory and of a partition's directory, as Kafka writes them.
// Pure: text out, text in.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/protocol/types.h"

namespace barnabas::log {

// recovery-point-offset-checkpoint, log-start-offset-checkpoint, replication-offset-checkpoint,
// cleaner-offset-checkpoint: "0", the count, then "topic partition offset" lines.
using PartitionOffsets = std::map<TopicPartition, Offset>;
std::string format_offsets(const PartitionOffsets& offsets);
// The same in parts: the first two lines, and each of the lines behind them.
std::string checkpoint_head(std::size_t count);
std::string format_offset(const TopicPartition& partition, Offset offset);
Result<PartitionOffsets, std::string> parse_offsets(std::string_view text);

// leader-epoch-checkpoint: "0", the count, then "epoch start-offset" lines.
struct EpochStart {
    LeaderEpoch epoch;
    Offset start;
    friend bool operator==(const EpochStart&, const EpochStart&) = default;
};
std::string format_epochs(const std::vector<EpochStart>& epochs);
// Epochs and offsets must ascend.
Result<std::vector<EpochStart>, std::string> parse_epochs(std::string_view text);

// partition.metadata: the topic's id.
std::string format_partition_metadata(const TopicId& id);
Result<TopicId, std::string> parse_partition_metadata(std::string_view text);

// meta.properties: whose directory it is.
struct MetaProperties {
    std::string cluster_id;
    NodeId node_id;
    Uuid directory_id;
    friend bool operator==(const MetaProperties&, const MetaProperties&) = default;
};
std::string format_meta_properties(const MetaProperties& properties);
Result<MetaProperties, std::string> parse_meta_properties(std::string_view text);

// .kafka_cleanshutdown: there after a clean stop, removed at the start.
std::string format_clean_shutdown(BrokerEpoch epoch);
Result<BrokerEpoch, std::string> parse_clean_shutdown(std::string_view text);

}  // namespace barnabas::log
