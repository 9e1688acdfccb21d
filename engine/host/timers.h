// The clock that deadlines are told by, and those that a machine has armed.
#pragma once

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <chrono>
#include <optional>
#include <vector>

#include "engine/base/time.h"
#include "engine/runtime/ids.h"

namespace barnabas::host {

inline Instant monotonic_clock() {
    return Instant(std::chrono::steady_clock::now().time_since_epoch());
}

class Timers {
  public:
    void arm(Token timer, Instant at) {
        const std::uint64_t sequence = next_sequence_++;
        armed_[timer.value()] = sequence;
        heap_.push_back({at, sequence, timer});
        std::push_heap(heap_.begin(), heap_.end());
        if (heap_.size() > 64 + 4 * armed_.size()) forget_replaced();
    }
    void disarm(Token timer) { armed_.erase(timer.value()); }

    // The earliest deadline.
    std::optional<Instant> next() {
        while (!heap_.empty() && !is_armed(heap_.front())) pop();
        if (heap_.empty()) return std::nullopt;
        return heap_.front().at;
    }
    // The earliest timer whose deadline has come; it is no longer armed.
    std::optional<Token> take_due(Instant now) {
        const auto at = next();
        if (!at || *at > now) return std::nullopt;
        const Token timer = heap_.front().timer;
        armed_.erase(timer.value());
        pop();
        return timer;
    }

  private:
    struct Deadline {
        Instant at;
        std::uint64_t sequence;
        Token timer;
        // The heap's front is the earliest, and of two at the same time the one armed first.
        bool operator<(const Deadline& other) const {
            return at != other.at ? at > other.at : sequence > other.sequence;
        }
    };

    bool is_armed(const Deadline& deadline) const {
        const auto found = armed_.find(deadline.timer.value());
        return found != armed_.end() && found->second == deadline.sequence;
    }
    void pop() {
        std::pop_heap(heap_.begin(), heap_.end());
        heap_.pop_back();
    }
    void forget_replaced() {
        std::erase_if(heap_, [this](const Deadline& deadline) { return !is_armed(deadline); });
        std::make_heap(heap_.begin(), heap_.end());
    }

    std::vector<Deadline> heap_;
    boost::unordered_flat_map<std::uint64_t, std::uint64_t> armed_;  // token to sequence
    std::uint64_t next_sequence_ = 0;
};

}  // namespace barnabas::host
