// A host that runs a small machine of the test's own on a thread, and a plain blocking client.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <future>
#include <mutex>
#include <thread>

#include "engine/host/host.h"

namespace barnabas::host {

// What a test's machine leaves for its test, across threads.
class Probe {
  public:
    void set_port(std::uint16_t port) {
        change([&] { port_ = port; });
    }
    std::uint16_t wait_for_port() {
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, patience, [&] { return port_ != 0; });
        return port_;
    }
    void say(std::string line) {
        change([&] { lines_.push_back(std::move(line)); });
    }
    // All lines, once there are so many. Patience is for a test that fails.
    std::vector<std::string> wait_for_lines(std::size_t count) {
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, patience, [&] { return lines_.size() >= count; });
        return lines_;
    }
    bool wait_for_line(const std::string& line) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, patience, [&] {
            return std::find(lines_.begin(), lines_.end(), line) != lines_.end();
        });
    }

  private:
    static constexpr std::chrono::seconds patience{20};
    template <class Change>
    void change(Change change) {
        const std::lock_guard guard(mutex_);
        change();
        changed_.notify_all();
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::uint16_t port_ = 0;
    std::vector<std::string> lines_;
};

// Listens on a free port of loopback, ends when it is told to, and leaves the rest to `rest`.
struct TestMachine {
    std::shared_ptr<Probe> probe = std::make_shared<Probe>();
    std::function<void(const Event&, Turn&, Probe&)> rest;
    std::string address = "127.0.0.1";

    void on(const Event& event, Turn& turn) {
        if (std::holds_alternative<event::Started>(event))
            turn.ask(effect::Listen{ListenerId(1), {address, 0}});
        if (const auto* listening = std::get_if<event::Listening>(&event))
            probe->set_port(listening->at.port);
        if (rest) rest(event, turn, *probe);
        if (std::holds_alternative<event::Operator>(event)) turn.ask(effect::Exit{0});
    }
    void digest(Hasher&) const {}
};

inline Options quiet() {
    Options options;
    options.handle_signals = false;
    options.log.at_least = Severity::error;
    return options;
}

class RunningHost {
  public:
    explicit RunningHost(TestMachine machine, Options options = quiet())
        : probe(machine.probe), host_(std::move(machine), std::move(options)) {
        thread_ = std::thread([this] { code_ = host_.run(); });
    }
    ~RunningHost() { stop(); }

    int stop() {
        if (!thread_.joinable()) return code_;
        host_.shut_down();
        return join();
    }
    int join() {  // the machine ends by itself
        if (thread_.joinable()) thread_.join();
        return code_;
    }
    Host& host() { return host_; }
    std::uint16_t port() { return probe->wait_for_port(); }

    std::shared_ptr<Probe> probe;

  private:
    Host host_;
    int code_ = -1;
    std::thread thread_;
};

inline std::string framed(std::string_view payload) {
    std::string frame;
    for (int shift = 24; shift >= 0; shift -= 8)
        frame += static_cast<char>(payload.size() >> shift);
    return frame.append(payload);
}

class Client {
  public:
    explicit Client(std::uint16_t port, int receive_buffer = 0) : Client() {
        if (receive_buffer > 0)
            ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
        connect(port);
    }
    Client() {
        socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const timeval patience{20, 0};
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        const int yes = 1;
        ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    }
    void connect(std::uint16_t port) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        is_connected =
            ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    }
    Client(Client&& other) noexcept
        : is_connected(other.is_connected), socket_(std::exchange(other.socket_, -1)) {}
    ~Client() {
        if (socket_ >= 0) ::close(socket_);
    }

    void send(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (count <= 0) return;
            bytes.remove_prefix(static_cast<std::size_t>(count));
        }
    }
    // Shorter when the connection ends before.
    std::string receive(std::size_t size) {
        std::string bytes(size, '\0');
        std::size_t have = 0;
        while (have < size) {
            const ssize_t count = ::recv(socket_, bytes.data() + have, size - have, 0);
            if (count < 0) error = errno;
            if (count <= 0) break;
            have += static_cast<std::size_t>(count);
        }
        bytes.resize(have);
        return bytes;
    }
    std::string receive_frame() {
        const std::string prefix = receive(4);
        if (prefix.size() < 4) return {};
        std::size_t size = 0;
        for (const char byte : prefix) size = size << 8 | static_cast<unsigned char>(byte);
        return receive(size);
    }
    // True when the peer has ended the connection, one way or the other.
    bool is_ended() { return receive(1).empty(); }
    void finish_sending() { ::shutdown(socket_, SHUT_WR); }
    int number() const { return socket_; }

    bool is_connected = false;
    int error = 0;

  private:
    int socket_ = -1;
};

// A directory of the test's own, gone afterwards.
class TestDirectory {
  public:
    TestDirectory() {
        std::string pattern = (std::filesystem::temp_directory_path() / "barnabas-XXXXXX").string();
        path_ = ::mkdtemp(pattern.data());
    }
    ~TestDirectory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    std::string operator/(std::string_view name) const { return (path_ / name).string(); }
    std::string path() const { return path_.string(); }

  private:
    std::filesystem::path path_;
};

// Sends each frame back with its length in front, with `credit` on each connection.
inline TestMachine echo_machine(std::uint64_t credit = 1 << 20) {
    return {.rest = [credit](const Event& event, Turn& turn, Probe&) {
        if (const auto* connected = std::get_if<event::Connected>(&event))
            turn.ask(effect::Admit{connected->connection, credit});
        const auto* received = std::get_if<event::Received>(&event);
        if (!received) return;
        Chain answer(Bytes::copy(framed(std::string(received->frame.size(), ' ')).substr(0, 4)));
        answer.push(received->frame);
        turn.ask(effect::Send{received->connection, std::move(answer)});
        turn.ask(effect::Admit{received->connection, received->frame.size()});
    }};
}

}  // namespace barnabas::host
