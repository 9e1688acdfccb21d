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
        begin_ = turn.now + workload_.from;
        turn.ask(effect::ArmTimer{tick_timer, begin_});
    }
    const auto* fired = std::get_if<event::TimerFired>(&event);
    if (fired && fired->timer == tick_timer) tick(turn);
}

void ProducerNode::tick(Turn& turn) {
    const Duration passed = std::min<Duration>(turn.now - begin_, workload_.length);
    const std::uint64_t due =
        static_cast<std::uint64_t>(passed.count()) * workload_.rate / 1'000'000'000;
    while (producer_.next_number() < due) {
        const Stamp stamp{workload_.name, producer_.next_number()};
        const auto partition = static_cast<std::int32_t>(
            stamp.number % static_cast<std::uint64_t>(workload_.partitions));
        client::Record record;
        record.to = {workload_.topic, PartitionIndex(partition)};
        if (workload_.keys > 0) record.key = key_of(stamp.number, workload_.keys);
        record.value = value_of(stamp, workload_.size);
        if (!producer_.send(record, turn)) break;  // the buffer is full: later
    }
    is_over_ = turn.now - begin_ >= workload_.length;
    if (is_over_) return;
    const Duration pause = std::max<Duration>(tick_least, Duration(1s) / workload_.rate);
    turn.ask(effect::ArmTimer{tick_timer, std::min(turn.now + pause, begin_ + workload_.length)});
}

}  // namespace barnabas::sim
