#include "sim/clients/consumer_node.h"

namespace barnabas::sim {
namespace {

constexpr Token begin_timer{0};
constexpr std::uint64_t first_reader_token = 1;

client::ConsumerOptions with_reader_tokens(client::ConsumerOptions options) {
    options.cluster.first_token = first_reader_token;
    return options;
}

}  // namespace

ConsumerNode::ConsumerNode(std::string topic, std::int32_t partitions,
                           client::ConsumerOptions options, const Reading& reading)
    : topic_(std::move(topic)),
      partitions_(partitions),
      options_(with_reader_tokens(std::move(options))),
      consumer_(options_),
      starts_(static_cast<std::size_t>(partitions), reading.from),
      after_(reading.after),
      high_watermarks_(static_cast<std::size_t>(partitions)) {}

void ConsumerNode::on(const Event& event, Turn& turn) {
    consumer_.on(event, turn);
    if (std::holds_alternative<event::Started>(event)) {
        if (!begin_) begin_ = turn.now + after_;
        if (*begin_ > turn.now) turn.ask(effect::ArmTimer{begin_timer, *begin_});
    }
    if (begin_ && *begin_ <= turn.now && !is_reading_) begin(turn);
    for (const client::Delivered& one : consumer_.take()) {
        std::optional<Stamp> stamp;
        if (one.value) {
            stamp = stamp_of(*one.value);
        } else if (one.headers.size() == 1 && one.headers[0].key == stamp_header) {
            stamp = stamp_of(one.headers[0].value);
        }
        seen_.push({Seen::Kind::record, one.from.partition, one.offset, std::move(stamp)});
    }
    // A reset takes a request of its own: no record came in the same event.
    for (const auto& resets = consumer_.resets(); resets_seen_ < resets.size(); ++resets_seen_) {
        const client::Reset& reset = resets[resets_seen_];
        seen_.push({Seen::Kind::reset, reset.partition.partition, reset.to, std::nullopt});
    }
    for (std::int32_t i = 0; i < partitions_; ++i) {
        auto& last = high_watermarks_[static_cast<std::size_t>(i)];
        const auto now = consumer_.high_watermark({topic_, PartitionIndex(i)});
        if (now && now != last) {
            seen_.push({Seen::Kind::high_watermark, PartitionIndex(i), *now, std::nullopt});
            last = now;
        }
    }
}

void ConsumerNode::begin(Turn& turn) {
    is_reading_ = true;
    for (std::int32_t i = 0; i < partitions_; ++i) {
        consumer_.assign({topic_, PartitionIndex(i)}, starts_[static_cast<std::size_t>(i)], turn);
    }
}

ConsumerNode ConsumerNode::next_life() const {
    ConsumerNode next(topic_, partitions_, options_);
    next.seen_ = seen_;
    next.high_watermarks_ = high_watermarks_;
    next.begin_ = begin_;
    for (std::int32_t i = 0; i < partitions_; ++i) {
        const auto place = static_cast<std::size_t>(i);
        next.starts_[place] =
            is_reading_ ? consumer_.position({topic_, PartitionIndex(i)}) : starts_[place];
    }
    return next;
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
