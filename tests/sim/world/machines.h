// Small machines for the tests of the world.
#pragma once

#include <string>
#include <vector>

#include "sim/world/world.h"

namespace barnabas::sim {

inline Chain framed(Bytes payload) {
    const auto length = static_cast<std::uint32_t>(payload.size());
    Chain chain(Bytes::own(
        {static_cast<std::uint8_t>(length >> 24), static_cast<std::uint8_t>(length >> 16),
         static_cast<std::uint8_t>(length >> 8), static_cast<std::uint8_t>(length)}));
    chain.push(std::move(payload));
    return chain;
}

// Sends every frame back.
struct EchoServer {
    std::uint16_t port = 9092;
    std::uint64_t echoed = 0;
    std::uint64_t orders = 0;

    void on(const Event& event, Turn& turn) {
        if (std::holds_alternative<event::Started>(event))
            turn.ask(effect::Listen{ListenerId(1), {"", port}});
        if (const auto* there = std::get_if<event::Connected>(&event))
            turn.ask(effect::Admit{there->connection, 1 << 20});
        if (const auto* received = std::get_if<event::Received>(&event)) {
            ++echoed;
            turn.ask(effect::Admit{received->connection, received->frame.size()});
            turn.ask(effect::Send{received->connection, framed(received->frame)});
        }
        if (std::holds_alternative<event::Operator>(event)) ++orders;
    }
    void digest(Hasher& hasher) const {
        hasher.add(echoed);
        hasher.add(orders);
    }
};

// Sends a frame, waits for it to come back, sends the next; dials again when the connection ends.
struct EchoClient {
    Endpoint server{"10.0.0.1", 9092};
    std::uint64_t frames = 10;  // then it is content
    Duration pause = 1ms;
    Duration patience = 5s;  // then it hangs up
    std::string text = "hello";

    std::uint64_t dials = 0;
    std::uint64_t received = 0;
    std::uint64_t wrong = 0;
    std::vector<Reason> ends = {};
    std::vector<Instant> came = {};

    static constexpr Token next{1};
    static constexpr Token again{2};
    static constexpr Token impatient{3};

    void on(const Event& event, Turn& turn) {
        if (std::holds_alternative<event::Started>(event)) dial(turn);
        if (std::holds_alternative<event::Connected>(event)) {
            turn.ask(effect::Admit{dialled(dials), 1 << 20});
            send(turn);
        }
        if (const auto* back = std::get_if<event::Received>(&event)) {
            ++received;
            turn.ask(effect::DisarmTimer{impatient});
            came.push_back(turn.now);
            if (back->frame.text() != text) ++wrong;
            turn.ask(effect::Admit{back->connection, back->frame.size()});
            if (received < frames) turn.ask(effect::ArmTimer{next, turn.now + pause});
        }
        if (const auto* end = std::get_if<event::Disconnected>(&event)) {
            ends.push_back(end->reason);
            turn.ask(effect::DisarmTimer{next});
            turn.ask(effect::DisarmTimer{impatient});
            turn.ask(effect::ArmTimer{
                again, turn.now + 50ms + turn.random(Concern::backoff).duration_below(50ms)});
        }
        if (const auto* timer = std::get_if<event::TimerFired>(&event)) {
            if (timer->timer == next) send(turn);
            if (timer->timer == again) dial(turn);
            if (timer->timer == impatient) turn.ask(effect::HangUp{dialled(dials)});
        }
    }
    void digest(Hasher& hasher) const {
        hasher.add(dials);
        hasher.add(received);
        hasher.add(static_cast<std::uint64_t>(ends.size()));
    }

    void dial(Turn& turn) { turn.ask(effect::Dial{dialled(++dials), server}); }
    void send(Turn& turn) const {
        turn.ask(effect::Send{dialled(dials), framed(Bytes::copy(text))});
        turn.ask(effect::ArmTimer{impatient, turn.now + patience});
    }
};

// A server at 10.0.0.1 and a client at 10.0.0.2, both started.
struct Pair {
    World world;
    NodeIndex server;
    NodeIndex client;

    const EchoServer& echo() const { return *world.machine(server).as<EchoServer>(); }
    const EchoClient& asker() const { return *world.machine(client).as<EchoClient>(); }
};

inline Pair echo_pair(std::uint64_t seed, EchoClient client = {}) {
    Pair pair{World({.seed = seed}), {}, {}};
    pair.server = pair.world.add_node({"server", Machine(EchoServer{}), "10.0.0.1"});
    pair.client = pair.world.add_node({"client", Machine(std::move(client)), "10.0.0.2"});
    pair.world.start(pair.server);
    pair.world.start(pair.client);
    return pair;
}

}  // namespace barnabas::sim
