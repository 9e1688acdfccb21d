// What a checker is shown: the world, who is who in it, what has befallen whom, and what is new
// since the last time.
#pragma once

#include <map>

#include "engine/client/producer.h"
#include "sim/checkers/cast.h"
#include "sim/checkers/harm.h"
#include "sim/checkers/log_follower.h"
#include "sim/clients/consumer_node.h"
#include "sim/world/world.h"

namespace barnabas::sim {

// The end of a journal: what was put into it since the last look.
template <class T>
class News {
  public:
    News() = default;
    News(const client::Journal<T>& journal, std::size_t from) : journal_(&journal), from_(from) {}

    bool empty() const { return journal_ == nullptr || from_ == journal_->size(); }
    void each(auto&& on_value) const {
        if (journal_ == nullptr) return;
        for (std::size_t i = from_; i < journal_->size(); ++i) on_value((*journal_)[i]);
    }

  private:
    const client::Journal<T>* journal_ = nullptr;
    std::size_t from_ = 0;
};

using Logs = std::map<NodeIndex, LogFollower>;  // of each broker

struct Sight {
    const World& world;
    const Cast& cast;
    const Harm& harm;
    const Logs& logs;
    NodeIndex node;                     // whose step, or to whom it was done
    const Deed* deed = nullptr;         // nothing: it was a step of its machine
    bool has_second_passed = false;     // of the world's time, since the last look that said so
    News<client::Fate> fates = {};      // of a producer's records
    News<Seen> seen = {};               // of a consumer
    const std::vector<LogChange>* changes = nullptr;  // of a broker's logs
    // A deed over budget was just done: where each log certainly ended before, flushed as it was.
    // Then `changes` tell all that is left, from the first record on.
    const std::map<TopicPartition, Offset>* durable = nullptr;

    Instant now() const { return world.now(); }
    const Happening& last() const { return world.last(); }
    const LogFollower& logs_of(NodeIndex broker) const { return logs.at(broker); }
    bool is_up(NodeIndex one) const {
        const NodeState state = world.state(one);
        return state == NodeState::running || state == NodeState::paused;
    }
};

}  // namespace barnabas::sim
