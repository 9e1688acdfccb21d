// How a world carries out what a turn asked for. Private to the world.
#pragma once

#include <span>

#include "sim/world/world.h"

namespace barnabas::sim {

// Payload that the turn had to touch: it takes service time.
std::uint64_t bytes_moved(const Event& event, std::span<const Effect> effects);

struct Carrier {
    World& world;
    NodeIndex index;
    Node& node;
    Instant departs;  // the end of the turn

    void carry_out(const Effect& wanted);

    void operator()(const effect::ArmTimer& wanted);
    void operator()(const effect::DisarmTimer& wanted);
    void operator()(const effect::Listen& wanted);
    void operator()(const effect::Unlisten& wanted);
    void operator()(const effect::Dial& wanted);
    void operator()(const effect::Admit& wanted);
    void operator()(const effect::Pause& wanted);
    void operator()(const effect::Resume& wanted);
    void operator()(const effect::HangUp& wanted);
    void operator()(const effect::Send& wanted);
    void operator()(const effect::Continue& wanted);
    void operator()(const effect::Compute& wanted);
    void operator()(const effect::Note&) {}  // stands in the trace and in last()
    void operator()(const effect::Exit& wanted);
    void operator()(const auto&) {}  // for the disk, which carry_out has seen to

    void send_file(const effect::SendFile& wanted, const Effect& whole);
};

}  // namespace barnabas::sim
