#include "engine/host/host.h"

#include <fmt/format.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <time.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <csignal>
#include <utility>

#include "engine/host/computing.h"
#include "engine/host/network.h"
#include "engine/host/recorder.h"
#include "engine/host/storage.h"
#include "engine/host/timers.h"
#include "engine/runtime/visit.h"

namespace barnabas::host {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

// What a pass is made of, counted from its begin: taking frames and running their turns; running
// those of what they led to, and writing; sending. Each part does some of its work in any case.
constexpr Duration receiving_time = std::chrono::microseconds(1'500);
constexpr Duration settling_time = std::chrono::microseconds(2'500);
constexpr Duration sending_time = std::chrono::microseconds(4'000);
constexpr std::uint64_t receiving_bytes = 8 * 1024 * 1024;
constexpr std::uint64_t sending_bytes = 16 * 1024 * 1024;
// What long jobs get of one pass.
constexpr Duration background_time = std::chrono::microseconds(200);

std::uint64_t seed_of_the_system() {
    std::uint64_t seed = 0;
    CHECK(::getrandom(&seed, sizeof seed, 0) == sizeof seed);
    return seed;
}

Randoms::Entropy entropy_of_the_system() {
    Randoms::Entropy entropy;
    CHECK(::getrandom(&entropy, sizeof entropy, 0) == sizeof entropy);
    return entropy;
}

// However many the process may have, an open file costs the system about a kilobyte.
constexpr rlim_t descriptors_of_files_max = 65'536;

// What this thread has used of a processor.
Duration processor_time() {
    timespec time{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

// A broken pipe or a file size limit is an error of one call, not the end of the process.
void set_up_process() {
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN);
}

// Asks for as many descriptors as this process may have. Returns how many of them files may have;
// the rest is for connections.
std::size_t descriptors_for_files() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 512;
    if (limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) ::getrlimit(RLIMIT_NOFILE, &limit);
    }
    return std::clamp<rlim_t>(limit.rlim_cur / 4 * 3, 16, descriptors_of_files_max);
}

}  // namespace

class Host::Loop final : Turns {
  public:
    Loop(Machine machine, Options options)
        : options_(std::move(options)),
          seed_(options_.seed ? *options_.seed : seed_of_the_system()),
          machine_(std::move(machine)),
          random_(seed_),
          log_(options_.log),
          work_(asio::make_work_guard(io_)),
          wake_(io_),
          signals_(io_),
          network_(io_, events_, log_, options_.dial_timeout),
          storage_(events_, [this] { asio::post(io_, [] {}); },
                   options_.descriptors_max ? *options_.descriptors_max
                                            : descriptors_for_files()),
          computing_(machine_.computation(), [this] { asio::post(io_, [] {}); }) {}

    int run() {
        set_up_process();
        if (!begin_recording()) return 1;
        if (options_.handle_signals) {
            signals_.add(SIGTERM);
            signals_.add(SIGINT);
            wait_for_signal();
        }
        feed_secret();
        events_.push_back(event::Started{});
        while (!exit_code_) pass();
        storage_.finish();
        network_.end_all();
        log_.settle(wall_, true);
        log_.wait_until_written(LogSink::patience_at_end);
        recorder_.reset();
        return *exit_code_;
    }

    void shut_down() {
        asio::post(io_, [this] { events_.push_back(event::Operator{Order::shut_down}); });
    }

    const Machine& machine() const { return machine_; }
    const Times& times() const { return times_; }

  private:
    void pass() {
        const Duration before = options_.count_times ? processor_time() : Duration(0);
        gather();
        read_clocks();
        Allowance receiving{now_ + receiving_time, receiving_bytes};
        fire_timers(receiving);
        deliver(receiving);
        network_.receive(*this, receiving);
        run_background();
        receiving.until = now_ + settling_time;
        settle(receiving);
        if (recorder_) recorder_->flush();
        Allowance sending{now_ + sending_time, sending_bytes};
        network_.carry_out(sending);
        for (const auto& [connection, piece, ahead] : network_.take_cold())
            storage_.warm_up(piece, ahead, connection);
        if (storage_.take_shortage()) tell_of_shortage();
        if (log_.has_suppressed()) log_.settle(wall_);
        if (!options_.count_times) return;
        ++times_.passes;
        times_.longest_pass = std::max(times_.longest_pass, processor_time() - before);
    }

    // Waits for something to happen, unless something has.
    void gather() {
        if (!has_events() && continued_.empty() && !network_.is_ready() && !storage_.is_asked() &&
            arm_wake())
            io_.run_one();
        io_.poll();
        computing_.take(events_);
        for (auto& [connection, file] : storage_.take_finished())
            network_.resume_sending(connection, std::move(file));
    }

    // False when a deadline has come already.
    bool arm_wake() {
        std::optional<Instant> next = timers_.next();
        const auto consider = [&](std::optional<Instant> at) {
            if (at && (!next || *at < *next)) next = at;
        };
        consider(storage_.retry_at());
        consider(computing_.retry_at());
        if (log_.has_suppressed()) consider(now_ + std::chrono::seconds(1));
        if (!next) return true;
        if (*next <= monotonic_clock()) return false;
        if (wake_at_ && *wake_at_ <= *next) return true;
        wake_at_ = next;
        wake_.expires_at(asio::steady_timer::time_point(next->time_since_epoch()));
        wake_.async_wait([this](error_code stopped) {
            if (!stopped) wake_at_.reset();
        });
        return true;
    }

    void read_clocks() {
        now_ = monotonic_clock();
        wall_ = wall_clock();
    }

    void fire_timers(const Allowance& allowance) {
        while (const auto timer = timers_.take_due(now_)) {
            turn(event::TimerFired{*timer});
            if (allowance.is_spent()) return;
        }
    }

    bool has_events() const { return !delivering_.empty() || !events_.empty(); }

    // In the order in which they came, over several passes when they are many.
    void deliver(const Allowance& allowance) {
        while (has_events()) {
            if (delivering_.empty()) delivering_.swap(events_);
            const Event& event = delivering_[delivered_++];
            if (network_.may_tell(event)) turn(event);
            if (delivered_ == delivering_.size()) {
                delivering_.clear();
                delivered_ = 0;
            }
            if (allowance.is_spent()) return;
        }
    }

    // Writes, and runs the turns of the answers, which may write again.
    void settle(Allowance& allowance) {
        storage_.carry_out(allowance);
        while (!allowance.is_spent() && (has_events() || network_.has_input())) {
            deliver(allowance);
            network_.receive(*this, allowance);
            storage_.carry_out(allowance);
        }
    }

    void tell_of_shortage() {
        log_.write({Occurrence::Kind::storage, Severity::warning, "files",
                    "descriptors or memory run short: what cannot be done without them waits "
                    "(see ulimit -n)"},
                   wall_);
    }

    void run_background() {
        std::vector<Token> jobs = std::exchange(continued_, {});
        std::size_t at = 0;
        const Allowance allowance{monotonic_clock() + background_time};
        while (at < jobs.size() && (at == 0 || !allowance.is_spent()))
            turn(event::Continued{jobs[at++]});
        jobs.erase(jobs.begin(), jobs.begin() + static_cast<std::ptrdiff_t>(at));
        continued_.insert(continued_.begin(), jobs.begin(), jobs.end());
    }

    void turn(const Event& event) override {
        if (exit_code_) return;
        if (recorder_) recorder_->begin(event, now_, wall_);
        Turn turn{now_, wall_, random_, effects_};
        if (options_.count_times)
            take_timed_turn(event, turn);
        else
            machine_.on(event, turn);
        if (recorder_) {
            recorder_->end(effects_);
            if (!recorder_->is_good()) stop_recording();
        }
        for (Effect& effect : effects_) {
            std::visit([this](auto& wanted) { carry_out(wanted); }, effect);
            if (exit_code_) break;
        }
        effects_.clear();
        if (random_.is_secret_used()) feed_secret();
    }

    void take_timed_turn(const Event& event, Turn& turn) {
        const Duration before = processor_time();
        machine_.on(event, turn);
        const Duration taken = processor_time() - before;
        ++times_.turns;
        if (taken <= times_.longest_turn) return;
        times_.longest_turn = taken;
        times_.longest_turn_event = name_of(event);
    }

    // A host with a seed of its own is to be the same again.
    void feed_secret() {
        Randoms::Entropy entropy = random_(Concern::secret).state();
        if (!options_.seed) entropy = entropy_of_the_system();
        random_.feed_secret(entropy);
        if (recorder_) recorder_->feed_secret(entropy);
    }

    void carry_out(effect::ArmTimer& timer) { timers_.arm(timer.timer, timer.at); }
    void carry_out(effect::DisarmTimer& timer) { timers_.disarm(timer.timer); }
    void carry_out(effect::Listen& wanted) { network_.listen(wanted); }
    void carry_out(effect::Unlisten& wanted) { network_.unlisten(wanted.listener); }
    void carry_out(effect::Dial& wanted) { network_.dial(wanted); }
    void carry_out(effect::Admit& credit) { network_.admit(credit); }
    void carry_out(effect::Pause& wanted) { network_.pause(wanted.connection); }
    void carry_out(effect::Resume& wanted) { network_.resume(wanted.connection); }
    void carry_out(effect::HangUp& wanted) { network_.hang_up(wanted.connection); }
    void carry_out(effect::Send& wanted) { network_.send(std::move(wanted)); }
    void carry_out(effect::SendFile& wanted) {
        network_.send_file(wanted.connection, storage_.range(wanted));
    }
    template <class E>
        requires std::constructible_from<FileOperation, E>
    void carry_out(E& wanted) {
        const FileId file = wanted.file;
        storage_.ask(file, FileOperation(std::move(wanted)));
    }
    template <class E>
        requires std::constructible_from<DirectoryOperation, E>
    void carry_out(E& wanted) {
        storage_.ask(DirectoryOperation(std::move(wanted)));
    }
    void carry_out(effect::RenameDirectory& wanted) { storage_.ask(std::move(wanted)); }
    void carry_out(effect::LockDirectory& wanted) { storage_.ask(std::move(wanted)); }
    void carry_out(effect::Continue& wanted) { continued_.push_back(wanted.job); }
    void carry_out(effect::Compute& wanted) { computing_.give(std::move(wanted)); }
    void carry_out(effect::Note& note) { log_.write(note.what, wall_); }
    void carry_out(effect::Exit& exit) { exit_code_ = exit.code; }

    bool begin_recording() {
        if (options_.record.empty()) return true;
        auto recorder = Recorder::create(options_.record, {seed_, options_.record_setup});
        if (recorder) {
            recorder_.emplace(std::move(*recorder));
            return true;
        }
        log_.write({Occurrence::Kind::storage, Severity::error, "recording", recorder.error()});
        return false;
    }
    void stop_recording() {
        log_.write({Occurrence::Kind::storage, Severity::error, "recording",
                    "ends here: " + recorder_->error()});
        recorder_.reset();
    }

    void wait_for_signal() {
        signals_.async_wait([this](error_code error, int) {
            if (error) return;
            events_.push_back(event::Operator{Order::shut_down});
            wait_for_signal();
        });
    }

    Options options_;
    std::uint64_t seed_;
    Machine machine_;
    Randoms random_;
    LogSink log_;
    std::optional<Recorder> recorder_;
    std::optional<int> exit_code_;
    Times times_;

    asio::io_context io_{1};
    asio::executor_work_guard<asio::io_context::executor_type> work_;
    asio::steady_timer wake_;
    std::optional<Instant> wake_at_;  // what wake_ is set to
    asio::signal_set signals_;

    Instant now_;
    WallTime wall_;
    std::vector<Event> events_;  // to be told; the frames of connections are told by network_
    std::vector<Event> delivering_;
    std::size_t delivered_ = 0;  // of delivering_
    std::vector<Effect> effects_;
    std::vector<Token> continued_;
    Timers timers_;
    Network network_;
    Storage storage_;
    Computing computing_;
};

Host::Host(Machine machine, Options options)
    : loop_(std::make_unique<Loop>(std::move(machine), std::move(options))) {}

Host::~Host() = default;

int Host::run() { return loop_->run(); }
void Host::shut_down() { loop_->shut_down(); }
const Machine& Host::machine() const { return loop_->machine(); }
const Times& Host::times() const { return loop_->times(); }

std::string text_of(const Times& times) {
    const auto milliseconds = [](Duration time) {
        return std::chrono::duration<double, std::milli>(time).count();
    };
    return fmt::format("longest turn {:.3f} ms ({}), longest pass {:.3f} ms, {} turns in {} passes",
                       milliseconds(times.longest_turn), times.longest_turn_event,
                       milliseconds(times.longest_pass), times.turns, times.passes);
}

}  // namespace barnabas::host
