// Of whom a sentence speaks. Only when its moment has come is it clear which nodes those are: a
// selector is kept as it is written, and resolved late.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/random.h"
#include "sim/world/world.h"

namespace barnabas::sim {

struct Selector {
    enum class Kind : std::uint8_t {
        nobody,       // the sentence has no such place
        broker,       // `broker N`
        any_broker,   // one of them, as the seed draws
        client,       // by its name
        all_clients,  // every producer and every consumer
        others,       // all nodes but those at the other end
    };
    Kind kind = Kind::nobody;
    std::int32_t number = 0;  // of a broker, from 1
    std::string name = {};    // of a client

    static Selector broker(std::int32_t number) { return {Kind::broker, number, {}}; }
    static Selector client(std::string name) { return {Kind::client, 0, std::move(name)}; }

    // Whatever it resolves to, those are brokers.
    bool is_of_brokers() const { return kind == Kind::broker || kind == Kind::any_broker; }
    bool is_anybody() const { return kind != Kind::nobody; }
    std::string text() const;  // as it is written
    friend auto operator<=>(const Selector&, const Selector&) = default;
};

// Which of a world's nodes a scenario speaks of. brokers[0] is `broker 1`.
struct Roles {
    std::vector<NodeIndex> brokers;
    std::vector<NodeIndex> clients;
};

// The nodes that it means now, in ascending order. `but`: those at the other end, whom `others`
// leaves out. `dice`: what `any broker` draws from.
// Needs: such a broker and such a client are there.
std::vector<NodeIndex> resolve(const Selector& selector, const std::vector<NodeIndex>& but,
                               const Roles& roles, const World& world, Random& dice);

}  // namespace barnabas::sim
