#include "engine/broker/connections.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/broker/names.h"

namespace barnabas::broker {
namespace {

std::string text(const Endpoint& endpoint) {
    return fmt::format("{}:{}", endpoint.host, endpoint.port);
}

std::uint64_t memory_of(const Answer& answer) {
    std::uint64_t bytes = 0;
    for (const auto& piece : answer)
        if (const auto* here = std::get_if<Bytes>(&piece)) bytes += here->size();
    return bytes;
}

}  // namespace

void Connections::set_limits(Limits limits) {
    limits_ = limits;
    per_ip_.clear();
    if (limits_.connections_per_ip_max == INT32_MAX) return;
    for (const auto& [connection, row] : rows_) ++per_ip_[row.remote.host];
}

bool Connections::is_one_too_many(const std::string& host) const {
    if (rows_.size() >= limits_.connections_max) return true;
    const auto found = per_ip_.find(host);
    const std::uint32_t count = found == per_ip_.end() ? 0 : found->second;
    return count >= limits_.connections_per_ip_max;
}

void Connections::on_connected(const event::Connected& connected, Turn& turn) {
    if (is_one_too_many(connected.remote.host)) {
        turn.note(Occurrence::Kind::refused, text(connected.remote),
                  "closed: more connections than max.connections or max.connections.per.ip allow",
                  Severity::warning);
        return turn.ask(effect::HangUp{connected.connection});
    }
    if (limits_.connections_per_ip_max < INT32_MAX) ++per_ip_[connected.remote.host];
    Row row;
    row.listener = connected.listener;
    row.principal = connected.principal;
    row.local = connected.local;
    row.remote = connected.remote;
    rows_.emplace(connected.connection, std::move(row));
    turn.ask(effect::Admit{connected.connection, Limits::credit_bytes});
}

void Connections::on_arriving(const event::Arriving& arriving, Turn& turn) {
    const auto found = rows_.find(arriving.connection);
    if (found == rows_.end() || found->second.end) return;
    Row& row = found->second;
    if (arriving.length > limits_.frame_bytes_max) {
        const std::string why =
            arriving.length > INT32_MAX
                ? "what came is no frame of Kafka's protocol"
                : fmt::format("a frame of {} bytes is larger than socket.request.max.bytes={}",
                              arriving.length, limits_.frame_bytes_max);
        return hang_up({arriving.connection, row.first_sequence + row.slots.size()}, why, turn);
    }
    using Waits = Incoming::Waits;
    if (row.incoming.waits == Waits::bytes) return line_up(arriving.connection, row, turn);
    if (row.incoming.waits != Waits::nothing) return;  // credit that came back was used up
    row.incoming.length = arriving.length;
    begin_frame(arriving.connection, row, turn);
}

void Connections::begin_frame(ConnectionId connection, Row& row, Turn& turn) {
    const bool fits_connection =
        row.slots.empty() || row.pending_bytes + row.incoming.length <= limits_.pending_bytes_max;
    if (fits_connection) return line_up(connection, row, turn);
    row.incoming.waits = Incoming::Waits::own_answers;
}

// For the next piece. Whoever finds nobody in line and room needs no place in it.
void Connections::line_up(ConnectionId connection, Row& row, Turn& turn) {
    const Admissions::Line line = Admissions::line_of(row.incoming.length);
    const std::uint32_t piece =
        std::min(row.incoming.length - row.incoming.admitted, Admissions::piece_bytes_max);
    const auto& runner = admissions_.runner(line);
    const bool is_running =
        runner && runner->connection == connection && row.incoming.admitted > 0 &&
        runner->sequence == row.first_sequence + row.slots.size();
    if (is_running || (!admissions_.is_waited_in(line) && admissions_.fits(piece)))
        return admit_piece(connection, row, turn);
    if (!admissions_.is_waited()) waited_since_ = looks_;
    row.incoming.place = admissions_.line_up(line, connection);
    row.incoming.waits = Incoming::Waits::room;
    admit_waiting(turn);
}

// It is counted from now on: its bytes may come.
void Connections::admit_piece(ConnectionId connection, Row& row, Turn& turn) {
    Incoming& frame = row.incoming;
    const std::uint32_t piece =
        std::min(frame.length - frame.admitted, Admissions::piece_bytes_max);
    frame.admitted += piece;
    frame.waits = Incoming::Waits::bytes;
    frame.look = looks_;
    admissions_.hold(piece);
    turn.ask(effect::Admit{connection, piece});
}

void Connections::admit_waiting(Turn& turn) {
    for (const Admissions::Line line : Admissions::lines) {
        while (const auto first = admissions_.first(line)) {
            Row& row = rows_.at(*first);
            const Incoming& frame = row.incoming;
            const bool fits = admissions_.fits(
                std::min(frame.length - frame.admitted, Admissions::piece_bytes_max));
            if (!fits && (admissions_.runner(line) || !may_run(frame))) break;
            if (!fits) admissions_.let_run(line, {*first, row.first_sequence + row.slots.size()});
            leave_line(row);
            admit_piece(*first, row, turn);
        }
    }
    if (!admissions_.is_waited() || is_patience_armed_) return;
    is_patience_armed_ = true;
    turn.ask(effect::ArmTimer{names::patience_due, turn.now + Limits::look_interval});
}

// With the frames that may run beyond the bound.
std::uint64_t Connections::held_bytes_most() const {
    return admissions_.held_max() + limits_.frame_bytes_max + Admissions::piece_bytes_max;
}

// Its whole rest fits into what is kept for such frames. Answers may have taken that: they leave.
bool Connections::may_run(const Incoming& frame) const {
    return admissions_.held() + (frame.length - frame.admitted) <= held_bytes_most();
}

// The first in line would run, and others than frames have taken its room.
bool Connections::is_blocked(Admissions::Line line) const {
    const auto first = admissions_.first(line);
    return first && !admissions_.runner(line) && !may_run(rows_.at(*first).incoming);
}

void Connections::leave_line(Row& row) {
    if (row.incoming.waits != Incoming::Waits::room) return;
    admissions_.leave(Admissions::line_of(row.incoming.length), row.incoming.place);
    row.incoming.waits = Incoming::Waits::nothing;
}

// A look sees only what stood there at the looks before: a node that was stopped itself blames no
// client for it.
bool Connections::is_stalled(const Row& row) const {
    if (row.incoming.waits != Incoming::Waits::bytes || row.is_hung_up) return false;
    return looks_ - std::max(row.incoming.look, waited_since_) >= Limits::looks_max;
}

void Connections::on_patience_due(Turn& turn) {
    is_patience_armed_ = false;
    ++looks_;
    for (const Admissions::Line line : Admissions::lines) make_room(line, turn);
    relieve(turn);
    admit_waiting(turn);
}

// Breaks off whose bytes do not come: who runs beyond the bound, then who holds most, until the
// first in line finds room.
void Connections::make_room(Admissions::Line line, Turn& turn) {
    const auto first = admissions_.first(line);
    if (!first) return;
    constexpr auto why = "its frame does not come while others wait for the memory that it holds";
    if (const auto& runner = admissions_.runner(line)) {
        const auto found = rows_.find(runner->connection);
        if (is_stalled(found->second)) break_off(*found, why, turn);
    }
    const Incoming& waiting = rows_.at(*first).incoming;
    const std::uint64_t wanted =
        std::min(waiting.length - waiting.admitted, Admissions::piece_bytes_max);
    std::vector<Rows::value_type*> stalled;
    for (auto& entry : rows_)
        if (is_stalled(entry.second)) stalled.push_back(&entry);
    std::ranges::sort(stalled, {}, [](const Rows::value_type* entry) {
        return std::pair(UINT32_MAX - entry->second.incoming.admitted, entry->first);
    });
    for (Rows::value_type* entry : stalled) {
        if (admissions_.held() - leaving_bytes_ + wanted <= admissions_.held_max()) return;
        break_off(*entry, why, turn);
    }
}

// Answers cannot wait for room as frames can: above the bound, who lets most of them lie goes.
void Connections::relieve(Turn& turn) {
    while (admissions_.held() - leaving_bytes_ > admissions_.held_max()) {
        Rows::value_type* most = nullptr;
        for (auto& entry : rows_) {
            const Row& row = entry.second;
            if (row.is_hung_up || row.outgoing.left_memory <= Limits::credit_bytes) continue;
            if (most && row.outgoing.left_memory <= most->second.outgoing.left_memory) continue;
            most = &entry;
        }
        if (!most) return;
        break_off(*most, "it does not take its answers, and the node holds all that it may", turn);
    }
}

void Connections::break_off(Rows::value_type& entry, const std::string& why, Turn& turn) {
    auto& [connection, row] = entry;
    row.leaving_bytes = row.incoming.admitted + row.outgoing.counted;
    for (const Slot& slot : row.slots) row.leaving_bytes += slot.held_bytes;
    leaving_bytes_ += row.leaving_bytes;
    leave_line(row);
    row.end = row.first_sequence;
    row.is_hung_up = true;
    turn.note(Occurrence::Kind::refused, text(row.remote), "closed: " + why, Severity::warning);
    turn.ask(effect::HangUp{connection});
}

std::optional<Address> Connections::on_received(const event::Received& received) {
    const auto found = rows_.find(received.connection);
    if (found == rows_.end() || found->second.end) return std::nullopt;
    Row& row = found->second;
    // While it waited, answers may have given back enough credit for the rest of it.
    leave_line(row);
    Slot slot;
    slot.frame_bytes = static_cast<std::uint32_t>(received.frame.size());
    slot.credit_bytes = slot.frame_bytes - row.incoming.admitted;
    slot.held_bytes = row.incoming.admitted;
    row.incoming = {};
    row.pending_bytes += slot.frame_bytes;
    row.slots.push_back(std::move(slot));
    return Address{received.connection, row.first_sequence + row.slots.size() - 1};
}

// Frames that were begun may run beyond the bound, so that they end: requests wait only when more
// than those do, or when such a frame finds no room for that.
bool Connections::is_full() const {
    return admissions_.held() > held_bytes_most() ||
           std::ranges::any_of(Admissions::lines, [&](auto line) { return is_blocked(line); });
}

// A frame that is counted already is worked on: that gives its memory back.
bool Connections::is_too_much_for(Address address) const {
    const Slot& slot = rows_.at(address.connection).slots.back();
    return is_full() && slot.frame_bytes > 0 && slot.held_bytes == 0;
}

void Connections::put_off(Address address, Bytes frame, Turn& turn) {
    Row& row = rows_.at(address.connection);
    row.put_off = std::move(frame);
    put_off_.push_back(address.connection);
    pause_or_resume(address.connection, row, turn);
}

std::optional<Connections::PutOff> Connections::take_up(Turn& turn) {
    while (!put_off_.empty() && !is_full()) {
        const ConnectionId connection = put_off_.front();
        put_off_.pop_front();
        const auto found = rows_.find(connection);
        if (found == rows_.end() || found->second.end) continue;
        Row& row = found->second;
        PutOff taken{{connection, row.first_sequence + row.slots.size() - 1},
                     std::exchange(row.put_off, {})};
        pause_or_resume(connection, row, turn);
        return taken;
    }
    return std::nullopt;
}

void Connections::on_drained(const event::Drained& drained, Turn& turn) {
    const auto found = rows_.find(drained.connection);
    if (found == rows_.end() || found->second.is_hung_up) return;
    Outgoing& outgoing = found->second.outgoing;
    outgoing.left_bytes = drained.bytes_left;
    outgoing.left_memory = drained.memory_left;
    outgoing.old_bytes = 0;
    recount(drained.connection, found->second, turn);
    relieve(turn);
    end_if_due(drained.connection, found->second, turn);
    admit_waiting(turn);
}

void Connections::on_disconnected(const event::Disconnected& gone, Turn& turn) {
    const auto found = rows_.find(gone.connection);
    if (found == rows_.end()) return;
    Row& row = found->second;
    leave_line(row);
    admissions_.end_run(gone.connection);
    admissions_.release(row.incoming.admitted + row.outgoing.counted);
    for (const Slot& slot : row.slots) admissions_.release(slot.held_bytes);
    leaving_bytes_ -= row.leaving_bytes;
    const auto counted = per_ip_.find(row.remote.host);
    if (counted != per_ip_.end() && --counted->second == 0) per_ip_.erase(counted);
    rows_.erase(found);
    admit_waiting(turn);
}

void Connections::charge(Address address, std::uint64_t bytes) {
    const auto found = rows_.find(address.connection);
    if (found == rows_.end() || found->second.is_hung_up) return;
    Row& row = found->second;
    CHECK(address.sequence >= row.first_sequence);
    Slot& slot = row.slots.at(address.sequence - row.first_sequence);
    CHECK(!slot.is_answered);
    slot.held_bytes += bytes;
    admissions_.hold(bytes);
}

void Connections::answer(Address address, Answer answer, Turn& turn) {
    const auto found = rows_.find(address.connection);
    if (found == rows_.end()) return;
    Row& row = found->second;
    if (row.end && address.sequence >= *row.end) return;
    CHECK(address.sequence >= row.first_sequence);
    Slot& slot = row.slots.at(address.sequence - row.first_sequence);
    CHECK(!slot.is_answered);
    slot.is_answered = true;
    slot.answer = std::move(answer);
    admissions_.release(slot.held_bytes);
    slot.held_bytes = 0;
    if (address.sequence == row.first_sequence) return send_ready(address.connection, row, turn);
    if (turn.guards.has(Guard::answers_keep_their_order)) {
        slot.held_bytes = memory_of(slot.answer);
        admissions_.hold(slot.held_bytes);
        return admit_waiting(turn);
    }
    Chain early;
    put(address.connection, std::exchange(slot.answer, {}), early, turn);
    if (!early.empty()) turn.ask(effect::Send{address.connection, std::move(early)});
}

// Behind what `chain` holds; a range of a file lets that go first.
void Connections::put(ConnectionId connection, Answer answer, Chain& chain, Turn& turn) {
    for (auto& piece : answer) {
        if (auto* bytes = std::get_if<Bytes>(&piece)) {
            chain.push(std::move(*bytes));
            continue;
        }
        const FileRange& range = std::get<FileRange>(piece);
        if (!chain.empty()) turn.ask(effect::Send{connection, std::exchange(chain, {})});
        turn.ask(effect::SendFile{connection, range.file, range.position, range.length});
    }
}

void Connections::send_ready(ConnectionId connection, Row& row, Turn& turn) {
    std::uint64_t credit_bytes = 0;
    Chain chain;
    while (!row.slots.empty() && row.slots.front().is_answered && row.first_sequence != row.end) {
        Slot& slot = row.slots.front();
        row.outgoing.new_bytes += memory_of(slot.answer);
        put(connection, std::move(slot.answer), chain, turn);
        credit_bytes += slot.credit_bytes;
        row.pending_bytes -= slot.frame_bytes;
        admissions_.release(slot.held_bytes);
        row.slots.pop_front();
        ++row.first_sequence;
    }
    if (!chain.empty()) turn.ask(effect::Send{connection, std::move(chain)});
    if (credit_bytes > 0) turn.ask(effect::Admit{connection, credit_bytes});
    recount(connection, row, turn);
    admissions_.end_run(connection, row.first_sequence);
    if (row.incoming.waits == Incoming::Waits::own_answers) begin_frame(connection, row, turn);
    admit_waiting(turn);
    if (row.first_sequence == row.end) watch(connection, row, turn);
}

// A driver says what its peer has not taken when a pass is over. Two looks later nothing that was
// sent before the first can be unknown.
void Connections::watch(ConnectionId connection, Row& row, Turn& turn) {
    row.outgoing.looks = 0;
    if (std::exchange(row.outgoing.is_watched, true)) return;
    watched_.push_back(connection);
    look_later(turn);
}

// Once for all, or a look would come before a pass has ended.
void Connections::look_later(Turn& turn) {
    if (watched_.empty() || std::exchange(is_look_asked_, true)) return;
    turn.ask(effect::Continue{names::sent_due});
}

void Connections::on_sent_due(Turn& turn) {
    is_look_asked_ = false;
    const std::vector<ConnectionId> watched = std::exchange(watched_, {});
    for (const ConnectionId connection : watched) {
        const auto found = rows_.find(connection);
        if (found == rows_.end() || found->second.is_hung_up) continue;
        Row& row = found->second;
        Outgoing& outgoing = row.outgoing;
        if (outgoing.left_bytes > 0) {
            // Behind what the peer has not taken: not taken either, for all that is known.
            outgoing.left_bytes += outgoing.old_bytes;
            outgoing.left_memory += outgoing.old_bytes;
        }
        outgoing.old_bytes = std::exchange(outgoing.new_bytes, 0);
        outgoing.is_watched = ++outgoing.looks < 2 ||
                              outgoing.old_bytes + outgoing.new_bytes > Limits::credit_bytes;
        if (outgoing.is_watched) watched_.push_back(connection);
        recount(connection, row, turn);
        end_if_due(connection, row, turn);
    }
    relieve(turn);
    admit_waiting(turn);
    look_later(turn);
}

// What it has sent has changed, or what is known of it.
void Connections::recount(ConnectionId connection, Row& row, Turn& turn) {
    Outgoing& outgoing = row.outgoing;
    const std::uint64_t memory = outgoing.memory();
    const std::uint64_t counted = memory > Limits::credit_bytes ? memory : 0;
    admissions_.release(std::exchange(outgoing.counted, 0));
    admissions_.hold(counted);
    outgoing.counted = counted;
    if (outgoing.old_bytes + outgoing.new_bytes > Limits::credit_bytes && !outgoing.is_watched)
        watch(connection, row, turn);
    const std::uint64_t left = std::max(memory, outgoing.left_bytes);
    const bool was_behind =
        std::exchange(row.is_behind, left > limits_.backlog_bytes_max / (row.is_behind ? 2 : 1));
    if (was_behind && !row.is_behind) caught_up_.push_back(connection);
    pause_or_resume(connection, row, turn);
}

void Connections::pause_or_resume(ConnectionId connection, Row& row, Turn& turn) {
    const bool is_paused = row.is_behind || !row.put_off.empty();
    if (std::exchange(row.is_paused, is_paused) == is_paused) return;
    if (is_paused)
        turn.ask(effect::Pause{connection});
    else
        turn.ask(effect::Resume{connection});
}

void Connections::hang_up(Address from, const std::string& why, Turn& turn) {
    const auto found = rows_.find(from.connection);
    if (found == rows_.end()) return;
    Row& row = found->second;
    if (row.is_hung_up || (row.end && *row.end <= from.sequence)) return;
    leave_line(row);
    row.end = from.sequence;
    turn.note(Occurrence::Kind::refused, text(row.remote), "closed: " + why, Severity::warning);
    if (row.first_sequence == row.end) watch(from.connection, row, turn);
}

// A driver that hangs up sends what the peer takes at once: the rest is waited for before.
void Connections::end_if_due(ConnectionId connection, Row& row, Turn& turn) {
    if (row.is_hung_up || row.first_sequence != row.end) return;
    if (row.outgoing.is_watched || row.outgoing.left_bytes > 0) return;
    row.is_hung_up = true;
    turn.ask(effect::HangUp{connection});
}

void Connections::hang_up_all(Turn& turn) {
    for (auto& [connection, row] : rows_) {
        if (row.is_hung_up) continue;
        row.end = row.first_sequence;
        row.is_hung_up = true;
        turn.ask(effect::HangUp{connection});
    }
}

std::vector<FileId> Connections::promised_files() const {
    std::vector<FileId> files;
    for (const auto& [connection, row] : rows_)
        for (const Slot& slot : row.slots)
            for (const auto& piece : slot.answer)
                if (const auto* range = std::get_if<FileRange>(&piece))
                    files.push_back(range->file);
    std::ranges::sort(files);
    return files;
}

void Connections::digest(Hasher& hasher) const {
    admissions_.digest(hasher);
    hasher.add(looks_ - waited_since_);
    hasher.add(static_cast<std::uint64_t>(put_off_.size()));
    hasher.add(static_cast<std::uint64_t>(caught_up_.size()));
    for (const auto& [connection, row] : rows_) {
        hasher.add(connection.value());
        hasher.add(row.first_sequence);
        hasher.add(static_cast<std::uint64_t>(row.slots.size()));
        hasher.add(row.pending_bytes);
        hasher.add(static_cast<std::uint64_t>(row.incoming.length));
        hasher.add(static_cast<std::uint64_t>(row.incoming.admitted));
        hasher.add(row.outgoing.memory());
        hasher.add(row.end.value_or(UINT64_MAX));
    }
}

}  // namespace barnabas::broker
