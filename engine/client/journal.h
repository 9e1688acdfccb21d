// An append-only run of values that copies share: what a client machine remembers for those who
// look at it from outside. Copying costs one pointer for every 256 values.
#pragma once

#include <cstddef>
#include <vector>

#include "engine/base/check.h"
#include "engine/base/cow.h"

namespace barnabas::client {

template <class T>
class Journal {
  public:
    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }

    const T& operator[](std::size_t at) const {
        CHECK(at < size_);
        return (*chunks_[at / chunk_values])[at % chunk_values];
    }
    const T& back() const { return (*this)[size_ - 1]; }

    void push(T value) {
        if (size_ % chunk_values == 0) chunks_.emplace_back();
        chunks_.back().edit().push_back(std::move(value));
        ++size_;
    }

  private:
    static constexpr std::size_t chunk_values = 256;

    std::vector<Cow<std::vector<T>>> chunks_;
    std::size_t size_ = 0;
};

}  // namespace barnabas::client
