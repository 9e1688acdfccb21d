// One node of a world: a machine and all that is its own. Private to the world; readers ask there.
#pragma once

#include <boost/container/flat_map.hpp>
#include <memory>
#include <optional>
#include <string>

#include "engine/runtime/machine.h"
#include "sim/disk/disk.h"
#include "sim/network/fifo.h"
#include "sim/network/network.h"
#include "sim/world/clock.h"

namespace barnabas::sim {

enum class NodeState : std::uint8_t { not_started, running, paused, exited, crashed, powered_off };

enum class Death : std::uint8_t { crash, power_loss };

// How long a turn keeps its node busy. Bytes count when they are received, read, sent or written.
struct ServiceTime {
    Duration per_event = 2us;
    std::uint32_t picoseconds_per_byte = 300;
};

// How long a computation is away, its bytes those of what it is given and of what comes of it: so
// much, and up to `slowest` times that, as the seed says.
struct ComputeTime {
    static constexpr Duration least = 50us;
    static constexpr std::int64_t nanoseconds_per_byte = 5;
    static constexpr std::uint64_t slowest = 20;
};

// Something for the machine to hear, in the order in which it came. The event is made when its
// turn has come.
struct Ready {
    enum class Kind : std::uint8_t { prepared, timer, network };
    Kind kind = Kind::prepared;
    Token timer;
    Mark mark;
};

struct Timer {
    Instant at;  // by the node's clock
    bool is_armed = false;
    bool is_queued = false;  // an item stands on the agenda, for this instant of the world:
    Instant queued_for;
};

struct Doom {
    std::uint64_t effects_left = 0;
    Death death = Death::crash;
};

struct Node {
    Machine machine;
    std::shared_ptr<const Machine> pristine;  // what a restart begins with
    Disk disk;
    ServiceTime service = {};
    std::uint32_t slowness = 1;
    NodeClock clock = {};
    Randoms randoms = {};
    std::uint64_t seed = 0;
    std::uint32_t life = 0;  // counts starts
    NodeState state = NodeState::not_started;
    int exit_code = 0;
    Instant busy_until = {};
    bool has_turn = false;  // a turn stands on the agenda
    Fifo<Ready> inbox = {};
    Fifo<Event> prepared = {};
    Fifo<Token> continues = {};
    boost::container::flat_map<Token, Timer> timers = {};
    std::optional<Doom> doom = {};
    boost::container::flat_map<std::uint32_t, event::Computed> computed = {};  // on their way
    std::uint32_t computations = 0;  // counts them
    Random compute_random = {};
    std::uint64_t events = 0;

    bool is_up() const { return state == NodeState::running || state == NodeState::paused; }
};

}  // namespace barnabas::sim
