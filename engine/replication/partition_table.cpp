#include "engine/replication/partition_table.h"

#include <algorithm>

#include "engine/base/digest.h"

namespace barnabas::replication {
namespace {

log::LogConfig log_config(const settings::TopicSettings& topic,
                          const settings::BrokerSettings& broker) {
    log::LogConfig config;
    config.producer_expiration_ms = broker.number("producer.id.expiration.ms");
    config.segment_bytes = static_cast<std::uint32_t>(topic.segment_bytes);
    // A record in the active segment is not cleaned, however old it is.
    config.segment_ms =
        topic.is_compacted ? std::min(topic.segment_age_max, topic.compaction_lag_max).count()
                           : topic.segment_age_max.count();
    config.segment_jitter_ms = topic.segment_jitter.count();
    config.segment_index_bytes = static_cast<std::uint32_t>(topic.index_bytes_max);
    config.index_interval_bytes = static_cast<std::uint32_t>(topic.index_interval_bytes);
    config.retention_bytes = topic.retention_bytes.value_or(-1);
    config.retention_ms = topic.retention ? topic.retention->count() : -1;
    config.file_delete_delay_ms = topic.file_delete_delay.count();
    config.record_bytes_max = topic.record_bytes_max;
    config.flush_messages = topic.flush_messages;
    config.flush_ms = topic.flush_interval.count();
    config.is_preallocated = topic.is_preallocated;
    config.is_compacted = topic.is_compacted;
    config.is_deleted = topic.is_deleted;
    return config;
}

TopicConfig config_from(const settings::TopicOverrides& overrides,
                        const settings::BrokerSettings& broker) {
    const settings::TopicSettings topic = settings::resolve_topic(overrides, broker);
    return {Cow(topic), Cow(log_config(topic, broker))};
}

}  // namespace

// A broker that holds a whole topic, or its first partitions, is asked for by place: one look
// whatever their number.
std::vector<TopicSlots::Held>::const_iterator TopicSlots::at(PartitionIndex partition) const {
    const auto place = static_cast<std::size_t>(partition.value());
    if (place < held_.size() && held_[place].partition == partition)
        return held_.begin() + partition.value();
    return std::ranges::lower_bound(held_, partition, {}, &Held::partition);
}

std::optional<Slot> TopicSlots::find(PartitionIndex partition) const {
    const auto found = at(partition);
    if (found == held_.end() || found->partition != partition) return std::nullopt;
    return found->slot;
}

void TopicSlots::add(PartitionIndex partition, Slot slot) {
    held_.insert(at(partition), {partition, slot});
}

PartitionTable::PartitionTable(NodeId node, const settings::BrokerSettings& settings)
    : node_(node),
      settings_(settings),
      default_config_(config_from({}, settings)) {}

void PartitionTable::on_settings(const settings::BrokerSettings& settings) {
    settings_ = settings;
    default_config_ = config_from({}, settings);
}

TopicConfig PartitionTable::config_of(const metadata::Topic& topic,
                                      const metadata::Image& image) const {
    const auto& overrides = image.settings(metadata::Resource::topic, topic.name);
    return overrides.empty() ? default_config_ : config_from(overrides, settings_);
}

std::vector<PartitionIndex> PartitionTable::missing(const metadata::Topic& topic) const {
    std::vector<PartitionIndex> missing;
    const TopicSlots* slots = this->topic(topic.id);
    for (const auto& [index, row] : topic.partitions) {
        const bool is_ours = std::ranges::find(row.replicas, node_) != row.replicas.end();
        if (is_ours && !(slots && slots->find(index))) missing.push_back(index);
    }
    return missing;
}

void PartitionTable::add(const metadata::Topic& topic, PartitionIndex index,
                         const TopicConfig& config, std::string directory, log::Names names) {
    const Slot slot{next_slot()};
    const TopicPartition name{topic.name, index};
    rows_.emplace_back(
        name, topic.id, config.settings,
        log::PartitionLog(name, topic.id, std::move(directory), config.log, names));
    topics_[topic.id].add(index, slot);
    names_[topic.name] = topic.id;
}

const TopicSlots* PartitionTable::topic(const TopicId& id) const {
    const auto found = topics_.find(id);
    return found == topics_.end() ? nullptr : &found->second;
}

const TopicSlots* PartitionTable::topic(std::string_view name) const {
    const auto found = names_.find(name);
    return found == names_.end() ? nullptr : topic(found->second);
}

Partition* PartitionTable::find(Slot slot) {
    return slot.number < rows_.size() ? &rows_[slot.number] : nullptr;
}

Offset PartitionTable::high_watermark_in(std::uint32_t slot) const {
    return rows_[slot].high_watermark();
}

const settings::TopicSettings& PartitionTable::settings_in(std::uint32_t slot) const {
    return *rows_[slot].settings;
}

void TopicSlots::digest(Hasher& hasher) const { digest_all(hasher, held_); }

void PartitionTable::digest(Hasher& hasher) const {
    digest_all(hasher, node_, default_config_, rows_, topics_, names_);
}

}  // namespace barnabas::replication
