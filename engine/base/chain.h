// A run of bytes in several pieces, to be written or sent in order by one gathered system call.
// Building one copies no payload: a fresh head and a slice of a client's frame stand side by side.
#pragma once

#include <boost/container/small_vector.hpp>
#include <utility>

#include "engine/base/bytes.h"

namespace barnabas {

class Chain {
  public:
    Chain() = default;
    Chain(Bytes bytes) { push(std::move(bytes)); }  // NOLINT: one piece is a chain

    void push(Bytes piece) {
        if (piece.empty()) return;
        size_ += piece.size();
        pieces_.push_back(std::move(piece));
    }

    void append(Chain other) {
        for (Bytes& piece : other.pieces_) push(std::move(piece));
    }

    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    const auto& pieces() const { return pieces_; }

    // One contiguous copy, or the only piece itself.
    Bytes flatten() const {
        if (pieces_.size() == 1) return pieces_.front();
        std::vector<std::uint8_t> all;
        all.reserve(size_);
        for (const Bytes& piece : pieces_) all.insert(all.end(), piece.begin(), piece.end());
        return Bytes::own(std::move(all));
    }

    // Equal when the bytes are equal, however they are cut into pieces.
    friend bool operator==(const Chain& a, const Chain& b) {
        return a.size_ == b.size_ && a.flatten() == b.flatten();
    }

  private:
    boost::container::small_vector<Bytes, 3> pieces_;
    std::size_t size_ = 0;
};

}  // namespace barnabas
