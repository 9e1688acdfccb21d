// A fault as a scenario states it: a kind, and the blanks of its sentence filled in. What each kind
// means stands in one place, its row (kinds.h).
#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include "engine/protocol/types.h"
#include "sim/faults/selector.h"

namespace barnabas::sim {

enum class FaultKind : std::uint8_t {
    // Of processes. The first seven take one down.
    kill,
    stop,
    power_loss,
    crash,
    torn_turn,
    crashed_start,
    torn_start,
    pause,
    slow_node,
    drift,
    wall_step,
    refusal,
    // Of the ways between nodes.
    cut,
    one_way_cut,
    clog,
    one_way_clog,
    delay,
    one_way_delay,
    packet_loss,
    broken_connections,
    reset,
    // Of storage.
    full_disk,
    slow_disk,
    broken_disk,
    failed_directory,
    failing_reads,
    failing_writes,
    failing_flushes,
    forgotten_flushes,
    locked_directory,
    bad_sector,
    flipped_bit,
    last,
};

struct Fault {
    FaultKind kind = FaultKind::kill;
    Selector who = {};
    Selector whom = {};
    TopicPartition partition = {};
    std::int64_t number = 0;  // effects, times, parts per million
    Duration time{};
    std::string directory = {};  // one of log.dirs

    friend bool operator==(const Fault&, const Fault&) = default;
};

// What was done to a node or a way, and is taken back: ends every fault of some kinds that is
// active there, whenever it was to end.
enum class Remedy : std::uint8_t {
    restart,            // of who: all that keeps a process down; and it lives anew
    resume,             // of who: pauses
    heal,               // of everybody: all that is wrong with ways, and refusals
    healthy_disk,       // of who: all that is wrong with its storage
    healthy_directory,  // of who: all that is wrong with that directory
};

}  // namespace barnabas::sim
