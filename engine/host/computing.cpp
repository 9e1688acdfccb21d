#include "engine/host/computing.h"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <new>
#include <utility>

namespace barnabas::host {
namespace {

constexpr int niceness = 5;
constexpr std::chrono::milliseconds pause_for_memory{250};

}  // namespace

Computing::Computing(Computation compute, std::function<void()> when_done)
    : compute_(compute), when_done_(std::move(when_done)) {}

Computing::~Computing() {
    {
        const std::lock_guard guard(mutex_);
        ends_ = true;
    }
    changed_.notify_all();
    for (Lane& lane : lanes_)
        if (lane.thread.joinable()) lane.thread.join();
}

void Computing::give(effect::Compute job) {
    CHECK(compute_ != nullptr);
    ++under_way_;
    Lane& lane = lanes_[static_cast<std::size_t>(job.load)];
    {
        const std::lock_guard guard(mutex_);
        lane.given.push_back(std::move(job));
    }
    if (lane.thread.joinable()) return changed_.notify_all();
    // Signals are the loop's: a new thread inherits what is blocked here.
    sigset_t all, before;
    sigfillset(&all);
    for (const int fatal : {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL}) sigdelset(&all, fatal);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    lane.thread = std::thread([this, &lane] { work(lane); });
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void Computing::take(std::vector<Event>& events) {
    if (under_way_ == 0) return;
    const std::lock_guard guard(mutex_);
    under_way_ -= finished_.size();
    for (event::Computed& one : finished_) events.emplace_back(std::move(one));
    finished_.clear();
}

std::optional<Bytes> Computing::attempt(const effect::Compute& job) const {
    try {
        return compute_(job);
    } catch (const std::bad_alloc&) {
        return std::nullopt;
    }
}

void Computing::work(Lane& lane) {
    // On Linux this is the thread's own.
    ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), niceness);
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [&] { return !lane.given.empty() || ends_; });
        if (ends_) return;
        effect::Compute job = std::move(lane.given.front());
        lane.given.pop_front();
        lock.unlock();
        std::optional<Bytes> result = attempt(job);
        lock.lock();
        if (!result) {
            lane.given.push_back(std::move(job));
            changed_.wait_for(lock, pause_for_memory, [this] { return ends_; });
            continue;
        }
        finished_.push_back({job.job, std::move(*result)});
        job = {};
        const bool is_first = finished_.size() == 1;
        lock.unlock();
        if (is_first) when_done_();
        lock.lock();
    }
}

}  // namespace barnabas::host
