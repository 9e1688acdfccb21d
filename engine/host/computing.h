// The threads for computations (effect::Compute): one for each load, so that what takes seconds
// keeps nothing waiting that takes milliseconds, and no disk waits for either. They yield to the
// loop's thread where cores are few.
//
// A computation for which memory runs short is begun again after a pause.
#pragma once

#include <array>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "engine/runtime/machine.h"

namespace barnabas::host {

class Computing {
  public:
    // `when_done` is called on a thread of this one's when results begin to wait for take().
    Computing(Computation compute, std::function<void()> when_done);
    // Waits for what is being computed, and leaves what is not begun.
    ~Computing();

    void give(effect::Compute job);
    // Adds what has been computed.
    void take(std::vector<Event>& events);
    // When take() has something to do again that waits for a thread.
    std::optional<Instant> retry_at() const { return retry_at_; }

  private:
    struct Lane {
        std::deque<effect::Compute> given;
        std::thread thread;  // made when first needed
    };

    void begin(Lane& lane);
    void work(Lane& lane);
    // Nothing when memory runs short.
    std::optional<Bytes> attempt(const effect::Compute& job) const;

    Computation compute_;
    std::function<void()> when_done_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<event::Computed> finished_;
    std::optional<Instant> retry_at_;
    std::size_t under_way_ = 0;  // given and not taken; the loop's own
    bool ends_ = false;
    std::array<Lane, 2> lanes_;  // by effect::Load
};

}  // namespace barnabas::host
