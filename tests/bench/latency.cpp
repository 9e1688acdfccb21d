// Latency at a fixed rate: every record has a time at which it is to be sent, and is measured from
// that time on, however late the sender or the broker is.
//
//   latency run --port PORT --topic NAME [--rate PER_SECOND] [--record BYTES] [--seconds N]
//               [--pid PID] [--echo 0]
//
// One request a record (linger 0), acks=1. Prints the percentiles until the acknowledgement (ack),
// until a second connection has fetched the record (end), and of a bare loopback echo of frames of
// the same size at the same rate, run just before (echo), unless that is switched off.
#include <sys/prctl.h>
#include <sys/wait.h>

#include "tests/bench/load.h"

using namespace barnabas;
using namespace barnabas::bench;
using support::Frame;
using support::Socket;

namespace {

struct Pace {
    Clock::time_point begin;
    std::int64_t rate;
    std::int64_t count;

    Clock::time_point at(std::int64_t number) const {
        return begin + std::chrono::nanoseconds(number * 1'000'000'000 / rate);
    }
    double late(std::int64_t number) const {  // microseconds
        return std::chrono::duration<double, std::micro>(Clock::now() - at(number)).count();
    }
};

// One side of a socket that never blocks: bytes to be sent, and bytes that came.
struct Channel {
    Socket& socket;
    std::vector<std::uint8_t> out;
    std::vector<std::uint8_t> in;

    void send() {
        if (out.empty()) return;
        const auto went = ::send(socket.descriptor(), out.data(), out.size(), MSG_NOSIGNAL);
        if (went > 0) out.erase(out.begin(), out.begin() + went);
    }
    void receive() {
        std::uint8_t piece[65536];
        for (;;) {
            const auto got = ::recv(socket.descriptor(), piece, sizeof piece, 0);
            if (got == 0) fail("the broker ended the connection");
            if (got < 0) return;
            in.insert(in.end(), piece, piece + got);
        }
    }
    // The next whole frame without its prefix, or nothing.
    std::optional<Frame> frame() {
        if (in.size() < support::frame_prefix_bytes) return std::nullopt;
        const auto length = static_cast<std::size_t>(load_big<std::int32_t>(in.data()));
        const auto end = support::frame_prefix_bytes + length;
        if (in.size() < end) return std::nullopt;
        Frame whole(in.begin() + support::frame_prefix_bytes,
                    in.begin() + static_cast<std::ptrdiff_t>(end));
        in.erase(in.begin(), in.begin() + static_cast<std::ptrdiff_t>(end));
        return whole;
    }
};

// Sends `frame` at its times, correlation counting up, until is_done; take() looks at what came.
void drive(const Pace& pace, Frame frame, Channel& channel, Channel* other, auto take,
           auto is_done) {
    std::int64_t next = 0;
    while (!is_done()) {
        for (; next < pace.count && Clock::now() >= pace.at(next); ++next) {
            support::set_correlation(frame, static_cast<std::int32_t>(next));
            channel.out.insert(channel.out.end(), frame.begin(), frame.end());
        }
        channel.send();
        if (other) other->send();
        const auto left =
            next < pace.count ? pace.at(next) - Clock::now() : std::chrono::seconds(1);
        const auto wait = std::max<std::int64_t>(0, std::chrono::nanoseconds(left).count());
        const timespec patience{.tv_sec = wait / 1'000'000'000, .tv_nsec = wait % 1'000'000'000};
        pollfd wanted[2] = {{.fd = channel.socket.descriptor(), .events = POLLIN, .revents = 0},
                            {.fd = -1, .events = POLLIN, .revents = 0}};
        if (other) wanted[1].fd = other->socket.descriptor();
        ::ppoll(wanted, 2, &patience, nullptr);
        channel.receive();
        if (other) other->receive();
        take();
        if (Clock::now() > pace.at(pace.count) + std::chrono::seconds(20)) {
            fail("answers are missing");
        }
    }
}

Pace pace_of(const Flags& flags) {
    const std::int64_t rate = flags.number("rate", 10'000);
    return {.begin = Clock::now() + std::chrono::milliseconds(50),
            .rate = rate,
            .count = rate * flags.number("seconds", 5)};
}

void measure_echo(const Flags& flags, const Frame& frame) {
    auto listener = support::listen_on_loopback();
    const pid_t child = ::fork();
    if (child == 0) {
        Socket socket(::accept(listener.socket.descriptor(), nullptr, nullptr));
        const int on = 1;
        ::setsockopt(socket.descriptor(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        std::uint8_t piece[65536];
        for (ssize_t got; (got = ::recv(socket.descriptor(), piece, sizeof piece, 0)) > 0;) {
            socket.send_all({piece, static_cast<std::size_t>(got)});
        }
        ::_exit(0);
    }
    Socket socket = support::dial_loopback(listener.port);
    socket.set_blocking(false);
    Channel channel{.socket = socket, .out = {}, .in = {}};
    const Pace pace = pace_of(flags);
    std::vector<double> echoed;
    drive(
        pace, frame, channel, nullptr,
        [&] {
            std::size_t at = 0;
            for (; at + frame.size() <= channel.in.size(); at += frame.size()) {
                echoed.push_back(pace.late(static_cast<std::int64_t>(echoed.size())));
            }
            channel.in.erase(channel.in.begin(),
                             channel.in.begin() + static_cast<std::ptrdiff_t>(at));
        },
        [&] { return static_cast<std::int64_t>(echoed.size()) == pace.count; });
    socket.close();
    ::waitpid(child, nullptr, 0);
    print_percentiles("echo", std::move(echoed));
}

class BrokerRun {
  public:
    BrokerRun(const Flags& flags, std::string topic)
        : topic_(std::move(topic)), producer_(port_of(flags)), consumer_(port_of(flags)) {
        ready_topic(producer_, topic_, 1);
        first_ = next_ = producer_.offset(topic_, 0, true);
    }

    void measure(const Flags& flags, const Frame& frame) {
        producer_.socket().set_blocking(false);
        consumer_.socket().set_blocking(false);
        Channel produced{.socket = producer_.socket(), .out = {}, .in = {}};
        Channel fetched{.socket = consumer_.socket(), .out = ask_for_more(), .in = {}};
        const Pace pace = pace_of(flags);
        drive(
            pace, frame, produced, &fetched,
            [&] {
                while (const auto answer = produced.frame()) on_acknowledged(pace, *answer);
                while (const auto answer = fetched.frame()) {
                    on_fetched(pace, *answer);
                    fetched.out = ask_for_more();
                }
            },
            [&] {
                return static_cast<std::int64_t>(acknowledged_.size()) == pace.count &&
                       next_ - first_ == pace.count;
            });
        print_percentiles("ack", std::move(acknowledged_));
        print_percentiles("end", std::move(ended_));
    }

  private:
    Frame ask_for_more() const { return support::fetch_request(topic_, 0, next_); }

    void on_acknowledged(const Pace& pace, const Frame& answer) {
        const auto read = support::read_produce_answer(answer);
        if (read.error != 0) fail("produce: error " + std::to_string(read.error));
        acknowledged_.push_back(pace.late(read.correlation));
    }
    void on_fetched(const Pace& pace, const Frame& answer) {
        const auto read = support::read_fetch_answer(answer);
        if (read.error != 0) fail("fetch: error " + std::to_string(read.error));
        records::BatchReader batches(Bytes::copy(read.records));
        while (const auto batch = batches.next()) {
            const std::int64_t end = batch->header.next_offset().value();
            for (; next_ < end; ++next_) ended_.push_back(pace.late(next_ - first_));
        }
    }

    std::string topic_;
    support::Wire producer_;
    support::Wire consumer_;
    std::int64_t first_ = 0;
    std::int64_t next_ = 0;
    std::vector<double> acknowledged_;
    std::vector<double> ended_;
};

}  // namespace

int main(int argc, char** argv) {
    const Flags flags(argc, argv);
    ::prctl(PR_SET_TIMERSLACK, 1);
    const std::string topic = flags.text("topic", "latency");
    const Load load = load_of(1, static_cast<std::size_t>(flags.number("record", 100)));
    const Frame frame = support::produce_request(topic, 0, 1, load.batch);
    if (flags.number("echo", 1) != 0) measure_echo(flags, frame);
    BrokerRun run(flags, topic);
    const std::int64_t pid = flags.number("pid", 0);
    const auto begin = Clock::now();
    const Cpu before = cpu_of_process(pid);
    run.measure(flags, frame);
    const Cpu cpu = cpu_of_process(pid) - before;
    std::printf("core_share=%.3f\n", (cpu.user + cpu.system) / seconds_since(begin));
}
