// Brokers that lie: what each hears or asks for is bent on its way.
#pragma once

#include "engine/node/node.h"
#include "tests/sim/scenario/runs.h"

namespace barnabas::scenario {

// Each rule once, in alphabetical order.
inline std::string rules_of(const Report& report) {
    std::set<std::string> rules;
    for (const sim::Violation& violation : report.violations) rules.insert(violation.rule);
    std::string all;
    for (const std::string& rule : rules) all += (all.empty() ? "" : " ") + rule;
    return all;
}

// The broker inside, for which `bend` may answer itself.
template <class Lie>
struct Lying {
    node::Node broker;
    Lie lie;

    void on(const Event& event, Turn& turn) {
        std::vector<Event> events = lie.hear(event);
        while (!events.empty()) {
            const Event next = events.front();
            events.erase(events.begin());
            std::vector<Effect> effects;
            Turn inner{turn.now, turn.wall, turn.random, effects};
            broker.on(next, inner);
            for (Effect& effect : effects) {
                if (auto answer = lie.bend(effect))
                    events.push_back(*answer);
                else
                    turn.ask(std::move(effect));
            }
        }
    }
    void digest(Hasher& hasher) const { broker.digest(hasher); }
};

template <class Lie>
Machine liar(const settings::BrokerSettings& settings) {
    return Machine(Lying<Lie>{node::Node(settings), Lie()});
}

struct Honest {
    std::set<FileId> logs;  // segments of the topic

    std::vector<Event> hear(const Event& event) { return {event}; }
    std::optional<Event> bend(Effect& effect) {
        if (const auto* open = std::get_if<effect::Open>(&effect)) {
            if (open->path.find("/orders-") != std::string::npos && open->path.ends_with(".log")) {
                logs.insert(open->file);
            }
        }
        return std::nullopt;
    }
};

}  // namespace barnabas::scenario
