#include "sim/checkers/liveness.h"

#include <fmt/format.h>

#include <algorithm>

namespace barnabas::sim {
namespace {

// A start reads logs back, which takes a while; and what is parked may be late by a busy turn.
constexpr Duration start_most = 5s;
constexpr Duration lateness_most = 1s;

template <class Rows>
std::size_t rows_of_gone_connections(const Rows& rows, const broker::Node& node) {
    return static_cast<std::size_t>(std::ranges::count_if(rows, [&](const auto& row) {
        return !node.connections.has(row.first.connection);
    }));
}

}  // namespace

std::string Liveness::rest(const Sight& sight) const {
    if (sight.cast.brokers.empty()) return "there is no broker";
    for (const Cast::Broker& broker : sight.cast.brokers) {
        if (!sight.world.machine(broker.node).as<node::Node>()) return "no broker is ours";
    }
    if (const auto excuse = sight.harm.of_any(sight.now() - start_most))
        return "so short before the end " + *excuse;
    return sight.now() < Instant(start_most) ? "the run ended before it had begun" : "";
}

void Liveness::look(const Sight& sight) {
    if (!sight.has_second_passed) return;
    for (const Cast::Broker& broker : sight.cast.brokers) judge(sight, broker);
}

void Liveness::finish(const Sight& sight) {
    for (const Cast::Broker& broker : sight.cast.brokers) judge(sight, broker);
}

void Liveness::judge(const Sight& sight, const Cast::Broker& broker) {
    const NodeIndex index = broker.node;
    const auto* machine = sight.world.machine(index).as<node::Node>();
    if (machine == nullptr || sight.world.state(index) != NodeState::running) return;
    const Instant since = sight.now() - start_most;
    if (sight.harm.started(index) > since || sight.harm.of_process(index, since)) return;
    if (sight.harm.of_storage(index, {}, since)) return;
    judged();
    if (!machine->is_serving()) {
        return say(index, "idle", fmt::format("{} is up since {} and does not serve",
                                              sight.world.name(index),
                                              Harm::text(sight.harm.started(index))));
    }
    judge_waits(sight, index, machine->broker().node());
    judge_rows(sight, index, machine->broker().node());
    judge_handles(sight, broker);
}

void Liveness::judge_waits(const Sight& sight, NodeIndex broker, const broker::Node& node) {
    const std::string& name = sight.world.name(broker);
    const Instant late = sight.world.local_now(broker) - lateness_most;
    if (!node.fetch_deadlines.empty() && node.fetch_deadlines.begin()->first < late) {
        say(broker, "overdue", name + " has parked a fetch beyond its deadline");
    }
    // These wait for a disk and for nothing else.
    if (sight.harm.of_any(sight.now() - aftermath) || sight.now() < Instant(opening)) return;
    const std::size_t waiting = node.waits_for_topics.size() + node.controller.waiting() +
                                node.waits_for_producer_ids.size() + node.partitions.looking_up();
    if (waiting > sight.cast.producers.size() + sight.cast.consumers.size() + 1) {
        say(broker, "overdue", fmt::format("{} keeps {} requests waiting, and no fault is left to "
                                           "blame",
                                           name, waiting));
    }
}

void Liveness::judge_rows(const Sight& sight, NodeIndex broker, const broker::Node& node) {
    const std::string& name = sight.world.name(broker);
    std::size_t connections = 0;
    for (const ConnectionView& one : sight.world.connections()) {
        for (std::size_t side = 0; side < 2; ++side) {
            const bool is_there =
                one.states[side] == Side::State::open || one.states[side] == Side::State::closing;
            connections += one.nodes[side] == broker && is_there;
        }
    }
    if (node.connections.size() > connections) {
        say(broker, "piled", fmt::format("{} remembers {} connections, and there are {}", name,
                                         node.connections.size(), connections));
    }
    const std::size_t orphans = rows_of_gone_connections(node.gathers, node);
    if (orphans > 0) {
        say(broker, "piled", fmt::format("{} keeps {} requests of connections that are gone", name,
                                         orphans));
    }
}

// Files of segments that nobody writes to, and that nobody has touched for three looks of the
// broker for what it has to clean up.
void Liveness::judge_handles(const Sight& sight, const Cast::Broker& broker) {
    const Duration interval = std::chrono::milliseconds(
        sight.cast.settings.number("log.retention.check.interval.ms"));
    const Instant since = sight.now() - 3 * interval - start_most;
    if (since < sight.harm.started(broker.node)) return;
    std::size_t unused = 0;
    sight.world.disk(broker.node).each_handle([&](const std::string& path, Instant last) {
        if (last >= since) return;
        const bool is_of_segment = path.ends_with(".log") || path.ends_with("index");
        const bool is_metadata = path.find("/__cluster_metadata-") != std::string::npos;
        unused += is_of_segment && !is_metadata;
    });
    if (unused == 0) return;
    say(broker.node, "piled", fmt::format("{} holds {} files open that were not used since {}",
                                          sight.world.name(broker.node), unused,
                                          Harm::text(since)));
}

void Liveness::say(NodeIndex broker, std::string rule, std::string text) {
    if (said_.emplace(broker, rule).second) report(std::move(rule), std::move(text));
}

}  // namespace barnabas::sim
