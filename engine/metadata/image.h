// The cluster as the metadata log tells it: brokers, topics, partitions, settings, feature levels,
// and who may do what and how much.
//
// A value: copies share what neither has changed. Only apply() changes it, with one record at a
// time, live and at replay alike. Unknown names give nothing, never an insertion. It keeps all that
// the records say, also where no room uses it yet: dump.h gives it back as records, for a snapshot.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/cow.h"
#include "engine/base/hash.h"
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

// What few partitions have at any time.
struct PartitionMove {
    std::vector<NodeId> removing;  // replicas on their way out
    std::vector<NodeId> adding;    // and in
    std::vector<NodeId> last_known_elr;
    friend bool operator==(const PartitionMove&, const PartitionMove&) = default;
};

struct PartitionRow {
    NodeId leader = no_node;
    LeaderEpoch leader_epoch{0};
    PartitionEpoch partition_epoch{0};
    std::vector<NodeId> replicas;
    std::vector<NodeId> isr;
    std::vector<NodeId> elr;        // not in the ISR, yet holding all that is committed (KIP-966)
    std::vector<Uuid> directories;  // of the replicas, in their order
    std::int8_t recovery_state = 0;          // 1: its leader was elected unclean and recovers
    std::optional<Cow<PartitionMove>> move;  // nothing when all of it is empty
    friend bool operator==(const PartitionRow&, const PartitionRow&) = default;
};

struct Topic {
    std::string name;
    TopicId id;
    std::map<PartitionIndex, PartitionRow> partitions;
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

    const std::map<NodeId, BrokerRow>& brokers() const { return *brokers_; }
    const std::map<NodeId, ControllerRow>& controllers() const { return *controllers_; }
    const std::map<std::string, Cow<Topic>, std::less<>>& topics() const { return *topics_; }
    const Topic* topic(std::string_view name) const;
    const Topic* topic(TopicId id) const;
    // A topic whose name differs only in '.' and '_', which metric names do not tell apart.
    std::optional<std::string> colliding_topic(std::string_view name) const;
    const PartitionRow* partition(std::string_view topic, PartitionIndex partition) const;
    // Level 0 when the log never spoke of it.
    std::int16_t feature_level(std::string_view name) const;
    // The metadata.version that records are written for: ours until the log speaks of it.
    std::int16_t record_level() const;
    const std::map<std::string, std::int16_t, std::less<>>& features() const { return features_; }
    // The settings given to one resource; empty when none were.
    const Settings& settings(Resource type, std::string_view name) const;
    using Resources = std::map<std::pair<Resource, std::string>, Settings>;
    const Resources& resources() const { return *settings_; }
    const SecurityRows& security() const { return *security_; }
    // The first producer id that was not given to any broker yet; nothing before the first block.
    std::optional<ProducerId> next_producer_id() const { return next_producer_id_; }

    void digest(Hasher& hasher) const;
    friend bool operator==(const Image&, const Image&) = default;

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

    Cow<std::map<NodeId, BrokerRow>> brokers_;
    Cow<std::map<NodeId, ControllerRow>> controllers_;
    Cow<std::map<std::string, Cow<Topic>, std::less<>>> topics_;
    Cow<std::map<TopicId, std::string>> names_;
    Cow<std::map<std::string, std::string>> metric_names_;  // with '.' as '_' -> the topic
    Cow<Resources> settings_;
    Cow<SecurityRows> security_;
    std::map<std::string, std::int16_t, std::less<>> features_;
    std::optional<ProducerId> next_producer_id_;
};

}  // namespace barnabas::metadata
