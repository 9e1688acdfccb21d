// The faults that are active in a world: intervals with an identity, which may overlap. What stands
// of a node, a way or a disk is what all of them together make of it, so the end of one takes back
// nothing that another one still does.
//
//     ActiveFaults faults(roles);
//     const FaultId cut = faults.begin(fault, 7, world, witness);   // at 8s
//     faults.end(cut, world, witness);                              // at 10s
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/base/id.h"
#include "sim/faults/kinds.h"

namespace barnabas::sim {

using FaultId = Id<struct FaultIdTag, std::uint64_t>;

// Who looks on while deeds are done.
class Witness {
  public:
    virtual ~Witness() = default;
    virtual void before_harm(NodeIndex node) = 0;  // a deed will take what was not flushed
    virtual void after_deed() = 0;                 // one was done: World::last() is it
};

// A fault that has begun.
struct Spell {
    FaultId id;
    Fault fault;
    std::vector<NodeIndex> who;  // as its selectors were resolved when it began
    std::vector<NodeIndex> whom;
    Instant since;
    std::uint64_t number = 0;  // that was drawn for it, where its sentence has none
    // Of a spoilt sector: which bytes of which file.
    std::string path = {};
    std::uint64_t from = 0;
    std::uint64_t to = 0;
    std::vector<std::uint32_t> lives = {};  // of whom it befell, then

    bool is_on(NodeIndex node) const;
    bool is_on_way(NodeIndex from, NodeIndex to) const;
};

class ActiveFaults {
  public:
    explicit ActiveFaults(Roles roles) : roles_(std::move(roles)) {}

    // Befalls those whom it means now. What is to be drawn for it follows from `seed` alone, which
    // is best made of the world's seed and the fault's identity. Nothing: it strikes once, and
    // there is nothing to end.
    std::optional<FaultId> begin(const Fault& fault, std::uint64_t seed, World& world,
                                 Witness& witness);
    // Nothing happens when a remedy has ended it before.
    void end(FaultId id, World& world, Witness& witness);
    // Ends what is active of the kinds that it is for. `directory`: of healthy_directory.
    void apply(Remedy remedy, const Selector& who, const std::string& directory,
               std::uint64_t seed, World& world, Witness& witness);

    const std::vector<Spell>& all() const { return all_; }  // oldest first

  private:
    friend struct Scene;  // carries out what a row says (effects.h)

    Roles roles_;
    std::vector<Spell> all_;
    std::uint64_t begun_ = 0;
};

// "cut till off from broker 1": the sentence of a spell, for the window.
bool is_ended_by(const Fault& fault, Remedy remedy, const std::string& directory);

}  // namespace barnabas::sim
