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

void Harm::look(const World& world) {
    const Happening& last = world.last();
    const NodeIndex node = last.node;
    if (const Deed* deed = last.deed()) {
        if (deed->kind == Deed::Kind::start || deed->kind == Deed::Kind::restart) {
            end({What::down, node}, world.now());
            starts_[node] = world.now();
            if (deed->kind == Deed::Kind::restart)
                strike({What::start, node}, world.name(node) + " was started", world.now());
            for (auto& [target, spell] : spells_) {
                const bool is_lasting =
                    target.what == What::disk_error || target.what == What::directory;
                if (is_lasting && target.node == node && spell.is_ending) spell.to = world.now();
            }
        }
        look_at_links(world);
        look_at_storage(world, *deed);
        if (deed->kind == Deed::Kind::order)
            strike({What::stop, node}, world.name(node) + " was told to stop", world.now());
        if (deed->kind == Deed::Kind::slow_node && deed->amount > 1)
            begin({What::slow_node, node}, world.name(node) + " was slow", world.now());
        if (deed->kind == Deed::Kind::slow_node && deed->amount <= 1)
            end({What::slow_node, node}, world.now());
        if (deed->kind == Deed::Kind::reset) {
            strike({What::reset, node, deed->other},
                   "connections of " + world.name(node) + " were reset", world.now());
        }
        if (deed->kind == Deed::Kind::refuse && deed->amount != 0)
            begin({What::refusing, node}, world.name(node) + " refused connections", world.now());
        if (deed->kind == Deed::Kind::refuse && deed->amount == 0)
            end({What::refusing, node}, world.now());
    }
    look_at_state(world, node);
    if (is_disk_ending_) end_storage(world, node, nullptr);
}

void Harm::look_at_state(const World& world, NodeIndex node) {
    const auto down = [&](std::string_view how) {
        begin({What::down, node}, world.name(node) + ' ' + std::string(how), world.now());
    };
    switch (world.state(node)) {
        case NodeState::crashed: return down("was killed");
        case NodeState::powered_off: return down("lost power");
        case NodeState::exited: return down("ended");
        case NodeState::paused:
            return begin({What::paused, node}, world.name(node) + " was paused", world.now());
        default: end({What::paused, node}, world.now());
    }
}

void Harm::look_at_links(const World& world) {
    for (std::uint32_t from = 0; from < world.nodes(); ++from) {
        for (std::uint32_t to = 0; to < world.nodes(); ++to) {
            const Target target{What::blocked, NodeIndex(from), NodeIndex(to)};
            const Link& link = world.link(NodeIndex(from), NodeIndex(to));
            if (!link.blocked()) {
                end(target, world.now());
                continue;
            }
            begin(target,
                  fmt::format("{} was {} from {}", world.name(NodeIndex(from)),
                              link.cut ? "cut off" : "clogged", world.name(NodeIndex(to))),
                  world.now());
        }
    }
}

void Harm::look_at_storage(const World& world, const Deed& deed) {
    const NodeIndex node = deed.node;
    const auto begin_of = [&](What what, std::string_view how) {
        const std::string whose = deed.path.empty() ? "the disk of " + world.name(node)
                                                    : deed.path + " of " + world.name(node);
        begin({what, node, {}, deed.path}, whose + ' ' + std::string(how), world.now());
    };
    switch (deed.kind) {
        case Deed::Kind::disk_full: return begin_of(What::full, "was full");
        case Deed::Kind::disk_slow:
            if (deed.amount > 1) return begin_of(What::slow_disk, "was slow");
            return end_storage(world, node, &deed.path);
        case Deed::Kind::disk_error: return begin_of(What::disk_error, "failed");
        case Deed::Kind::directory_error: return begin_of(What::directory, "failed");
        case Deed::Kind::bit_flip: return begin_of(What::flipped, "had a bit flipped");
        case Deed::Kind::lock: return begin_of(What::locked, "was locked by somebody else");
        case Deed::Kind::disk_mend: return end_storage(world, node, nullptr);
        case Deed::Kind::directory_mend: return end_storage(world, node, &deed.path);
        default: return;
    }
}

// Of the whole disk, or of one path of it. What was asked of a slow disk takes as long as it was
// told; what failed is out of service until the next start.
void Harm::end_storage(const World& world, NodeIndex node, const std::string* path) {
    const Deed* deed = world.last().deed();
    const bool is_mended = deed != nullptr && (deed->kind == Deed::Kind::disk_mend ||
                                               deed->kind == Deed::Kind::disk_slow ||
                                               deed->kind == Deed::Kind::directory_mend);
    is_disk_ending_ = false;
    for (auto& [target, spell] : spells_) {
        if (spell.to) continue;
        const bool is_of_it = target.node == node && (path == nullptr || target.path == *path);
        switch (target.what) {
            case What::full:
                if (is_mended && is_of_it) spell.to = world.now();
                break;
            case What::disk_error:
            case What::directory:
                if (is_mended && is_of_it) spell.is_ending = true;
                break;
            case What::slow_disk:
                if (is_mended && is_of_it) spell.is_ending = true;
                if (!spell.is_ending) break;
                if (world.disk(target.node).operations_under_way() == 0)
                    spell.to = world.now();
                else
                    is_disk_ending_ = true;
                break;
            default: break;
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
    return of([&](const Target& target) { return target.what <= What::refusing &&
                                                 target.node == node; },
              since);
}

Harm::Excuse Harm::of_way(NodeIndex one, NodeIndex other, Instant since) const {
    return of(
        [&](const Target& target) {
            const bool is_way = target.what == What::blocked || target.what == What::reset;
            const bool is_anybody = target.node == target.other;  // one connection, by its number
            return is_way && (is_anybody || (target.node == one && target.other == other) ||
                              (target.node == other && target.other == one));
        },
        since);
}

Harm::Excuse Harm::of_storage(NodeIndex node, const std::string& directory, Instant since) const {
    return of(
        [&](const Target& target) {
            if (target.what < What::full || target.node != node) return false;
            return directory.empty() || target.path.empty() ||
                   target.path.starts_with(directory) || directory.starts_with(target.path);
        },
        since);
}

Harm::Excuse Harm::of_bytes(NodeIndex node) const {
    return of([&](const Target& target) { return target.what == What::flipped &&
                                                 target.node == node; },
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
