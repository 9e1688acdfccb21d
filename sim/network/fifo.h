// A queue over one vector: no allocation while it stays small, and a copy holds only what waits.
#pragma once

#include <utility>
#include <vector>

#include "engine/base/check.h"

namespace barnabas::sim {

template <class T>
class Fifo {
  public:
    Fifo() = default;
    Fifo(const Fifo& other) : items_(other.begin(), other.end()) {}
    Fifo(Fifo&& other) noexcept
        : items_(std::move(other.items_)), first_(std::exchange(other.first_, 0)) {
        other.items_.clear();
    }
    Fifo& operator=(const Fifo& other) { return *this = Fifo(other); }
    Fifo& operator=(Fifo&& other) noexcept {
        items_ = std::move(other.items_);
        other.items_.clear();
        first_ = std::exchange(other.first_, 0);
        return *this;
    }
    ~Fifo() = default;

    bool empty() const { return first_ == items_.size(); }
    std::size_t size() const { return items_.size() - first_; }
    T& front() { return items_[first_]; }
    const T& front() const { return items_[first_]; }
    auto begin() const { return items_.begin() + static_cast<std::ptrdiff_t>(first_); }
    auto end() const { return items_.end(); }
    auto begin() { return items_.begin() + static_cast<std::ptrdiff_t>(first_); }
    auto end() { return items_.end(); }

    void push(T item) { items_.push_back(std::move(item)); }

    // Needs: !empty().
    T pop() {
        CHECK(!empty());
        T item = std::move(items_[first_++]);
        if (first_ == items_.size()) {
            clear();
        } else if (first_ >= 32 && first_ * 2 >= items_.size()) {
            items_.erase(items_.begin(), begin());
            first_ = 0;
        }
        return item;
    }

    void clear() {
        items_.clear();
        first_ = 0;
    }

  private:
    std::vector<T> items_;
    std::size_t first_ = 0;
};

}  // namespace barnabas::sim
