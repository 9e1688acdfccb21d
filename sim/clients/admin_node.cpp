#include "sim/clients/admin_node.h"

#include <algorithm>

namespace barnabas::sim {
namespace {

using protocol::ErrorCode;

constexpr Token retry_timer{0};
constexpr Token connection_timer{1};
constexpr Token deletion_timer{2};
constexpr Duration retry_pause = 100ms;
constexpr Duration answer_timeout = 5s;

rpc::Options line_to(Endpoint broker) {
    rpc::Options options;
    options.peer = std::move(broker);
    options.timer = connection_timer;
    options.client_id = "admin";
    return options;
}

}  // namespace

AdminNode::AdminNode(Endpoint broker,
                     std::vector<protocol::CreateTopicsRequest::CreatableTopic> topics,
                     std::vector<Deletion> deletions)
    : connection_(line_to(std::move(broker))),
      topics_(std::move(topics)),
      deletions_(std::move(deletions)) {}

void AdminNode::on(const Event& event, Turn& turn) {
    if (std::holds_alternative<event::Started>(event)) {
        begin_ = turn.now;
        if (!topics_.empty()) connection_.open(turn);
        if (!deletions_.empty()) {
            turn.ask(effect::ArmTimer{deletion_timer, begin_ + deletions_.front().time});
        }
    }
    if (const auto* fired = std::get_if<event::TimerFired>(&event);
        fired && fired->timer == retry_timer) {
        is_waiting_ = false;
    }
    if (connection_.owns(event)) {
        for (const rpc::Reply& reply : connection_.on(event, turn)) on_reply(reply, turn);
    }
    ask(turn);
}

bool AdminNode::is_deletion_due(const Turn& turn) const {
    return topics_.empty() && !deletions_.empty() &&
           turn.now - begin_ >= deletions_.front().time;
}

void AdminNode::ask(Turn& turn) {
    if (is_waiting_ || !connection_.is_ready()) return;
    if (!topics_.empty()) {
        protocol::CreateTopicsRequest request;
        request.topics = topics_;
        request.timeout_ms = 5'000;
        is_waiting_ = connection_.call(rpc::RequestId(++asked_), request, answer_timeout, turn);
    } else if (is_deletion_due(turn)) {
        const Deletion& due = deletions_.front();
        protocol::DeleteRecordsRequest request;
        auto& topic = request.topics.emplace_back();
        topic.name = due.partition.topic;
        auto& partition = topic.partitions.emplace_back();
        partition.partition_index = due.partition.partition.value();
        partition.offset = due.below;
        request.timeout_ms = 5'000;
        is_waiting_ = connection_.call(rpc::RequestId(++asked_), request, answer_timeout, turn);
        if (is_waiting_) progress_.push_back({due.partition, Offset(due.below), std::nullopt});
    }
}

void AdminNode::on_reply(const rpc::Reply& reply, Turn& turn) {
    turn.ask(effect::ArmTimer{retry_timer, turn.now + retry_pause});
    if (!topics_.empty()) {
        const auto response = rpc::read<protocol::CreateTopicsResponse>(reply);
        if (response) on_created(*response);
    } else {
        const auto response = rpc::read<protocol::DeleteRecordsResponse>(reply);
        if (response) on_deleted(*response);
    }
    if (!topics_.empty()) return;
    if (!deletions_.empty()) {
        turn.ask(effect::ArmTimer{
            deletion_timer, std::max(turn.now, begin_ + deletions_.front().time)});
        return;
    }
    turn.ask(effect::DisarmTimer{retry_timer});
    connection_.close(turn);
}

void AdminNode::on_created(const protocol::CreateTopicsResponse& response) {
    for (const auto& result : response.topics) {
        const bool is_there = result.error_code == ErrorCode::none ||
                              result.error_code == ErrorCode::topic_already_exists;
        if (!is_there && protocol::is_retriable(result.error_code)) continue;
        if (is_there) {
            made_.insert(result.name);
        } else {
            refusals_.push_back(result.name + ": " + std::string(name_of(result.error_code)) +
                                (result.error_message ? " (" + *result.error_message + ")" : ""));
        }
        std::erase_if(topics_, [&](const auto& topic) { return topic.name == result.name; });
    }
}

void AdminNode::on_deleted(const protocol::DeleteRecordsResponse& response) {
    if (response.topics.size() != 1 || response.topics[0].partitions.size() != 1) return;
    const ErrorCode code = response.topics[0].partitions[0].error_code;
    if (code != ErrorCode::none && protocol::is_retriable(code)) return;
    const Deletion& asked = deletions_.front();
    if (code == ErrorCode::none) {
        progress_.push_back({asked.partition, Offset(asked.below),
                             Offset(response.topics[0].partitions[0].low_watermark)});
    } else {
        refusals_.push_back("deleting " + asked.partition.text() + " below " +
                            std::to_string(asked.below) + ": " + std::string(name_of(code)));
    }
    deletions_.erase(deletions_.begin());
}

void AdminNode::digest(Hasher& hasher) const {
    connection_.digest(hasher);
    hasher.add(topics_.size());
    if (!deletions_.empty()) hasher.add(deletions_.size());
    hasher.add(refusals_.size());
    hasher.add(asked_);
}

}  // namespace barnabas::sim
