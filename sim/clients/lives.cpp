#include "sim/clients/lives.h"

#include "sim/clients/consumer_node.h"
#include "sim/clients/producer_node.h"

namespace barnabas::sim {

std::optional<Machine> next_life_of(const Machine& machine) {
    if (const auto* producer = machine.as<ProducerNode>()) return producer->next_life();
    if (const auto* consumer = machine.as<ConsumerNode>()) return consumer->next_life();
    return std::nullopt;
}

}  // namespace barnabas::sim
