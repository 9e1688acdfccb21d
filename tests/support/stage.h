// A stage for one machine: it hears what a test tells it, and its timers, dials and sends are kept
// for the test to look at and to answer. Time passes only when the test says so.
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <vector>

#include "engine/runtime/event.h"
#include "engine/runtime/turn.h"

namespace barnabas::support {

template <class M>
class Stage {
  public:
    struct Sent {
        ConnectionId connection;
        Bytes frame;  // without its length prefix
    };

    explicit Stage(M made) : machine(std::move(made)) {}

    // One turn of the machine: deed(machine, turn). Then its effects are kept.
    void turn(auto deed) {
        std::vector<Effect> effects;
        Turn turn{now,
                  WallTime(std::chrono::milliseconds(1'700'000'000'000)) +
                      std::chrono::floor<std::chrono::milliseconds>(now.time_since_epoch()),
                  randoms, effects};
        deed(machine, turn);
        for (Effect& effect : effects) keep(effect);
    }
    void tell(const Event& event) {
        turn([&](M& machine, Turn& turn) { machine.on(event, turn); });
    }

    // Lets time pass; timers fire on the way, in order.
    void pass(Duration time) {
        const Instant end = now + time;
        while (const auto due = next_timer()) {
            if (timers.at(*due) > end) break;
            now = std::max(now, timers.at(*due));
            timers.erase(*due);
            tell(event::TimerFired{*due});
        }
        now = end;
    }

    // Accepts the oldest dial that was not answered.
    ConnectionId accept() {
        const auto dial = dials.front();
        dials.pop_front();
        tell(event::Connected{dial.connection, ListenerId(0), {"10.0.0.9", 5000}, dial.peer});
        return dial.connection;
    }
    void refuse() {
        const auto dial = dials.front();
        dials.pop_front();
        tell(event::Disconnected{dial.connection, Reason::refused});
    }
    Bytes take_sent() {
        const Bytes frame = sent.front().frame;
        sent.pop_front();
        return frame;
    }

    M machine;
    Instant now{};
    Randoms randoms{7};
    std::map<Token, Instant> timers;
    std::deque<effect::Dial> dials;
    std::deque<Sent> sent;
    std::vector<ConnectionId> hung_up;

  private:
    std::optional<Token> next_timer() const {
        const auto soonest =
            std::min_element(timers.begin(), timers.end(),
                             [](const auto& a, const auto& b) { return a.second < b.second; });
        return soonest == timers.end() ? std::nullopt : std::optional(soonest->first);
    }
    void keep(Effect& effect) {
        if (auto* arm = std::get_if<effect::ArmTimer>(&effect)) timers[arm->timer] = arm->at;
        if (auto* disarm = std::get_if<effect::DisarmTimer>(&effect)) timers.erase(disarm->timer);
        if (auto* dial = std::get_if<effect::Dial>(&effect)) dials.push_back(*dial);
        if (auto* send = std::get_if<effect::Send>(&effect)) {
            sent.push_back({send->connection, send->bytes.flatten().from(4)});
        }
        if (auto* hang_up = std::get_if<effect::HangUp>(&effect)) {
            hung_up.push_back(hang_up->connection);
        }
    }
};

}  // namespace barnabas::support
