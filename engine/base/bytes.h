// Immutable, shared runs of bytes.
//
// A Bytes is a slice of storage that several slices may share: copying one costs a reference count,
// slicing one copies nothing. Nobody can change what a Bytes shows, so it may cross turns, nodes
// and threads. A small slice keeps its whole storage alive: what outlives a turn and is small is
// copied out with Bytes::copy().
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/check.h"

namespace barnabas {

using ByteView = std::span<const std::uint8_t>;

inline ByteView as_bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

inline std::string_view as_text(ByteView bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

class Bytes {
  public:
    Bytes() = default;

    // Copies `view` into storage of its own.
    static Bytes copy(ByteView view) {
        if (view.empty()) return {};
        auto storage = std::make_shared_for_overwrite<std::uint8_t[]>(view.size());
        std::memcpy(storage.get(), view.data(), view.size());
        const std::uint8_t* data = storage.get();
        return Bytes(std::shared_ptr<const std::uint8_t>(std::move(storage), data), view.size());
    }
    static Bytes copy(std::string_view text) { return copy(as_bytes(text)); }

    // Takes over a vector; nothing is copied.
    static Bytes own(std::vector<std::uint8_t> storage) {
        if (storage.empty()) return {};
        auto owner = std::make_shared<const std::vector<std::uint8_t>>(std::move(storage));
        return Bytes(std::shared_ptr<const std::uint8_t>(owner, owner->data()), owner->size());
    }

    // Shows `size` bytes at `data`, which nobody may write any more. `data` may alias a larger
    // owner.
    static Bytes adopt(std::shared_ptr<const std::uint8_t> data, std::size_t size) {
        return Bytes(std::move(data), size);
    }

    const std::uint8_t* data() const { return data_.get(); }
    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    const std::uint8_t* begin() const { return data_.get(); }
    const std::uint8_t* end() const { return data_.get() + size_; }
    std::uint8_t operator[](std::size_t at) const { return data_.get()[at]; }

    ByteView view() const { return {data_.get(), size_}; }
    operator ByteView() const {
        return view();
    }  // NOLINT: a Bytes is a view wherever one is wanted
    std::string_view text() const { return as_text(view()); }

    // Needs: at + count <= size(). Shares the storage.
    Bytes slice(std::size_t at, std::size_t count) const {
        CHECK(at <= size_);
        CHECK(count <= size_ - at);
        return Bytes(std::shared_ptr<const std::uint8_t>(data_, data_.get() + at), count);
    }
    Bytes from(std::size_t at) const { return slice(at, size_ - at); }

    friend bool operator==(const Bytes& a, const Bytes& b) {
        return a.size_ == b.size_ &&
               (a.size_ == 0 || std::memcmp(a.data(), b.data(), a.size_) == 0);
    }

  private:
    Bytes(std::shared_ptr<const std::uint8_t> data, std::size_t size)
        : data_(std::move(data)), size_(size) {}

    std::shared_ptr<const std::uint8_t> data_;
    std::size_t size_ = 0;
};

}  // namespace barnabas
