#include "sim/faults/active.h"

#include <algorithm>
#include <utility>

#include "sim/faults/effects.h"

namespace barnabas::sim {
namespace {

bool contains(const std::vector<NodeIndex>& nodes, NodeIndex node) {
    return std::ranges::find(nodes, node) != nodes.end();
}

}  // namespace

bool Spell::is_on(NodeIndex node) const { return contains(who, node); }

bool Spell::is_on_way(NodeIndex from, NodeIndex to) const {
    const bool is_there = contains(who, from) && contains(whom, to);
    const bool is_back = contains(who, to) && contains(whom, from);
    return is_there || (is_back && !is_one_way(fault.kind));
}

bool is_ended_by(const Fault& fault, Remedy remedy, const std::string& directory) {
    switch (remedy) {
        case Remedy::restart: return takes_down(fault.kind);
        case Remedy::resume: return fault.kind == FaultKind::pause;
        case Remedy::heal: return is_of_ways(fault.kind) || fault.kind == FaultKind::refusal;
        case Remedy::healthy_disk: return is_of_storage(fault.kind);
        case Remedy::healthy_directory: return fault.directory == directory;
    }
    return false;
}

std::optional<FaultId> ActiveFaults::begin(const Fault& fault, std::uint64_t seed, World& world,
                                           Witness& witness) {
    Random dice(seed);
    Spell spell{.id = FaultId(++begun_), .fault = fault, .since = world.now()};
    spell.number = dice.next();
    const bool leaves_out_whom = fault.who.kind == Selector::Kind::others;
    if (leaves_out_whom) spell.whom = resolve(fault.whom, {}, roles_, world, dice);
    spell.who = resolve(fault.who, spell.whom, roles_, world, dice);
    if (!leaves_out_whom) spell.whom = resolve(fault.whom, spell.who, roles_, world, dice);
    const FaultId id = spell.id;
    all_.push_back(std::move(spell));
    Scene{world, witness, all_, all_.back()}.begin();
    if (row_of(fault.kind).lasts) return id;
    all_.pop_back();
    return std::nullopt;
}

void ActiveFaults::end(FaultId id, World& world, Witness& witness) {
    const auto found = std::ranges::find(all_, id, &Spell::id);
    if (found == all_.end()) return;
    Spell spell = std::move(*found);
    all_.erase(found);
    Scene{world, witness, all_, spell}.end();
}

void ActiveFaults::apply(Remedy remedy, const Selector& who, const std::string& directory,
                         std::uint64_t seed, World& world, Witness& witness) {
    Random dice(seed);
    const std::vector<NodeIndex> nodes = resolve(who, {}, roles_, world, dice);
    std::vector<Spell> ended;
    for (std::size_t i = 0; i < all_.size();) {
        const bool is_meant =
            remedy == Remedy::heal ||
            std::ranges::any_of(nodes, [&](NodeIndex node) { return all_[i].is_on(node); });
        if (!is_meant || !is_ended_by(all_[i].fault, remedy, directory)) {
            ++i;
            continue;
        }
        ended.push_back(std::move(all_[i]));
        all_.erase(all_.begin() + static_cast<std::ptrdiff_t>(i));
    }
    if (remedy != Remedy::restart) {
        for (Spell& spell : ended) Scene{world, witness, all_, spell}.end();
        return;
    }
    for (const NodeIndex node : nodes) {
        revive(world, node);
        witness.after_deed();
    }
}

}  // namespace barnabas::sim
