// What has befallen whom, and until when: the deeds of a run as spells. Every checker that lets
// something pass because of a fault asks here, and gets the fault's name. What a deed excuses, and
// when its effect is over, stands in the row of its kind (sim/faults).
//
// A spell ends when its effect ends, which may be later than the deed that ends it: a slow disk
// still works off what it was asked for, and logs of a directory that failed are out of service
// until their broker is started anew.
#pragma once

#include <compare>
#include <map>
#include <optional>
#include <string>

#include "sim/checkers/cast.h"
#include "sim/faults/kinds.h"
#include "sim/world/world.h"

namespace barnabas::sim {

// For so long clients feel a fault that is over: what they dial, or have asked for, times out
// first.
constexpr Duration aftermath = 10s;
// Nobody knows anybody yet, and no topic is there.
constexpr Duration opening = 3s;

class Harm {
  public:
    using Excuse = std::optional<std::string>;  // "broker 1 was killed at 3.000s"

    // After every deed, after every step that may have ended a life, and while is_ending().
    void look(const World& world);
    // A disk still works off what it was asked for while it was slow.
    bool is_ending() const { return is_draining_; }

    // What touched it at `since` or later. Of two nodes, either direction counts.
    Excuse of_process(NodeIndex node, Instant since) const;
    Excuse of_way(NodeIndex one, NodeIndex other, Instant since) const;
    // Of storage: below that directory, or of the whole disk; an empty path asks for any part.
    Excuse of_storage(NodeIndex node, const std::string& directory, Instant since) const;
    // A flipped bit: over budget for as long as the file is there.
    Excuse of_bytes(NodeIndex node) const;
    // Anything between these two nodes, or of the second one's disk.
    Excuse between(NodeIndex client, NodeIndex broker, Instant since) const;
    // Of anybody.
    Excuse of_any(Instant since) const;
    // Of anybody who may have to do with a client.
    Excuse of_client(NodeIndex client, const Cast& cast, Instant since) const;

    // The node's process was started last at that instant.
    Instant started(NodeIndex node) const;

    // "12.345s"
    static std::string text(Instant at);  // 12.345s

  private:
    struct Target {
        Deed::Kind what = Deed::Kind::crash;  // also of other deaths
        NodeIndex node;
        NodeIndex other = {};
        std::string path = {};
        friend auto operator<=>(const Target&, const Target&) = default;
    };
    struct Spell {
        std::string text;  // "broker 1 was killed"
        Instant from;
        std::optional<Instant> to;
        bool is_ending = false;  // its deed was taken back, its effect not yet
    };

    void look_at_deed(const World& world, const Deed& deed);
    void look_at_state(const World& world, NodeIndex node);
    void look_at_ends(const World& world);
    void look_at_start(const World& world, NodeIndex node, bool is_first);
    void begin(const Target& target, std::string text, Instant at);
    void end(const Target& target, Instant at);
    void strike(const Target& target, std::string text, Instant at);  // begins and ends
    static Forgives forgives_of(const Target& target);
    static Ending ending_of(const Target& target);
    static bool touches(const Spell& spell, Instant since) {
        return !spell.to || *spell.to >= since;
    }
    Excuse of(auto is_it, Instant since) const;

    std::map<Target, Spell> spells_;  // the last one of each
    std::map<NodeIndex, Instant> starts_;
    bool is_draining_ = false;
};

}  // namespace barnabas::sim
