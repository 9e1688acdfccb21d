#include "engine/client/cluster.h"

#include <algorithm>

namespace barnabas::client {
namespace {

constexpr std::uint32_t dials_before_bootstrap = 3;  // to known brokers, in vain

}  // namespace

Cluster::Cluster(Options options) : options_(std::move(options)) {
    CHECK(!options_.bootstrap.empty());
    for (const Endpoint& peer : options_.bootstrap) add_line(no_node, peer);
}

void Cluster::start(Turn& turn) { schedule(Duration(0), turn); }

void Cluster::want(const std::string& topic, Turn& turn) {
    if (wanted_.insert(topic).second) schedule(Duration(0), turn);
}

void Cluster::refresh(Turn& turn) {
    if (must_ask_) return;
    schedule(options_.retry_backoff_least, turn);
}

std::optional<Leader> Cluster::leader(const TopicPartition& partition) const {
    const auto topic = topics_.find(partition.topic);
    if (topic == topics_.end()) return std::nullopt;
    const auto index = static_cast<std::size_t>(partition.partition.value());
    if (index >= topic->second.partitions.size()) return std::nullopt;
    const Leader& leader = topic->second.partitions[index];
    if (leader.node == no_node || !nodes_.contains(leader.node)) return std::nullopt;
    return leader;
}

std::optional<std::int32_t> Cluster::partitions(const std::string& topic) const {
    const auto known = topics_.find(topic);
    if (known == topics_.end() || known->second.partitions.empty()) return std::nullopt;
    return static_cast<std::int32_t>(known->second.partitions.size());
}

protocol::ErrorCode Cluster::error(const std::string& topic) const {
    const auto known = topics_.find(topic);
    return known == topics_.end() ? protocol::ErrorCode::leader_not_available : known->second.error;
}

rpc::Connection* Cluster::ready(NodeId node, Turn& turn) {
    const auto known = nodes_.find(node);
    if (known == nodes_.end()) return nullptr;
    rpc::Connection& connection = lines_[known->second].connection;
    connection.open(turn);
    return connection.is_ready() ? &connection : nullptr;
}

bool Cluster::owns(const Event& event) const {
    if (const auto* fired = std::get_if<event::TimerFired>(&event)) {
        if (fired->timer == refresh_timer()) return true;
    }
    return std::any_of(lines_.begin(), lines_.end(),
                       [&](const Line& line) { return line.connection.owns(event); });
}

std::vector<Answer> Cluster::on(const Event& event, Turn& turn) {
    const auto* fired = std::get_if<event::TimerFired>(&event);
    if (fired && fired->timer == refresh_timer()) {
        next_ask_.reset();
        must_ask_ = true;
        ask_metadata(turn);
        return {};
    }
    std::vector<Answer> answers;
    for (std::size_t i = 0; i < lines_.size(); ++i) {
        if (!lines_[i].connection.owns(event)) continue;
        const bool was_ready = lines_[i].connection.is_ready();
        for (rpc::Reply& reply : lines_[i].connection.on(event, turn)) {
            if (reply.request == asking_)
                on_metadata(reply, answers, turn);
            else
                answers.push_back({lines_[i].node, std::move(reply)});
        }
        // Whoever comes may be asked; whoever goes may no longer lead.
        if (was_ready != lines_[i].connection.is_ready() && !asking_) {
            if (was_ready)
                refresh(turn);
            else
                ask_metadata(turn);
        }
        break;
    }
    if (must_ask_ && !asking_) find_someone_to_ask(turn);
    return answers;
}

std::size_t Cluster::add_line(NodeId node, Endpoint peer) {
    const auto place = static_cast<std::uint32_t>(lines_.size());
    rpc::Options line;
    line.peer = std::move(peer);
    line.number = options_.first_connection + place;
    line.timer = Token(options_.first_token + 1 + place);
    line.client_id = options_.client_id;
    line.backoff_least = options_.retry_backoff_least / 2;
    line.backoff_most = options_.retry_backoff_most;
    lines_.push_back({node, rpc::Connection(std::move(line))});
    return place;
}

Cluster::Line* Cluster::ready_line() {
    for (const auto& [node, place] : nodes_) {
        if (lines_[place].connection.is_ready()) return &lines_[place];
    }
    Line& line = lines_[bootstrap_];
    return line.connection.is_ready() ? &line : nullptr;
}

bool Cluster::is_complete() const {
    return std::all_of(wanted_.begin(), wanted_.end(), [&](const std::string& topic) {
        const auto known = topics_.find(topic);
        return known != topics_.end() && known->second.error == protocol::ErrorCode::none;
    });
}

void Cluster::ask_metadata(Turn& turn) {
    if (asking_ || !must_ask_ || next_ask_) return;
    Line* line = ready_line();
    if (line == nullptr) return find_someone_to_ask(turn);
    protocol::MetadataRequest request;
    request.allow_auto_topic_creation = options_.create_topics;
    for (const std::string& topic : wanted_) request.topics->push_back({{}, topic, {}});
    const rpc::RequestId id = next_request();
    // Before version 1 an empty list means all topics.
    if (!line->connection.call(id, request, options_.request_timeout, turn, {1, 13})) return;
    asking_ = id;
    must_ask_ = false;
}

void Cluster::find_someone_to_ask(Turn& turn) {
    if (ready_line() != nullptr) return;
    bool known_may_answer = false;
    for (const auto& [node, place] : nodes_) {
        rpc::Connection& connection = lines_[place].connection;
        connection.open(turn);
        if (connection.failures() < dials_before_bootstrap) known_may_answer = true;
    }
    if (known_may_answer) return;
    rpc::Connection* bootstrap = &lines_[bootstrap_].connection;
    if (bootstrap->failures() > 0 && options_.bootstrap.size() > 1) {
        bootstrap->close(turn);
        bootstrap_ = (bootstrap_ + 1) % options_.bootstrap.size();
        bootstrap = &lines_[bootstrap_].connection;
    }
    bootstrap->open(turn);
}

void Cluster::on_metadata(const rpc::Reply& reply, std::vector<Answer>& answers, Turn& turn) {
    asking_.reset();
    const auto response = rpc::read<protocol::MetadataResponse>(reply);
    if (response && response->error_code == protocol::ErrorCode::none) {
        take_brokers(*response, answers, turn);
        take_topics(*response);
    }
    failures_ = response && is_complete() ? 0 : std::min(failures_ + 1, 16u);
    if (failures_ == 0) return schedule(options_.metadata_age_max, turn);
    schedule(std::min(options_.retry_backoff_most,
                      options_.retry_backoff_least * (1 << (failures_ - 1))),
             turn);
}

void Cluster::take_brokers(const protocol::MetadataResponse& response, std::vector<Answer>& answers,
                           Turn& turn) {
    for (const auto& broker : response.brokers) {
        if (broker.port <= 0 || broker.port > UINT16_MAX || broker.node_id < 0) continue;
        const NodeId node(broker.node_id);
        const Endpoint at{broker.host, static_cast<std::uint16_t>(broker.port)};
        const auto known = nodes_.find(node);
        if (known != nodes_.end() && lines_[known->second].connection.peer() == at) continue;
        if (known != nodes_.end()) {  // it moved: what was asked there is lost
            for (rpc::Reply& reply : lines_[known->second].connection.close(turn)) {
                answers.push_back({node, std::move(reply)});
            }
        }
        nodes_.insert_or_assign(node, add_line(node, at));
    }
    // From here on brokers are asked by their own addresses.
    if (!nodes_.empty()) lines_[bootstrap_].connection.close(turn);
}

void Cluster::take_topics(const protocol::MetadataResponse& response) {
    for (const auto& told : response.topics) {
        if (!told.name || !wanted_.contains(*told.name)) continue;
        Topic& topic = topics_[*told.name];
        topic.error = told.error_code;
        if (told.error_code != protocol::ErrorCode::none) continue;
        topic.id = told.topic_id;
        topic.partitions.assign(told.partitions.size(), Leader{no_node, no_leader_epoch, topic.id});
        for (const auto& partition : told.partitions) {
            const auto index = static_cast<std::size_t>(partition.partition_index);
            if (partition.partition_index < 0 || index >= topic.partitions.size()) continue;
            topic.partitions[index].node = NodeId(partition.leader_id);
            topic.partitions[index].epoch = LeaderEpoch(partition.leader_epoch);
            if (partition.leader_id < 0) topic.error = protocol::ErrorCode::leader_not_available;
        }
    }
}

void Cluster::schedule(Duration delay, Turn& turn) {
    must_ask_ = false;  // until the timer says so
    const Instant at = turn.now + delay;
    if (next_ask_ && *next_ask_ <= at) return;
    next_ask_ = at;
    turn.ask(effect::ArmTimer{refresh_timer(), at});
}

void Cluster::digest(Hasher& hasher) const {
    hasher.add(lines_.size());
    for (const Line& line : lines_) line.connection.digest(hasher);
    hasher.add(topics_.size());
    for (const auto& [name, topic] : topics_) {
        hasher.add(as_bytes(name));
        hasher.add(static_cast<std::uint64_t>(topic.error));
        for (const Leader& leader : topic.partitions) {
            hasher.add(static_cast<std::uint64_t>(leader.node.value()));
            hasher.add(static_cast<std::uint64_t>(leader.epoch.value()));
        }
    }
    hasher.add(next_request_);
    hasher.add(failures_);
    hasher.add(must_ask_ ? 1 : 0);
}

}  // namespace barnabas::client
