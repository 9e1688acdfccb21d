#include "sim/world/world.h"

#include <fmt/format.h>

#include <utility>

#include "engine/runtime/visit.h"
#include "sim/world/effects.h"

namespace barnabas::sim {

World::World(const WorldOptions& options)
    : options_(options), seeds_(options.seed), network_(options.network, seeds_.next()) {
    if (!options_.guards.are_all_on()) trace_.add(options_.guards.switched_off());
}

World::World(const World& other) = default;
World::World(World&& other) noexcept = default;
World& World::operator=(const World& other) = default;
World& World::operator=(World&& other) noexcept = default;
World::~World() = default;

NodeIndex World::add_node(NodeOptions options) {
    const NodeIndex index = network_.add_host(options.name, options.address);
    auto pristine = std::make_shared<const Machine>(std::move(options.machine));
    Machine machine = *pristine;
    const std::uint64_t seed = seeds_.next();
    nodes_.push_back({.machine = std::move(machine),
                      .pristine = std::move(pristine),
                      .disk = Disk(options.disk, seeds_.next()),
                      .service = options.service,
                      .seed = seed});
    return index;
}

std::optional<NodeIndex> World::find(const std::string& name) const {
    for (std::uint32_t i = 0; i < nodes_.size(); ++i)
        if (this->name(NodeIndex(i)) == name) return NodeIndex(i);
    return std::nullopt;
}

bool World::step() { return advance(Instant::max()); }

bool World::step_until(Instant limit) {
    if (advance(limit)) return true;
    if (!stop_ && now_ < limit) now_ = limit;
    return false;
}

void World::run_until(Instant limit) {
    while (step_until(limit)) continue;
}

std::optional<Instant> World::next_at() const {
    if (stop_ || agenda_.empty()) return std::nullopt;
    return agenda_.first_at();
}

bool World::advance(Instant limit) {
    while (!stop_ && !agenda_.empty() && agenda_.first_at() <= limit) {
        const Item item = agenda_.take();
        now_ = item.at;
        try {
            if (happen(item)) return true;
        } catch (const CheckStopped& check) {
            stop_at(item.node, check);
        }
    }
    return false;
}

// True when a machine has had an event.
bool World::happen(const Item& item) {
    switch (item.kind) {
        case Item::Kind::turn:
            if (at(item.node).life != item.number) return false;
            return take_turn(item.node);
        case Item::Kind::timer: on_timer(item); break;
        case Item::Kind::storage: on_storage(item); break;
        case Item::Kind::computed: on_computed(item); break;
        case Item::Kind::network: {
            const Due due{item.at,
                          static_cast<Due::Kind>(item.network_kind),
                          item.side,
                          item.slot,
                          static_cast<std::uint32_t>(item.number),
                          static_cast<std::uint32_t>(item.number >> 32)};
            network_.on_due(due, now_);
            collect();
            break;
        }
    }
    if (!direct_) return false;
    return take_turn(*std::exchange(direct_, std::nullopt));
}

bool World::take_turn(NodeIndex index) {
    Node& node = at(index);
    node.has_turn = false;
    if (node.state != NodeState::running) return false;
    node.has_turn = true;  // what becomes ready meanwhile waits for the end of this turn
    std::optional<Event> event = next_event(node);
    collect();
    if (event) run_machine(index, std::move(*event));
    node.has_turn = false;
    if (!node.inbox.empty() || !node.continues.empty()) plan_turn(index);
    if (direct_) put_turn(*std::exchange(direct_, std::nullopt), now_);
    return event.has_value();
}

// What is ready, in the order in which it came; long jobs go on when nothing is.
std::optional<Event> World::next_event(Node& node) {
    while (!node.inbox.empty()) {
        const Ready ready = node.inbox.pop();
        std::optional<Event> event;
        switch (ready.kind) {
            case Ready::Kind::prepared: event = node.prepared.pop(); break;
            case Ready::Kind::timer: event = fire(node, ready.timer); break;
            case Ready::Kind::network: event = network_.take(ready.mark, now_); break;
        }
        if (event) return event;
    }
    if (node.continues.empty()) return std::nullopt;
    return event::Continued{node.continues.pop()};
}

// Nothing when the timer was disarmed or put off while it waited.
std::optional<Event> World::fire(Node& node, Token token) {
    const auto found = node.timers.find(token);
    if (found == node.timers.end()) return std::nullopt;
    Timer& timer = found->second;
    if (!timer.is_armed || timer.at > node.clock.now(now_)) return std::nullopt;
    timer.is_armed = false;
    if (!timer.is_queued) node.timers.erase(found);
    return event::TimerFired{token};
}

void World::run_machine(NodeIndex index, Event event) {
    Node& node = at(index);
    last_.at = now_;
    last_.node = index;
    last_.what = std::move(event);
    last_.effects.clear();
    last_.carried_out = 0;
    last_.until = now_;
    last_.lost.reset();
    ++events_;
    ++node.events;
    trace_.add(static_cast<std::uint64_t>(now_.time_since_epoch().count()));
    trace_.add(std::uint64_t{index.value()});
    hash_into(trace_, *last_.event());

    Turn turn{node.clock.now(now_), node.clock.wall(now_, options_.wall_start), node.randoms,
              last_.effects, options_.guards};
    node.machine.on(*last_.event(), turn);
    trace_.add(static_cast<std::uint64_t>(last_.effects.size()));
    for (const Effect& effect : last_.effects) hash_into(trace_, effect);

    const auto bytes = bytes_moved(*last_.event(), last_.effects);
    const auto per_byte =
        Duration(static_cast<std::int64_t>(bytes * node.service.picoseconds_per_byte / 1'000));
    last_.until = now_ + (node.service.per_event + per_byte) * std::int64_t{node.slowness};
    node.busy_until = last_.until;
    carry_out(index);
    collect();
}

// All effects of the turn, or those before the node's death.
void World::carry_out(NodeIndex index) {
    Node& node = at(index);
    Carrier carrier{*this, index, node, last_.until};
    const auto is_doomed = [&node] { return node.doom && node.doom->effects_left == 0; };
    for (const Effect& effect : last_.effects) {
        if (is_doomed()) break;
        carrier.carry_out(effect);
        ++last_.carried_out;
        if (!node.is_up()) return;
        if (node.doom) --node.doom->effects_left;
    }
    network_.end_pass();
    if (is_doomed()) die(index, node.doom->death);
}

void World::on_timer(const Item& item) {
    Node& node = at(item.node);
    const auto found = node.timers.find(Token(item.number));
    if (found == node.timers.end()) return;
    Timer& timer = found->second;
    if (!timer.is_queued || timer.queued_for != item.at) return;
    timer.is_queued = false;
    if (!timer.is_armed) {
        node.timers.erase(found);
    } else if (node.clock.now(now_) < timer.at) {
        queue_timer(item.node, found->first, timer);
    } else {
        make_ready(item.node, {Ready::Kind::timer, found->first, {}});
    }
}

std::uint32_t World::submit(NodeIndex index, const Effect& wanted, Instant when) {
    const Disk::Ticket ticket = at(index).disk.submit(wanted, when);
    agenda_.put({.at = ticket.at,
                 .number = at(index).life,
                 .node = index,
                 .slot = ticket.slot,
                 .kind = Item::Kind::storage});
    return ticket.slot;
}

void World::on_storage(const Item& item) {
    Node& node = at(item.node);
    if (node.life != item.number || !node.is_up()) return;
    Finished finished = node.disk.finish(item.slot);
    if (finished.answer) prepare(item.node, std::move(*finished.answer));
    if (finished.sending) {
        network_.fulfil(item.node, finished.sending->connection, std::uint64_t{item.slot} + 1,
                        finished.bytes, now_);
        collect();
    }
}

// Not in order: how long each is away is drawn for it alone.
void World::deliver_later(NodeIndex index, event::Computed answer, std::uint64_t bytes,
                          Instant when) {
    Node& node = at(index);
    bytes += answer.result.size();
    const Duration work =
        ComputeTime::least +
        Duration(static_cast<std::int64_t>(bytes) * ComputeTime::nanoseconds_per_byte);
    const auto times = static_cast<std::int64_t>(
        node.compute_random.between(1, ComputeTime::slowest) * node.slowness);
    const std::uint32_t slot = node.computations++;
    node.computed.emplace(slot, std::move(answer));
    agenda_.put({.at = when + work * times,
                 .number = node.life,
                 .node = index,
                 .slot = slot,
                 .kind = Item::Kind::computed});
}

void World::on_computed(const Item& item) {
    Node& node = at(item.node);
    if (node.life != item.number || !node.is_up()) return;
    const auto found = node.computed.find(item.slot);
    CHECK(found != node.computed.end());
    prepare(item.node, std::move(found->second));
    node.computed.erase(found);
}

// A timer that was put off keeps its earlier item: that one puts down the next when it comes.
void World::queue_timer(NodeIndex index, Token token, Timer& timer) {
    const Instant due = at(index).clock.world_at(timer.at, now_);
    if (timer.is_queued && timer.queued_for <= due) return;
    timer.is_queued = true;
    timer.queued_for = due;
    agenda_.put({.at = due, .number = token.value(), .node = index, .kind = Item::Kind::timer});
}

void World::make_ready(NodeIndex index, const Ready& ready) {
    if (!at(index).is_up()) return;
    at(index).inbox.push(ready);
    plan_turn(index);
}

void World::prepare(NodeIndex index, Event event) {
    at(index).prepared.push(std::move(event));
    make_ready(index, {Ready::Kind::prepared, {}, {}});
}

void World::plan_turn(NodeIndex index) {
    Node& node = at(index);
    if (node.has_turn || node.state != NodeState::running) return;
    node.has_turn = true;
    if (node.busy_until <= now_ && !direct_) {
        direct_ = index;
    } else {
        put_turn(index, std::max(now_, node.busy_until));
    }
}

void World::put_turn(NodeIndex index, Instant when) {
    agenda_.put({.at = when, .number = at(index).life, .node = index, .kind = Item::Kind::turn});
}

void World::collect() {
    for (const Due& due : network_.dues())
        agenda_.put({.at = due.at,
                     .number = std::uint64_t{due.hold} << 32 | due.generation,
                     .slot = due.slot,
                     .kind = Item::Kind::network,
                     .network_kind = static_cast<std::uint8_t>(due.kind),
                     .side = due.side});
    network_.dues().clear();
    for (const Mark& mark : network_.marks())
        make_ready(mark.node, {Ready::Kind::network, {}, mark});
    network_.marks().clear();
}

void World::settle() {
    collect();
    if (direct_) put_turn(*std::exchange(direct_, std::nullopt), now_);
}

Hash128 World::trace_hash() const { return Hasher(trace_).value(); }

Hash128 World::final_hash() const {
    Hasher all(trace_);
    for (const Node& node : nodes_) {
        all.add(static_cast<std::uint64_t>(node.state));
        all.add(std::uint64_t{node.life});
        node.machine.digest(all);
        node.disk.digest(all);
    }
    return all.value();
}

void World::stop_at(NodeIndex index, const CheckStopped& check) {
    const Event* event = last_.event();
    const NodeIndex node = event ? last_.node : index;
    stop_ = Stop{options_.seed,
                 events_,
                 now_,
                 node,
                 name(node),
                 event ? print(*event) : "",
                 fmt::format("{}:{}: CHECK failed: {}", check.file, check.line, check.expression)};
}

}  // namespace barnabas::sim
