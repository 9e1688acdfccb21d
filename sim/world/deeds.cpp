// What is done to a world from outside.
#include <array>
#include <utility>

#include "sim/world/world.h"

namespace barnabas::sim {
namespace {

constexpr std::array<std::string_view, deed_kinds> deed_names = {
    "start",     "restart",   "crash",      "power_loss", "exit",     "pause", "resume", "drift",
    "wall_step", "slow_node", "cut",        "clog",       "heal",     "link",  "reset",  "refuse",
    "disk_full", "disk_slow", "disk_error", "disk_mend",  "bit_flip", "lock",  "doom",   "order",
    "directory_error", "directory_mend", "delay", "loss", "breaks", "bad_sector",
    "bad_sector_mend", "unlock"};

}  // namespace

std::string_view name_of(Deed::Kind kind) { return deed_names[static_cast<std::size_t>(kind)]; }

bool is_fault(Deed::Kind kind) {
    switch (kind) {
        case Deed::Kind::start:
        case Deed::Kind::restart:
        case Deed::Kind::exit:
        case Deed::Kind::resume:
        case Deed::Kind::heal:
        case Deed::Kind::link:
        case Deed::Kind::disk_mend:
        case Deed::Kind::doom:  // counted as a crash or a power loss when it comes true
        case Deed::Kind::order:
        case Deed::Kind::directory_mend:
        case Deed::Kind::bad_sector_mend:
        case Deed::Kind::unlock:
        case Deed::Kind::last: return false;
        default: return true;
    }
}

void throw_on_check(const CheckFailure& failure) {
    throw CheckStopped{std::string(failure.expression), std::string(failure.file), failure.line};
}

// Into the trace and the counts.
void World::count(const Deed& deed) {
    ++deeds_[static_cast<std::size_t>(deed.kind)];
    trace_.add(UINT64_MAX);  // no event begins with this time
    trace_.add(static_cast<std::uint64_t>(now_.time_since_epoch().count()));
    trace_.add(static_cast<std::uint64_t>(deed.kind));
    trace_.add(std::uint64_t{deed.node.value()} << 32 | deed.other.value());
    trace_.add(static_cast<std::uint64_t>(deed.amount));
    trace_.add(as_bytes(deed.path));
}

void World::record(const Deed& deed) {
    count(deed);
    last_.at = now_;
    last_.node = deed.node;
    last_.what = deed;
    last_.effects.clear();
    last_.carried_out = 0;
    last_.until = now_;
    last_.lost.reset();
}

void World::begin_life(NodeIndex index) {
    Node& node = at(index);
    ++node.life;
    node.machine = *node.pristine;
    node.randoms = Randoms(Random(node.seed ^ node.life).next());
    node.compute_random = Random(~node.seed ^ node.life);
    node.state = NodeState::running;
    node.busy_until = now_;
    network_.process_started(index, now_);
    prepare(index, event::Started{});
    settle();
}

void World::end_life(NodeIndex index, NodeState state, Unflushed fate) {
    Node& node = at(index);
    node.state = state;
    node.has_turn = false;
    node.inbox.clear();
    node.prepared.clear();
    node.continues.clear();
    node.timers.clear();
    node.computed.clear();
    node.doom.reset();
    if (state == NodeState::powered_off) {
        network_.power_gone(index);
        node.disk.lose_power(fate);
    } else {
        network_.process_gone(index, now_);
        node.disk.crash();
    }
}

void World::die(NodeIndex index, Death death) {
    const bool is_crash = death == Death::crash;
    count({.kind = is_crash ? Deed::Kind::crash : Deed::Kind::power_loss, .node = index});
    if (!is_crash) last_.lost = std::make_shared<const Disk>(at(index).disk);
    end_life(index, is_crash ? NodeState::crashed : NodeState::powered_off);
}

void World::start(NodeIndex node) {
    if (at(node).state != NodeState::not_started) return;
    record({.kind = Deed::Kind::start, .node = node});
    begin_life(node);
}

void World::restart(NodeIndex node) {
    if (at(node).state == NodeState::not_started) return;
    if (at(node).is_up()) crash(node);
    record({.kind = Deed::Kind::restart, .node = node});
    begin_life(node);
}

void World::restart(NodeIndex node, Machine machine) {
    if (at(node).state == NodeState::not_started) return;
    at(node).pristine = std::make_shared<const Machine>(std::move(machine));
    restart(node);
}

void World::crash(NodeIndex node) {
    if (!at(node).is_up()) return;
    record({.kind = Deed::Kind::crash, .node = node});
    end_life(node, NodeState::crashed);
    settle();
}

void World::lose_power(NodeIndex node, Unflushed fate) {
    if (at(node).state == NodeState::not_started) return;
    if (at(node).state == NodeState::powered_off) return;
    record(
        {.kind = Deed::Kind::power_loss, .node = node, .amount = static_cast<std::int64_t>(fate)});
    end_life(node, NodeState::powered_off, fate);
    settle();
}

void World::crash_after_effects(NodeIndex node, std::uint64_t effects, Death death) {
    if (!at(node).is_up()) return;
    record({.kind = Deed::Kind::doom, .node = node, .amount = static_cast<std::int64_t>(effects)});
    at(node).doom = Doom{effects, death};
}

void World::spare(NodeIndex node) {
    if (!at(node).doom) return;
    record({.kind = Deed::Kind::doom, .node = node, .amount = -1});
    at(node).doom.reset();
}

void World::pause(NodeIndex node) {
    if (at(node).state != NodeState::running) return;
    record({.kind = Deed::Kind::pause, .node = node});
    at(node).state = NodeState::paused;
}

void World::resume(NodeIndex node) {
    if (at(node).state != NodeState::paused) return;
    record({.kind = Deed::Kind::resume, .node = node});
    at(node).state = NodeState::running;
    if (!at(node).inbox.empty() || !at(node).continues.empty()) plan_turn(node);
    settle();
}

void World::set_drift(NodeIndex node, std::int64_t millionths) {
    record({.kind = Deed::Kind::drift, .node = node, .amount = millionths});
    at(node).clock.set_drift(millionths, now_);
    for (auto& [token, timer] : at(node).timers)
        if (timer.is_armed) queue_timer(node, token, timer);
}

void World::step_wall(NodeIndex node, Duration by) {
    record({.kind = Deed::Kind::wall_step, .node = node, .amount = by.count()});
    at(node).clock.step_wall(by);
}

void World::slow_node(NodeIndex node, std::uint32_t times) {
    record({.kind = Deed::Kind::slow_node, .node = node, .amount = times});
    at(node).slowness = times;
}

void World::order(NodeIndex node, Order order) {
    if (!at(node).is_up()) return;
    record({.kind = Deed::Kind::order, .node = node, .amount = static_cast<std::int64_t>(order)});
    prepare(node, event::Operator{order});
    settle();
}

void World::record_link(Deed::Kind kind, NodeIndex from, NodeIndex to, std::int64_t amount) {
    record({.kind = kind, .node = from, .other = to, .amount = amount});
}

void World::cut(NodeIndex from, NodeIndex to, bool is_cut) {
    record_link(is_cut ? Deed::Kind::cut : Deed::Kind::heal, from, to, 0);
    network_.block(from, to, is_cut, network_.link(from, to).clogged, now_);
    settle();
}

void World::clog(NodeIndex from, NodeIndex to, bool is_clogged) {
    record_link(is_clogged ? Deed::Kind::clog : Deed::Kind::heal, from, to, 0);
    network_.block(from, to, network_.link(from, to).cut, is_clogged, now_);
    settle();
}

void World::delay(NodeIndex from, NodeIndex to, Duration more) {
    const bool is_over = more == Duration(0);
    record_link(is_over ? Deed::Kind::heal : Deed::Kind::delay, from, to, more.count());
    network_.link(from, to).delay = more;
}

void World::lose_packets(NodeIndex from, NodeIndex to, std::uint32_t per_million) {
    record_link(per_million == 0 ? Deed::Kind::heal : Deed::Kind::loss, from, to, per_million);
    network_.link(from, to).lost_per_million = per_million;
}

void World::break_at_packets(NodeIndex from, NodeIndex to, std::uint32_t per_million) {
    record_link(per_million == 0 ? Deed::Kind::heal : Deed::Kind::breaks, from, to, per_million);
    network_.link(from, to).broken_per_million = per_million;
}

void World::heal(NodeIndex from, NodeIndex to) {
    Link& link = network_.link(from, to);
    if (!link.is_harmed()) return;
    record_link(Deed::Kind::heal, from, to, 0);
    link.delay = Duration(0);
    link.lost_per_million = link.broken_per_million = 0;
    network_.block(from, to, false, false, now_);
    settle();
}

void World::heal_all() {
    for (std::uint32_t from = 0; from < nodes_.size(); ++from) {
        for (std::uint32_t to = 0; to < nodes_.size(); ++to) heal(NodeIndex(from), NodeIndex(to));
        if (network_.is_refusing(NodeIndex(from))) refuse(NodeIndex(from), false);
    }
}

void World::set_latency(NodeIndex from, NodeIndex to, const Latency& latency) {
    record({.kind = Deed::Kind::link, .node = from, .other = to, .amount = latency.least.count()});
    network_.link(from, to).latency = latency;
}

void World::set_bandwidth(NodeIndex from, NodeIndex to, std::uint64_t bytes_per_second) {
    record({.kind = Deed::Kind::link,
            .node = from,
            .other = to,
            .amount = static_cast<std::int64_t>(bytes_per_second)});
    network_.link(from, to).bytes_per_second = bytes_per_second;
}

void World::reset(std::uint32_t connection) {
    record({.kind = Deed::Kind::reset, .amount = connection});
    network_.reset(connection);
    settle();
}

void World::reset_between(NodeIndex one, NodeIndex other) {
    record({.kind = Deed::Kind::reset, .node = one, .other = other});
    network_.reset_between(one, other);
    settle();
}

void World::refuse(NodeIndex node, bool refusing) {
    record({.kind = Deed::Kind::refuse, .node = node, .amount = refusing});
    network_.set_refusing(node, refusing);
}

void World::fill_disk(NodeIndex node, std::uint64_t capacity) {
    record({.kind = Deed::Kind::disk_full,
            .node = node,
            .amount = static_cast<std::int64_t>(capacity)});
    at(node).disk.set_capacity(capacity);
}

void World::slow_disk(NodeIndex node, std::uint32_t times) {
    record({.kind = Deed::Kind::disk_slow, .node = node, .amount = times});
    at(node).disk.set_slowness(times);
}

void World::fail_disk(NodeIndex node, std::uint64_t nth) {
    record(
        {.kind = Deed::Kind::disk_error, .node = node, .amount = static_cast<std::int64_t>(nth)});
    at(node).disk.fail_operation(nth);
}

void World::break_disk(NodeIndex node, bool is_broken) {
    record({.kind = is_broken ? Deed::Kind::disk_error : Deed::Kind::disk_mend, .node = node});
    at(node).disk.set_broken(is_broken);
}

void World::free_disk(NodeIndex node) {
    record({.kind = Deed::Kind::disk_mend, .node = node});
    at(node).disk.set_room_back();
}

void World::spoil(NodeIndex node, const std::string& path, std::uint64_t from, std::uint64_t to) {
    record({.kind = Deed::Kind::bad_sector,
            .node = node,
            .amount = static_cast<std::int64_t>(from),
            .path = path});
    at(node).disk.spoil(path, from, to);
}

void World::mend_spoiled(NodeIndex node, const std::string& path, std::uint64_t from,
                         std::uint64_t to) {
    record({.kind = Deed::Kind::bad_sector_mend,
            .node = node,
            .amount = static_cast<std::int64_t>(from),
            .path = path});
    at(node).disk.mend_spoiled(path, from, to);
}

void World::fail_directory(NodeIndex node, const std::string& path, Failing what) {
    record({.kind = Deed::Kind::directory_error,
            .node = node,
            .amount = static_cast<std::int64_t>(what),
            .path = path});
    at(node).disk.fail_directory(path, what);
}

void World::mend_directory(NodeIndex node, const std::string& path) {
    record({.kind = Deed::Kind::directory_mend, .node = node, .path = path});
    at(node).disk.mend_directory(path);
}

void World::mend_disk(NodeIndex node) {
    record({.kind = Deed::Kind::disk_mend, .node = node});
    at(node).disk.mend();
}

void World::flip_bit(NodeIndex node, const std::string& path, std::uint64_t byte, unsigned bit) {
    if (!at(node).disk.flip_bit(path, byte, bit)) return;
    record({.kind = Deed::Kind::bit_flip,
            .node = node,
            .amount = static_cast<std::int64_t>(byte),
            .path = path});
}

void World::lock_by_other(NodeIndex node, const std::string& path) {
    record({.kind = Deed::Kind::lock, .node = node, .path = path});
    at(node).disk.lock_by_other(path);
}

void World::unlock_by_other(NodeIndex node, const std::string& path) {
    record({.kind = Deed::Kind::unlock, .node = node, .path = path});
    at(node).disk.unlock_by_other(path);
}

}  // namespace barnabas::sim
