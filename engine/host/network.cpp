#include "engine/host/network.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include "engine/host/connection.h"

namespace barnabas::host {

using boost::system::error_code;

Network::Network(boost::asio::io_context& loop, std::vector<Event>& events, LogSink& log,
                 Duration dial_timeout)
    : loop_(loop), events_(events), log_(log), dial_timeout_(dial_timeout), resolver_(loop) {}

Network::~Network() = default;

void Network::unlisten(ListenerId listener) {
    listeners_.erase(listener.value());
    late_listeners_.erase(listener.value());
}

void Network::admit(const effect::Admit& credit) {
    Connection* connection = find(credit.connection);
    if (!connection) return;
    connection->receiver.admit(credit.bytes);
    list(*connection);
}

void Network::pause(ConnectionId id) {
    if (Connection* connection = find(id)) connection->is_paused = true;
}

void Network::resume(ConnectionId id) {
    Connection* connection = find(id);
    if (!connection) return;
    connection->is_paused = false;
    list(*connection);
    touch(*connection);
}

void Network::hang_up(ConnectionId id) {
    if (Connection* connection = find(id)) end(*connection, Reason::hung_up);
}

void Network::send(effect::Send wanted) {
    Connection* connection = find(wanted.connection);
    if (!connection) return;
    connection->sender.push(wanted.bytes);
    touch(*connection);
}

void Network::send_file(ConnectionId id, FileRange range) {
    Connection* connection = find(id);
    if (!connection) return;
    if (!range.file && !range.late) return end(*connection, Reason::reset);
    connection->sender.push(std::move(range));
    touch(*connection);
}

Network::Connection* Network::find(ConnectionId id) {
    const auto found = connections_.find(id.value());
    if (found == connections_.end() || found->second->ended) return nullptr;
    return found->second.get();
}

void Network::add_accepted(ListenerId listener, Descriptor socket) {
    const ConnectionId id(next_connection_++);
    set_up_connection(socket.number());
    event::Connected connected{id, listener, local_endpoint(socket.number()),
                               remote_endpoint(socket.number())};
    auto connection = std::make_unique<Connection>(loop_, id);
    if (!watch(connection->socket, std::move(socket))) return;
    events_.push_back(std::move(connected));
    touch(*connection);
    connections_[id.value()] = std::move(connection);
}

// False when the system has no room to watch one more.
bool Network::watch(Watched& watched, Descriptor socket) {
    error_code error;
    watched.assign(socket.number(), error);
    if (error) return false;
    socket.release();
    watched.non_blocking(true, error);
    return !error;
}

void Network::touch(Connection& connection) {
    if (connection.is_touched) return;
    connection.is_touched = true;
    touched_.push_back(&connection);
}

// To be gone on with by receive(), when there is anything to go on with.
void Network::list(Connection& connection) {
    if (connection.is_listed || connection.is_paused || connection.ended) return;
    if (!connection.is_readable && !connection.receiver.holds_input()) return touch(connection);
    connection.is_listed = true;
    (connection.is_greedy ? greedy_ : readable_).push_back(&connection);
}

void Network::end(Connection& connection, Reason reason) {
    if (connection.ended) return;
    connection.ended = reason;
    touch(connection);
}

bool Network::may_tell(const Event& event) {
    if (const auto* drained = std::get_if<event::Drained>(&event))
        return find(drained->connection) != nullptr;
    if (const auto* connected = std::get_if<event::Connected>(&event))
        return find(connected->connection) != nullptr;
    const auto* gone = std::get_if<event::Disconnected>(&event);
    if (!gone) return true;
    const auto found = connections_.find(gone->connection.value());
    if (found == connections_.end()) return true;
    std::erase(readable_, found->second.get());
    std::erase(greedy_, found->second.get());
    std::erase(touched_, found->second.get());
    connections_.erase(found);
    return true;
}

void Network::wait_to_accept(Listener& listener) {
    listener.socket.async_wait(Watched::wait_read, [this, id = listener.id](error_code error) {
        if (!error && listeners_.contains(id.value())) acceptable_.push_back(id);
    });
}

void Network::accept_from(Listener& listener, const Allowance& allowance) {
    for (int count = 0; count < accept_max && (count == 0 || !allowance.is_spent()); ++count) {
        Descriptor socket(::accept4(listener.socket.native_handle(), nullptr, nullptr,
                                    SOCK_NONBLOCK | SOCK_CLOEXEC));
        if (socket.is_open()) {
            add_accepted(listener.id, std::move(socket));
            continue;
        }
        if (errno == EAGAIN) return wait_to_accept(listener);
        if (is_shortage(errno)) return back_off(listener, errno);
        // Anything else is about the one connection that was to be accepted.
    }
    acceptable_.push_back(listener.id);
}

// Whoever waits to be accepted waits on; trying again at once would only burn the processor.
void Network::back_off(Listener& listener, int error) {
    log_.write({Occurrence::Kind::refused, Severity::warning,
                text_of(local_endpoint(listener.socket.native_handle())),
                fmt::format("cannot accept connections for now: {}", std::strerror(error))});
    listener.patience.expires_after(shortage_pause);
    listener.patience.async_wait([this, id = listener.id](error_code stopped) {
        if (!stopped && listeners_.contains(id.value())) acceptable_.push_back(id);
    });
}

void Network::receive(Turns& turns, Allowance& allowance) {
    for (const ListenerId id : std::exchange(acceptable_, {}))
        if (const auto found = listeners_.find(id.value()); found != listeners_.end())
            accept_from(*found->second, allowance);
    read_from_each(readable_, turns, allowance);
    read_from_each(greedy_, turns, allowance);
}

void Network::read_from_each(std::vector<Connection*>& listed, Turns& turns,
                             Allowance& allowance) {
    reading_.swap(listed);
    std::size_t at = 0;
    while (at < reading_.size() && (at == 0 || !allowance.is_spent())) {
        Connection& connection = *reading_[at++];
        connection.is_listed = false;
        read_from(connection, turns, allowance);
    }
    listed.insert(listed.begin(), reading_.begin() + static_cast<std::ptrdiff_t>(at),
                  reading_.end());
    reading_.clear();
}

void Network::read_from(Connection& connection, Turns& turns, Allowance& allowance) {
    touch(connection);
    const Instant until = std::min(allowance.until, monotonic_clock() + slice);
    std::size_t spent = 0;
    connection.is_greedy = true;
    for (;;) {
        // Listed while its frames are told: it needs no place in the list to be gone on with.
        connection.is_listed = true;
        const bool is_out_of_time = !tell_frames(connection, turns, until);
        connection.is_listed = false;
        if (connection.ended || connection.is_paused || connection.is_held_back) break;
        connection.is_greedy =
            is_out_of_time || (connection.is_readable && connection.receiver.wants_bytes());
        if (!connection.is_greedy) break;
        if (is_out_of_time || spent >= std::min<std::uint64_t>(read_max, allowance.bytes)) {
            list(connection);
            break;
        }
        if (!read_once(connection, spent)) {
            connection.is_greedy = false;
            break;
        }
    }
    allowance.take(spent);
}

// False when its time is over before all is told.
bool Network::tell_frames(Connection& connection, Turns& turns, Instant until) {
    while (!connection.ended && !connection.is_paused) {
        connection.is_held_back = connection.sender.untried() >= untried_max;
        if (connection.is_held_back) return true;
        Receiver::Cut cut = connection.receiver.next();
        switch (cut.found) {
            case Receiver::Found::nothing: return true;
            case Receiver::Found::frame:
                turns.turn(event::Received{connection.id, std::move(cut.frame)});
                break;
            case Receiver::Found::arriving:
                turns.turn(event::Arriving{connection.id, cut.length});
                break;
        }
        if (monotonic_clock() >= until) return false;
    }
    return true;
}

// False when there is nothing to read now, or ever.
bool Network::read_once(Connection& connection, std::size_t& spent) {
    const Receiver::Space space = connection.receiver.space(slab_);
    const ssize_t count =
        ::readv(connection.socket.native_handle(), space.parts.data(), space.count);
    if (count > 0) {
        connection.is_readable = static_cast<std::size_t>(count) == space.size;
        connection.receiver.filled(slab_, static_cast<std::size_t>(count));
        spent += static_cast<std::size_t>(count);
        return true;
    }
    if (count < 0 && errno == EINTR) return true;
    connection.is_readable = false;
    if (count == 0)
        end(connection, Reason::closed);
    else if (errno != EAGAIN)
        end(connection, Reason::reset);
    return false;
}

void Network::carry_out(Allowance& allowance) {
    settling_.swap(touched_);
    std::size_t at = 0;
    while (at < settling_.size() && (at == 0 || !allowance.is_spent())) {
        Connection& connection = *settling_[at++];
        connection.is_touched = false;
        carry_out(connection, allowance);
    }
    touched_.insert(touched_.begin(), settling_.begin() + static_cast<std::ptrdiff_t>(at),
                    settling_.end());
    settling_.clear();
}

void Network::carry_out(Connection& connection, Allowance& allowance) {
    if (connection.is_closed) return;
    if (connection.ended) return close(connection);
    if (connection.dialling) return;
    send_from(connection, allowance);
    if (connection.ended) return close(connection);
    if (const auto left = connection.sender.drained())
        events_.push_back(event::Drained{connection.id, *left, connection.sender.memory_left()});
    if (std::exchange(connection.is_held_back, false)) list(connection);
    connection.receiver.settle();
    if (!connection.is_paused && !connection.is_readable && connection.receiver.wants_bytes())
        wait_to_read(connection);
}

void Network::send_from(Connection& connection, Allowance& allowance) {
    Sender& sender = connection.sender;
    if (connection.waits_to_write || connection.waits_for_disk) return sender.note_tried();
    const std::uint64_t before = sender.bytes_left();
    if (before == 0) return;
    switch (sender.send(connection.socket.native_handle())) {
        case Sender::Outcome::empty: break;
        case Sender::Outcome::blocked: wait_to_write(connection); break;
        case Sender::Outcome::cold:
            connection.waits_for_disk = true;
            cold_.push_back({connection.id, sender.cold_piece(),
                             sender.cold_bytes() - sender.cold_piece().length});
            break;
        case Sender::Outcome::unspent: touch(connection); break;
        case Sender::Outcome::broken: connection.ended = Reason::reset; break;
    }
    allowance.take(before - sender.bytes_left());
}

void Network::resume_sending(ConnectionId id, SharedDescriptor file) {
    Connection* connection = find(id);
    if (!connection) return;
    connection->waits_for_disk = false;
    connection->sender.warmed(std::move(file));
    touch(*connection);
}

void Network::end_all() {
    for (auto& [id, connection] : connections_) end(*connection, Reason::hung_up);
    Allowance unlimited;
    carry_out(unlimited);
}

void Network::close(Connection& connection) {
    const Reason reason = *connection.ended;
    connection.is_closed = true;
    if (connection.dialling) {
        connection.dialling.reset();
        boost::system::error_code ignored;
        connection.socket.close(ignored);
    } else {
        // The answers of this pass go out first, as far as the peer takes them.
        const bool is_broken =
            reason == Reason::reset ||
            connection.sender.send(connection.socket.native_handle()) == Sender::Outcome::broken;
        Descriptor socket(connection.socket.release());
        if (is_broken)
            break_off(std::move(socket));
        else
            close_gently(std::move(socket));
    }
    events_.push_back(event::Disconnected{connection.id, reason});
}

void Network::wait_to_read(Connection& connection) {
    if (connection.waits_to_read) return;
    connection.waits_to_read = true;
    connection.socket.async_wait(Watched::wait_read, [this, id = connection.id](error_code error) {
        if (error) return;
        const auto found = connections_.find(id.value());
        if (found == connections_.end()) return;
        found->second->waits_to_read = false;
        found->second->is_readable = true;
        list(*found->second);
    });
}

void Network::wait_to_write(Connection& connection) {
    connection.waits_to_write = true;
    connection.socket.async_wait(Watched::wait_write, [this, id = connection.id](error_code error) {
        if (error) return;
        const auto found = connections_.find(id.value());
        if (found == connections_.end()) return;
        found->second->waits_to_write = false;
        if (found->second->dialling)
            on_dialled(*found->second);
        else
            touch(*found->second);
    });
}

}  // namespace barnabas::host
