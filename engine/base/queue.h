// First in, first out, in one block of storage; an empty one holds none.
#pragma once

#include <utility>
#include <vector>

#include "engine/base/check.h"

namespace barnabas {

template <class T>
class Queue {
  public:
    bool empty() const { return begin_ == values_.size(); }
    std::size_t size() const { return values_.size() - begin_; }
    T& operator[](std::size_t at) { return values_[begin_ + at]; }
    const T& operator[](std::size_t at) const { return values_[begin_ + at]; }
    T& front() { return values_[begin_]; }
    const T& front() const { return values_[begin_]; }
    const T& back() const { return values_.back(); }
    auto begin() const { return values_.cbegin() + static_cast<std::ptrdiff_t>(begin_); }
    auto end() const { return values_.cend(); }

    void push_back(T value) { values_.push_back(std::move(value)); }
    void pop_front() {
        CHECK(!empty());
        if (++begin_ < 32 || begin_ * 2 < values_.size()) {
            if (begin_ == values_.size()) clear();
            return;
        }
        values_.erase(values_.begin(), begin());
        begin_ = 0;
    }
    // Needs: at <= size().
    void insert(std::size_t at, T value) {
        CHECK(at <= size());
        values_.insert(values_.begin() + static_cast<std::ptrdiff_t>(begin_ + at),
                       std::move(value));
    }
    // Keeps the first `count`. Needs: there are so many.
    void keep_first(std::size_t count) {
        CHECK(count <= size());
        values_.erase(values_.begin() + static_cast<std::ptrdiff_t>(begin_ + count), values_.end());
        if (empty()) clear();
    }
    void clear() {
        begin_ = 0;
        if (values_.capacity() > 64)
            values_ = {};
        else
            values_.clear();
    }

  private:
    std::vector<T> values_;
    std::size_t begin_ = 0;
};

}  // namespace barnabas
