#include "sim/faults/selector.h"

#include <algorithm>

namespace barnabas::sim {

std::string Selector::text() const {
    switch (kind) {
        case Kind::nobody: return "nobody";
        case Kind::broker: return "broker " + std::to_string(number);
        case Kind::any_broker: return "any broker";
        case Kind::client: return name;
        case Kind::all_clients: return "all clients";
        case Kind::others: return "others";
    }
    return {};
}

std::vector<NodeIndex> resolve(const Selector& selector, const std::vector<NodeIndex>& but,
                               const Roles& roles, const World& world, Random& dice) {
    switch (selector.kind) {
        case Selector::Kind::nobody: return {};
        case Selector::Kind::broker: {
            const auto place = static_cast<std::size_t>(selector.number - 1);
            CHECK(selector.number >= 1 && place < roles.brokers.size());
            return {roles.brokers[place]};
        }
        case Selector::Kind::any_broker:
            CHECK(!roles.brokers.empty());
            return {roles.brokers[dice.below(roles.brokers.size())]};
        case Selector::Kind::client: {
            const auto found = world.find(selector.name);
            CHECK(found.has_value());
            return {*found};
        }
        case Selector::Kind::all_clients: return roles.clients;
        case Selector::Kind::others: break;
    }
    std::vector<NodeIndex> all;
    for (std::uint32_t i = 0; i < world.nodes(); ++i) {
        if (std::ranges::find(but, NodeIndex(i)) == but.end()) all.push_back(NodeIndex(i));
    }
    return all;
}

}  // namespace barnabas::sim
