#include "sim/clients/consumer_node.h"

#include <utility>

namespace barnabas::sim {

ConsumerNode::ConsumerNode(std::string topic, std::int32_t partitions,
                           client::ConsumerOptions options)
    : topic_(std::move(topic)),
      partitions_(partitions),
      consumer_(std::move(options)),
      high_watermarks_(static_cast<std::size_t>(partitions)) {}

void ConsumerNode::on(const Event& event, Turn& turn) {
    consumer_.on(event, turn);
    if (std::holds_alternative<event::Started>(event)) {
        for (std::int32_t i = 0; i < partitions_; ++i) {
            consumer_.assign({topic_, PartitionIndex(i)}, std::nullopt, turn);
        }
    }
    for (const client::Delivered& one : consumer_.take()) {
        std::optional<Stamp> stamp;
        if (one.value) stamp = stamp_of(*one.value);
        seen_.push_back({Seen::Kind::record, one.from.partition, one.offset, std::move(stamp)});
    }
    // A reset takes a request of its own: no record came in the same event.
    for (const auto& resets = consumer_.resets(); resets_seen_ < resets.size(); ++resets_seen_) {
        const client::Reset& reset = resets[resets_seen_];
        seen_.push_back({Seen::Kind::reset, reset.partition.partition, reset.to, std::nullopt});
    }
    if (std::exchange(answers_seen_, consumer_.answers()) == consumer_.answers()) return;
    for (std::int32_t i = 0; i < partitions_; ++i) {
        auto& last = high_watermarks_[static_cast<std::size_t>(i)];
        const auto now = consumer_.high_watermark({topic_, PartitionIndex(i)});
        if (now && now != last) {
            seen_.push_back({Seen::Kind::high_watermark, PartitionIndex(i), *now, std::nullopt});
            last = now;
        }
    }
}

void ConsumerNode::digest(Hasher& hasher) const {
    consumer_.digest(hasher);
    hasher.add(seen_.size());
    for (std::size_t i = 0; i < seen_.size(); ++i) {
        hasher.add(static_cast<std::uint64_t>(seen_[i].kind));
        hasher.add(static_cast<std::uint64_t>(seen_[i].offset.value()));
        if (seen_[i].stamp) hasher.add(seen_[i].stamp->number);
    }
}

}  // namespace barnabas::sim
