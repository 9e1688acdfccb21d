// The cluster as the metadata log tells it: brokers, topics, partitions, settings, feature levels.
//
// A value: copies share what neither has changed. Only apply() changes it, with one record at a
// time, live and at replay alike. Unknown names give nothing, never an insertion.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/cow.h"
#include "engine/base/hash.h"
#include "engine/metadata/record.h"
#include "engine/protocol/types.h"

namespace barnabas::metadata {

struct Listener {
    std::string name;
    std::string host;
    std::uint16_t port = 0;
};

struct BrokerRow {
    NodeId id;
    BrokerEpoch epoch;
    Uuid incarnation;
    std::vector<Listener> listeners;
    std::optional<std::string> rack;
    std::vector<Uuid> directories;
    bool is_fenced = true;
    bool is_shutting_down = false;
};

struct PartitionRow {
    NodeId leader = no_node;
    LeaderEpoch leader_epoch{0};
    PartitionEpoch partition_epoch{0};
    std::vector<NodeId> replicas;
    std::vector<NodeId> isr;
    std::vector<NodeId> elr;        // not in the ISR, yet holding all that is committed (KIP-966)
    std::vector<Uuid> directories;  // of the replicas, in their order
};

struct Topic {
    std::string name;
    TopicId id;
    std::map<PartitionIndex, PartitionRow> partitions;
};

using Settings = std::map<std::string, std::string, std::less<>>;

// Kafka's resource types in ConfigRecord and the configuration APIs.
enum class Resource : std::int8_t { unknown = 0, topic = 2, broker = 4 };

class Image {
  public:
    void apply(const Record& record);

    const std::map<NodeId, BrokerRow>& brokers() const { return *brokers_; }
    const std::map<std::string, Cow<Topic>, std::less<>>& topics() const { return *topics_; }
    const Topic* topic(std::string_view name) const;
    const Topic* topic(TopicId id) const;
    // A topic whose name differs only in '.' and '_', which metric names do not tell apart.
    std::optional<std::string> colliding_topic(std::string_view name) const;
    const PartitionRow* partition(std::string_view topic, PartitionIndex partition) const;
    // Level 0 when the log never spoke of it.
    std::int16_t feature_level(std::string_view name) const;
    const std::map<std::string, std::int16_t, std::less<>>& features() const { return features_; }
    // The settings given to one resource; empty when none were.
    const Settings& settings(Resource type, std::string_view name) const;

    void digest(Hasher& hasher) const;

  private:
    void apply_one(const protocol::RegisterBrokerRecord& record);
    void apply_one(const protocol::UnregisterBrokerRecord& record);
    void apply_one(const protocol::BrokerRegistrationChangeRecord& record);
    void apply_one(const protocol::FenceBrokerRecord& record);
    void apply_one(const protocol::UnfenceBrokerRecord& record);
    void apply_one(const protocol::TopicRecord& record);
    void apply_one(const protocol::PartitionRecord& record);
    void apply_one(const protocol::PartitionChangeRecord& record);
    void apply_one(const protocol::RemoveTopicRecord& record);
    void apply_one(const protocol::ConfigRecord& record);
    void apply_one(const protocol::FeatureLevelRecord& record);
    // Record types whose rooms do not exist yet change nothing here; the log keeps them.
    void apply_one(const auto&) {}

    Topic* edit_topic(TopicId id);
    void set_fenced(std::int32_t broker, bool is_fenced);

    using Resources = std::map<std::pair<Resource, std::string>, Settings>;
    Cow<std::map<NodeId, BrokerRow>> brokers_;
    Cow<std::map<std::string, Cow<Topic>, std::less<>>> topics_;
    Cow<std::map<TopicId, std::string>> names_;
    Cow<std::map<std::string, std::string>> metric_names_;  // with '.' as '_' -> the topic
    Cow<Resources> settings_;
    std::map<std::string, std::int16_t, std::less<>> features_;
};

}  // namespace barnabas::metadata
