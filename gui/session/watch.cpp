#include "gui/session/watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/protocol/apis.h"

namespace barnabas::gui {
namespace {

// A request begins with its API key, version and correlation id; a response with the last alone.
struct RequestHead {
    std::int16_t api = no_api;
    std::int16_t version = 0;
    std::int32_t correlation = 0;
};

constexpr std::uint64_t length_bytes = 4;
constexpr std::uint64_t request_head_bytes = 8;
constexpr std::uint64_t response_head_bytes = 4;

std::uint32_t number_at(ByteView bytes, std::size_t at, std::size_t count) {
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < count; ++i) number = number << 8 | bytes[at + i];
    return number;
}

std::optional<RequestHead> request_head(ByteView frame) {
    if (frame.size() < request_head_bytes) return std::nullopt;
    const RequestHead head{static_cast<std::int16_t>(number_at(frame, 0, 2)),
                           static_cast<std::int16_t>(number_at(frame, 2, 2)),
                           static_cast<std::int32_t>(number_at(frame, 4, 4))};
    if (!protocol::find_api(protocol::ApiKey(head.api)) || head.version < 0) return std::nullopt;
    return head;
}

std::optional<std::int32_t> response_head(ByteView frame) {
    if (frame.size() < response_head_bytes) return std::nullopt;
    return static_cast<std::int32_t>(number_at(frame, 0, 4));
}

// Up to a length prefix and a request's head, from wherever in a chain.
struct Peek {
    std::array<std::uint8_t, length_bytes + request_head_bytes> bytes{};
    std::size_t size = 0;
    ByteView view() const { return {bytes.data(), size}; }
};

Peek peek(const Chain& chain, std::uint64_t at) {
    Peek peek;
    for (const Bytes& piece : chain.pieces()) {
        if (at >= piece.size()) {
            at -= piece.size();
            continue;
        }
        while (at < piece.size() && peek.size < peek.bytes.size())
            peek.bytes[peek.size++] = piece[at++];
        if (peek.size == peek.bytes.size()) break;
        at = 0;
    }
    return peek;
}

std::string_view name_of_control(sim::Chunk::Kind kind) {
    switch (kind) {
        case sim::Chunk::Kind::hello: return "connect";
        case sim::Chunk::Kind::accepted: return "accepted";
        case sim::Chunk::Kind::refused: return "refused";
        case sim::Chunk::Kind::goodbye: return "close";
        case sim::Chunk::Kind::reset: return "reset";
        case sim::Chunk::Kind::data: break;
    }
    return "data";
}

std::string words_of(const sim::Deed& deed, const sim::World& world) {
    std::string words(sim::name_of(deed.kind));
    std::replace(words.begin(), words.end(), '_', ' ');
    words += fmt::format(" {}", world.name(deed.node));
    switch (deed.kind) {
        case sim::Deed::Kind::cut:
        case sim::Deed::Kind::clog:
        case sim::Deed::Kind::heal:
        case sim::Deed::Kind::link: words += fmt::format(" → {}", world.name(deed.other)); break;
        case sim::Deed::Kind::delay:
            words += fmt::format(" → {} by {} ms", world.name(deed.other), deed.amount / 1'000'000);
            break;
        case sim::Deed::Kind::loss:
        case sim::Deed::Kind::breaks:
            words += fmt::format(" → {}, {} of a million packets", world.name(deed.other),
                                 deed.amount);
            break;
        case sim::Deed::Kind::reset: words += fmt::format(" – {}", world.name(deed.other)); break;
        case sim::Deed::Kind::drift: words += fmt::format(" by {} ppm", deed.amount); break;
        case sim::Deed::Kind::wall_step:
            words += fmt::format(" by {} ms", deed.amount / 1'000'000);
            break;
        case sim::Deed::Kind::slow_node:
        case sim::Deed::Kind::disk_slow: words += fmt::format(" ×{}", deed.amount); break;
        default: break;
    }
    if (!deed.path.empty()) words += fmt::format(", {}", deed.path);
    return words;
}

EventKind kind_of(const Event& event) {
    struct Kinds {
        EventKind operator()(const event::Started&) const { return EventKind::started; }
        EventKind operator()(const event::Listening&) const { return EventKind::listening; }
        EventKind operator()(const event::Connected&) const { return EventKind::connected; }
        EventKind operator()(const event::Arriving&) const { return EventKind::arriving; }
        EventKind operator()(const event::Received&) const { return EventKind::received; }
        EventKind operator()(const event::Drained&) const { return EventKind::drained; }
        EventKind operator()(const event::Disconnected&) const { return EventKind::disconnected; }
        EventKind operator()(const event::TimerFired&) const { return EventKind::timer; }
        EventKind operator()(const event::StorageDone&) const { return EventKind::storage; }
        EventKind operator()(const event::Continued&) const { return EventKind::continued; }
        EventKind operator()(const event::Operator&) const { return EventKind::order; }
        EventKind operator()(const event::Computed&) const { return EventKind::computed; }
    };
    return std::visit(Kinds{}, event);
}

std::optional<ConnectionId> connection_of(const Event& event) {
    return std::visit(
        [](const auto& one) -> std::optional<ConnectionId> {
            if constexpr (requires { one.connection; }) return one.connection;
            return std::nullopt;
        },
        event);
}

std::uint32_t clamp32(std::uint64_t size) {
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(size, UINT32_MAX));
}

std::uint16_t index16(sim::NodeIndex node) { return static_cast<std::uint16_t>(node.value()); }

}  // namespace

Status status_of(sim::NodeState state) {
    switch (state) {
        case sim::NodeState::not_started: return Status::not_started;
        case sim::NodeState::running: return Status::running;
        case sim::NodeState::paused: return Status::paused;
        case sim::NodeState::exited: return Status::exited;
        case sim::NodeState::crashed: return Status::crashed;
        case sim::NodeState::powered_off: return Status::powered_off;
    }
    return Status::not_started;
}

Watch::Seen Watch::look(const sim::World& world) {
    const sim::Happening& last = world.last();
    Seen seen;
    seen.row.at = seen.row.sent = world.now();
    seen.row.node = index16(last.node);
    // A deed may change nothing; what happened last happened before it then.
    const bool is_new = world.events() != events_ || world.deeds() != deeds_;
    events_ = world.events();
    if (!is_new) {
        seen.row.kind = EventKind::deed;
        seen.row.severity = Severity::info;
        seen.words = "nothing to change";
        return seen;
    }
    if (last.event() && std::holds_alternative<event::Connected>(*last.event())) learn_ends(world);
    if (const sim::Deed* deed = last.deed()) {
        seen.row.kind = EventKind::deed;
        seen.row.detail = static_cast<std::uint8_t>(deed->kind);
        seen.row.severity = sim::is_fault(deed->kind) ? Severity::warning : Severity::info;
        seen.words = words_of(*deed, world);
    } else if (last.event()) {
        describe(last, seen);
    }
    note_sends(last);
    note_deeds(world);
    return seen;
}

void Watch::learn_ends(const sim::World& world) {
    for (const sim::ConnectionView& view : world.connections()) {
        if (view.states[0] == sim::Side::State::none || view.states[1] == sim::Side::State::none)
            continue;
        const End dialled = end_of(view.nodes[0], view.ids[0]);
        const End accepted = end_of(view.nodes[1], view.ids[1]);
        peers_.insert_or_assign(dialled, accepted);
        peers_.insert_or_assign(accepted, dialled);
    }
}

void Watch::describe(const sim::Happening& last, Seen& seen) {
    const Event& event = *last.event();
    EventRow& row = seen.row;
    row.kind = kind_of(event);
    if (const auto connection = connection_of(event)) {
        const auto peer = peers_.find(end_of(last.node, *connection));
        if (peer != peers_.end()) row.peer = static_cast<std::uint16_t>(peer->second.node);
    }
    if (const auto* received = std::get_if<event::Received>(&event)) {
        describe_received(last.node.value(), *received, row);
    } else if (const auto* done = std::get_if<event::StorageDone>(&event)) {
        row.detail = static_cast<std::uint8_t>(done->status);
        row.size = clamp32(done->bytes.size());
    } else if (const auto* gone = std::get_if<event::Disconnected>(&event)) {
        row.detail = static_cast<std::uint8_t>(gone->reason);
        forget(end_of(last.node, gone->connection));
    } else if (const auto* arriving = std::get_if<event::Arriving>(&event)) {
        row.size = arriving->length;
    }
    for (const Effect& effect : last.effects) {
        const auto* note = std::get_if<effect::Note>(&effect);
        if (!note) continue;
        row.severity = std::max(row.severity, note->what.severity);
        if (!seen.words.empty()) seen.words += "; ";
        if (!note->what.subject.empty()) seen.words += note->what.subject + ": ";
        seen.words += note->what.text;
    }
}

void Watch::describe_received(std::uint32_t node, const event::Received& received, EventRow& row) {
    const End end{node, received.connection.value()};
    row.size = clamp32(received.frame.size());
    row.is_response = is_dialled(received.connection);
    if (row.is_response) {
        const auto correlation = response_head(received.frame);
        if (!correlation) return;
        const auto found = requests_.find({end, *correlation});
        if (found == requests_.end()) return;
        row.api = found->second.api;
        row.version = found->second.version;
        if (found->second.answered) row.sent = *found->second.answered;
        // Answers come in the order of the requests: what was asked before has no answer.
        requests_.erase(requests_.lower_bound({end, INT32_MIN}), std::next(found));
        return;
    }
    const auto head = request_head(received.frame);
    if (!head) return;
    row.api = head->api;
    row.version = head->version;
    const auto peer = peers_.find(end);
    if (peer == peers_.end()) return;
    const auto asked = requests_.find({peer->second, head->correlation});
    if (asked != requests_.end()) row.sent = asked->second.asked;
}

void Watch::note_sends(const sim::Happening& last) {
    const std::size_t count = std::min(last.carried_out, last.effects.size());
    for (std::size_t i = 0; i < count; ++i) {
        if (const auto* send = std::get_if<effect::Send>(&last.effects[i])) {
            note_sent(end_of(last.node, send->connection), send->bytes, last.until);
        } else if (const auto* file = std::get_if<effect::SendFile>(&last.effects[i])) {
            auto& left = left_[end_of(last.node, file->connection)];
            left -= std::min<std::uint64_t>(left, file->length);
        }
    }
}

void Watch::note_sent(const End& sender, const Chain& bytes, Instant sent) {
    std::uint64_t& left = left_[sender];
    std::uint64_t at = std::min<std::uint64_t>(left, bytes.size());
    left -= at;
    while (bytes.size() - at >= length_bytes) {
        const Peek start = peek(bytes, at);
        const std::uint64_t whole = length_bytes + number_at(start.view(), 0, length_bytes);
        note_frame(sender, bytes, at + length_bytes, sent);
        const std::uint64_t here = std::min<std::uint64_t>(whole, bytes.size() - at);
        left = whole - here;
        at += here;
    }
}

void Watch::note_frame(const End& sender, const Chain& bytes, std::uint64_t at, Instant sent) {
    const Peek head = peek(bytes, at);
    if (is_dialled(ConnectionId(sender.id))) {
        if (const auto request = request_head(head.view())) {
            note_asked({sender, request->correlation}, {request->api, request->version, sent, {}});
        }
        return;
    }
    const auto correlation = response_head(head.view());
    const auto peer = peers_.find(sender);
    if (!correlation || peer == peers_.end()) return;
    const auto asked = requests_.find({peer->second, *correlation});
    if (asked != requests_.end()) asked->second.answered = sent;
}

void Watch::note_asked(const Asked& asked, const Request& request) {
    requests_.insert_or_assign(asked, request);
    const auto first = requests_.lower_bound({asked.by, INT32_MIN});
    const auto last = requests_.upper_bound({asked.by, INT32_MAX});
    if (static_cast<std::size_t>(last - first) > open_requests_max) requests_.erase(first);
}

void Watch::forget(const End& end) {
    requests_.erase(requests_.lower_bound({end, INT32_MIN}),
                    requests_.upper_bound({end, INT32_MAX}));
    left_.erase(end);
    peers_.erase(end);
}

void Watch::forget_node(std::uint32_t node) {
    requests_.erase(requests_.lower_bound({{node, 0}, INT32_MIN}),
                    requests_.upper_bound({{node, UINT64_MAX}, INT32_MAX}));
    left_.erase(left_.lower_bound({node, 0}), left_.upper_bound({node, UINT64_MAX}));
    peers_.erase(peers_.lower_bound({node, 0}), peers_.upper_bound({node, UINT64_MAX}));
}

// Faults that last show in the state of nodes and links; the others are marks.
void Watch::note_deeds(const sim::World& world) {
    if (deeds_ == world.deeds() && states_.size() == world.nodes()) return;
    const sim::Happening& last = world.last();
    note_health(world, world.now());
    note_disk(world);
    for (std::size_t i = 0; i < sim::deed_kinds; ++i) {
        const auto kind = static_cast<sim::Deed::Kind>(i);
        if (world.deeds()[i] == deeds_[i] || !sim::is_fault(kind)) continue;
        if (kind == sim::Deed::Kind::crash || kind == sim::Deed::Kind::power_loss ||
            kind == sim::Deed::Kind::pause || kind == sim::Deed::Kind::cut ||
            kind == sim::Deed::Kind::clog || kind == sim::Deed::Kind::disk_full ||
            kind == sim::Deed::Kind::disk_slow || kind == sim::Deed::Kind::disk_error) {
            continue;
        }
        const bool is_last = last.deed() && last.deed()->kind == kind;
        std::string words(sim::name_of(kind));
        std::replace(words.begin(), words.end(), '_', ' ');
        if (is_last) words = words_of(*last.deed(), world);
        bands_.push_back({.kind = Band::Kind::mark,
                          .node = is_last ? index16(last.node) : nobody,
                          .from = world.now(),
                          .until = world.now(),
                          .words = std::move(words)});
    }
    deeds_ = world.deeds();
}

void Watch::note_disk(const sim::World& world) {
    const sim::Deed* deed = world.last().deed();
    if (!deed) return;
    const std::uint16_t node = index16(deed->node);
    switch (deed->kind) {
        case sim::Deed::Kind::disk_full:
            open_band(Band::Kind::disk, node, nobody, world.now(), "disk full");
            break;
        case sim::Deed::Kind::disk_slow:
            open_band(Band::Kind::disk, node, nobody, world.now(), "disk slow");
            break;
        case sim::Deed::Kind::disk_error:
            open_band(Band::Kind::disk, node, nobody, world.now(), "disk broken");
            break;
        case sim::Deed::Kind::directory_error:
            open_band(Band::Kind::disk, node, nobody, world.now(), deed->path + " broken");
            break;
        case sim::Deed::Kind::directory_mend:
        case sim::Deed::Kind::disk_mend:
            close_band(Band::Kind::disk, node, nobody, world.now());
            break;
        default: break;
    }
}

void Watch::note_health(const sim::World& world, Instant at) {
    states_.resize(world.nodes(), Status::not_started);
    const auto count = static_cast<std::uint16_t>(world.nodes());
    for (std::uint16_t node = 0; node < count; ++node) {
        const Status status = status_of(world.state(sim::NodeIndex(node)));
        const Status was = std::exchange(states_[node], status);
        for (std::uint16_t other = 0; other < count; ++other) {
            const sim::Link& link = world.link(sim::NodeIndex(node), sim::NodeIndex(other));
            if (link.cut)
                open_band(Band::Kind::cut, node, other, at, "cut");
            else
                close_band(Band::Kind::cut, node, other, at);
            if (link.clogged)
                open_band(Band::Kind::clogged, node, other, at, "clogged");
            else
                close_band(Band::Kind::clogged, node, other, at);
        }
        if (status == was) continue;
        if (is_down(status) && status != Status::not_started) {
            const char* words = status == Status::crashed       ? "killed"
                                : status == Status::powered_off ? "power lost"
                                                                : "exited";
            open_band(Band::Kind::down, node, nobody, at, words);
            forget_node(node);
        } else {
            close_band(Band::Kind::down, node, nobody, at);
        }
        if (status == Status::paused)
            open_band(Band::Kind::paused, node, nobody, at, "paused");
        else
            close_band(Band::Kind::paused, node, nobody, at);
    }
}

void Watch::open_band(Band::Kind kind, std::uint16_t node, std::uint16_t other, Instant at,
                      std::string words) {
    for (const Band& band : bands_) {
        if (band.kind == kind && band.node == node && band.other == other && !band.until) return;
    }
    bands_.push_back({kind, node, other, at, std::nullopt, std::move(words)});
}

void Watch::close_band(Band::Kind kind, std::uint16_t node, std::uint16_t other, Instant at) {
    for (Band& band : bands_) {
        if (band.kind == kind && band.node == node && band.other == other && !band.until)
            band.until = at;
    }
}

void Watch::fill(Snapshot& snapshot, const sim::World& world) const {
    const std::vector<sim::ConnectionView> connections = world.connections();
    for (const sim::InFlight& chunk : world.in_flight()) {
        const auto found = std::find_if(
            connections.begin(), connections.end(),
            [&](const sim::ConnectionView& view) { return view.slot == chunk.connection; });
        MessageView view = message(chunk, found == connections.end() ? nullptr : &*found);
        // What is on its way to an obstacle will not get through either.
        if (world.link(chunk.from, chunk.to).blocked()) view.is_held = true;
        if (view.kind == MessageView::Kind::part && !snapshot.messages.empty()) {
            const MessageView& before = snapshot.messages.back();
            if (before.connection == view.connection && before.from == view.from) {
                view.api = before.api;
                view.name = before.name + ", continued";
            }
        }
        snapshot.messages.push_back(std::move(view));
    }
    for (const auto& [asked, request] : requests_) {
        if (request.answered) continue;
        const auto peer = peers_.find(asked.by);
        if (peer == peers_.end()) continue;
        snapshot.questions.push_back({.from = static_cast<std::uint16_t>(asked.by.node),
                                      .to = static_cast<std::uint16_t>(peer->second.node),
                                      .api = request.api,
                                      .version = request.version,
                                      .correlation = asked.correlation,
                                      .asked = request.asked});
    }
    snapshot.bands = bands_;
    fill_links(snapshot, world);
}

MessageView Watch::message(const sim::InFlight& chunk,
                           const sim::ConnectionView* connection) const {
    MessageView view{.from = index16(chunk.from),
                     .to = index16(chunk.to),
                     .connection = chunk.connection,
                     .size = chunk.bytes.size(),
                     .name = std::string(name_of_control(chunk.kind)),
                     .sent = chunk.sent,
                     .arrives = chunk.arrives,
                     .is_held = chunk.is_held};
    if (chunk.kind != sim::Chunk::Kind::data) {
        view.kind = MessageView::Kind::control;
        return view;
    }
    const Peek start = peek(chunk.bytes, 0);
    if (!connection || start.size < length_bytes + response_head_bytes) return view;
    const ByteView head = start.view().subspan(length_bytes);
    if (chunk.from == connection->nodes[0]) {
        const auto request = request_head(head);
        if (!request) return view;
        view.kind = MessageView::Kind::request;
        view.api = request->api;
        view.version = request->version;
        view.correlation = request->correlation;
    } else {
        const auto correlation = response_head(head);
        const End dialled = end_of(connection->nodes[0], connection->ids[0]);
        const auto asked = requests_.find({dialled, *correlation});
        if (asked == requests_.end()) return view;
        view.kind = MessageView::Kind::response;
        view.api = asked->second.api;
        view.version = asked->second.version;
        view.correlation = *correlation;
    }
    view.name = protocol::name_of(protocol::ApiKey(view.api));
    return view;
}

void Watch::fill_links(Snapshot& snapshot, const sim::World& world) const {
    const std::size_t count = world.nodes();
    std::vector<LinkView> links(count * count);
    for (const sim::ConnectionView& view : world.connections()) {
        const std::size_t a = view.nodes[0].value();
        const std::size_t b = view.nodes[1].value();
        if (view.states[0] == sim::Side::State::open) {
            ++links[a * count + b].connections;
            ++links[b * count + a].connections;
        }
        links[a * count + b].waiting += view.waiting[0];
        links[b * count + a].waiting += view.waiting[1];
    }
    for (std::size_t a = 0; a < count; ++a)
        for (std::size_t b = 0; b < count; ++b) {
            LinkView& link = links[a * count + b];
            const sim::Link& state = world.link(sim::NodeIndex(static_cast<std::uint32_t>(a)),
                                                sim::NodeIndex(static_cast<std::uint32_t>(b)));
            link.from = static_cast<std::uint16_t>(a);
            link.to = static_cast<std::uint16_t>(b);
            link.cut = state.cut;
            link.clogged = state.clogged;
            if (a != b) snapshot.links.push_back(link);
        }
}

}  // namespace barnabas::gui
