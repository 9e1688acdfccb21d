// Where a generator's choices come from: a seed, or the bytes of a fuzzer, so that what it mutates
// are choices and not frames that fall at the first check.
#pragma once

#include "engine/base/bytes.h"
#include "engine/base/random.h"

namespace barnabas::support {

class Dice {
  public:
    explicit Dice(std::uint64_t seed) : random_(seed) {}
    // Where they end, a seed made of them goes on. Needs: `bytes` outlives the dice.
    explicit Dice(ByteView bytes) : bytes_(bytes), random_(sum(bytes)) {}

    // In [0, bound). Needs: bound > 0.
    std::uint64_t below(std::uint64_t bound) {
        if (at_ >= bytes_.size()) return random_.below(bound);
        std::uint64_t drawn = 0;
        int bits = 0;
        do {
            drawn = drawn << 8 | bytes_[at_++];
            bits += 8;
        } while (bits < 64 && bound >> bits != 0 && at_ < bytes_.size());
        return drawn % bound;
    }
    std::int64_t between(std::int64_t first, std::int64_t last) {
        const auto count = static_cast<std::uint64_t>(last - first) + 1;
        return first + static_cast<std::int64_t>(below(count));
    }
    bool one_in(std::uint64_t count) { return below(count) == 0; }
    template <class List>
    const auto& one_of(const List& list) {
        return *(std::begin(list) + static_cast<std::ptrdiff_t>(below(std::size(list))));
    }

  private:
    static std::uint64_t sum(ByteView bytes) {
        std::uint64_t sum = 14695981039346656037u;
        for (const std::uint8_t byte : bytes) sum = (sum ^ byte) * 1099511628211u;
        return sum;
    }

    ByteView bytes_;
    std::size_t at_ = 0;
    Random random_;
};

}  // namespace barnabas::support
