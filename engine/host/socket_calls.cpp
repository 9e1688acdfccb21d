#include "engine/host/socket_calls.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace barnabas::host {
namespace {

constexpr int backlog = 4096;
// Unread input that a gentle close throws away at most.
constexpr int discard_rounds_max = 16;
constexpr std::size_t discard_step = 1024 * 1024;

void set(int socket, int level, int option, int value) {
    ::setsockopt(socket, level, option, &value, sizeof value);
}

Descriptor new_socket(int family) {
    return Descriptor(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

}  // namespace

std::vector<Address> numeric_addresses(const Endpoint& endpoint) {
    addrinfo wanted{};
    wanted.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE;
    wanted.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const std::string port = std::to_string(endpoint.port);
    const char* host = endpoint.host.empty() ? nullptr : endpoint.host.c_str();
    if (::getaddrinfo(host, port.c_str(), &wanted, &found) != 0) return {};
    std::vector<Address> addresses;
    for (const addrinfo* one = found; one; one = one->ai_next) {
        Address address;
        std::memcpy(&address.storage, one->ai_addr, one->ai_addrlen);
        address.size = one->ai_addrlen;
        // For "every address" the IPv6 one comes first: it takes IPv4 connections too.
        if (!host && one->ai_family == AF_INET6)
            addresses.insert(addresses.begin(), address);
        else
            addresses.push_back(address);
    }
    ::freeaddrinfo(found);
    return addresses;
}

Endpoint endpoint_of(const Address& address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (address.storage.ss_family == AF_INET) {
        const auto* v4 = reinterpret_cast<const sockaddr_in*>(&address.storage);
        ::inet_ntop(AF_INET, &v4->sin_addr, text.data(), text.size());
        return {text.data(), ntohs(v4->sin_port)};
    }
    if (address.storage.ss_family != AF_INET6) return {};
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(&address.storage);
    if (IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr))
        ::inet_ntop(AF_INET, &v6->sin6_addr.s6_addr[12], text.data(), text.size());
    else
        ::inet_ntop(AF_INET6, &v6->sin6_addr, text.data(), text.size());
    return {text.data(), ntohs(v6->sin6_port)};
}

std::string text_of(const Endpoint& endpoint) {
    const bool is_v6 = endpoint.host.contains(':');
    return fmt::format("{}{}{}:{}", is_v6 ? "[" : "", endpoint.host, is_v6 ? "]" : "",
                       endpoint.port);
}

Endpoint local_endpoint(int socket) {
    Address address;
    address.size = sizeof address.storage;
    if (::getsockname(socket, address.get(), &address.size) < 0) return {};
    return endpoint_of(address);
}

Endpoint remote_endpoint(int socket) {
    Address address;
    address.size = sizeof address.storage;
    if (::getpeername(socket, address.get(), &address.size) < 0) return {};
    return endpoint_of(address);
}

Result<Descriptor, int> listen_at(const Address& address) {
    Descriptor socket = new_socket(address.storage.ss_family);
    if (!socket.is_open()) return unexpected(errno);
    set(socket.number(), SOL_SOCKET, SO_REUSEADDR, 1);
    if (address.storage.ss_family == AF_INET6) {
        const auto* v6 = reinterpret_cast<const sockaddr_in6*>(&address.storage);
        set(socket.number(), IPPROTO_IPV6, IPV6_V6ONLY,
            IN6_IS_ADDR_UNSPECIFIED(&v6->sin6_addr) ? 0 : 1);
    }
    if (::bind(socket.number(), address.get(), address.size) < 0 ||
        ::listen(socket.number(), backlog) < 0)
        return unexpected(errno);
    return socket;
}

bool is_shortage(int error) {
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

Result<Descriptor, int> begin_dial(const Address& address) {
    Descriptor socket = new_socket(address.storage.ss_family);
    if (!socket.is_open()) return unexpected(errno);
    if (::connect(socket.number(), address.get(), address.size) < 0 && errno != EINPROGRESS)
        return unexpected(errno);
    return socket;
}

int dial_result(int socket) {
    int error = 0;
    socklen_t size = sizeof error;
    if (::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) < 0) return errno;
    return error;
}

void set_up_connection(int socket) {
    set(socket, IPPROTO_TCP, TCP_NODELAY, 1);
    set(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
}

void break_off(Descriptor socket) {
    const linger at_once{1, 0};
    ::setsockopt(socket.number(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

void close_gently(Descriptor socket) {
    ::shutdown(socket.number(), SHUT_WR);
    for (int round = 0; round < discard_rounds_max; ++round)
        if (::recv(socket.number(), nullptr, discard_step, MSG_TRUNC | MSG_DONTWAIT) <= 0) return;
}

Reason reason_of_dial(int error) {
    switch (error) {
        case ECONNREFUSED: return Reason::refused;
        case ETIMEDOUT: return Reason::timed_out;
        case ECONNRESET:
        case ECONNABORTED:
        case EPIPE: return Reason::reset;
        default: return Reason::unreachable;
    }
}

}  // namespace barnabas::host
