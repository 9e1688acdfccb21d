#include "sim/clients/producer_node.h"

#include <algorithm>

namespace barnabas::sim {
namespace {

constexpr Token tick_timer{0};
constexpr std::uint64_t first_client_token = 1;
constexpr Duration tick_least = 1ms;

client::ProducerOptions with_tokens(client::ProducerOptions options) {
    options.cluster.first_token = first_client_token;
    return options;
}

}  // namespace

ProducerNode::ProducerNode(Workload workload, client::ProducerOptions options)
    : workload_(std::move(workload)), producer_(with_tokens(std::move(options))) {}

void ProducerNode::on(const Event& event, Turn& turn) {
    producer_.on(event, turn);
    if (std::holds_alternative<event::Started>(event)) {
        begin_ = end_ ? std::max(turn.now, begin_) : turn.now + workload_.from;
        if (!end_) end_ = begin_ + workload_.length;
        turn.ask(effect::ArmTimer{tick_timer, begin_});
    }
    const auto* fired = std::get_if<event::TimerFired>(&event);
    if (fired && fired->timer == tick_timer) tick(turn);
    take_history();
}

void ProducerNode::take_history() {
    const auto& history = producer_.history();
    for (; history_taken_ < history.size(); ++history_taken_) {
        client::Fate fate = history[history_taken_];
        fate.number += first_number_;
        history_.push(std::move(fate));
    }
}

std::int32_t ProducerNode::partition_of(client::RecordNumber number) const {
    return static_cast<std::int32_t>(number % static_cast<std::uint64_t>(workload_.partitions));
}

ProducerNode ProducerNode::next_life() const {
    ProducerNode next(workload_, producer_.options());
    next.first_number_ = next_number();
    next.begin_ = begin_;
    next.end_ = end_;
    next.history_ = history_;
    std::vector<bool> is_settled(next_number() - first_number_);
    for (std::size_t i = 0; i < history_.size(); ++i) {
        using Kind = client::Fate::Kind;
        const client::Fate& fate = history_[i];
        const bool is_last = fate.kind != Kind::lost_reply && fate.kind != Kind::refused;
        if (is_last && fate.number >= first_number_) is_settled[fate.number - first_number_] = true;
    }
    for (client::RecordNumber number = first_number_; number < next_number(); ++number) {
        if (is_settled[number - first_number_]) continue;
        next.history_.push({.kind = client::Fate::Kind::unknown,
                            .number = number,
                            .to = {workload_.topic, PartitionIndex(partition_of(number))}});
    }
    return next;
}

void ProducerNode::digest(Hasher& hasher) const {
    producer_.digest(hasher);
    hasher.add(first_number_);
}

void ProducerNode::tick(Turn& turn) {
    const Duration passed = std::max(Duration(0), std::min(turn.now, *end_) - begin_);
    const std::uint64_t due =
        static_cast<std::uint64_t>(passed.count()) * workload_.rate / 1'000'000'000;
    while (producer_.next_number() < due) {
        const Stamp stamp{workload_.name, next_number()};
        client::Record record;
        record.to = {workload_.topic, PartitionIndex(partition_of(stamp.number))};
        if (workload_.keys > 0) record.key = key_of(stamp.number, workload_.keys);
        if (is_tombstone(stamp.number, workload_.tombstones)) {
            record.headers.push_back({std::string(stamp_header), value_of(stamp, 0)});
        } else {
            record.value = value_of(stamp, workload_.size);
        }
        if (!producer_.send(record, turn)) break;  // the buffer is full: later
    }
    is_over_ = turn.now >= *end_;
    if (is_over_) return;
    const Duration pause = std::max<Duration>(tick_least, Duration(1s) / workload_.rate);
    turn.ask(effect::ArmTimer{tick_timer, std::min(turn.now + pause, *end_)});
}

}  // namespace barnabas::sim
