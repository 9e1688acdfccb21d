#include "engine/host/computing.h"

#include <sys/resource.h>
#include <unistd.h>

#include <new>
#include <utility>

#include "engine/host/threads.h"
#include "engine/host/timers.h"

namespace barnabas::host {
namespace {

constexpr int niceness = 5;
constexpr std::chrono::milliseconds pause_for_memory{250};
constexpr Duration thread_pause = std::chrono::milliseconds(50);

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
    changed_.notify_all();
    begin(lane);
}

// Without a thread what was given waits until there is room for one.
void Computing::begin(Lane& lane) {
    if (lane.thread.joinable()) return;
    lane.thread = begin_thread([this, &lane] { work(lane); });
    if (!lane.thread.joinable()) retry_at_ = monotonic_clock() + thread_pause;
}

void Computing::take(std::vector<Event>& events) {
    if (under_way_ == 0) return;
    if (retry_at_ && *retry_at_ <= monotonic_clock()) {
        retry_at_.reset();
        for (Lane& lane : lanes_)
            if (!lane.given.empty()) begin(lane);
    }
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
