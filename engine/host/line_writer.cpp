#include "engine/host/line_writer.h"

#include <poll.h>
#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/sinks/sink.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <thread>

namespace barnabas::host {
namespace {

constexpr Duration patience_at_end = std::chrono::milliseconds(500);
constexpr int look_around_milliseconds = 20;

// Signals are the loop's.
void block_signals() {
    sigset_t all;
    sigfillset(&all);
    for (const int fatal : {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL}) sigdelset(&all, fatal);
    pthread_sigmask(SIG_SETMASK, &all, nullptr);
}

}  // namespace

// Lines come as they are to be written.
class LineWriter::Sink final : public spdlog::sinks::sink {
  public:
    explicit Sink(int descriptor) : descriptor_(descriptor) {}

    void log(const spdlog::details::log_msg& line) override {
        std::string_view left(line.payload.data(), line.payload.size());
        while (!left.empty() && wait_to_write()) {
            const ssize_t count =
                ::write(descriptor_, left.data(), std::min(left.size(), line_max));
            if (count > 0)
                left.remove_prefix(static_cast<std::size_t>(count));
            else if (errno != EINTR && errno != EAGAIN)
                break;  // a log that cannot be written must not stop the broker
        }
        ++written_;
    }
    void flush() override {}
    void set_pattern(const std::string&) override {}
    void set_formatter(std::unique_ptr<spdlog::formatter>) override {}

    void give_up() { has_given_up_ = true; }
    std::uint64_t written() const { return written_; }

  private:
    // What says that it takes some takes a line without blocking. False: there is no time left.
    bool wait_to_write() const {
        pollfd about{descriptor_, POLLOUT, 0};
        while (::poll(&about, 1, has_given_up_ ? 0 : look_around_milliseconds) <= 0)
            if (has_given_up_) return false;
        return true;
    }

    int descriptor_;
    std::atomic<bool> has_given_up_ = false;
    std::atomic<std::uint64_t> written_ = 0;
};

struct LineWriter::Parts {
    explicit Parts(int descriptor)
        : sink(std::make_shared<Sink>(descriptor)),
          threads(std::make_shared<spdlog::details::thread_pool>(waiting_max, 1, &block_signals)),
          logger(std::make_shared<spdlog::async_logger>(
              "lines", sink, threads, spdlog::async_overflow_policy::overrun_oldest)) {}

    std::shared_ptr<Sink> sink;
    std::shared_ptr<spdlog::details::thread_pool> threads;
    std::shared_ptr<spdlog::async_logger> logger;
};

LineWriter::LineWriter(int descriptor) : parts_(std::make_unique<Parts>(descriptor)) {}

LineWriter::~LineWriter() {
    wait_until_written(patience_at_end);
    parts_->sink->give_up();
}

void LineWriter::write(std::string_view line) {
    parts_->logger->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
    ++given_;
    if (given_ - parts_->sink->written() - told_ > waiting_max) may_have_dropped_ = true;
}

std::uint64_t LineWriter::take_dropped() {
    if (!may_have_dropped_ || parts_->threads->queue_size() > waiting_max / 2) return 0;
    may_have_dropped_ = false;
    const std::uint64_t dropped = parts_->threads->overrun_counter();
    return dropped - std::exchange(told_, dropped);
}

bool LineWriter::wait_until_written(Duration patience) {
    const auto clock = [] { return std::chrono::steady_clock::now(); };
    std::uint64_t before = parts_->sink->written();
    for (auto end = clock() + patience; clock() < end;) {
        const std::uint64_t written = parts_->sink->written();
        if (written + parts_->threads->overrun_counter() >= given_) return true;
        if (std::exchange(before, written) != written) end = clock() + patience;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return false;
}

}  // namespace barnabas::host
