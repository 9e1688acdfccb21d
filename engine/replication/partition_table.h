// Which copies of partitions are on this node, and where: each in a slot, for the life of its
// topic. The slot stands in the names of the log's tokens and files, so that an answer of the disk
// finds its way back, and has another generation when another copy stands in it.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/log/log_slots.h"
#include "engine/replication/partition.h"

namespace barnabas::replication {

// Where the partitions of one topic stand.
class TopicSlots {
  public:
    // Nothing: there is no copy here.
    std::optional<Slot> find(PartitionIndex partition) const;
    void add(PartitionIndex partition, Slot slot);

    struct Held {
        PartitionIndex partition;
        Slot slot;
    };
    const std::vector<Held>& all() const { return held_; }

    void digest(Hasher& hasher) const;

  private:
    std::vector<Held>::const_iterator at(PartitionIndex partition) const;

    std::vector<Held> held_;  // ascending
};

// What the copies of one topic share.
struct TopicConfig {
    Cow<settings::TopicSettings> settings;
    Cow<log::LogConfig> log;
};

class PartitionTable final : public log::LogSlots {
  public:
    PartitionTable(NodeId node, const settings::BrokerSettings& settings);

    // Of which this node is to have a copy, and has none.
    std::vector<PartitionIndex> missing(const metadata::Topic& topic) const;
    // Where the next copy is to stand; then the copy, which is Offline.
    std::uint32_t next_slot() const;
    void add(const metadata::Topic& topic, PartitionIndex index, const TopicConfig& config,
             std::string directory, log::Names names);
    void on_settings(const settings::BrokerSettings& settings);
    TopicConfig config_of(const metadata::Topic& topic, const metadata::Image& image) const;
    // The topic is gone: its copies are found no more, and are to be removed. Returns their slots.
    std::vector<std::uint32_t> leave(const TopicId& topic);
    void remove(std::uint32_t slot);

    // Null: there is no copy of any of its partitions here.
    const TopicSlots* topic(std::string_view name) const;
    const TopicSlots* topic(const TopicId& id) const;
    // Null: another copy stands in the slot, or none.
    Partition* find(Slot slot);
    // Null: the slot is free.
    Partition* at(std::uint32_t slot);
    const Partition* at(std::uint32_t slot) const;

    std::uint32_t slot_count() const override {
        return static_cast<std::uint32_t>(rows_.size());
    }
    log::PartitionLog* log_in(std::uint32_t slot) override;
    const log::PartitionLog* log_in(std::uint32_t slot) const override;
    Offset high_watermark_in(std::uint32_t slot) const override;
    const settings::TopicSettings& settings_in(std::uint32_t slot) const override;

    void digest(Hasher& hasher) const;

  private:
    struct Row {
        std::uint32_t generation = 0;
        std::optional<Partition> partition;
    };

    NodeId node_;
    settings::BrokerSettings settings_;
    TopicConfig default_config_;  // of topics that say nothing themselves
    std::deque<Row> rows_;  // by slot; a copy's place does not change as others come
    std::uint32_t free_slots_ = 0;
    std::map<TopicId, TopicSlots> topics_;
    std::map<std::string, TopicId, std::less<>> names_;
};

}  // namespace barnabas::replication
