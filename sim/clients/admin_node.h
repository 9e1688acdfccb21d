// A node that creates a scenario's topics before anybody needs them, deletes records and changes
// settings of topics when it is time, and else is silent.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <variant>
#include <vector>

#include "engine/protocol/messages/create_topics.h"
#include "engine/protocol/messages/delete_records.h"
#include "engine/protocol/messages/incremental_alter_configs.h"
#include "engine/protocol/types.h"
#include "engine/rpc/connection.h"

namespace barnabas::sim {

class AdminNode {
  public:
    struct Deletion {  // of the records below an offset
        TopicPartition partition;
        std::int64_t below = 0;
    };
    struct Change {  // of a topic's setting
        std::string topic;
        std::string name;
        std::string value;
    };
    struct Wish {
        Duration time{};  // after the start
        std::variant<Deletion, Change> what;
    };

    // What became of a deletion, as far as its asker knows.
    struct Progress {
        TopicPartition partition;
        Offset below;
        std::optional<Offset> low_watermark;  // as it was answered; nothing: it is asked for now
    };
    // The same of a change: a topic's n-th, from 1.
    struct Changed {
        std::string topic;
        std::size_t number = 0;
        bool is_answered = false;
    };

    // Wishes ascend by time.
    AdminNode(Endpoint broker, std::vector<protocol::CreateTopicsRequest::CreatableTopic> topics,
              std::vector<Wish> wishes = {});

    void on(const Event& event, Turn& turn);
    void digest(Hasher& hasher) const;

    bool is_done() const { return topics_.empty() && wishes_.empty(); }
    bool has_made(const std::string& topic) const { return made_.contains(topic); }
    // Each try of a deletion, and the answer to the one that had one.
    const std::vector<Progress>& progress() const { return progress_; }
    const std::vector<Changed>& changes() const { return changes_; }
    // What the cluster refused, in its words: such a topic is not asked for again.
    const std::vector<std::string>& refusals() const { return refusals_; }

  private:
    void ask(Turn& turn);
    void on_reply(const rpc::Reply& reply, Turn& turn);
    void on_created(const protocol::CreateTopicsResponse& response);
    void on_deleted(const protocol::DeleteRecordsResponse& response);
    void on_changed(const protocol::IncrementalAlterConfigsResponse& response);
    bool is_wish_due(const Turn& turn) const;
    void ask_for(const Deletion& deletion, Turn& turn);
    void ask_for(const Change& change, Turn& turn);

    rpc::Connection connection_;
    std::vector<protocol::CreateTopicsRequest::CreatableTopic> topics_;  // not there yet
    std::set<std::string> made_;
    std::vector<Wish> wishes_;  // not done yet
    std::vector<Progress> progress_;
    std::vector<Changed> changes_;
    std::map<std::string, std::size_t> changes_done_;  // by topic
    Instant begin_;
    std::vector<std::string> refusals_;
    std::uint64_t asked_ = 0;
    bool is_waiting_ = false;  // for an answer, or for the pause before the next try
};

}  // namespace barnabas::sim
