// The cluster as the metadata log tells it: brokers, topics, partitions, settings, feature levels,
// and who may do what and how much.
//
// A value: copies share what neither has changed, chunk by chunk. Only apply() changes it, with one
// record at a time, live and at replay alike. Unknown names give nothing, never an insertion. It
// keeps all that the records say, also where no room uses it yet: dump.h gives it back as records,
// for a snapshot.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/cow.h"
#include "engine/base/hash.h"
#include "engine/base/persistent_map.h"
#include "engine/metadata/partitions.h"
#include "engine/metadata/record.h"
#include "engine/metadata/security_rows.h"
#include "engine/protocol/types.h"

namespace barnabas::metadata {

struct Listener {
    std::string name;
    std::string host;
    std::uint16_t port = 0;
    std::int16_t security_protocol = 0;  // Kafka's number; 0 is PLAINTEXT
    friend bool operator==(const Listener&, const Listener&) = default;
};

// The levels of a feature that a node can work with.
struct FeatureRange {
    std::string name;
    std::int16_t oldest = 0;
    std::int16_t latest = 0;
    friend bool operator==(const FeatureRange&, const FeatureRange&) = default;
};

struct BrokerRow {
    NodeId id;
    BrokerEpoch epoch;
    Uuid incarnation;
    std::vector<Listener> listeners;
    std::vector<FeatureRange> features;
    std::optional<std::string> rack;
    std::vector<Uuid> directories;
    std::optional<std::vector<Uuid>> cordoned_directories;
    bool is_fenced = true;
    bool is_shutting_down = false;
    bool is_migrating = false;  // from ZooKeeper, long ago
    friend bool operator==(const BrokerRow&, const BrokerRow&) = default;
};

struct ControllerRow {
    Uuid incarnation;
    std::vector<Listener> listeners;
    std::vector<FeatureRange> features;
    bool is_ready_to_migrate = false;
    friend bool operator==(const ControllerRow&, const ControllerRow&) = default;
};

struct Topic {
    std::string name;
    TopicId id;
    Partitions partitions;
    friend bool operator==(const Topic&, const Topic&) = default;
};

using Settings = std::map<std::string, std::string, std::less<>>;

// Kafka's resource types in ConfigRecord and the configuration APIs. Others are kept by number.
enum class Resource : std::int8_t { unknown = 0, topic = 2, broker = 4 };

class Image {
  public:
    // Needs: a record that takes effect: those of a metadata transaction at its end
    // (transaction.h).
    void apply(const Record& record);

    const PersistentMap<NodeId, BrokerRow>& brokers() const { return brokers_; }
    const PersistentMap<NodeId, ControllerRow>& controllers() const { return controllers_; }
    const PersistentMap<std::string, Cow<Topic>>& topics() const { return topics_; }
    const Topic* topic(std::string_view name) const;
    const Topic* topic(TopicId id) const;
    // A topic whose name differs only in '.' and '_', which metric names do not tell apart.
    std::optional<std::string> colliding_topic(std::string_view name) const;
    // Nothing when there is no such partition.
    std::optional<PartitionRow> partition(std::string_view topic, PartitionIndex partition) const;
    // Level 0 when the log never spoke of it.
    std::int16_t feature_level(std::string_view name) const;
    // The metadata.version that records are written for: ours until the log speaks of it.
    std::int16_t record_level() const;
    const std::map<std::string, std::int16_t, std::less<>>& features() const { return features_; }
    // The settings given to one resource; empty when none were.
    const Settings& settings(Resource type, std::string_view name) const;
    using Resources = PersistentMap<std::pair<Resource, std::string>, Settings>;
    const Resources& resources() const { return settings_; }
    const SecurityRows& security() const { return *security_; }
    // The first producer id that was not given to any broker yet; nothing before the first block.
    std::optional<ProducerId> next_producer_id() const { return next_producer_id_; }

    void digest(Hasher& hasher) const;
    // By what they say: not by where it stands.
    friend bool operator==(const Image& a, const Image& b);

  private:
    void apply_one(const protocol::RegisterBrokerRecord& record);
    void apply_one(const protocol::UnregisterBrokerRecord& record);
    void apply_one(const protocol::BrokerRegistrationChangeRecord& record);
    void apply_one(const protocol::FenceBrokerRecord& record);
    void apply_one(const protocol::UnfenceBrokerRecord& record);
    void apply_one(const protocol::RegisterControllerRecord& record);
    void apply_one(const protocol::TopicRecord& record);
    void apply_one(const protocol::PartitionRecord& record);
    void apply_one(const protocol::PartitionChangeRecord& record);
    void apply_one(const protocol::ClearElrRecord& record);
    void apply_one(const protocol::RemoveTopicRecord& record);
    void apply_one(const protocol::ConfigRecord& record);
    void apply_one(const protocol::FeatureLevelRecord& record);
    void apply_one(const protocol::ProducerIdsRecord& record);
    // Who may do what: their rows know how.
    void apply_one(const protocol::DelegationTokenRecord& one) { security_.edit().apply(one); }
    void apply_one(const protocol::RemoveDelegationTokenRecord& one) {
        security_.edit().apply(one);
    }
    void apply_one(const protocol::UserScramCredentialRecord& one) { security_.edit().apply(one); }
    void apply_one(const protocol::RemoveUserScramCredentialRecord& one) {
        security_.edit().apply(one);
    }
    void apply_one(const protocol::ClientQuotaRecord& one) { security_.edit().apply(one); }
    void apply_one(const protocol::AccessControlEntryRecord& one) { security_.edit().apply(one); }
    void apply_one(const protocol::RemoveAccessControlEntryRecord& one) {
        security_.edit().apply(one);
    }
    // These change nothing: a transaction's ends have done their work before, and where a move from
    // ZooKeeper stood is forgotten by Apache Kafka 4 too.
    void apply_one(const protocol::NoOpRecord&) {}
    void apply_one(const protocol::ZkMigrationStateRecord&) {}
    void apply_one(const protocol::BeginTransactionRecord&) {}
    void apply_one(const protocol::EndTransactionRecord&) {}
    void apply_one(const protocol::AbortTransactionRecord&) {}

    Topic* edit_topic(TopicId id);
    void set_fenced(std::int32_t broker, bool is_fenced);

    PersistentMap<NodeId, BrokerRow> brokers_;
    PersistentMap<NodeId, ControllerRow> controllers_;
    PersistentMap<std::string, Cow<Topic>> topics_;
    PersistentMap<TopicId, std::string> names_;
    PersistentMap<std::string, std::string> metric_names_;  // with '.' as '_' -> the topic
    DirectoryTable directories_;
    Resources settings_;
    Cow<SecurityRows> security_;
    std::map<std::string, std::int16_t, std::less<>> features_;
    std::optional<ProducerId> next_producer_id_;
};

}  // namespace barnabas::metadata
