// What nodes ask of the network, and what they hear from it.
#include "sim/network/network.h"

#include <algorithm>

namespace barnabas::sim {
namespace {

using State = Side::State;

bool means_itself(const std::string& host) { return host == "localhost" || host == "127.0.0.1"; }
bool means_any(const std::string& host) { return host.empty() || host == "0.0.0.0"; }

}  // namespace

Network::Network(const NetworkOptions& options, std::uint64_t seed)
    : options_(options), seed_(seed) {}

Network::Network(const Network& other) = default;
Network::Network(Network&& other) noexcept = default;
Network& Network::operator=(const Network& other) = default;
Network& Network::operator=(Network&& other) noexcept = default;
Network::~Network() = default;

NodeIndex Network::add_host(std::string name, std::string address) {
    const NodeIndex node(static_cast<std::uint32_t>(hosts_.size()));
    CHECK(names_.emplace(address, node).second);
    CHECK(name == address || names_.emplace(name, node).second);
    hosts_.emplace_back();
    hosts_.back().name = std::move(name);
    hosts_.back().address = std::move(address);

    const std::size_t count = hosts_.size();
    std::vector<Link> links(count * count);
    for (std::size_t from = 0; from < count; ++from)
        for (std::size_t to = 0; to < count; ++to) {
            Link& link = links[from * count + to];
            if (from + 1 < count && to + 1 < count) {
                link = links_[from * (count - 1) + to];
            } else {
                link.latency = from == to ? options_.loopback : options_.latency;
                link.bytes_per_second = from == to ? 0 : options_.bytes_per_second;
            }
        }
    links_ = std::move(links);
    return node;
}

event::Listening Network::listen(NodeIndex node, const effect::Listen& wanted) {
    Host& host = hosts_[node.value()];
    event::Listening answer{wanted.listener, wanted.at, false, ""};
    if (!means_any(wanted.at.host) && resolve(node, wanted.at.host) != node) {
        answer.error = "cannot assign requested address";
        return answer;
    }
    if (wanted.at.port == 0) answer.at.port = next_port(host);
    answer.open = host.listeners.emplace(answer.at.port, wanted.listener).second;
    if (!answer.open) answer.error = "address already in use";
    return answer;
}

void Network::unlisten(NodeIndex node, ListenerId listener) {
    auto& listeners = hosts_[node.value()].listeners;
    for (auto at = listeners.begin(); at != listeners.end();)
        at = at->second == listener ? listeners.erase(at) : at + 1;
}

std::optional<NodeIndex> Network::resolve(NodeIndex from, const std::string& host) const {
    if (means_itself(host)) return from;
    const auto found = names_.find(host);
    if (found == names_.end()) return std::nullopt;
    return found->second;
}

std::uint16_t Network::next_port(Host& host) {
    constexpr std::uint16_t first = 40'000;
    constexpr std::uint16_t last = 59'999;
    do {
        host.ephemeral = host.ephemeral == last ? first : host.ephemeral + 1;
    } while (host.listeners.contains(host.ephemeral));
    return host.ephemeral;
}

Network::Place* Network::find(NodeIndex node, ConnectionId connection) {
    auto& connections = hosts_[node.value()].connections;
    const auto found = connections.find(connection);
    return found == connections.end() ? nullptr : &found->second;
}

std::uint32_t Network::new_slot() {
    std::uint32_t slot = static_cast<std::uint32_t>(connections_.size());
    if (free_slots_.empty()) {
        connections_.emplace_back();
    } else {
        slot = free_slots_.back();
        free_slots_.pop_back();
        const std::uint32_t generation = connections_[slot].generation + 1;
        connections_[slot] = Connection();
        connections_[slot].generation = generation;
    }
    connections_[slot].is_used = true;
    return slot;
}

// The slot is used again when both machines have heard the end and nothing is on the way.
void Network::free_if_over(std::uint32_t slot) {
    Connection& connection = connections_[slot];
    if (!connection.is_used) return;
    for (int side = 0; side < 2; ++side)
        if (!connection.sides[side].is_gone() || !connection.streams[side].in_flight.empty())
            return;
    connection.is_used = false;
    free_slots_.push_back(slot);
}

void Network::dial(NodeIndex node, const effect::Dial& wanted, Instant at) {
    CHECK(is_dialled(wanted.connection));
    CHECK(find(node, wanted.connection) == nullptr);
    const std::uint32_t slot = new_slot();
    Connection& connection = connections_[slot];
    const std::optional<NodeIndex> peer = resolve(node, wanted.peer.host);
    Side& dialler = connection.sides[0];
    dialler.node = node;
    dialler.id = wanted.connection;
    dialler.port = next_port(hosts_[node.value()]);
    dialler.state = State::dialling;
    connection.sides[1].node = peer.value_or(node);
    connection.sides[1].port = wanted.peer.port;
    connection.dialled_at = at;
    hosts_[node.value()].connections.emplace(wanted.connection, Place{slot, 0});
    if (peer) {
        const std::uint64_t number = ++link(node, *peer).dialled;
        Random dice(seed_ ^ (std::uint64_t{node.value()} << 32 | peer->value()));
        const std::uint64_t pair = dice.next();
        for (std::uint64_t side = 0; side < 2; ++side)
            connection.streams[side].seed = Random(pair + 2 * number + side).next();
        launch(slot, 0, Chunk::Kind::hello, {}, at);
    } else {
        close(slot, 0, Reason::unreachable);
    }
}

void Network::admit(NodeIndex node, const effect::Admit& wanted) {
    const Place* place = find(node, wanted.connection);
    if (!place) return;
    Side& side = connections_[place->slot].sides[place->side];
    side.credit = wanted.bytes > UINT64_MAX - side.credit ? UINT64_MAX : side.credit + wanted.bytes;
    mark_readable(place->slot, place->side);
}

void Network::pause(NodeIndex node, ConnectionId connection) {
    const Place* place = find(node, connection);
    if (place) connections_[place->slot].sides[place->side].is_paused = true;
}

void Network::resume(NodeIndex node, ConnectionId connection) {
    const Place* place = find(node, connection);
    if (!place) return;
    connections_[place->slot].sides[place->side].is_paused = false;
    mark_readable(place->slot, place->side);
}

void Network::hang_up(NodeIndex node, ConnectionId connection, Instant at) {
    const Place* place = find(node, connection);
    if (!place) return;
    const auto [slot, side] = *place;
    if (connections_[slot].sides[side].state == State::open) {
        launch(slot, side, Chunk::Kind::goodbye, {}, at);
        close(slot, side, Reason::hung_up);
    } else if (connections_[slot].sides[side].state == State::dialling) {
        launch(slot, side, Chunk::Kind::reset, {}, at);
        close(slot, side, Reason::hung_up);
    }
}

void Network::break_off(NodeIndex node, ConnectionId connection, Instant at) {
    const Place* place = find(node, connection);
    if (!place) return;
    const auto [slot, side] = *place;
    if (connections_[slot].sides[side].state != State::open) return;
    launch(slot, side, Chunk::Kind::reset, {}, at);
    close(slot, side, Reason::reset);
}

void Network::send(NodeIndex node, ConnectionId connection, const Chain& bytes, Instant at) {
    const Place* place = find(node, connection);
    if (!place || bytes.empty()) return;
    const auto [slot, side] = *place;
    const Side& sender = connections_[slot].sides[side];
    if (sender.state != State::open && sender.state != State::dialling) return;
    Stream& stream = connections_[slot].streams[side];
    const bool fits = stream.in_window() + bytes.size() <= options_.window;
    if (sender.state == State::open && stream.waiting.empty() && fits) {
        launch(slot, side, Chunk::Kind::data, bytes, at);
        return;
    }
    for (const Bytes& piece : bytes.pieces()) stream.waiting.push({piece, 0, 0});
    stream.waiting_bytes += bytes.size();
    stream.waiting_memory += bytes.size();
    if (sender.state == State::open) pump(slot, side, at);
    if (stream.waiting_bytes > 0) touched_.push_back(*place);
}

void Network::end_pass() {
    for (const Place& place : touched_) {
        Stream& stream = connections_[place.slot].streams[place.side];
        if (stream.is_telling || stream.waiting_bytes == 0) continue;
        if (connections_[place.slot].sides[place.side].state != State::open) continue;
        stream.is_telling = true;
        stream.told = stream.waiting_bytes;
        mark(place.slot, place.side, Mark::Kind::drained, stream.told);
    }
    touched_.clear();
}

void Network::promise(NodeIndex node, ConnectionId connection, std::uint64_t promise,
                      std::uint64_t length) {
    CHECK(promise != 0);
    const Place* place = find(node, connection);
    if (!place || connections_[place->slot].sides[place->side].state != State::open) return;
    Stream& stream = connections_[place->slot].streams[place->side];
    stream.waiting.push({{}, promise, length});
    stream.waiting_bytes += length;
    touched_.push_back(*place);
}

void Network::fulfil(NodeIndex node, ConnectionId connection, std::uint64_t promise,
                     const Chain& bytes, Instant at) {
    const Place* place = find(node, connection);
    if (!place) return;
    const auto [slot, side] = *place;
    Stream& stream = connections_[slot].streams[side];
    const auto portion = std::ranges::find(stream.waiting, promise, &Portion::promise);
    if (portion == stream.waiting.end()) return;
    if (bytes.size() < portion->promised) return break_off(node, connection, at);
    portion->bytes = bytes.flatten();
    portion->promise = 0;
    pump(slot, side, at);
    tell_drained(slot, side);
}

// As much of what waits as the window takes.
void Network::pump(std::uint32_t slot, int side, Instant at) {
    Stream& stream = connections_[slot].streams[side];
    if (connections_[slot].sides[side].state != State::open) return;
    if (stream.waiting.empty() || stream.in_window() >= options_.window) return;
    std::uint64_t room = options_.window - stream.in_window();
    Chain taken;
    while (!stream.waiting.empty() && room > 0 && stream.waiting.front().promise == 0) {
        Bytes& first = stream.waiting.front().bytes;
        const std::uint64_t step = std::min<std::uint64_t>(room, first.size());
        taken.push(first.slice(0, step));
        room -= step;
        stream.waiting_bytes -= step;
        if (stream.waiting.front().promised == 0) stream.waiting_memory -= step;
        if (step == first.size()) {
            stream.waiting.pop();
        } else {
            first = first.from(step);
        }
    }
    if (!taken.empty()) launch(slot, side, Chunk::Kind::data, std::move(taken), at);
}

void Network::drop_waiting(Stream& stream) {
    stream.waiting.clear();
    stream.waiting_bytes = 0;
    stream.waiting_memory = 0;
    stream.is_telling = false;
}

void Network::mark(std::uint32_t slot, int side, Mark::Kind kind, std::uint64_t bytes_left) {
    const Connection& connection = connections_[slot];
    marks_.push_back({connection.sides[side].node, kind, static_cast<std::uint8_t>(side), slot,
                      connection.generation, bytes_left});
}

void Network::mark_readable(std::uint32_t slot, int side) {
    Side& reader = connections_[slot].sides[side];
    if (reader.is_marked || reader.state != State::open) return;
    reader.is_marked = true;
    mark(slot, side, Mark::Kind::readable);
}

// Ends a side from within: what it had to say or to read is dropped, and its machine hears why.
void Network::close(std::uint32_t slot, int side, Reason reason) {
    Side& ending = connections_[slot].sides[side];
    CHECK(ending.state == State::open || ending.state == State::dialling);
    ending.state = State::closing;
    ending.reason = reason;
    drop_waiting(connections_[slot].streams[side]);
    connections_[slot].streams[1 - side].buffer.clear();
    connections_[slot].streams[1 - side].unread = 0;
    mark(slot, side, Mark::Kind::disconnected);
}

// The machine hears the end now; the side is no more.
Event Network::finish(std::uint32_t slot, int side) {
    Side& ending = connections_[slot].sides[side];
    ending.state = State::done;
    drop_waiting(connections_[slot].streams[side]);
    hosts_[ending.node.value()].connections.erase(ending.id);
    const event::Disconnected last{ending.id, ending.reason};
    free_if_over(slot);
    return last;
}

std::optional<Event> Network::take(const Mark& mark, Instant now) {
    Connection& connection = connections_[mark.slot];
    if (!connection.is_used || connection.generation != mark.generation) return std::nullopt;
    Side& side = connection.sides[mark.side];
    if (side.is_gone()) return std::nullopt;
    switch (mark.kind) {
        case Mark::Kind::connected: {
            const Side& peer = connection.sides[1 - mark.side];
            return event::Connected{side.id,
                                    side.listener,
                                    {address_of(side.node), side.port},
                                    {address_of(peer.node), peer.port}};
        }
        case Mark::Kind::readable: return read(mark.slot, mark.side, now);
        case Mark::Kind::drained:
            if (side.state != State::open) return std::nullopt;
            return event::Drained{
                side.id, mark.bytes_left,
                std::min(mark.bytes_left, connection.streams[mark.side].waiting_memory)};
        case Mark::Kind::disconnected: return finish(mark.slot, mark.side);
    }
    return std::nullopt;
}

// The next thing that a reader hears: a frame, that one is coming, or the end.
std::optional<Event> Network::read(std::uint32_t slot, int side, Instant now) {
    Side& reader = connections_[slot].sides[side];
    Stream& incoming = connections_[slot].streams[1 - side];
    reader.is_marked = false;
    if (reader.state != State::open || reader.is_paused) return std::nullopt;
    if (const std::optional<std::int32_t> prefix = incoming.buffer.next_length()) {
        const auto length = static_cast<std::uint32_t>(*prefix);
        if (*prefix < 0 || length > reader.credit) {
            const bool may_begin = reader.is_announced && reader.credit > reader.announced_at;
            if (may_begin) reader.taken_max = reader.credit;
            settle_window(slot, side, now);
            if (reader.is_announced && !may_begin) return std::nullopt;
            if (may_begin && incoming.buffer.size() < prefix_size + reader.credit)
                return std::nullopt;
            reader.is_announced = true;
            reader.announced_at = reader.credit;
            return event::Arriving{reader.id, length};
        }
        if (incoming.buffer.size() >= prefix_size + length) {
            reader.credit -= length;
            reader.is_announced = false;
            reader.taken_max = 0;
            Event received = event::Received{reader.id, incoming.buffer.take_frame(length)};
            if (!incoming.buffer.empty() || incoming.is_over) mark_readable(slot, side);
            settle_window(slot, side, now);
            return received;
        }
    }
    settle_window(slot, side, now);
    if (!incoming.is_over) return std::nullopt;
    reader.reason = Reason::closed;
    return finish(slot, side);
}

// A frame that is admitted is read as it comes and takes up no window; all else in the buffer does.
void Network::settle_window(std::uint32_t slot, int receiver, Instant now) {
    Connection& connection = connections_[slot];
    const Side& reader = connection.sides[receiver];
    Stream& incoming = connection.streams[1 - receiver];
    const std::optional<std::int32_t> prefix = incoming.buffer.next_length();
    const bool is_wanted =
        !prefix || (*prefix >= 0 && static_cast<std::uint32_t>(*prefix) <= reader.credit &&
                    incoming.buffer.size() < prefix_size + static_cast<std::uint32_t>(*prefix));
    const std::uint64_t taken = reader.taken_max == 0 ? 0 : prefix_size + reader.taken_max;
    incoming.unread = incoming.buffer.size() - std::min(incoming.buffer.size(), taken);
    if (is_wanted && !reader.is_paused) incoming.unread = 0;
    if (incoming.waiting.empty() || incoming.window_coming) return;
    if (incoming.in_window() >= options_.window) return;
    incoming.window_coming = true;
    Random dice = dice_for(incoming);
    const Duration latency =
        link(reader.node, connection.sides[1 - receiver].node).latency.draw(dice);
    dues_.push_back({now + latency, Due::Kind::window, static_cast<std::uint8_t>(1 - receiver),
                     slot, connection.generation, 0});
}

void Network::process_started(NodeIndex node, Instant now) {
    Host& host = hosts_[node.value()];
    const bool was_off = host.power == Power::off;
    host.power = Power::on;
    if (!was_off) return;
    for (std::uint32_t slot = 0; slot < connections_.size(); ++slot)
        for (int side = 0; side < 2; ++side)
            if (connections_[slot].is_used && connections_[slot].sides[1 - side].node == node)
                release(slot, side, options_.retransmit, now);
}

void Network::process_gone(NodeIndex node, Instant now) {
    Host& host = hosts_[node.value()];
    host.power = Power::process_down;
    host.listeners.clear();
    const auto connections = std::move(host.connections);
    host.connections.clear();
    for (const auto& [id, place] : connections) {
        const auto [slot, side] = place;
        Connection& connection = connections_[slot];
        Stream& incoming = connection.streams[1 - side];
        drop_waiting(connection.streams[side]);
        if (connection.sides[side].state == State::open)
            launch(slot, side, incoming.buffer.empty() ? Chunk::Kind::goodbye : Chunk::Kind::reset,
                   {}, now);
        if (connection.sides[side].state == State::dialling)
            launch(slot, side, Chunk::Kind::reset, {}, now);
        connection.sides[side].state = State::done;
        incoming.buffer.clear();
        incoming.unread = 0;
        free_if_over(slot);
    }
}

void Network::power_gone(NodeIndex node) {
    Host& host = hosts_[node.value()];
    host.power = Power::off;
    host.listeners.clear();
    const auto connections = std::move(host.connections);
    host.connections.clear();
    for (const auto& [id, place] : connections) {
        Connection& connection = connections_[place.slot];
        connection.sides[place.side].state = State::done;
        drop_waiting(connection.streams[place.side]);
        connection.streams[1 - place.side].buffer.clear();
        connection.streams[1 - place.side].unread = 0;
        free_if_over(place.slot);
    }
}

}  // namespace barnabas::sim
