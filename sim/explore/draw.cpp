#include "sim/explore/draw.h"

#include <algorithm>

#include "sim/explore/drawing.h"
#include "sim/scenario/line.h"

namespace barnabas::explore {
namespace {

using scenario::Consumer;
using scenario::Producer;
using scenario::Scenario;
using scenario::Topic;

constexpr std::string_view file_prefix = "swarm:";
constexpr std::uint64_t draw_salt = 0x64726177;  // so that neither world nor plan draws alike

constexpr std::string_view topic_names[] = {"orders", "payments", "prices"};
constexpr std::string_view producer_names[] = {"till", "shop", "bank", "mill"};
constexpr std::string_view consumer_names[] = {"desk", "office", "clerk", "auditor", "noon"};
constexpr std::string_view directory_lists[] = {"first", "first,second", "first,second,third"};
constexpr std::uint64_t rate_most = 400;  // of all producers together

std::string number_text(std::uint64_t number) { return std::to_string(number); }

void draw_network(Drawing& drawing) {
    Dice& dice = drawing.dice;
    scenario::Network& network = drawing.made.network;
    network.latency_least = dice.time(50us, 2ms, 50us);
    network.latency_most = network.latency_least + dice.time(0us, 8ms, 50us);
    network.bandwidth = 10'000'000u << dice.below(5);
}

// A slow medium that is asked to flush each message is behind for ever: no fault, and no rule is
// made for it.
void draw_medium(Drawing& drawing) {
    Dice& dice = drawing.dice;
    scenario::Medium& medium = drawing.made.medium;
    const bool is_quick = drawing.flushing == Flushing::each_message;
    medium.latency_least = dice.time(5us, 50us, 5us);
    medium.latency_most = medium.latency_least + dice.time(0us, 150us, 5us);
    medium.flush_least = dice.time(50us, 500us, 50us);
    medium.flush_most = medium.flush_least + dice.time(0us, is_quick ? 500us : 4ms, 50us);
    medium.bandwidth = 100'000'000u << dice.below(5);
    medium.queue = 4u << dice.below(4);
}

void draw_flushing(Drawing& drawing) {
    Dice& dice = drawing.dice;
    switch (drawing.flushing) {
        case Flushing::never: return;
        case Flushing::each_message: return drawing.set("log.flush.interval.messages", "1");
        case Flushing::some_messages:
            return drawing.set("log.flush.interval.messages", number_text(dice.between(2, 50)));
        case Flushing::by_time:
            drawing.set("log.flush.scheduler.interval.ms", number_text(dice.between(1, 10) * 100));
            drawing.set("log.flush.interval.ms", number_text(dice.between(2, 30) * 100));
            return;
    }
}

void draw_settings(Drawing& drawing) {
    Dice& dice = drawing.dice;
    const std::size_t directories = dice.below(3);
    if (directories > 0 || dice.one_in(2))
        drawing.set("log.dirs", std::string(directory_lists[directories]));
    draw_flushing(drawing);
    drawing.set("log.retention.check.interval.ms", number_text(dice.between(5, 20) * 100));
    if (dice.one_in(2)) drawing.set("log.roll.ms", number_text(dice.between(3, 50) * 100));
    if (dice.one_in(3))
        drawing.set("log.index.interval.bytes", number_text(dice.between(1, 40) * 100));
    if (dice.one_in(3)) {
        drawing.set("log.flush.offset.checkpoint.interval.ms",
                    number_text(dice.between(5, 30) * 100));
    }
    if (dice.one_in(4)) {
        drawing.set("metadata.log.max.record.bytes.between.snapshots",
                    number_text(dice.between(1, 20) * 200));
    }
    drawing.set("log.cleaner.backoff.ms", number_text(dice.between(1, 8) * 100));
    drawing.set("log.cleaner.min.cleanable.ratio",
                std::string(dice.pick<std::string_view>({"0.1", "0.3", "0.5"})));
}

void draw_policy(Drawing& drawing, Topic& topic) {
    Dice& dice = drawing.dice;
    const auto set = [&](std::string name, std::uint64_t value) {
        topic.settings.emplace_back(std::move(name), number_text(value));
    };
    if (dice.one_in(3)) {
        topic.settings.emplace_back("cleanup.policy", "compact");
        set("segment.ms", dice.between(4, 12) * 100);
        if (dice.one_in(2)) set("delete.retention.ms", dice.between(10, 50) * 100);
        set("file.delete.delay.ms", dice.between(2, 20) * 100);
        return;
    }
    // Only whole segments go, and never the last one.
    const std::uint64_t retention = dice.below(4);
    if (retention < 2 || dice.one_in(2)) set("segment.ms", dice.between(5, 30) * 100);
    switch (retention) {
        case 0: set("retention.ms", dice.between(2, 6) * 1000); break;
        case 1: set("retention.bytes", dice.between(5, 50) * 1000); break;
        default: return;
    }
    set("file.delete.delay.ms", dice.between(2, 30) * 100);
}

void draw_topics(Drawing& drawing) {
    Dice& dice = drawing.dice;
    const std::uint64_t count = dice.between(1, std::size(topic_names));
    for (std::uint64_t i = 0; i < count; ++i) {
        Topic topic{.name = std::string(topic_names[i]), .settings = {}};
        topic.partitions = static_cast<std::int32_t>(dice.between(1, 4));
        draw_policy(drawing, topic);
        if (dice.one_in(5)) {
            topic.settings.emplace_back(
                "compression.type", dice.pick<std::string_view>({"gzip", "snappy", "lz4", "zstd"}));
        }
        drawing.made.topics.push_back(std::move(topic));
    }
}

bool has_retention(const Topic& topic) {
    return std::ranges::any_of(topic.settings, [](const auto& setting) {
        return setting.first.starts_with("retention.");
    });
}

// Of an idempotent one the broker remembers the last five batches.
void draw_acks(Drawing& drawing, Producer& producer, bool is_first) {
    Dice& dice = drawing.dice;
    producer.in_flight = static_cast<std::uint32_t>(dice.between(1, 10));
    if (dice.one_in(2)) {
        producer.is_idempotent = true;
        producer.in_flight = std::min(producer.in_flight, 5u);
    } else if (!is_first && dice.one_in(8)) {
        producer.acks = client::Acks::none;
    } else if (dice.one_in(4)) {
        producer.acks = client::Acks::leader;
    }
}

void draw_producer(Drawing& drawing, std::uint64_t place, std::uint64_t count) {
    Dice& dice = drawing.dice;
    const auto& topics = drawing.made.topics;
    const Topic& topic = place < topics.size() ? topics[place] : topics[dice.below(topics.size())];
    Producer producer{.name = std::string(producer_names[place]), .topic = topic.name};
    producer.rate = static_cast<std::uint32_t>(dice.between(10, rate_most / count));
    producer.size = static_cast<std::uint32_t>(24u << dice.below(7));
    if (is_compacted(topic) || dice.one_in(3)) {
        producer.keys = static_cast<std::uint32_t>(dice.between(5, 200));
        if (dice.one_in(2)) producer.tombstones = static_cast<std::uint32_t>(dice.between(2, 20));
    }
    producer.linger = dice.one_in(4) ? Duration(0) : dice.time(1ms, 50ms, 1ms);
    producer.request_timeout = dice.time(600ms, 5s, 100ms);
    producer.delivery_timeout = dice.one_in(4) ? dice.time(6s, 12s, 500ms) : Duration(60s);
    draw_acks(drawing, producer, place == 0);
    producer.from = dice.time(0ms, 1s, 100ms);
    producer.length = drawing.work_end - producer.from;
    // Where old records are to go, there must be some for long enough.
    if (place > 0 && dice.one_in(4) && !has_retention(topic)) producer.length /= 2;
    drawing.made.producers.push_back(std::move(producer));
}

void draw_producers(Drawing& drawing) {
    const std::uint64_t least = drawing.made.topics.size();
    const std::uint64_t count = drawing.dice.between(least, std::size(producer_names));
    for (std::uint64_t i = 0; i < count; ++i) draw_producer(drawing, i, count);
}

void draw_start(Drawing& drawing, Consumer& consumer) {
    Dice& dice = drawing.dice;
    switch (dice.below(5)) {
        case 0: consumer.from = client::Start::latest; break;
        case 1: consumer.offset = static_cast<std::int64_t>(dice.below(300)); break;
        case 2: consumer.time = dice.time(500ms, drawing.work_end, 50ms); break;
        default: break;
    }
    if (consumer.time) {
        consumer.after = *consumer.time + dice.time(500ms, 6s, 100ms);
    } else if (dice.one_in(2)) {
        consumer.after = dice.time(500ms, drawing.work_end + Duration(3s), 100ms);
    }
}

// Most topics are read as a whole by somebody; the others begin elsewhere, or late.
void draw_consumers(Drawing& drawing) {
    Dice& dice = drawing.dice;
    auto& consumers = drawing.made.consumers;
    const auto& topics = drawing.made.topics;
    const auto add = [&](const Topic& topic) -> Consumer& {
        const std::string_view name = consumer_names[consumers.size()];
        return consumers.emplace_back(
            Consumer{.name = std::string(name), .topic = topic.name, .offset = {}, .time = {}});
    };
    for (const Topic& topic : topics) {
        if (dice.one_in(5)) continue;
        add(topic);
    }
    const std::size_t more = dice.below(std::size(consumer_names) - consumers.size() + 1);
    for (std::size_t i = 0; i < more; ++i)
        draw_start(drawing, add(topics[dice.below(topics.size())]));
    for (Consumer& consumer : consumers) {
        if (dice.one_in(4)) consumer.isolation = client::Isolation::read_committed;
    }
}

}  // namespace

bool is_compacted(const Topic& topic) {
    return std::ranges::any_of(topic.settings, [](const auto& setting) {
        return setting.first == "cleanup.policy" && setting.second == "compact";
    });
}

Duration Dice::time(Duration least, Duration most, Duration grain) {
    return least + grain * static_cast<std::int64_t>(
                               below(static_cast<std::uint64_t>((most - least) / grain) + 1));
}

Drawing::Drawing(std::uint64_t seed) : dice(seed ^ draw_salt) {
    made.file = swarm_file(seed);
    made.seed = seed;
    work_end = dice.time(6s, 11s, 500ms);
    flushing = dice.one_in(2) ? Flushing::never
                              : dice.pick({Flushing::each_message, Flushing::some_messages,
                                           Flushing::by_time});
}

Scenario draw(std::uint64_t seed) {
    Drawing drawing(seed);
    draw_network(drawing);
    draw_medium(drawing);
    draw_settings(drawing);
    draw_topics(drawing);
    draw_producers(drawing);
    draw_consumers(drawing);
    draw_faults(drawing);
    draw_wishes(drawing);
    expect_what_holds(drawing);
    drawing.made.purpose = description(drawing.made);
    return std::move(drawing.made);
}

std::string swarm_file(std::uint64_t seed) {
    return std::string(file_prefix) + std::to_string(seed);
}

std::optional<std::uint64_t> swarm_seed(std::string_view file) {
    if (!file.starts_with(file_prefix)) return std::nullopt;
    return scenario::read_number(file.substr(file_prefix.size()));
}

}  // namespace barnabas::explore
