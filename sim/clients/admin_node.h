// A node that creates a scenario's topics before anybody needs them, and then is silent.
#pragma once

#include <set>
#include <vector>

#include "engine/protocol/messages/create_topics.h"
#include "engine/rpc/connection.h"

namespace barnabas::sim {

class AdminNode {
  public:
    AdminNode(Endpoint broker, std::vector<protocol::CreateTopicsRequest::CreatableTopic> topics);

    void on(const Event& event, Turn& turn);
    void digest(Hasher& hasher) const;

    bool is_done() const { return topics_.empty(); }
    // What the cluster refused, in its words: such a topic is not asked for again.
    const std::vector<std::string>& refusals() const { return refusals_; }

  private:
    void ask(Turn& turn);
    void on_reply(const rpc::Reply& reply, Turn& turn);

    rpc::Connection connection_;
    std::vector<protocol::CreateTopicsRequest::CreatableTopic> topics_;  // not there yet
    std::vector<std::string> refusals_;
    std::uint64_t asked_ = 0;
    bool is_waiting_ = false;  // for an answer, or for the pause before the next try
};

}  // namespace barnabas::sim
