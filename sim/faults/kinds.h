// The kinds of faults, one row each: what a scenario calls it, what it does, what it excuses, what
// it may cost, how a seed draws it. Parser, printer, random faults, report, checkers and the window
// read these rows; a new kind is a row, and the two functions that begin and end it (effects.h).
#pragma once

#include <span>
#include <string_view>

#include "sim/faults/fault.h"

namespace barnabas::sim {

// Whom a checker forgives because of it, while it lasts and for a while after.
enum class Forgives : std::uint8_t { nobody, process, way, storage, bytes };

// What a broker need not keep when it comes.
enum class Budget : std::uint8_t {
    nothing,    // all that was acknowledged stays
    unflushed,  // what was not flushed may go, as the disk says
    rotten,     // and so may what stood where it struck
};

// When the effect of a fault of storage is over.
enum class Ending : std::uint8_t {
    at_once,
    when_drained,   // what was asked for meanwhile takes as long as it was told
    with_a_start,   // what failed is out of service until its broker is started anew
    never,
};

// What a seed draws for the number of the sentence: many small ones, few large ones.
struct Range {
    std::int64_t least = 0;
    std::int64_t most = 0;
};

struct FaultRow {
    FaultKind kind;
    std::string_view name;     // in a `faults` line; what the report and the window call it
    std::string_view form;     // its sentence (scenario/words.h says how to read one)
    std::string_view meaning;  // for `barnabas sim words`
    Deed::Kind deed;           // that is counted when it befalls somebody
    std::string_view befell;   // of an excuse: "broker 1 `was killed`"
    Forgives forgives;
    bool lasts = true;  // else it strikes once, and nothing is to be ended
    Budget budget = Budget::nothing;
    Ending ending = Ending::at_once;
    bool is_drawn = true;  // a `faults` line may name it
    Range number = {};
    Duration time{};             // of the sentence, as a seed draws it
    bool ends_in_start = false;  // a seed starts the broker anew at its end
};

std::span<const FaultRow> fault_kinds();
const FaultRow& row_of(FaultKind kind);
// The first row whose deed it is; null when no fault does that.
const FaultRow* row_of(Deed::Kind deed);

inline bool is_of_storage(FaultKind kind) { return kind >= FaultKind::full_disk; }
inline bool is_of_ways(FaultKind kind) {
    return kind >= FaultKind::cut && kind <= FaultKind::reset;
}
// It befalls brokers, and nobody else.
inline bool is_of_brokers(FaultKind kind) {
    return is_of_storage(kind) || kind == FaultKind::stop || kind == FaultKind::refusal ||
           kind == FaultKind::power_loss || kind == FaultKind::crashed_start ||
           kind == FaultKind::torn_turn || kind == FaultKind::torn_start ||
           kind == FaultKind::crash;
}
inline bool takes_down(FaultKind kind) { return kind <= FaultKind::torn_start; }
inline bool is_one_way(FaultKind kind) {
    return kind == FaultKind::one_way_cut || kind == FaultKind::one_way_clog ||
           kind == FaultKind::one_way_delay;
}

// Whether the state that such a deed brought about lasts still. Of a deed that strikes once: no.
bool stands(const World& world, const Deed& deed);

}  // namespace barnabas::sim
