#include "sim/clients/admin_node.h"

#include <algorithm>

namespace barnabas::sim {
namespace {

using protocol::ErrorCode;

constexpr Token retry_timer{0};
constexpr Token connection_timer{1};
constexpr Token wish_timer{2};
constexpr Duration retry_pause = 100ms;
constexpr Duration answer_timeout = 5s;
constexpr std::int8_t topic_resource = 2;

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
                     std::vector<Wish> wishes)
    : connection_(line_to(std::move(broker))),
      topics_(std::move(topics)),
      wishes_(std::move(wishes)) {}

void AdminNode::on(const Event& event, Turn& turn) {
    if (std::holds_alternative<event::Started>(event)) {
        begin_ = turn.now;
        if (!topics_.empty()) connection_.open(turn);
        if (!wishes_.empty()) {
            turn.ask(effect::ArmTimer{wish_timer, begin_ + wishes_.front().time});
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

bool AdminNode::is_wish_due(const Turn& turn) const {
    return topics_.empty() && !wishes_.empty() && turn.now - begin_ >= wishes_.front().time;
}

void AdminNode::ask(Turn& turn) {
    if (is_waiting_ || !connection_.is_ready()) return;
    if (!topics_.empty()) {
        protocol::CreateTopicsRequest request;
        request.topics = topics_;
        request.timeout_ms = 5'000;
        is_waiting_ = connection_.call(rpc::RequestId(++asked_), request, answer_timeout, turn);
    } else if (is_wish_due(turn)) {
        std::visit([&](const auto& what) { ask_for(what, turn); }, wishes_.front().what);
    }
}

void AdminNode::ask_for(const Deletion& deletion, Turn& turn) {
    protocol::DeleteRecordsRequest request;
    auto& topic = request.topics.emplace_back();
    topic.name = deletion.partition.topic;
    auto& partition = topic.partitions.emplace_back();
    partition.partition_index = deletion.partition.partition.value();
    partition.offset = deletion.below;
    request.timeout_ms = 5'000;
    is_waiting_ = connection_.call(rpc::RequestId(++asked_), request, answer_timeout, turn);
    if (is_waiting_)
        progress_.push_back({deletion.partition, Offset(deletion.below), std::nullopt});
}

void AdminNode::ask_for(const Change& change, Turn& turn) {
    protocol::IncrementalAlterConfigsRequest request;
    auto& resource = request.resources.emplace_back();
    resource.resource_type = topic_resource;
    resource.resource_name = change.topic;
    auto& config = resource.configs.emplace_back();
    config.name = change.name;
    config.value = change.value;
    is_waiting_ = connection_.call(rpc::RequestId(++asked_), request, answer_timeout, turn);
    if (is_waiting_) changes_.push_back({change.topic, changes_done_[change.topic] + 1, false});
}

void AdminNode::on_reply(const rpc::Reply& reply, Turn& turn) {
    turn.ask(effect::ArmTimer{retry_timer, turn.now + retry_pause});
    if (!topics_.empty()) {
        const auto response = rpc::read<protocol::CreateTopicsResponse>(reply);
        if (response) on_created(*response);
    } else if (std::holds_alternative<Deletion>(wishes_.front().what)) {
        const auto response = rpc::read<protocol::DeleteRecordsResponse>(reply);
        if (response) on_deleted(*response);
    } else {
        const auto response = rpc::read<protocol::IncrementalAlterConfigsResponse>(reply);
        if (response) on_changed(*response);
    }
    if (!topics_.empty()) return;
    if (!wishes_.empty()) {
        turn.ask(
            effect::ArmTimer{wish_timer, std::max(turn.now, begin_ + wishes_.front().time)});
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
    const auto& asked = std::get<Deletion>(wishes_.front().what);
    if (code == ErrorCode::none) {
        progress_.push_back({asked.partition, Offset(asked.below),
                             Offset(response.topics[0].partitions[0].low_watermark)});
    } else {
        refusals_.push_back("deleting " + asked.partition.text() + " below " +
                            std::to_string(asked.below) + ": " + std::string(name_of(code)));
    }
    wishes_.erase(wishes_.begin());
}

void AdminNode::on_changed(const protocol::IncrementalAlterConfigsResponse& response) {
    if (response.responses.size() != 1) return;
    const ErrorCode code = response.responses[0].error_code;
    if (code != ErrorCode::none && protocol::is_retriable(code)) return;
    const auto& asked = std::get<Change>(wishes_.front().what);
    if (code == ErrorCode::none) {
        changes_.push_back({asked.topic, ++changes_done_[asked.topic], true});
    } else {
        refusals_.push_back("setting " + asked.name + '=' + asked.value + " of topic " +
                            asked.topic + ": " + std::string(name_of(code)));
    }
    wishes_.erase(wishes_.begin());
}

void AdminNode::digest(Hasher& hasher) const {
    connection_.digest(hasher);
    hasher.add(topics_.size());
    if (!wishes_.empty()) hasher.add(wishes_.size());
    hasher.add(refusals_.size());
    hasher.add(asked_);
}

}  // namespace barnabas::sim
