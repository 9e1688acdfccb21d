// How a Network listens and dials: names become addresses, addresses are tried in turn.
#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "engine/host/connection.h"

namespace barnabas::host {

using boost::asio::ip::tcp;
using boost::system::error_code;

namespace {

Address address_of(const tcp::endpoint& endpoint) {
    Address address;
    std::memcpy(&address.storage, endpoint.data(), endpoint.size());
    address.size = static_cast<socklen_t>(endpoint.size());
    return address;
}

}  // namespace

// A name in a listener is resolved on the spot: that happens when a node starts.
void Network::listen(const effect::Listen& wanted) {
    std::vector<Address> addresses = numeric_addresses(wanted.at);
    std::string why = "the name does not resolve to an address";
    if (addresses.empty()) {
        error_code error;
        for (const auto& one :
             resolver_.resolve(wanted.at.host, std::to_string(wanted.at.port), error))
            addresses.push_back(address_of(one.endpoint()));
        if (error) why = error.message();
    }
    for (const Address& address : addresses) {
        auto socket = listen_at(address);
        if (!socket) {
            if (is_shortage(socket.error())) return listen_later(wanted, socket.error());
            why = std::strerror(socket.error());
            continue;
        }
        auto listener = std::make_unique<Listener>(loop_, wanted.listener);
        const Endpoint at{wanted.at.host, local_endpoint(socket->number()).port};
        if (!watch(listener->socket, std::move(*socket))) continue;
        wait_to_accept(*listener);
        listeners_[wanted.listener.value()] = std::move(listener);
        events_.push_back(event::Listening{wanted.listener, at, true, {}});
        return;
    }
    events_.push_back(event::Listening{wanted.listener, wanted.at, false, why});
}

// A node that starts when descriptors run short starts later.
void Network::listen_later(const effect::Listen& wanted, int error) {
    log_.write({Occurrence::Kind::refused, Severity::warning, text_of(wanted.at),
                fmt::format("cannot listen for now: {}", std::strerror(error))});
    auto& pause = late_listeners_[wanted.listener.value()];
    pause = std::make_unique<boost::asio::steady_timer>(loop_, shortage_pause);
    pause->async_wait([this, wanted](error_code stopped) {
        if (!stopped && late_listeners_.erase(wanted.listener.value()) > 0) listen(wanted);
    });
}

void Network::dial(const effect::Dial& wanted) {
    CHECK(is_dialled(wanted.connection));
    auto& row = connections_[wanted.connection.value()];
    CHECK(!row);
    row = std::make_unique<Connection>(loop_, wanted.connection);
    Connection& connection = *row;
    connection.dialling = std::make_unique<Dialling>(loop_);
    connection.dialling->deadline.expires_after(dial_timeout_);
    connection.dialling->deadline.async_wait([this, id = wanted.connection](error_code stopped) {
        Connection* late = find(id);
        if (!stopped && late && late->dialling) end(*late, Reason::timed_out);
    });
    connection.dialling->addresses = numeric_addresses(wanted.peer);
    if (connection.dialling->addresses.empty()) return resolve(connection, wanted.peer);
    dial_next(connection);
}

void Network::resolve(Connection& connection, const Endpoint& peer) {
    resolver_.async_resolve(
        peer.host, std::to_string(peer.port),
        [this, id = connection.id](error_code, const tcp::resolver::results_type& results) {
            Connection* waiting = find(id);
            if (!waiting || !waiting->dialling) return;
            for (const auto& one : results)
                waiting->dialling->addresses.push_back(address_of(one.endpoint()));
            dial_next(*waiting);
        });
}

void Network::dial_next(Connection& connection) {
    Dialling& dialling = *connection.dialling;
    while (dialling.next < dialling.addresses.size()) {
        auto socket = begin_dial(dialling.addresses[dialling.next++]);
        if (!socket) {
            dialling.error = socket.error();
            continue;
        }
        error_code ignored;
        connection.socket.close(ignored);
        if (watch(connection.socket, std::move(*socket))) return wait_to_write(connection);
    }
    end(connection, reason_of_dial(dialling.error));
}

void Network::on_dialled(Connection& connection) {
    const int error = dial_result(connection.socket.native_handle());
    if (error != 0) {
        connection.dialling->error = error;
        return dial_next(connection);
    }
    connection.dialling.reset();
    const int socket = connection.socket.native_handle();
    set_up_connection(socket);
    events_.push_back(event::Connected{connection.id, ListenerId(), local_endpoint(socket),
                                       remote_endpoint(socket)});
    touch(connection);
}

}  // namespace barnabas::host
