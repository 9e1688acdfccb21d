// What a step of the world did: a machine's turn, or something that was done to the world.
//
// A caller steps and reads World::last(); a timeline, a checker and a trace line are made from it.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/runtime/effect.h"
#include "engine/runtime/event.h"
#include "sim/disk/disk.h"
#include "sim/network/link.h"

namespace barnabas::sim {

// Something done to the world from outside. Those that do harm count as faults.
struct Deed {
    enum class Kind : std::uint8_t {
        start,       // the first start of a node
        restart,     // a node that was down comes back
        crash,       // SIGKILL: the page cache stays
        power_loss,  // the page cache goes
        exit,        // the machine asked for it; amount: the code
        pause,       // SIGSTOP
        resume,      //
        drift,       // amount: millionths
        wall_step,   // amount: nanoseconds
        slow_node,   // amount: times slower
        cut,         // node -> other
        clog,        // node -> other
        heal,        // node -> other: one of the above, or of delay, loss and breaks, is over
        link,        // node -> other: latency or bandwidth changed
        reset,       // all connections between node and other, or amount: one
        refuse,      // amount: 1 from now on, 0 no longer
        disk_full,   // amount: capacity in bytes
        disk_slow,   // amount: times slower
        disk_error,  // amount: which operation from now on, 0 for each one
        disk_mend,   // the disk is large, quick and whole again
        bit_flip,    // amount: byte of the file at path
        lock,        // someone else holds the directory at path
        doom,        // the node will die after `amount` more effects; -1: it will not
        order,       // an Operator event
        directory_error,  // amount: which operations below path fail, a Failing
        directory_mend,   // those below path fail no longer
        delay,            // node -> other; amount: nanoseconds more
        loss,             // node -> other; amount: packets of a million
        breaks,           // node -> other; amount: packets of a million
        bad_sector,       // amount: first byte of the file at path that cannot be read
        bad_sector_mend,  // of the file at path
        unlock,           // nobody else holds the directory at path any more
        last,
    };

    Kind kind = Kind::start;
    NodeIndex node = {};
    NodeIndex other = {};
    std::int64_t amount = 0;
    std::string path = {};
};

constexpr std::size_t deed_kinds = static_cast<std::size_t>(Deed::Kind::last);
using DeedCounts = std::array<std::uint64_t, deed_kinds>;

std::string_view name_of(Deed::Kind kind);  // "power_loss"
bool is_fault(Deed::Kind kind);

struct Happening {
    Instant at;  // the world's time
    NodeIndex node;
    std::variant<std::monostate, Event, Deed> what;
    std::vector<Effect> effects;  // what a turn asked for, in order
    std::size_t carried_out = 0;  // fewer than effects when the node died or left on the way
    Instant until;                // the turn kept the node busy until then
    // The disk as it was when the power went in the middle of the turn.
    std::shared_ptr<const Disk> lost = nullptr;

    const Event* event() const { return std::get_if<Event>(&what); }
    const Deed* deed() const { return std::get_if<Deed>(&what); }
};

}  // namespace barnabas::sim
