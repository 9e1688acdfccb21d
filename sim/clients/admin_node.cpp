#include "sim/clients/admin_node.h"

#include <algorithm>

namespace barnabas::sim {
namespace {

using protocol::ErrorCode;

constexpr Token retry_timer{0};
constexpr Token connection_timer{1};
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
                     std::vector<protocol::CreateTopicsRequest::CreatableTopic> topics)
    : connection_(line_to(std::move(broker))), topics_(std::move(topics)) {}

void AdminNode::on(const Event& event, Turn& turn) {
    if (std::holds_alternative<event::Started>(event) && !topics_.empty()) connection_.open(turn);
    if (const auto* fired = std::get_if<event::TimerFired>(&event);
        fired && fired->timer == retry_timer) {
        is_waiting_ = false;
    }
    if (connection_.owns(event)) {
        for (const rpc::Reply& reply : connection_.on(event, turn)) on_reply(reply, turn);
    }
    ask(turn);
}

void AdminNode::ask(Turn& turn) {
    if (is_waiting_ || topics_.empty() || !connection_.is_ready()) return;
    protocol::CreateTopicsRequest request;
    request.topics = topics_;
    request.timeout_ms = 5'000;
    is_waiting_ = connection_.call(rpc::RequestId(++asked_), request, answer_timeout, turn);
}

void AdminNode::on_reply(const rpc::Reply& reply, Turn& turn) {
    turn.ask(effect::ArmTimer{retry_timer, turn.now + retry_pause});
    const auto response = rpc::read<protocol::CreateTopicsResponse>(reply);
    if (!response) return;
    for (const auto& result : response->topics) {
        const bool is_there = result.error_code == ErrorCode::none ||
                              result.error_code == ErrorCode::topic_already_exists;
        if (!is_there && protocol::is_retriable(result.error_code)) continue;
        if (!is_there) {
            refusals_.push_back(result.name + ": " + std::string(name_of(result.error_code)) +
                                (result.error_message ? " (" + *result.error_message + ")" : ""));
        }
        std::erase_if(topics_, [&](const auto& topic) { return topic.name == result.name; });
    }
    if (!topics_.empty()) return;
    turn.ask(effect::DisarmTimer{retry_timer});
    connection_.close(turn);
}

void AdminNode::digest(Hasher& hasher) const {
    connection_.digest(hasher);
    hasher.add(topics_.size());
    hasher.add(refusals_.size());
    hasher.add(asked_);
}

}  // namespace barnabas::sim
