// What the active controller decides. A decision is const: it reads the latest image and returns
// the records that make it true, with the response. The caller appends the records as one batch,
// applies them to the latest image at once, and answers when they are committed. What a client asks
// for is decided on only when it can be written.
#pragma once

#include <string>
#include <vector>

#include "engine/base/random.h"
#include "engine/metadata/bootstrap.h"
#include "engine/metadata/decision.h"
#include "engine/metadata/image.h"
#include "engine/protocol/messages/allocate_producer_ids.h"
#include "engine/protocol/messages/create_topics.h"
#include "engine/protocol/messages/incremental_alter_configs.h"

namespace barnabas::metadata {

struct Registration {
    NodeId id;
    Uuid incarnation;
    std::vector<Listener> listeners;
    std::optional<std::string> rack;
    std::vector<Uuid> directories;          // those that are online
    bool has_offline_directories = false;  // and their partitions have no copy here
};

// A broker has put its copy of a partition into a directory (Kafka's AssignReplicasToDirs).
struct Assignment {
    TopicId topic;
    PartitionIndex partition;
    Uuid directory;
};

constexpr std::int32_t producer_id_block = 1000;
constexpr std::int64_t partitions_max = 10'000;  // made by one request, as in Kafka

struct Defaults {
    std::int32_t partitions = 1;
    std::int16_t replication_factor = 1;
};

class Controller {
  public:
    explicit Controller(Defaults defaults) : defaults_(defaults) {}

    // The node's registration, unfenced in the same batch when the node is its own controller.
    // The broker epoch is the offset that the record will have. Partitions without a leader get
    // this node, where it holds all that is committed: it is in their ISR, or an eligible leader.
    std::vector<Record> decide_registration(const Registration& node, Offset at) const;

    // Only these directories of the node are left: what it led in others has no leader here any
    // more (Kafka's OfflineLogDirs of a heartbeat).
    std::vector<Record> decide_directories(NodeId node, const std::vector<Uuid>& online) const;
    std::vector<Record> decide_assignments(NodeId node, const std::vector<Assignment>& made) const;

    // Topic by topic, as Kafka: a bad one is refused in the response and does not touch the others.
    // More partitions than partitions_max are refused as a whole, together with those that the
    // client asks for elsewhere in the same request.
    Decision<protocol::CreateTopicsResponse> decide_create_topics(
        const protocol::CreateTopicsRequest& request, Random& placement, Random& identity,
        std::int64_t partitions_elsewhere = 0) const;
    std::int64_t partitions_of(const protocol::CreateTopicsRequest::CreatableTopic& wanted) const;

    // Resource by resource; the changes to one are made together or not at all. Topics only.
    Decision<protocol::IncrementalAlterConfigsResponse> decide_alter_configs(
        const protocol::IncrementalAlterConfigsRequest& request) const;
    // The next block of producer ids, for that broker alone.
    Decision<protocol::AllocateProducerIdsResponse> decide_producer_ids(NodeId broker,
                                                                        BrokerEpoch epoch) const;

    void apply(const Record& record) { latest_.apply(record); }
    // From here on decisions read `committed`, and what is applied to it. What was decided before
    // and is to be committed still is for the caller to apply anew.
    void begin_with(const Image& committed) { latest_ = committed; }
    const Image& latest() const { return latest_; }

  private:
    using Wanted = protocol::CreateTopicsRequest::CreatableTopic;
    // The replicas of a topic to be, by partition.
    using Plan = std::vector<std::vector<NodeId>>;

    std::optional<Refusal> check(const Wanted& wanted) const;
    Result<Plan, Refusal> plan(const Wanted& wanted, Random& placement) const;
    Result<Plan, Refusal> plan_by_hand(const Wanted& wanted) const;
    Result<Plan, Refusal> plan_spread(const Wanted& wanted, Random& placement) const;
    // How many copies each directory holds, as far as a choice depends on it.
    using Loads = std::map<Uuid, std::size_t>;

    std::vector<Record> elect_where_leaderless(const Registration& node) const;
    std::vector<Record> resign_outside(NodeId node, const std::vector<Uuid>& online) const;
    Loads count_loads() const;
    Uuid place(NodeId node, Loads& loads) const;
    std::vector<Record> topic_records(const Wanted& wanted, TopicId id, const Plan& plan,
                                      Loads& loads) const;

    Defaults defaults_;
    Image latest_;
};

// Whether Kafka allows the name: 1 to 249 of [a-zA-Z0-9._-], not "." or "..". Says why not.
std::optional<std::string> why_topic_name_is_invalid(std::string_view name);

// The first thing that is wrong with the settings of a topic, in Kafka's kind of words.
std::optional<std::string> why_settings_are_invalid(const Settings& settings);

// A topic that the cluster keeps for itself, and clients read and write like any other.
bool is_internal(std::string_view topic);
// The metadata log's own: no topic of clients.
constexpr std::string_view cluster_metadata_topic = "__cluster_metadata";

}  // namespace barnabas::metadata
