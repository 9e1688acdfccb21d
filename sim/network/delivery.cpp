// What happens on the way: departures, arrivals, cuts, time-outs, and the views of all that.
#include <algorithm>
#include <utility>

#include "sim/network/network.h"

namespace barnabas::sim {
namespace {

using State = Side::State;

// Of a packet that is lost on the way: sent again after so long, and after twice as long each time.
constexpr std::uint32_t retries_most = 6;

Duration time_for_retries(const Link& way, Duration first, Random& dice) {
    Duration time{};
    if (way.lost_per_million == 0) return time;
    for (std::uint32_t tries = 0; tries < retries_most; ++tries) {
        if (!dice.chance_per_million(way.lost_per_million)) break;
        time += first * (1 << tries);
    }
    return time;
}

}  // namespace

// For the next thing that happens on that stream.
Random Network::dice_for(Stream& stream) const {
    return Random(stream.seed + 0x9e3779b97f4a7c15 * ++stream.draws);
}

void Network::launch(std::uint32_t slot, int side, Chunk::Kind kind, Chain bytes, Instant at) {
    Connection& connection = connections_[slot];
    Stream& stream = connection.streams[side];
    Link& way = link(connection.sides[side].node, connection.sides[1 - side].node);
    const Instant departs = std::max(at, way.free_at);
    way.free_at = departs + way.time_for(bytes.size());
    Random dice = dice_for(stream);
    const Duration latency = way.latency.draw(dice) + way.delay;
    const Duration retries = time_for_retries(way, options_.retransmit, dice);
    const bool breaks =
        way.broken_per_million > 0 && dice.chance_per_million(way.broken_per_million);
    const Instant arrives = std::max(way.free_at + latency + retries, stream.last_arrival);
    stream.last_arrival = arrives;
    stream.in_flight_bytes += bytes.size();
    stream.in_flight.push({kind, std::move(bytes), at, arrives, breaks});
    if (!stream.is_scheduled && !stream.is_held) schedule(slot, side, arrives);
}

// Only a stream's first chunk stands on the agenda.
void Network::schedule(std::uint32_t slot, int side, Instant at) {
    Stream& stream = connections_[slot].streams[side];
    stream.is_scheduled = true;
    stream.scheduled_for = at;
    dues_.push_back({at, Due::Kind::arrival, static_cast<std::uint8_t>(side), slot,
                     connections_[slot].generation, 0});
}

void Network::on_due(const Due& due, Instant now) {
    const Connection& connection = connections_[due.slot];
    if (!connection.is_used || connection.generation != due.generation) return;
    switch (due.kind) {
        case Due::Kind::arrival: return on_arrival(due, now);
        case Due::Kind::window: return on_window(due, now);
        case Due::Kind::give_up: return on_give_up(due, now);
    }
}

void Network::on_arrival(const Due& due, Instant now) {
    Connection& connection = connections_[due.slot];
    Stream& stream = connection.streams[due.side];
    if (!stream.is_scheduled || stream.scheduled_for != due.at) return;
    stream.is_scheduled = false;
    if (stream.in_flight.empty()) return;
    const NodeIndex to = connection.sides[1 - due.side].node;
    if (link(connection.sides[due.side].node, to).blocked() ||
        hosts_[to.value()].power == Power::off)
        return hold(due.slot, due.side, now);
    if (stream.in_flight.front().breaks) return reset(due.slot);
    const Chunk chunk = stream.in_flight.pop();
    stream.in_flight_bytes -= chunk.bytes.size();
    if (!stream.in_flight.empty())
        schedule(due.slot, due.side, std::max(now, stream.in_flight.front().arrives));
    deliver(due.slot, due.side, chunk, now);
    free_if_over(due.slot);
}

void Network::on_window(const Due& due, Instant now) {
    Connection& connection = connections_[due.slot];
    Stream& stream = connection.streams[due.side];
    if (link(connection.sides[1 - due.side].node, connection.sides[due.side].node).blocked()) {
        stream.window_held = true;
        return;
    }
    stream.window_coming = false;
    pump(due.slot, due.side, now);
    tell_drained(due.slot, due.side);
}

// Whenever the number has halved, at last with 0.
void Network::tell_drained(std::uint32_t slot, int side) {
    Stream& stream = connections_[slot].streams[side];
    if (!stream.is_telling || stream.waiting_bytes > stream.told / 2) return;
    stream.told = stream.waiting_bytes;
    stream.is_telling = stream.told > 0;
    mark(slot, side, Mark::Kind::drained, stream.told);
}

void Network::hold(std::uint32_t slot, int side, Instant now) {
    Connection& connection = connections_[slot];
    Stream& stream = connection.streams[side];
    const NodeIndex to = connection.sides[1 - side].node;
    stream.is_held = true;
    ++stream.holds;
    const bool is_lost =
        link(connection.sides[side].node, to).cut || hosts_[to.value()].power == Power::off;
    if (!connection.is_dialling() && !is_lost) return;
    const Instant end = connection.is_dialling()
                            ? std::max(now, connection.dialled_at + options_.dial_timeout)
                            : now + options_.give_up;
    dues_.push_back({end, Due::Kind::give_up, static_cast<std::uint8_t>(side), slot,
                     connection.generation, stream.holds});
}

void Network::on_give_up(const Due& due, Instant now) {
    Connection& connection = connections_[due.slot];
    Stream& stream = connection.streams[due.side];
    if (!stream.is_held || stream.holds != due.hold) return;
    stream.in_flight.clear();
    stream.in_flight_bytes = 0;
    stream.is_held = false;
    if (connection.is_dialling()) {
        // The peer, if it has accepted already, learns it when something gets through to it.
        close(due.slot, 0, Reason::timed_out);
        if (connection.sides[1].state == State::open)
            launch(due.slot, 0, Chunk::Kind::reset, {}, now);
    } else if (connection.sides[due.side].state == State::open) {
        close(due.slot, due.side, Reason::reset);
        launch(due.slot, due.side, Chunk::Kind::reset, {}, now);
    }
    free_if_over(due.slot);
}

void Network::release(std::uint32_t slot, int side, Duration most, Instant now) {
    Stream& stream = connections_[slot].streams[side];
    if (stream.is_held) {
        stream.is_held = false;
        schedule(slot, side, now + dice_for(stream).duration_below(most));
    }
}

// News of a wider window, for the sender at that side.
void Network::release_window(std::uint32_t slot, int side, Duration most, Instant now) {
    Stream& stream = connections_[slot].streams[side];
    if (!std::exchange(stream.window_held, false)) return;
    dues_.push_back({now + dice_for(stream).duration_below(most), Due::Kind::window,
                     static_cast<std::uint8_t>(side), slot, connections_[slot].generation, 0});
}

void Network::block(NodeIndex from, NodeIndex to, bool is_cut, bool is_clogged, Instant now) {
    Link& way = link(from, to);
    const bool was_cut = std::exchange(way.cut, is_cut);
    way.clogged = is_clogged;
    const Duration most = was_cut ? options_.retransmit : Duration(0);
    for (std::uint32_t slot = 0; slot < connections_.size(); ++slot)
        for (int side = 0; side < 2; ++side) {
            const Connection& connection = connections_[slot];
            if (!connection.is_used || connection.sides[side].node != from ||
                connection.sides[1 - side].node != to)
                continue;
            if (!way.blocked()) {
                release(slot, side, most, now);
                release_window(slot, 1 - side, most, now);
            } else if (connection.streams[side].is_held && was_cut != is_cut) {
                hold(slot, side, now);  // what is clogged waits for ever, what is cut off does not
            }
        }
}

void Network::deliver(std::uint32_t slot, int side, const Chunk& chunk, Instant now) {
    Connection& connection = connections_[slot];
    Side& receiver = connection.sides[1 - side];
    Stream& stream = connection.streams[side];
    const bool is_open = receiver.state == State::open;
    switch (chunk.kind) {
        case Chunk::Kind::hello: return greet(slot, now);
        case Chunk::Kind::data:
            if (is_open) {
                stream.buffer.push(chunk.bytes);
                stream.unread += chunk.bytes.size();
                mark_readable(slot, 1 - side);
            } else if (connection.sides[side].state == State::open) {
                launch(slot, 1 - side, Chunk::Kind::reset, {}, now);  // nobody is there any more
            }
            return;
        case Chunk::Kind::accepted:
            if (receiver.state == State::dialling) {
                receiver.state = State::open;
                mark(slot, 1 - side, Mark::Kind::connected);
                pump(slot, 1 - side, now);
            } else {
                launch(slot, 1 - side, Chunk::Kind::reset, {}, now);
            }
            return;
        case Chunk::Kind::refused:
            if (receiver.state == State::dialling) close(slot, 1 - side, Reason::refused);
            return;
        case Chunk::Kind::goodbye:
            stream.is_over = true;
            if (is_open) mark_readable(slot, 1 - side);
            return;
        case Chunk::Kind::reset:
            if (is_open || receiver.state == State::dialling) close(slot, 1 - side, Reason::reset);
            return;
    }
}

// A dialler's hello has come: the kernel answers, also for a process that is stopped.
void Network::greet(std::uint32_t slot, Instant now) {
    Connection& connection = connections_[slot];
    Side& acceptor = connection.sides[1];
    Host& host = hosts_[acceptor.node.value()];
    const auto listener = host.listeners.find(acceptor.port);
    if (host.power != Power::on || host.is_refusing || listener == host.listeners.end()) {
        launch(slot, 1, Chunk::Kind::refused, {}, now);
        return;
    }
    acceptor.id = ConnectionId(++host.accepted);
    acceptor.listener = listener->second;
    acceptor.state = State::open;
    host.connections.emplace(acceptor.id, Place{slot, 1});
    mark(slot, 1, Mark::Kind::connected);
    launch(slot, 1, Chunk::Kind::accepted, {}, now);
}

void Network::reset(std::uint32_t slot) {
    if (slot >= connections_.size() || !connections_[slot].is_used) return;
    for (int side = 0; side < 2; ++side) {
        Connection& connection = connections_[slot];
        connection.streams[side].in_flight.clear();
        connection.streams[side].in_flight_bytes = 0;
        connection.streams[side].is_held = false;
        connection.streams[side].is_scheduled = false;
        const State state = connection.sides[side].state;
        if (state == State::open || state == State::dialling) close(slot, side, Reason::reset);
    }
    free_if_over(slot);
}

void Network::reset_between(NodeIndex one, NodeIndex other) {
    for (std::uint32_t slot = 0; slot < connections_.size(); ++slot) {
        const auto& sides = connections_[slot].sides;
        if (!connections_[slot].is_used) continue;
        if ((sides[0].node == one && sides[1].node == other) ||
            (sides[0].node == other && sides[1].node == one))
            reset(slot);
    }
}

std::vector<InFlight> Network::in_flight() const {
    std::vector<InFlight> all;
    for (std::uint32_t slot = 0; slot < connections_.size(); ++slot) {
        const Connection& connection = connections_[slot];
        if (!connection.is_used) continue;
        for (int side = 0; side < 2; ++side)
            for (const Chunk& chunk : connection.streams[side].in_flight)
                all.push_back({slot, connection.sides[side].node, connection.sides[1 - side].node,
                               chunk.kind, chunk.bytes, chunk.sent, chunk.arrives,
                               connection.streams[side].is_held});
    }
    return all;
}

std::vector<ConnectionView> Network::connections() const {
    std::vector<ConnectionView> all;
    for (std::uint32_t slot = 0; slot < connections_.size(); ++slot) {
        const Connection& connection = connections_[slot];
        if (!connection.is_used) continue;
        ConnectionView view;
        view.slot = slot;
        for (int side = 0; side < 2; ++side) {
            view.nodes[side] = connection.sides[side].node;
            view.ids[side] = connection.sides[side].id;
            view.states[side] = connection.sides[side].state;
            view.waiting[side] = connection.streams[side].waiting_bytes;
            view.in_flight[side] = connection.streams[side].in_flight_bytes;
            view.unread[side] = connection.streams[side].buffer.size();
        }
        all.push_back(view);
    }
    return all;
}

}  // namespace barnabas::sim
