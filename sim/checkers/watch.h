// Looks at a world after every step and tells a ledger what it sees: what clients were told and
// saw, and what stands in the logs of the brokers' disks. Changes nothing.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "sim/checkers/ledger.h"
#include "sim/checkers/log_follower.h"
#include "sim/world/world.h"

namespace barnabas::sim {

class Watch {
  public:
    // Compiled once, not in every file that holds one: much state by value.
    Watch();
    Watch(const Watch& other);
    Watch(Watch&& other) noexcept;
    Watch& operator=(const Watch& other);
    Watch& operator=(Watch&& other) noexcept;
    ~Watch();

    // Needs: the node's machine is a ProducerNode, a ConsumerNode, an AdminNode.
    void add_producer(const World& world, NodeIndex node);
    void add_consumer(const World& world, NodeIndex node, bool wants_all);
    void add_admin(NodeIndex node) { admin_ = node; }
    void add_broker(NodeIndex node, std::vector<std::string> log_directories,
                    std::set<std::string> topics, std::set<std::string> compacted = {});

    // Before a deed that is over budget (power loss, a flipped bit): what may go is decided by it.
    void before_harm(const World& world, NodeIndex broker);
    // After every step and every deed.
    void look(const World& world);
    // Needs: before_harm(). The deed was done.
    void after_harm(const World& world, NodeIndex broker);

    // At the end of a run: what was deleted so long ago is no longer on the disks. So often a
    // broker looks what has to go.
    void judge_deletions(Duration look_interval);

    // The log directory of the partition's files on that broker's disk.
    std::optional<std::string> directory_of(NodeIndex broker,
                                            const TopicPartition& partition) const;

    Ledger& ledger() { return ledger_; }
    const Ledger& ledger() const { return ledger_; }

  private:
    struct ProducerWatch {
        std::string name;
        std::size_t fates_told = 0;
    };
    struct ConsumerWatch {
        std::string name;
        std::size_t seen_told = 0;
    };
    struct BrokerWatch {
        LogFollower logs;
        bool was_up = false;
        std::map<TopicPartition, Offset> durable;  // before the harm under way
    };

    void look_at_producer(const World& world, NodeIndex node, ProducerWatch& watch);
    void look_at_consumer(const World& world, NodeIndex node, ConsumerWatch& watch);
    void look_at_broker(const World& world, NodeIndex node, BrokerWatch& watch);
    void look_at_admin(const World& world);
    void look_at_fate(const World& world, NodeIndex node, BrokerWatch& watch);

    std::map<NodeIndex, ProducerWatch> producers_;
    std::map<NodeIndex, ConsumerWatch> consumers_;
    std::map<NodeIndex, BrokerWatch> brokers_;
    std::optional<NodeIndex> admin_;
    std::size_t progress_told_ = 0;  // of the admin's
    Ledger ledger_;
};

}  // namespace barnabas::sim
