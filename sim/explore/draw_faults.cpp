// What goes wrong in a scenario of the swarm, and when.
#include <algorithm>
#include <array>

#include "sim/explore/drawing.h"
#include "sim/faults/kinds.h"

namespace barnabas::explore {
namespace {

using scenario::At;
using scenario::Fault;
using scenario::FaultKind;
using scenario::RandomFaults;
using scenario::Scenario;
using scenario::Selector;
using scenario::When;

bool is_of_directory(const sim::FaultRow& row) { return row.form.starts_with("directory"); }

// A start that is cut short leaves what it read back unflushed, and the next one believes it:
// flush.messages does not reach that far yet.
bool cuts_starts(FaultKind kind) {
    return kind == FaultKind::crashed_start || kind == FaultKind::torn_start;
}

bool can_be_drawn(const sim::FaultRow& row, const Drawing& drawing) {
    if (!row.is_drawn) return false;
    if (is_of_directory(row) && drawing.made.log_directories().size() < 2) return false;
    const bool flushes_messages = drawing.flushing == Flushing::each_message ||
                                  drawing.flushing == Flushing::some_messages;
    if (flushes_messages && cuts_starts(row.kind)) return false;
    // A log that was full keeps its files open until somebody tries again.
    const auto waits = [](const auto& producer) { return producer.acks != client::Acks::none; };
    if (row.kind == FaultKind::full_disk && !std::ranges::all_of(drawing.made.producers, waits))
        return false;
    // While a flush is under way, a batch is served whole where flush.messages ends within it.
    const bool is_of_flushes =
        row.kind == FaultKind::failing_flushes || row.kind == FaultKind::forgotten_flushes;
    return drawing.flushing != Flushing::some_messages || !is_of_flushes;
}

// Some kinds, and the others not at all: what one of them would hide shows without it.
std::vector<FaultKind> draw_kinds(Drawing& drawing) {
    std::vector<FaultKind> all;
    for (const sim::FaultRow& row : sim::fault_kinds())
        if (can_be_drawn(row, drawing)) all.push_back(row.kind);
    Dice& dice = drawing.dice;
    for (std::size_t i = all.size(); i > 1; --i) std::swap(all[i - 1], all[dice.below(i)]);
    std::size_t count = dice.between(1, 3);
    if (dice.one_in(3)) count = dice.between(3, all.size());
    if (dice.one_in(12)) count = 0;
    all.resize(std::min(count, all.size()));
    // The mark of a clean stop comes back with the power, where its removal was forgotten.
    if (std::ranges::find(all, FaultKind::forgotten_flushes) != all.end())
        std::erase(all, FaultKind::stop);
    return all;
}

Duration end_of(const RandomFaults& faults) {
    return faults.to + (faults.lasting ? faults.lasting->second : faults.every / 2);
}

// One line, or some that run beside each other.
void draw_lines(Drawing& drawing) {
    Dice& dice = drawing.dice;
    const std::vector<FaultKind> kinds = draw_kinds(drawing);
    const std::size_t lines = std::min<std::size_t>(kinds.size(), dice.between(1, 3));
    for (std::size_t line = 0; line < lines; ++line) {
        RandomFaults faults;
        for (std::size_t i = line; i < kinds.size(); i += lines) faults.kinds.push_back(kinds[i]);
        faults.is_each = faults.kinds.size() <= 2 && dice.one_in(3);
        faults.every = dice.time(500ms, 4s, 100ms);
        faults.from = drawing.fault_begin + dice.time(0ms, 1s, 100ms);
        faults.to = std::max(drawing.work_end, faults.from + faults.every);
        if (dice.one_in(3)) {
            const Duration least = dice.time(10ms, 1s, 10ms);
            faults.lasting = {least, least + dice.time(0ms, 4s, 100ms)};
        }
        drawing.fault_end = std::max(drawing.fault_end, end_of(faults));
        drawing.made.faults.push_back(std::move(faults));
    }
}

Duration moment(Drawing& drawing) {
    return drawing.dice.time(drawing.fault_begin, drawing.work_end, 10ms);
}

void place(Drawing& drawing, Duration time, Fault fault, Duration length) {
    At at{time, fault};
    if (sim::row_of(fault.kind).lasts) at.length = length;
    drawing.fault_end = std::max(drawing.fault_end, time + length);
    drawing.made.actions.push_back(std::move(at));
}

Selector draw_client(Drawing& drawing) {
    const auto& producers = drawing.made.producers;
    const auto& consumers = drawing.made.consumers;
    Dice& dice = drawing.dice;
    if (dice.one_in(4)) return {Selector::Kind::all_clients};
    const std::size_t place = dice.below(producers.size() + consumers.size());
    return Selector::client(place < producers.size() ? producers[place].name
                                                     : consumers[place - producers.size()].name);
}

// Clients die and pause too, and a way may be bad for one of them alone.
void befall_client(Drawing& drawing) {
    Dice& dice = drawing.dice;
    Fault fault;
    fault.kind = dice.pick({FaultKind::kill, FaultKind::pause, FaultKind::slow_node,
                            FaultKind::cut, FaultKind::one_way_cut, FaultKind::clog,
                            FaultKind::one_way_clog, FaultKind::delay, FaultKind::one_way_delay,
                            FaultKind::packet_loss, FaultKind::broken_connections,
                            FaultKind::reset});
    const sim::FaultRow& row = sim::row_of(fault.kind);
    fault.who = draw_client(drawing);
    if (sim::is_of_ways(fault.kind)) {
        fault.whom = Selector::broker(1);
        if (sim::is_one_way(fault.kind) && dice.one_in(2)) std::swap(fault.who, fault.whom);
    }
    if (row.number.most > 0) {
        fault.number = static_cast<std::int64_t>(
            dice.between(static_cast<std::uint64_t>(row.number.least),
                         static_cast<std::uint64_t>(row.number.most / 4)));
    }
    if (row.time > Duration(0)) fault.time = dice.time(1ms, row.time, 1ms);
    drawing.kills_clients |= fault.kind == FaultKind::kill;
    place(drawing, moment(drawing), fault, dice.time(50ms, 4s, 50ms));
}

// A clock that runs fast or slow, or jumps; of a broker or of a client.
void befall_clock(Drawing& drawing) {
    Dice& dice = drawing.dice;
    Fault fault;
    fault.kind = dice.pick({FaultKind::drift, FaultKind::wall_step});
    fault.who = dice.one_in(2) ? Selector::broker(1) : draw_client(drawing);
    if (fault.kind == FaultKind::drift) {
        fault.number = static_cast<std::int64_t>(dice.between(1, 20'000));
        if (dice.one_in(2)) fault.number = -fault.number;
    } else {
        fault.time = dice.time(10ms, 2s, 10ms);
    }
    place(drawing, moment(drawing), fault, dice.time(500ms, 5s, 100ms));
}

// Somebody else holds a directory while the broker starts; it takes it in at the start after that.
void lock_directory(Drawing& drawing) {
    Dice& dice = drawing.dice;
    auto directories = drawing.made.log_directories();
    Fault lock{.kind = FaultKind::locked_directory, .who = Selector::broker(1)};
    lock.directory = directories[dice.between(1, directories.size() - 1)];
    const Duration begin = moment(drawing);
    const Duration length = dice.time(1s, 3s, 100ms);
    place(drawing, begin, lock, length);
    place(drawing, begin + Duration(200ms), {.kind = FaultKind::kill, .who = Selector::broker(1)},
          300ms);
    const scenario::Treatment restart{sim::Remedy::restart, Selector::broker(1)};
    drawing.made.actions.push_back({begin + length + Duration(10ms), restart});
}

FaultKind draw_death(Drawing& drawing) {
    const bool forgets = std::ranges::any_of(drawing.made.faults, [](const auto& faults) {
        return std::ranges::find(faults.kinds, FaultKind::forgotten_flushes) != faults.kinds.end();
    });
    const FaultKind kind =
        drawing.dice.pick({FaultKind::kill, FaultKind::power_loss, FaultKind::stop});
    return kind == FaultKind::stop && forgets ? FaultKind::kill : kind;
}

// The moments in which there is much to lose: a topic was promised, a start has begun.
void draw_moments(Drawing& drawing) {
    Dice& dice = drawing.dice;
    using Kind = scenario::Condition::Kind;
    const scenario::Topic& topic = drawing.made.topics[dice.below(drawing.made.topics.size())];
    When when;
    switch (dice.below(3)) {
        case 0:
            when.condition.kind = Kind::made;
            when.condition.topic = topic.name;
            break;
        case 1:
            when.condition.kind = Kind::reaches;
            when.condition.partition = {topic.name, PartitionIndex(0)};
            when.condition.number = static_cast<std::int64_t>(dice.between(10, 100));
            break;
        default:
            when.condition.kind = Kind::restarts;
            when.condition.who = Selector::broker(1);
            if (drawing.flushing != Flushing::never) when.delay = 2s;
            break;
    }
    when.delay += dice.one_in(2) ? Duration(0) : dice.time(1ms, 200ms, 1ms);
    when.action = Fault{.kind = draw_death(drawing), .who = Selector::broker(1)};
    when.length = dice.time(100ms, 1s, 100ms);
    drawing.made.whens.push_back(std::move(when));
}

void draw_deletion(Drawing& drawing) {
    Dice& dice = drawing.dice;
    const auto& made = drawing.made;
    const auto& producer = made.producers[dice.below(made.producers.size())];
    const auto topic = std::ranges::find(made.topics, producer.topic, &scenario::Topic::name);
    if (is_compacted(*topic)) return;  // there nobody may delete
    const auto partitions = static_cast<std::uint64_t>(topic->partitions);
    // So many stand there before the first fault.
    const std::uint64_t most = producer.rate / partitions;
    if (most == 0 || drawing.fault_begin < Duration(3s) || may_lose(drawing.made)) return;
    const PartitionIndex index(static_cast<std::int32_t>(dice.below(partitions)));
    scenario::Wish wish{.kind = scenario::Wish::Kind::delete_records,
                        .partition = {topic->name, index}};
    wish.number = static_cast<std::int64_t>(dice.between(1, most));
    const Duration late = drawing.work_end + Duration(6s);
    drawing.made.actions.push_back({dice.time(drawing.fault_begin, late, 100ms), wish});
}

bool is_rolled(const scenario::Topic& topic) {
    return std::ranges::any_of(
        topic.settings, [](const auto& setting) { return setting.first == "segment.ms"; });
}

void draw_change(Drawing& drawing) {
    Dice& dice = drawing.dice;
    const auto& made = drawing.made;
    const auto& topic = made.topics[dice.below(made.topics.size())];
    const auto number = [&](std::uint64_t first, std::uint64_t last, std::uint64_t times) {
        return std::to_string(dice.between(first, last) * times);
    };
    scenario::Wish wish{.kind = scenario::Wish::Kind::set_topic, .topic = topic.name};
    switch (is_compacted(topic) || !is_rolled(topic) ? dice.below(2) : dice.below(4)) {
        case 0: wish.setting = {"segment.ms", number(5, 30, 100)}; break;
        case 1: wish.setting = {"index.interval.bytes", number(1, 40, 100)}; break;
        case 2: wish.setting = {"retention.ms", number(3, 60, 1000)}; break;
        default: wish.setting = {"retention.bytes", number(10, 100, 1000)}; break;
    }
    drawing.made.actions.push_back({moment(drawing), wish});
}

}  // namespace

void draw_faults(Drawing& drawing) {
    Dice& dice = drawing.dice;
    drawing.fault_begin = dice.one_in(4) ? dice.time(100ms, 2s, 100ms) : dice.time(2s, 4s, 100ms);
    if (dice.one_in(16)) return;  // a calm run: nothing is excused
    draw_lines(drawing);
    if (dice.one_in(2)) {
        const std::uint64_t count = dice.between(1, 4);
        for (std::uint64_t i = 0; i < count; ++i) befall_client(drawing);
    }
    if (dice.one_in(6)) befall_clock(drawing);
    if (dice.one_in(8) && drawing.made.log_directories().size() > 1) lock_directory(drawing);
    if (dice.one_in(6)) draw_moments(drawing);
}

void draw_wishes(Drawing& drawing) {
    Dice& dice = drawing.dice;
    if (dice.one_in(4)) draw_deletion(drawing);
    if (dice.one_in(4)) draw_change(drawing);
    std::ranges::stable_sort(drawing.made.actions, {}, &At::time);
}

}  // namespace barnabas::explore
