#include "sim/faults/effects.h"

#include <algorithm>

#include "sim/clients/lives.h"

namespace barnabas::sim {
namespace {

constexpr std::uint64_t start_doublings = 9;  // a start has some hundred effects
constexpr std::uint64_t spoilt_sectors_most = 8;
constexpr std::int64_t drift_most = 100'000;

bool is_down(NodeState state) {
    return state == NodeState::crashed || state == NodeState::powered_off ||
           state == NodeState::exited;
}

bool is_doom(FaultKind kind) {
    return kind == FaultKind::crash || kind == FaultKind::torn_turn ||
           kind == FaultKind::crashed_start || kind == FaultKind::torn_start;
}

std::uint8_t failing_of(FaultKind kind) {
    switch (kind) {
        case FaultKind::failed_directory: return static_cast<std::uint8_t>(Failing::all);
        case FaultKind::failing_reads: return static_cast<std::uint8_t>(Failing::reads);
        case FaultKind::failing_writes: return static_cast<std::uint8_t>(Failing::writes);
        case FaultKind::failing_flushes: return static_cast<std::uint8_t>(Failing::flushes);
        case FaultKind::forgotten_flushes:
            return static_cast<std::uint8_t>(Failing::forgetful_flushes);
        default: return 0;
    }
}

// The segments of a partition that have something in them, wherever its directory is.
std::vector<std::pair<std::string, std::uint64_t>> segments_of(const Disk& disk,
                                                               const TopicPartition& partition) {
    const std::string place = '/' + partition.text() + '/';
    std::vector<std::pair<std::string, std::uint64_t>> all;
    disk.each_file([&](const std::string& path, FileNumber file) {
        const bool is_one = path.ends_with(".log") && path.find(place) != std::string::npos;
        if (is_one && disk.size_of(file) > 0) all.emplace_back(path, disk.size_of(file));
    });
    return all;
}

}  // namespace

void Scene::begin() {
    const FaultKind kind = spell.fault.kind;
    for (const NodeIndex node : spell.who) spell.lives.push_back(world.life(node));
    if (kind == FaultKind::reset) return reset_ways();
    if (is_of_ways(kind)) return befall_ways();
    for (const NodeIndex node : spell.who) {
        if (takes_down(kind)) {
            take_down(node);
        } else if (is_of_storage(kind)) {
            befall_storage(node);
        } else {
            befall_node(node);
        }
    }
}

void Scene::end() {
    const FaultKind kind = spell.fault.kind;
    if (is_of_ways(kind)) return befall_ways();
    for (std::size_t place = 0; place < spell.who.size(); ++place) {
        if (takes_down(kind)) {
            let_up(place);
        } else if (kind == FaultKind::bad_sector) {
            mend_file(spell.who[place]);
        } else if (is_of_storage(kind)) {
            befall_storage(spell.who[place]);
        } else {
            befall_node(spell.who[place]);
        }
    }
}

void Scene::take_down(NodeIndex node) {
    const auto effects = static_cast<std::uint64_t>(spell.fault.number);
    switch (spell.fault.kind) {
        case FaultKind::kill: world.crash(node); break;
        case FaultKind::stop: world.order(node, Order::shut_down); break;
        case FaultKind::power_loss:
            witness.before_harm(node);
            world.lose_power(node);
            break;
        case FaultKind::crash: world.crash_after_effects(node, effects); break;
        case FaultKind::torn_turn:
            world.crash_after_effects(node, effects, Death::power_loss);
            break;
        case FaultKind::crashed_start: return start_and_doom(node, Death::crash);
        case FaultKind::torn_start: return start_and_doom(node, Death::power_loss);
        default: CHECK(!"a fault that takes processes down");
    }
    witness.after_deed();
}

void Scene::start_and_doom(NodeIndex node, Death death) {
    if (!is_down(world.state(node))) {
        world.crash(node);
        witness.after_deed();
    }
    revive(world, node);
    witness.after_deed();
    Random dice(spell.number);
    const std::uint64_t bound = std::uint64_t{2} << dice.below(start_doublings);
    world.crash_after_effects(node, dice.between(1, bound), death);
    witness.after_deed();
}

// It lives again, unless another fault keeps it down; whom the fault has not reached, it never
// will.
void Scene::let_up(std::size_t place) {
    const NodeIndex node = spell.who[place];
    if (is_doom(spell.fault.kind) && world.is_doomed(node)) {
        world.spare(node);
        witness.after_deed();
    }
    const bool is_kept_down = std::ranges::any_of(active, [&](const Spell& other) {
        return takes_down(other.fault.kind) && other.is_on(node);
    });
    const bool is_stopping =
        spell.fault.kind == FaultKind::stop && world.life(node) == spell.lives[place];
    if (is_kept_down || (!is_down(world.state(node)) && !is_stopping)) return;
    revive(world, node);
    witness.after_deed();
}

bool Scene::is_active(NodeIndex node, FaultKind kind) const {
    return std::ranges::any_of(active, [&](const Spell& one) {
        return one.fault.kind == kind && one.is_on(node);
    });
}

std::int64_t Scene::most(NodeIndex node, FaultKind kind) const {
    std::int64_t number = 0;
    for (const Spell& one : active)
        if (one.fault.kind == kind && one.is_on(node)) number = std::max(number, one.fault.number);
    return number;
}

// Of what stands for a node, and is made of all that is active.
void Scene::befall_node(NodeIndex node) {
    const FaultKind kind = spell.fault.kind;
    const bool is_on = is_active(node, kind);
    switch (kind) {
        case FaultKind::pause:
            if (is_on)
                world.pause(node);
            else
                world.resume(node);
            break;
        case FaultKind::slow_node: {
            const auto times = static_cast<std::uint32_t>(
                std::max<std::int64_t>(1, most(node, FaultKind::slow_node)));
            if (world.slowness(node) == times) return;
            world.slow_node(node, times);
            break;
        }
        case FaultKind::drift: {
            std::int64_t sum = 0;
            for (const Spell& one : active)
                if (one.fault.kind == kind && one.is_on(node)) sum += one.fault.number;
            sum = std::clamp(sum, -drift_most, drift_most);
            if (world.drift(node) == sum) return;
            world.set_drift(node, sum);
            break;
        }
        case FaultKind::wall_step: world.step_wall(node, spell.fault.time); break;
        case FaultKind::refusal:
            if (world.is_refusing(node) == is_on) return;
            world.refuse(node, is_on);
            break;
        default: CHECK(!"a fault of a node");
    }
    witness.after_deed();
}

void Scene::reset_ways() {
    for (const NodeIndex one : spell.who) {
        for (const NodeIndex other : spell.whom) {
            world.reset_between(one, other);
            witness.after_deed();
        }
    }
}

void Scene::befall_ways() {
    for (const NodeIndex one : spell.who) {
        for (const NodeIndex other : spell.whom) {
            if (one == other) continue;
            befall_way(one, other);
            if (!is_one_way(spell.fault.kind)) befall_way(other, one);
        }
    }
}

// What stands for a way from one node to another: worst of each, delays added up.
void Scene::befall_way(NodeIndex from, NodeIndex to) {
    Link wanted;
    for (const Spell& one : active) {
        if (!one.is_on_way(from, to)) continue;
        const auto number = static_cast<std::uint32_t>(one.fault.number);
        const FaultKind kind = one.fault.kind;
        wanted.cut |= kind == FaultKind::cut || kind == FaultKind::one_way_cut;
        wanted.clogged |= kind == FaultKind::clog || kind == FaultKind::one_way_clog;
        if (kind == FaultKind::delay || kind == FaultKind::one_way_delay)
            wanted.delay += one.fault.time;
        if (kind == FaultKind::packet_loss)
            wanted.lost_per_million = std::max(wanted.lost_per_million, number);
        if (kind == FaultKind::broken_connections)
            wanted.broken_per_million = std::max(wanted.broken_per_million, number);
    }
    const Link& link = world.link(from, to);
    if (link.cut != wanted.cut) {
        world.cut(from, to, wanted.cut);
    } else if (link.clogged != wanted.clogged) {
        world.clog(from, to, wanted.clogged);
    } else if (link.delay != wanted.delay) {
        world.delay(from, to, wanted.delay);
    } else if (link.lost_per_million != wanted.lost_per_million) {
        world.lose_packets(from, to, wanted.lost_per_million);
    } else if (link.broken_per_million != wanted.broken_per_million) {
        world.break_at_packets(from, to, wanted.broken_per_million);
    } else {
        return;
    }
    witness.after_deed();
}

void Scene::befall_storage(NodeIndex node) {
    const FaultKind kind = spell.fault.kind;
    const Disk& disk = world.disk(node);
    if (kind == FaultKind::bad_sector || kind == FaultKind::flipped_bit) return befall_file(node);
    if (!spell.fault.directory.empty()) return befall_directory(node);
    const bool is_on = is_active(node, kind);
    if (kind == FaultKind::full_disk) {
        if (disk.has_limit() == is_on) return;
        if (is_on)
            world.fill_disk(node, disk.used());
        else
            world.free_disk(node);
    } else if (kind == FaultKind::slow_disk) {
        const auto times = static_cast<std::uint32_t>(
            std::max<std::int64_t>(1, most(node, FaultKind::slow_disk)));
        if (disk.slowness() == times) return;
        world.slow_disk(node, times);
    } else {
        CHECK(kind == FaultKind::broken_disk);
        if (disk.is_broken() == is_on) return;
        world.break_disk(node, is_on);
    }
    witness.after_deed();
}

void Scene::befall_directory(NodeIndex node) {
    const std::string& directory = spell.fault.directory;
    const bool is_lock = spell.fault.kind == FaultKind::locked_directory;
    std::uint8_t failing = 0;
    bool is_locked = false;
    for (const Spell& one : active) {
        if (!one.is_on(node) || one.fault.directory != directory) continue;
        failing |= failing_of(one.fault.kind);
        is_locked |= one.fault.kind == FaultKind::locked_directory;
    }
    if (is_lock && world.disk(node).is_locked_by_other(directory) == is_locked) return;
    if (is_lock && is_locked) {
        world.lock_by_other(node, directory);
    } else if (is_lock) {
        world.unlock_by_other(node, directory);
    } else if (failing == 0) {
        world.mend_directory(node, directory);
    } else {
        world.fail_directory(node, directory, static_cast<Failing>(failing));
    }
    witness.after_deed();
}

// Somewhere in the files of a log; a log that is empty has nothing to lose.
void Scene::befall_file(NodeIndex node) {
    const auto segments = segments_of(world.disk(node), spell.fault.partition);
    if (segments.empty()) return;
    Random dice(spell.number);
    const auto& [path, size] = segments[dice.below(segments.size())];
    const std::uint64_t byte = dice.below(size);
    if (spell.fault.kind == FaultKind::flipped_bit) {
        world.flip_bit(node, path, byte, static_cast<unsigned>(dice.below(8)));
    } else {
        spell.path = path;
        spell.from = byte / sector_size * sector_size;
        spell.to = spell.from + dice.between(1, spoilt_sectors_most) * sector_size;
        world.spoil(node, path, spell.from, spell.to);
    }
    witness.after_deed();
}

void Scene::mend_file(NodeIndex node) {
    if (spell.path.empty()) return;
    world.mend_spoiled(node, spell.path, spell.from, spell.to);
    witness.after_deed();
}

void revive(World& world, NodeIndex node) {
    if (auto machine = next_life_of(world.machine(node))) {
        world.restart(node, std::move(*machine));
    } else {
        world.restart(node);
    }
}

}  // namespace barnabas::sim
