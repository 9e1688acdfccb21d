// A failed CHECK inside a world stops that world, not the process.
#pragma once

#include <cstdint>
#include <string>

#include "engine/base/check.h"
#include "engine/base/time.h"
#include "sim/network/link.h"

namespace barnabas::sim {

// Thrown by throw_on_check and caught by World::step; nobody else needs to know of it.
struct CheckStopped {
    std::string expression;
    std::string file;
    int line = 0;
};

// For set_check_handler(): a program that runs worlds installs it once.
void throw_on_check(const CheckFailure& failure);

// Why a world goes no further.
struct Stop {
    std::uint64_t seed = 0;
    std::uint64_t events = 0;  // the number of the event at which it stopped
    Instant at;
    NodeIndex node;
    std::string node_name;
    std::string event;    // the event, printed
    std::string message;  // "engine/log/segment.cpp:41: CHECK failed: a <= b"
};

}  // namespace barnabas::sim
