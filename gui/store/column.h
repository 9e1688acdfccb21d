// One append-only column: a single writer pushes, any number of threads read what was published.
//
// A value never moves, and never changes once a reader may know of it. The owner publishes a count
// with release order after its pushes; readers take it with acquire order and stay below it.
#pragma once

#include <cstdint>
#include <memory>

#include "engine/base/check.h"

namespace barnabas::gui {

template <class T>
class Column {
  public:
    static constexpr std::uint64_t chunk_values = 16'384;
    static constexpr std::uint64_t chunks_max = 8'192;
    static constexpr std::uint64_t values_max = chunk_values * chunks_max;

    Column() : chunks_(std::make_unique<std::unique_ptr<T[]>[]>(chunks_max)) {}

    const T& operator[](std::uint64_t at) const {
        return chunks_[at / chunk_values][at % chunk_values];
    }

    // The writer's own count; readers have the owner's published one.
    std::uint64_t size() const { return size_; }
    bool is_full() const { return size_ == values_max; }

    // Needs: !is_full().
    void push(T value) {
        CHECK(!is_full());
        std::unique_ptr<T[]>& chunk = chunks_[size_ / chunk_values];
        if (!chunk) chunk = std::make_unique<T[]>(chunk_values);
        chunk[size_ % chunk_values] = std::move(value);
        ++size_;
    }

  private:
    std::unique_ptr<std::unique_ptr<T[]>[]> chunks_;
    std::uint64_t size_ = 0;
};

}  // namespace barnabas::gui
