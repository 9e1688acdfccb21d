// A small subject for the tests of sessions and views: a server that sends every frame back, a
// client that asks it again and again, and a few faults at fixed times.
#pragma once

#include "gui/session/sim_session.h"
#include "tests/sim/world/machines.h"

namespace barnabas::gui {

class EchoSubject {
  public:
    explicit EchoSubject(std::uint64_t seed = 7, std::uint64_t frames = 400)
        : pair_(sim::echo_pair(seed, {.frames = frames, .pause = 2ms, .text = asked()})) {}

    bool step() {
        if (done_ < std::size(plan)) {
            if (pair_.world.step_until(Instant(plan[done_]))) return true;
            act(done_++);
            return true;
        }
        return pair_.world.step();
    }
    const sim::World& world() const { return pair_.world; }
    Verdict verdict() const { return {"every frame came back", true}; }
    void describe(sim::NodeIndex node, NodeView& view) const {
        if (node == pair_.server)
            view.facts.push_back({"echoed", std::to_string(pair_.echo().echoed)});
        else
            view.facts.push_back({"received", std::to_string(pair_.asker().received)});
    }

    // A request's head: Produce version 9, correlation 9. Sent back, its first four bytes are the
    // correlation id of the response.
    static std::string asked() { return {"\0\0\0\x09\0\0\0\x09 some payload", 21}; }

  private:
    static constexpr Duration plan[] = {200ms, 260ms, 400ms, 430ms};

    void act(std::size_t number) {
        sim::World& world = pair_.world;
        if (number == 0) world.clog(pair_.client, pair_.server);
        if (number == 1) world.heal_all();
        if (number == 2) world.crash(pair_.server);
        if (number == 3) world.restart(pair_.server);
    }

    sim::Pair pair_;
    std::size_t done_ = 0;
};

inline SessionInfo echo_info() {
    return {.title = "echo",
            .purpose = "A client asks, a server sends back.",
            .length = 1s,
            .nodes = {{"server", "10.0.0.1", Role::broker}, {"client", "10.0.0.2", Role::producer}},
            .planned = {{Instant(200ms), "clog client"}, {Instant(400ms), "kill server"}}};
}

// The hash of the same run without a session.
inline Hash128 echo_hash(EchoSubject subject = EchoSubject()) {
    while (subject.step()) continue;
    return subject.world().final_hash();
}

}  // namespace barnabas::gui
