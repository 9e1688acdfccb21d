// What has arrived on a connection and was not read yet, cut at Kafka's int32 length prefix.
#pragma once

#include <algorithm>
#include <array>
#include <optional>

#include "engine/base/chain.h"
#include "sim/network/fifo.h"

namespace barnabas::sim {

constexpr std::size_t prefix_size = 4;

class FrameBuffer {
  public:
    void push(const Chain& chain) {
        size_ += chain.size();
        for (const Bytes& piece : chain.pieces()) pieces_.push(piece);
    }
    void clear() {
        pieces_.clear();
        size_ = 0;
    }
    std::uint64_t size() const { return size_; }
    bool empty() const { return size_ == 0; }

    // The next frame's length as it stands in the prefix; nothing until the prefix is there.
    std::optional<std::int32_t> next_length() const {
        if (size_ < prefix_size) return std::nullopt;
        std::uint32_t length = 0;
        std::size_t seen = 0;
        for (const Bytes& piece : pieces_)
            for (std::size_t i = 0; i < piece.size() && seen < prefix_size; ++i, ++seen)
                length = length << 8 | piece[i];
        return static_cast<std::int32_t>(length);
    }

    // Takes prefix and frame out; gives the frame, without a copy where it lies in one piece.
    // Needs: size() >= prefix_size + length.
    Bytes take_frame(std::size_t length) {
        drop(prefix_size);
        return take(length);
    }

  private:
    void drop(std::size_t count) {
        CHECK(count <= size_);
        size_ -= count;
        while (count > 0) {
            Bytes& first = pieces_.front();
            const std::size_t step = std::min(count, first.size());
            if (step == first.size()) {
                pieces_.pop();
            } else {
                first = first.from(step);
            }
            count -= step;
        }
    }
    Bytes take(std::size_t length) {
        CHECK(length <= size_);
        if (length == 0) return {};
        if (pieces_.front().size() >= length) {
            Bytes frame = pieces_.front().slice(0, length);
            drop(length);
            return frame;
        }
        std::vector<std::uint8_t> whole;
        whole.reserve(length);
        for (const Bytes& piece : pieces_) {
            const std::size_t step = std::min(length - whole.size(), piece.size());
            whole.insert(whole.end(), piece.begin(), piece.begin() + step);
            if (whole.size() == length) break;
        }
        drop(length);
        return Bytes::own(std::move(whole));
    }

    Fifo<Bytes> pieces_;
    std::uint64_t size_ = 0;
};

}  // namespace barnabas::sim
