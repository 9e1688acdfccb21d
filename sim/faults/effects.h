// How faults are done to a world. Private to ActiveFaults.
#pragma once

#include "sim/faults/active.h"

namespace barnabas::sim {

struct Scene {
    World& world;
    Witness& witness;
    const std::vector<Spell>& active;  // the one that begins among them, the one that ends no more
    Spell& spell;

    void begin();
    void end();

  private:
    void take_down(NodeIndex node);
    void let_up(std::size_t place);
    void start_and_doom(NodeIndex node, Death death);
    void befall_node(NodeIndex node);
    void befall_ways();
    void befall_way(NodeIndex from, NodeIndex to);
    void reset_ways();
    void befall_storage(NodeIndex node);
    void befall_directory(NodeIndex node);
    void befall_file(NodeIndex node);
    void mend_file(NodeIndex node);
    std::int64_t most(NodeIndex node, FaultKind kind) const;
    bool is_active(NodeIndex node, FaultKind kind) const;
};

// Begins another life of a node, of a client with what it must remember.
void revive(World& world, NodeIndex node);

}  // namespace barnabas::sim
