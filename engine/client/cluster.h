// What a client knows of a cluster, and its connections: metadata from whoever answers, one
// connection for each broker that is needed.
//
// A value inside a client machine, which passes on every event that is owned here. Tokens and
// connections are taken from a range of the machine's own: tokens from `first_token` up.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/protocol/messages/metadata.h"
#include "engine/protocol/types.h"
#include "engine/rpc/connection.h"

namespace barnabas::client {

struct Options {
    std::vector<Endpoint> bootstrap;  // at least one
    std::string client_id;
    std::uint64_t first_token = 0;       // tokens below are the owner's
    std::uint32_t first_connection = 0;  // numbers of connections below are the owner's
    Duration request_timeout = 30s;
    Duration retry_backoff_least = 100ms;
    Duration retry_backoff_most = 1s;
    Duration metadata_age_max = 300s;
    bool create_topics = true;  // topics that are asked for may be created by the cluster
};

// What is left to the cluster when the machine around it keeps the first token for its own timer.
inline Options after_own_timer(Options options) {
    ++options.first_token;
    return options;
}

// Where a partition is led, as far as the metadata tells.
struct Leader {
    NodeId node;
    LeaderEpoch epoch = no_leader_epoch;
    TopicId topic_id;
};

struct Answer {
    NodeId node;
    rpc::Reply reply;
};

class Cluster {
  public:
    explicit Cluster(Options options);

    // Starts to look for the cluster.
    void start(Turn& turn);
    // Keeps metadata of this topic from now on.
    void want(const std::string& topic, Turn& turn);
    // What is known may be wrong: asks again, soon.
    void refresh(Turn& turn);

    // Nothing while unknown; the metadata is asked for.
    std::optional<Leader> leader(const TopicPartition& partition) const;
    std::optional<std::int32_t> partitions(const std::string& topic) const;
    // The last error that the cluster told of a topic.
    protocol::ErrorCode error(const std::string& topic) const;

    // The connection to a broker, when it is ready; otherwise it is being opened.
    rpc::Connection* ready(NodeId node, Turn& turn);

    rpc::RequestId next_request() { return rpc::RequestId(next_request_++); }
    bool owns(const Event& event) const;
    // Replies to the owner's requests. Metadata may have changed with every call.
    std::vector<Answer> on(const Event& event, Turn& turn);
    void digest(Hasher& hasher) const;

    const Options& options() const { return options_; }

  private:
    struct Topic {
        TopicId id;
        protocol::ErrorCode error = protocol::ErrorCode::leader_not_available;
        std::vector<Leader> partitions;  // by index; no_node: not led
    };
    struct Line {
        NodeId node;  // no_node: to a bootstrap address
        rpc::Connection connection;
    };

    Token refresh_timer() const { return Token(options_.first_token); }
    std::size_t add_line(NodeId node, Endpoint peer);
    Line* ready_line();
    bool is_complete() const;  // every wanted topic is known without an error
    void ask_metadata(Turn& turn);
    void find_someone_to_ask(Turn& turn);
    void on_metadata(const rpc::Reply& reply, std::vector<Answer>& answers, Turn& turn);
    void take_brokers(const protocol::MetadataResponse& response, std::vector<Answer>& answers,
                      Turn& turn);
    void take_topics(const protocol::MetadataResponse& response);
    void schedule(Duration delay, Turn& turn);

    Options options_;
    std::vector<Line> lines_;  // never shrinks: a line's place names its connection and its timer
    std::map<NodeId, std::size_t> nodes_;  // the line of each broker
    std::size_t bootstrap_ = 0;            // the bootstrap line in use
    std::set<std::string> wanted_;
    std::map<std::string, Topic> topics_;
    std::uint64_t next_request_ = 1;
    std::optional<rpc::RequestId> asking_;
    bool must_ask_ = true;
    std::optional<Instant> next_ask_;  // when the timer is armed for
    std::uint32_t failures_ = 0;       // metadata requests in a row that left something unknown
};

}  // namespace barnabas::client
