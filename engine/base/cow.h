// Copy on write: a large value that copies of a world share until one of them changes it.
#pragma once

#include <atomic>
#include <memory>
#include <utility>

namespace barnabas {

// Nobody else shares it: it may be changed. Another thread may have given it up just now; then all
// that it did with it comes before what we do.
template <class T>
bool is_sole(const std::shared_ptr<T>& shared) {
    if (shared.use_count() != 1) return false;
    std::atomic_thread_fence(std::memory_order_acquire);
    return true;
}

template <class T>
class Cow {
  public:
    Cow() : value_(std::make_shared<T>()) {}
    explicit Cow(T value) : value_(std::make_shared<T>(std::move(value))) {}

    const T& operator*() const { return *value_; }
    const T* operator->() const { return value_.get(); }

    // The value, ours alone from here on. The reference is good until this Cow is copied.
    T& edit() {
        if (!is_sole(value_)) value_ = std::make_shared<T>(*value_);
        return *value_;
    }

    // The very same value, not an equal one.
    bool is_same(const Cow& other) const { return value_ == other.value_; }

    friend bool operator==(const Cow& a, const Cow& b) {
        return a.value_ == b.value_ || *a.value_ == *b.value_;
    }

  private:
    std::shared_ptr<T> value_;
};

}  // namespace barnabas
