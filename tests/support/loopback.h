// Blocking TCP on 127.0.0.1 with a bound on every wait, for tests and benchmarks that stand outside
// the broker and talk to it as anybody would.
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "engine/base/bytes.h"

namespace barnabas::support {

using Milliseconds = std::chrono::milliseconds;

class Socket {
  public:
    Socket() = default;
    explicit Socket(int descriptor) : descriptor_(descriptor) {}
    Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    Socket& operator=(Socket&& other) noexcept {
        std::swap(descriptor_, other.descriptor_);
        return *this;
    }
    ~Socket() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }

    int descriptor() const { return descriptor_; }
    explicit operator bool() const { return descriptor_ >= 0; }
    void close() { *this = Socket(); }
    // Closes so that the peer sees a reset, not an end.
    void reset() {
        const linger now{.l_onoff = 1, .l_linger = 0};
        ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
        close();
    }
    void set_blocking(bool blocking) {
        const int flags = ::fcntl(descriptor_, F_GETFL, 0);
        ::fcntl(descriptor_, F_SETFL, blocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK);
    }

    // All of it, or false: the peer is gone or took nothing for `patience`.
    bool send_all(ByteView bytes, Milliseconds patience = Milliseconds(10'000)) {
        while (!bytes.empty()) {
            const auto sent =
                ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
            if (sent > 0) {
                bytes = bytes.subspan(static_cast<std::size_t>(sent));
            } else if (errno != EAGAIN || !is_ready(POLLOUT, patience)) {
                return false;
            }
        }
        return true;
    }
    // Exactly `count` bytes, or nothing: the peer ended or sent nothing for `patience`.
    std::optional<std::vector<std::uint8_t>> read(std::size_t count,
                                                  Milliseconds patience = Milliseconds(10'000)) {
        std::vector<std::uint8_t> bytes(count);
        for (std::size_t at = 0; at < count;) {
            const auto got = ::recv(descriptor_, bytes.data() + at, count - at, MSG_DONTWAIT);
            if (got > 0) {
                at += static_cast<std::size_t>(got);
            } else if (got == 0 || errno != EAGAIN || !is_ready(POLLIN, patience)) {
                return std::nullopt;
            }
        }
        return bytes;
    }
    // True when the peer ends the connection within `patience`; what it still sends is thrown away.
    bool is_ended_by_peer(Milliseconds patience = Milliseconds(10'000)) {
        std::uint8_t thrown_away[4096];
        while (is_ready(POLLIN, patience)) {
            const auto got = ::recv(descriptor_, thrown_away, sizeof thrown_away, MSG_DONTWAIT);
            if (got == 0 || (got < 0 && errno != EAGAIN)) return true;
        }
        return false;
    }

  private:
    bool is_ready(short events, Milliseconds patience) const {
        pollfd wanted{.fd = descriptor_, .events = events, .revents = 0};
        return ::poll(&wanted, 1, static_cast<int>(patience.count())) > 0;
    }

    int descriptor_ = -1;
};

inline sockaddr_in loopback_address(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

// Nothing when nobody listens there.
inline Socket dial_loopback(std::uint16_t port) {
    Socket socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const sockaddr_in address = loopback_address(port);
    if (::connect(socket.descriptor(), reinterpret_cast<const sockaddr*>(&address),
                  sizeof address) != 0) {
        return {};
    }
    const int on = 1;
    ::setsockopt(socket.descriptor(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return socket;
}

struct Listener {
    Socket socket;
    std::uint16_t port = 0;
};

// On that port, or with 0 on one that is free. Nothing when it is taken.
inline Listener listen_on_loopback(std::uint16_t port = 0) {
    Listener listener{.socket = Socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))};
    sockaddr_in address = loopback_address(port);
    socklen_t size = sizeof address;
    if (::bind(listener.socket.descriptor(), reinterpret_cast<sockaddr*>(&address), size) != 0) {
        return {};
    }
    CHECK(::listen(listener.socket.descriptor(), 16) == 0);
    ::getsockname(listener.socket.descriptor(), reinterpret_cast<sockaddr*>(&address), &size);
    listener.port = ntohs(address.sin_port);
    return listener;
}

// A port that is free, and the next one too, below those that the kernel gives to connections: for
// a broker that is told its port and may be started again on it.
inline std::uint16_t free_port() {
    constexpr int first = 15'000, last = 31'000;
    const int begin = ::getpid() * 2 % (last - first);
    for (int i = 0; i < last - first; i += 2) {
        const auto port = static_cast<std::uint16_t>(first + (begin + i) % (last - first));
        const Listener one = listen_on_loopback(port);
        const Listener next = listen_on_loopback(static_cast<std::uint16_t>(port + 1));
        if (one.socket && next.socket) return port;
    }
    return 0;
}

}  // namespace barnabas::support
