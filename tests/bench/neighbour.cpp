// How long a well-behaved client waits while another one is hostile.
//
//   neighbour list
//   neighbour run --port PORT --attack NAME [--topics N] [--seconds N] [--pid PID]
//
// The neighbour sends at a fixed rate, each request measured from the time at which it was due: a
// produce of 4 KB with acks=1 (produce), one of 100 KB (large), and a Metadata of one topic
// (metadata). The same requests go to a bare echo at the same time (echo): what it makes wait is
// the machine's, which the hostile client shares. Prints the 99th percentile and the worst of each,
// and with --pid the broker's peak of memory.
#include <sys/prctl.h>
#include <sys/wait.h>

#include "tests/bench/attacks.h"
#include "tests/bench/load.h"

using namespace barnabas;
using namespace barnabas::bench;
using support::Frame;
using support::Socket;

namespace {

constexpr auto patience = std::chrono::seconds(10);

// One request at a time at a fixed rate on a connection of its own.
class Neighbour {
  public:
    Neighbour(std::string name, std::uint16_t port, Frame request, int rate)
        : name_(std::move(name)),
          wire_(port),
          request_(std::move(request)),
          interval_(std::chrono::nanoseconds(1'000'000'000 / rate)),
          due_(Clock::now()) {
        wire_.socket().set_blocking(false);
    }

    int descriptor() const { return const_cast<support::Wire&>(wire_).socket().descriptor(); }
    Clock::time_point due() const { return is_waiting_ ? due_ + patience : due_; }

    // Sends what is due; what was sent and is not answered counts when the time is over.
    void advance() {
        receive();
        if (is_waiting_ && Clock::now() > due_ + patience) fail(name_ + " is not answered");
        if (is_waiting_ || Clock::now() < due_) return;
        answer_have_ = 0;
        is_waiting_ = true;
        if (!wire_.socket().send_all(request_)) fail(name_ + ": the connection is broken");
    }
    void print() {
        if (is_waiting_) note();
        std::sort(waits_.begin(), waits_.end());
        std::printf("%s_p99_us=%.0f %s_worst_us=%.0f ", name_.c_str(), percentile(waits_, 0.99),
                    name_.c_str(), waits_.empty() ? 0 : waits_.back());
    }

  private:
    void receive() {
        std::uint8_t piece[65536];
        for (;;) {
            const auto got = ::recv(descriptor(), piece, sizeof piece, 0);
            if (got == 0) fail(name_ + ": the connection was ended");
            if (got < 0) return;
            for (ssize_t i = 0; i < got; ++i, ++answer_have_) {
                if (answer_have_ < prefix_.size()) prefix_[answer_have_] = piece[i];
            }
            const auto length = static_cast<std::size_t>(load_big<std::uint32_t>(prefix_.data()));
            if (answer_have_ < prefix_.size() || answer_have_ < prefix_.size() + length) continue;
            note();
            is_waiting_ = false;
            // What could not be sent in time for an answer that was late is due at once.
            due_ += interval_;
        }
    }
    void note() {
        waits_.push_back(std::chrono::duration<double, std::micro>(Clock::now() - due_).count());
    }

    std::string name_;
    support::Wire wire_;
    Frame request_;
    std::chrono::nanoseconds interval_;
    Clock::time_point due_;
    bool is_waiting_ = false;
    std::array<std::uint8_t, support::frame_prefix_bytes> prefix_{};
    std::size_t answer_have_ = 0;
    std::vector<double> waits_;
};

// Sends back what comes, on one connection after the other that is there.
void echo(Socket& listener, int count) {
    std::vector<Socket> sockets;
    std::vector<pollfd> wanted;
    for (int i = 0; i < count; ++i) {
        sockets.emplace_back(::accept(listener.descriptor(), nullptr, nullptr));
        const int on = 1;
        ::setsockopt(sockets.back().descriptor(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        wanted.push_back({.fd = sockets.back().descriptor(), .events = POLLIN, .revents = 0});
    }
    std::vector<std::uint8_t> piece(65536);
    while (::poll(wanted.data(), wanted.size(), -1) > 0) {
        for (std::size_t i = 0; i < sockets.size(); ++i) {
            if (wanted[i].revents == 0) continue;
            const auto got = ::recv(wanted[i].fd, piece.data(), piece.size(), 0);
            if (got <= 0) return;
            sockets[i].send_all(ByteView(piece).first(static_cast<std::size_t>(got)));
        }
    }
}

const Attack& find_attack(const std::string& name) {
    for (const Attack& attack : attacks())
        if (attack.name == name) return attack;
    fail("no attack is called " + name);
}

// In a process of its own, so that a hostile client costs the others what any process does.
pid_t begin(auto work) {
    const pid_t child = ::fork();
    if (child != 0) return child;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    work();
    ::_exit(0);
}

void measure(const Flags& flags) {
    constexpr const char* topic = "neighbour";
    const std::uint16_t port = port_of(flags);
    const Attack& attack = find_attack(flags.text("attack", "nothing"));
    attack.prepare(port, static_cast<int>(flags.number("topics", 10)));
    support::Wire wire(port);
    ready_topic(wire, topic, 1);
    const Frame produce = support::produce_request(topic, 0, 1, load_of(4096, 1000).batch);
    const Frame large = support::produce_request(topic, 0, 1, load_of(100'000, 1000).batch);
    const Frame metadata = support::metadata_request(topic);

    auto listener = support::listen_on_loopback();
    const pid_t echoing = begin([&] { echo(listener.socket, 1); });
    std::vector<Neighbour> neighbours;
    neighbours.emplace_back("produce", port, produce, 200);
    neighbours.emplace_back("large", port, large, 20);
    neighbours.emplace_back("metadata", port, metadata, 50);
    neighbours.emplace_back("echo", listener.port, produce, 200);

    const auto end = Clock::now() + std::chrono::seconds(flags.number("seconds", 3));
    const pid_t hostile = begin([&] { attack.run(port, end); });
    while (Clock::now() < end) {
        std::vector<pollfd> wanted;
        auto next = end;
        for (Neighbour& one : neighbours) {
            one.advance();
            next = std::min(next, one.due());
            wanted.push_back({.fd = one.descriptor(), .events = POLLIN, .revents = 0});
        }
        const auto wait = std::max<std::int64_t>(0, (next - Clock::now()).count());
        const timespec most{.tv_sec = wait / 1'000'000'000, .tv_nsec = wait % 1'000'000'000};
        ::ppoll(wanted.data(), wanted.size(), &most, nullptr);
    }
    for (const pid_t child : {hostile, echoing}) {
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
    }
    for (Neighbour& one : neighbours) one.print();
    if (flags.has("pid")) {
        std::printf("peak_mib=%lld ",
                    static_cast<long long>(memory_kib(flags.number("pid", 0), "VmHWM") / 1024));
    }
    std::printf("\n");
}

}  // namespace

int main(int argc, char** argv) {
    const Flags flags(argc, argv);
    ::prctl(PR_SET_TIMERSLACK, 1);
    if (flags.mode() == "list") {
        for (const Attack& attack : attacks()) std::printf("%s\n", attack.name.c_str());
    } else if (flags.mode() == "run") {
        measure(flags);
    } else {
        fail("modes: list, run");
    }
}
