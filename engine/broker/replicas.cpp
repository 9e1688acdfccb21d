#include "engine/broker/replicas.h"

#include <algorithm>

#include "engine/broker/names.h"
#include "engine/log/checkpoint.h"

namespace barnabas::broker {
namespace {

log::LogConfig log_config(const settings::TopicSettings& topic) {
    log::LogConfig config;
    config.segment_bytes = static_cast<std::uint32_t>(topic.segment_bytes);
    config.segment_ms = topic.segment_age_max.count();
    config.segment_jitter_ms = topic.segment_jitter.count();
    config.segment_index_bytes = static_cast<std::uint32_t>(topic.index_bytes_max);
    config.index_interval_bytes = static_cast<std::uint32_t>(topic.index_interval_bytes);
    config.retention_bytes = topic.retention_bytes.value_or(-1);
    config.retention_ms = topic.retention ? topic.retention->count() : -1;
    config.file_delete_delay_ms = topic.file_delete_delay.count();
    config.flush_messages = topic.flush_messages;
    config.is_compacted = topic.is_compacted;
    config.is_deleted = topic.is_deleted;
    return config;
}

std::optional<records::Compression> compression_of(const settings::TopicSettings& topic) {
    records::Compression compression;
    if (topic.compression == "uncompressed") return compression;
    if (topic.compression == "gzip") compression.codec = records::Codec::gzip;
    if (topic.compression == "snappy") compression.codec = records::Codec::snappy;
    if (topic.compression == "lz4") compression.codec = records::Codec::lz4;
    if (topic.compression == "zstd") compression.codec = records::Codec::zstd;
    if (compression.codec == records::Codec::none) return std::nullopt;
    return compression;
}

// Where the image places this node's copy; the first directory when it names none that is here.
const LogDirectory& directory_of(NodeId node, const metadata::PartitionRow& row,
                                 const std::vector<LogDirectory>& directories) {
    for (std::size_t i = 0; i < row.replicas.size() && i < row.directories.size(); ++i) {
        if (row.replicas[i] != node) continue;
        const auto found = std::ranges::find(directories, row.directories[i], &LogDirectory::id);
        if (found != directories.end()) return *found;
    }
    return directories.front();
}

Offset offset_in(const log::PartitionOffsets& offsets, const TopicPartition& name) {
    const auto found = offsets.find(name);
    return found == offsets.end() ? Offset(0) : found->second;
}

}  // namespace

protocol::ErrorCode Replica::check_epoch(std::int32_t epoch_of_client) const {
    if (epoch_of_client < 0 || LeaderEpoch(epoch_of_client) == leader_epoch) {
        return protocol::ErrorCode::none;
    }
    return LeaderEpoch(epoch_of_client) < leader_epoch ? protocol::ErrorCode::fenced_leader_epoch
                                                       : protocol::ErrorCode::unknown_leader_epoch;
}

Replicas::Replicas(NodeId node, const settings::BrokerSettings& settings)
    : node_(node), settings_(settings) {}

void Replicas::follow(const metadata::Topic& topic, const metadata::Image& image,
                      const std::vector<LogDirectory>& directories, Turn& turn) {
    for (const auto& [index, row] : topic.partitions) {
        if (std::ranges::find(row.replicas, node_) == row.replicas.end()) continue;
        Replica* here = find(topic.name, index);
        if (here == nullptr) {
            add(topic, index, row, image, directories, turn);
            continue;
        }
        here->leader = row.leader;
        here->leader_epoch = row.leader_epoch;
        here->isr_size = static_cast<std::uint16_t>(row.isr.size());
        here->settings = settings::resolve_topic(
            image.settings(metadata::Resource::topic, topic.name), settings_);
        here->compression = compression_of(here->settings);
        here->log.set_config(log_config(here->settings));
    }
}

void Replicas::add(const metadata::Topic& topic, PartitionIndex index,
                   const metadata::PartitionRow& row, const metadata::Image& image,
                   const std::vector<LogDirectory>& directories, Turn& turn) {
    const auto slot = static_cast<std::uint32_t>(slots_.size());
    const TopicPartition name{topic.name, index};
    const LogDirectory& directory = directory_of(node_, row, directories);
    const auto settings =
        settings::resolve_topic(image.settings(metadata::Resource::topic, topic.name), settings_);
    log::PartitionLog log(name, topic.id, directory.path + '/' + name.text(), log_config(settings),
                          {names::replica_names(slot)});
    slots_.push_back(Replica{name,
                             topic.id,
                             row.leader_epoch,
                             row.leader,
                             static_cast<std::uint16_t>(row.isr.size()),
                             settings,
                             compression_of(settings),
                             std::move(log),
                             {},
                             {},
                             Offset(0)});
    by_name_[topic.name][index] = slot;
    slots_.back()->log.open(directory.was_clean_stop, offset_in(directory.recovery_points, name),
                            offset_in(directory.log_starts, name), turn);
}

Replica* Replicas::find(std::string_view topic, PartitionIndex partition) {
    const auto of = by_name_.find(topic);
    if (of == by_name_.end()) return nullptr;
    const auto found = of->second.find(partition);
    return found == of->second.end() ? nullptr : &*slots_[found->second];
}

std::size_t Replicas::opening() const {
    return static_cast<std::size_t>(std::ranges::count_if(slots_, [](const auto& replica) {
        return replica && replica->log.state() == log::PartitionLog::State::opening;
    }));
}

bool Replicas::is_settled(std::string_view topic) const {
    const auto of = by_name_.find(topic);
    if (of == by_name_.end()) return true;
    return std::ranges::all_of(of->second, [this](const auto& entry) {
        return slots_[entry.second]->log.state() != log::PartitionLog::State::opening;
    });
}

bool Replicas::are_closed() const {
    return std::ranges::all_of(slots_, [](const auto& replica) {
        return !replica || replica->log.state() == log::PartitionLog::State::closed ||
               replica->log.state() == log::PartitionLog::State::failed;
    });
}

bool Replicas::has_news() {
    std::int64_t sum = 0;
    for (const auto& replica : slots_) {
        if (!replica || !replica->is_open()) continue;
        sum += replica->log.recovery_point().value() + replica->log.log_start_offset().value();
    }
    return std::exchange(checkpointed_sum_, sum) != sum;
}

void Replicas::clean_up(Turn& turn) {
    for (auto& replica : slots_) {
        if (replica && replica->is_open()) replica->log.clean_up(replica->high_watermark(), turn);
    }
}

void Replicas::digest(Hasher& hasher) const {
    for (const auto& replica : slots_) {
        if (!replica) continue;
        hasher.add(as_bytes(replica->name.topic));
        hasher.add(static_cast<std::uint64_t>(replica->name.partition.value()));
        hasher.add(static_cast<std::uint64_t>(replica->leader_epoch.value()));
        replica->log.digest(hasher);
    }
}

}  // namespace barnabas::broker
