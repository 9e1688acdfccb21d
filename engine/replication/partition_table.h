// Which copies of partitions are on this node, and where: each in a slot of its own. The slot
// stands in the names of the log's tokens and files, so that an answer of the disk finds its way
// back.
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
    std::uint32_t next_slot() const { return slot_count(); }
    void add(const metadata::Topic& topic, PartitionIndex index, const TopicConfig& config,
             std::string directory, log::Names names);
    void on_settings(const settings::BrokerSettings& settings);
    TopicConfig config_of(const metadata::Topic& topic, const metadata::Image& image) const;

    // Null: there is no copy of any of its partitions here.
    const TopicSlots* topic(std::string_view name) const;
    const TopicSlots* topic(const TopicId& id) const;
    // Null: it is nowhere.
    Partition* find(Slot slot);
    // Needs: slot < slot_count().
    Partition* at(std::uint32_t slot) { return &rows_.at(slot); }
    const Partition* at(std::uint32_t slot) const { return &rows_.at(slot); }

    std::uint32_t slot_count() const override {
        return static_cast<std::uint32_t>(rows_.size());
    }
    log::PartitionLog* log_in(std::uint32_t slot) override { return &rows_.at(slot).log; }
    const log::PartitionLog* log_in(std::uint32_t slot) const override {
        return &rows_.at(slot).log;
    }
    Offset high_watermark_in(std::uint32_t slot) const override;
    const settings::TopicSettings& settings_in(std::uint32_t slot) const override;

    void digest(Hasher& hasher) const;

  private:
    NodeId node_;
    settings::BrokerSettings settings_;
    TopicConfig default_config_;  // of topics that say nothing themselves
    std::deque<Partition> rows_;  // by slot; a copy's place does not change as others come
    std::map<TopicId, TopicSlots> topics_;
    std::map<std::string, TopicId, std::less<>> names_;
};

}  // namespace barnabas::replication
