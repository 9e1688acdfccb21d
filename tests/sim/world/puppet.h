// A machine that does what a test tells it and remembers what it heard.
#pragma once

#include <utility>
#include <vector>

#include "engine/runtime/visit.h"
#include "tests/sim/world/machines.h"

namespace barnabas::sim {

struct Puppet {
    std::vector<Effect> at_start = {};
    std::vector<std::vector<Effect>> acts = {};  // one for each Operator event
    std::uint64_t credit = 1 << 20;              // for each connection, when it is there
    std::size_t acted = 0;
    std::vector<std::pair<Instant, Event>> heard = {};

    void on(const Event& event, Turn& turn) {
        heard.emplace_back(turn.now, event);
        if (std::holds_alternative<event::Started>(event)) turn.effects = at_start;
        if (std::holds_alternative<event::Operator>(event) && acted < acts.size())
            turn.effects = acts[acted++];
        if (const auto* there = std::get_if<event::Connected>(&event))
            if (credit > 0) turn.ask(effect::Admit{there->connection, credit});
    }
    static Bytes compute(const effect::Compute& job) {
        return Bytes::copy(std::string(job.terms.text()) + std::string(job.input.text()));
    }
    void digest(Hasher& hasher) const {
        for (const auto& [at, event] : heard) hash_into(hasher, event);
    }

    // What it heard of one kind, oldest first.
    template <class E>
    std::vector<E> all() const {
        std::vector<E> found;
        for (const auto& [at, event] : heard)
            if (const auto* one = std::get_if<E>(&event)) found.push_back(*one);
        return found;
    }
    template <class E>
    std::vector<Instant> times() const {
        std::vector<Instant> found;
        for (const auto& [at, event] : heard)
            if (std::holds_alternative<E>(event)) found.push_back(at);
        return found;
    }
    // The kinds, in order: "Started Listening Connected".
    std::string story() const {
        std::string text;
        for (const auto& [at, event] : heard) {
            if (!text.empty()) text += ' ';
            text += barnabas::name_of(event);
        }
        return text;
    }
};

// Two puppets: `left` listens at 10.0.0.1:9092, `right` dials it as connection dialled(1). Both
// are started and have met; `right` is what acts, unless the test says otherwise.
struct Stage {
    World world;
    NodeIndex left;
    NodeIndex right;

    Stage(Puppet listener, Puppet dialler, const WorldOptions& options = {}) : world(options) {
        listener.at_start.insert(listener.at_start.begin(),
                                 effect::Listen{ListenerId(1), {"", 9092}});
        dialler.at_start.insert(dialler.at_start.begin(),
                                effect::Dial{dialled(1), {"10.0.0.1", 9092}});
        left = world.add_node({"left", Machine(std::move(listener)), "10.0.0.1"});
        right = world.add_node({"right", Machine(std::move(dialler)), "10.0.0.2"});
        world.start(left);
        world.run_until(Instant(100ms));
        world.start(right);
        world.run_until(Instant(200ms));
    }

    const Puppet& at(NodeIndex node) const { return *world.machine(node).as<Puppet>(); }
    void act(NodeIndex node) { world.order(node, Order::shut_down); }
    void run(Duration time) { world.run_until(world.now() + time); }
};

inline Effect sends(std::uint64_t connection, std::string_view text) {
    return effect::Send{dialled(connection), framed(Bytes::copy(text))};
}
inline Effect answers(std::uint64_t connection, std::string_view text) {
    return effect::Send{ConnectionId(connection), framed(Bytes::copy(text))};
}

}  // namespace barnabas::sim
