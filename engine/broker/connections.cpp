#include "engine/broker/connections.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace barnabas::broker {
namespace {

std::string text(const Endpoint& endpoint) {
    return fmt::format("{}:{}", endpoint.host, endpoint.port);
}

}  // namespace

void Connections::on_connected(const event::Connected& connected, Turn& turn) {
    Row row;
    row.listener = connected.listener;
    row.local = connected.local;
    row.remote = connected.remote;
    rows_.emplace(connected.connection, std::move(row));
    turn.ask(effect::Admit{connected.connection, Limits::credit_bytes});
}

void Connections::on_arriving(const event::Arriving& arriving, Turn& turn) {
    const auto found = rows_.find(arriving.connection);
    if (found == rows_.end() || found->second.is_hung_up) return;
    Row& row = found->second;
    if (arriving.length > limits_.frame_bytes_max) {
        return hang_up(arriving.connection,
                       fmt::format("a frame of {} bytes is larger than socket.request.max.bytes={}",
                                   arriving.length, limits_.frame_bytes_max),
                       turn);
    }
    row.announced_bytes = arriving.length;
    if (may_admit(row)) return admit(arriving.connection, row, turn);
    waiting_.push_back(arriving.connection);
}

bool Connections::may_admit(const Row& row) const {
    // A frame that is alone always fits: nobody waits for himself.
    const bool fits_connection =
        row.slots.empty() || row.pending_bytes + row.announced_bytes <= limits_.pending_bytes_max;
    const bool fits_node =
        budget_used_ == 0 || budget_used_ + row.announced_bytes <= limits_.budget_bytes;
    return fits_connection && fits_node;
}

// The budget is taken when the frame is admitted: from then on its bytes may be ours.
void Connections::admit(ConnectionId connection, Row& row, Turn& turn) {
    turn.ask(effect::Admit{connection, row.announced_bytes});
    budget_used_ += row.announced_bytes;
    row.admitted_bytes = std::exchange(row.announced_bytes, 0);
}

std::optional<Address> Connections::on_received(const event::Received& received) {
    const auto found = rows_.find(received.connection);
    if (found == rows_.end() || found->second.is_hung_up) return std::nullopt;
    Row& row = found->second;
    Slot slot;
    slot.frame_bytes = static_cast<std::uint32_t>(received.frame.size());
    slot.is_budgeted = row.admitted_bytes > 0;
    // While it waited for budget, answers may have given back enough credit for it.
    row.announced_bytes = 0;
    row.admitted_bytes = 0;
    row.pending_bytes += slot.frame_bytes;
    row.slots.push_back(std::move(slot));
    return Address{received.connection, row.first_sequence + row.slots.size() - 1};
}

void Connections::on_drained(const event::Drained& drained, Turn& turn) {
    const auto found = rows_.find(drained.connection);
    if (found == rows_.end() || found->second.is_hung_up) return;
    Row& row = found->second;
    if (!row.is_paused && drained.bytes_left > limits_.backlog_bytes_max) {
        row.is_paused = true;
        turn.ask(effect::Pause{drained.connection});
    } else if (row.is_paused && drained.bytes_left <= limits_.backlog_bytes_max / 2) {
        row.is_paused = false;
        turn.ask(effect::Resume{drained.connection});
    }
}

void Connections::on_disconnected(const event::Disconnected& gone, Turn& turn) {
    const auto found = rows_.find(gone.connection);
    if (found == rows_.end()) return;
    std::uint64_t budget_bytes = found->second.admitted_bytes;
    for (const Slot& slot : found->second.slots) {
        if (slot.is_budgeted) budget_bytes += slot.frame_bytes;
    }
    if (gone.reason == Reason::garbage) {
        turn.note(Occurrence::Kind::refused, text(found->second.remote),
                  "closed: what came is no frame of Kafka's protocol", Severity::warning);
    }
    rows_.erase(found);
    give_back(budget_bytes, turn);
}

void Connections::answer(Address address, Answer answer, Turn& turn) {
    const auto found = rows_.find(address.connection);
    if (found == rows_.end() || found->second.is_hung_up) return;
    Row& row = found->second;
    CHECK(address.sequence >= row.first_sequence);
    Slot& slot = row.slots.at(address.sequence - row.first_sequence);
    CHECK(!slot.is_answered);
    slot.is_answered = true;
    slot.answer = std::move(answer);
    if (address.sequence == row.first_sequence) return send_ready(address.connection, row, turn);
    if (turn.guards.has(Guard::answers_keep_their_order)) return;
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
    std::uint64_t budget_bytes = 0;
    Chain chain;
    while (!row.slots.empty() && row.slots.front().is_answered) {
        Slot& slot = row.slots.front();
        put(connection, std::move(slot.answer), chain, turn);
        (slot.is_budgeted ? budget_bytes : credit_bytes) += slot.frame_bytes;
        row.pending_bytes -= slot.frame_bytes;
        row.slots.pop_front();
        ++row.first_sequence;
    }
    if (!chain.empty()) turn.ask(effect::Send{connection, std::move(chain)});
    if (credit_bytes > 0) turn.ask(effect::Admit{connection, credit_bytes});
    if (row.announced_bytes > 0 && may_admit(row)) admit(connection, row, turn);
    give_back(budget_bytes, turn);
}

void Connections::give_back(std::uint64_t budget_bytes, Turn& turn) {
    CHECK(budget_bytes <= budget_used_);
    budget_used_ -= budget_bytes;
    for (std::size_t turns = waiting_.size(); turns > 0; --turns) {
        const ConnectionId next = waiting_.front();
        waiting_.pop_front();
        const auto found = rows_.find(next);
        if (found == rows_.end() || found->second.announced_bytes == 0) continue;
        if (may_admit(found->second)) {
            admit(next, found->second, turn);
        } else {
            waiting_.push_back(next);
        }
    }
}

void Connections::hang_up(ConnectionId connection, const std::string& why, Turn& turn) {
    const auto found = rows_.find(connection);
    if (found == rows_.end() || found->second.is_hung_up) return;
    found->second.is_hung_up = true;
    turn.note(Occurrence::Kind::refused, text(found->second.remote), "closed: " + why,
              Severity::warning);
    turn.ask(effect::HangUp{connection});
}

void Connections::hang_up_all(Turn& turn) {
    for (auto& [connection, row] : rows_) {
        if (row.is_hung_up) continue;
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
    hasher.add(budget_used_);
    for (const auto& [connection, row] : rows_) {
        hasher.add(connection.value());
        hasher.add(row.first_sequence);
        hasher.add(static_cast<std::uint64_t>(row.slots.size()));
        hasher.add(row.pending_bytes);
    }
}

}  // namespace barnabas::broker
