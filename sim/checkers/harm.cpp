#include "sim/checkers/harm.h"

#include <fmt/format.h>

namespace barnabas::sim {

std::string Harm::text(Instant at) {
    const auto time = std::chrono::floor<std::chrono::milliseconds>(at.time_since_epoch()).count();
    return fmt::format("{}.{:03}s", time / 1000, time % 1000);
}

void Harm::begin(const Target& target, std::string text, Instant at) {
    const auto known = spells_.find(target);
    if (known != spells_.end() && !known->second.to && !known->second.is_ending) return;
    spells_[target] = {std::move(text), at, std::nullopt};
}

void Harm::end(const Target& target, Instant at) {
    const auto known = spells_.find(target);
    if (known != spells_.end() && !known->second.to) known->second.to = at;
}

void Harm::strike(const Target& target, std::string text, Instant at) {
    spells_[target] = {std::move(text), at, at};
}

Forgives Harm::forgives_of(const Target& target) {
    const FaultRow* row = row_of(target.what);
    return row != nullptr ? row->forgives : Forgives::process;  // a start
}

Ending Harm::ending_of(const Target& target) {
    const FaultRow* row = row_of(target.what);
    return row != nullptr ? row->ending : Ending::at_once;
}

void Harm::look(const World& world) {
    if (const Deed* deed = world.last().deed()) look_at_deed(world, *deed);
    look_at_state(world, world.last().node);
    look_at_ends(world);
}

void Harm::look_at_deed(const World& world, const Deed& deed) {
    const NodeIndex node = deed.node;
    if (deed.kind == Deed::Kind::start || deed.kind == Deed::Kind::restart)
        return look_at_start(world, node, deed.kind == Deed::Kind::start);
    const FaultRow* row = row_of(deed.kind);
    if (row == nullptr || row->forgives == Forgives::nobody) return;
    const bool is_way = row->forgives == Forgives::way;
    const Target target{deed.kind, node, is_way ? deed.other : NodeIndex(), deed.path};
    std::string text = world.name(node);
    if (row->forgives == Forgives::storage || row->forgives == Forgives::bytes)
        text = deed.path.empty() ? "the disk of " + text : deed.path + " of " + text;
    text += ' ' + std::string(row->befell);
    if (is_way) text += ' ' + world.name(deed.other);
    if (stands(world, deed)) {
        begin(target, std::move(text), world.now());
    } else if (row->deed == Deed::Kind::order || row->deed == Deed::Kind::reset) {
        strike(target, std::move(text), world.now());
    }
}

void Harm::look_at_start(const World& world, NodeIndex node, bool is_first) {
    end({Deed::Kind::crash, node}, world.now());
    starts_[node] = world.now();
    if (!is_first)
        strike({Deed::Kind::restart, node}, world.name(node) + " was started", world.now());
    for (auto& [target, spell] : spells_) {
        const bool is_over = spell.is_ending && ending_of(target) == Ending::with_a_start;
        if (is_over && target.node == node) spell.to = world.now();
    }
}

void Harm::look_at_state(const World& world, NodeIndex node) {
    const auto down = [&](std::string_view how) {
        begin({Deed::Kind::crash, node}, world.name(node) + ' ' + std::string(how), world.now());
    };
    switch (world.state(node)) {
        case NodeState::crashed: return down("was killed");
        case NodeState::powered_off: return down("lost power");
        case NodeState::exited: return down("ended");
        default: return;
    }
}

// What does not stand any more has ended, or will when its effect does.
void Harm::look_at_ends(const World& world) {
    is_draining_ = false;
    for (auto& [target, spell] : spells_) {
        if (spell.to || target.what == Deed::Kind::crash) continue;
        if (stands(world, {target.what, target.node, target.other, 0, target.path})) continue;
        switch (ending_of(target)) {
            case Ending::at_once: spell.to = world.now(); break;
            case Ending::with_a_start: spell.is_ending = true; break;
            case Ending::when_drained:
                spell.is_ending = true;
                if (world.disk(target.node).operations_under_way() == 0)
                    spell.to = world.now();
                else
                    is_draining_ = true;
                break;
            case Ending::never: break;
        }
    }
}

Harm::Excuse Harm::of(auto is_it, Instant since) const {
    for (const auto& [target, spell] : spells_) {
        if (!is_it(target) || !touches(spell, since)) continue;
        return fmt::format("{} at {}{}", spell.text, text(spell.from),
                           spell.to && *spell.to > spell.from ? " until " + text(*spell.to) : "");
    }
    return std::nullopt;
}

Harm::Excuse Harm::of_process(NodeIndex node, Instant since) const {
    return of(
        [&](const Target& target) {
            return forgives_of(target) == Forgives::process && target.node == node;
        },
        since);
}

Harm::Excuse Harm::of_way(NodeIndex one, NodeIndex other, Instant since) const {
    return of(
        [&](const Target& target) {
            const bool is_anybody = target.node == target.other;  // one connection, by its number
            const bool is_there = target.node == one && target.other == other;
            const bool is_back = target.node == other && target.other == one;
            return forgives_of(target) == Forgives::way && (is_anybody || is_there || is_back);
        },
        since);
}

Harm::Excuse Harm::of_storage(NodeIndex node, const std::string& directory, Instant since) const {
    return of(
        [&](const Target& target) {
            const Forgives what = forgives_of(target);
            const bool is_storage = what == Forgives::storage || what == Forgives::bytes;
            if (!is_storage || target.node != node) return false;
            return directory.empty() || target.path.empty() ||
                   target.path.starts_with(directory) || directory.starts_with(target.path);
        },
        since);
}

Harm::Excuse Harm::of_bytes(NodeIndex node) const {
    return of(
        [&](const Target& target) {
            return forgives_of(target) == Forgives::bytes && target.node == node;
        },
        Instant());
}

Harm::Excuse Harm::between(NodeIndex client, NodeIndex broker, Instant since) const {
    if (auto found = of_process(client, since)) return found;
    if (auto found = of_process(broker, since)) return found;
    if (auto found = of_way(client, broker, since)) return found;
    return of_storage(broker, {}, since);
}

Harm::Excuse Harm::of_any(Instant since) const {
    return of([](const Target&) { return true; }, since);
}

Harm::Excuse Harm::of_client(NodeIndex client, const Cast& cast, Instant since) const {
    for (const Cast::Broker& broker : cast.brokers) {
        if (auto found = between(client, broker.node, since)) return found;
    }
    return std::nullopt;
}

Instant Harm::started(NodeIndex node) const {
    const auto found = starts_.find(node);
    return found == starts_.end() ? Instant() : found->second;
}

}  // namespace barnabas::sim
