// A node that creates a scenario's topics before anybody needs them, deletes records when it is
// time, and else is silent.
#pragma once

#include <optional>
#include <set>
#include <vector>

#include "engine/protocol/messages/create_topics.h"
#include "engine/protocol/messages/delete_records.h"
#include "engine/protocol/types.h"
#include "engine/rpc/connection.h"

namespace barnabas::sim {

class AdminNode {
  public:
    struct Deletion {  // of the records below an offset, so long after the start
        Duration time{};
        TopicPartition partition;
        std::int64_t below = 0;
    };

    // What became of a deletion, as far as its asker knows.
    struct Progress {
        TopicPartition partition;
        Offset below;
        std::optional<Offset> low_watermark;  // as it was answered; nothing: it is asked for now
    };

    // Deletions ascend by time.
    AdminNode(Endpoint broker, std::vector<protocol::CreateTopicsRequest::CreatableTopic> topics,
              std::vector<Deletion> deletions = {});

    void on(const Event& event, Turn& turn);
    void digest(Hasher& hasher) const;

    bool is_done() const { return topics_.empty() && deletions_.empty(); }
    bool has_made(const std::string& topic) const { return made_.contains(topic); }
    // Each try of a deletion, and the answer to the one that had one.
    const std::vector<Progress>& progress() const { return progress_; }
    // What the cluster refused, in its words: such a topic is not asked for again.
    const std::vector<std::string>& refusals() const { return refusals_; }

  private:
    void ask(Turn& turn);
    void on_reply(const rpc::Reply& reply, Turn& turn);
    void on_created(const protocol::CreateTopicsResponse& response);
    void on_deleted(const protocol::DeleteRecordsResponse& response);
    bool is_deletion_due(const Turn& turn) const;

    rpc::Connection connection_;
    std::vector<protocol::CreateTopicsRequest::CreatableTopic> topics_;  // not there yet
    std::set<std::string> made_;
    std::vector<Deletion> deletions_;  // not done yet
    std::vector<Progress> progress_;
    Instant begin_;
    std::vector<std::string> refusals_;
    std::uint64_t asked_ = 0;
    bool is_waiting_ = false;  // for an answer, or for the pause before the next try
};

}  // namespace barnabas::sim
