// A seeded generator (xoshiro256++, Blackman and Vigna 2019). Copyable; the same on every machine.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "engine/base/check.h"
#include "engine/base/time.h"

namespace barnabas {

class Random {
  public:
    Random() : Random(0) {}
    explicit Random(std::uint64_t seed) {
        for (auto& word : state_) word = spread(seed);
    }

    // A state of 256 bits that came from elsewhere. (One of zeros would give zeros for ever.)
    explicit Random(const std::array<std::uint64_t, 4>& state) : Random(0) {
        if (state != std::array<std::uint64_t, 4>{}) state_ = state;
    }

    std::uint64_t next() {
        const std::uint64_t result = std::rotl(state_[0] + state_[3], 23) + state_[0];
        const std::uint64_t shifted = state_[1] << 17;
        state_[2] ^= state_[0];
        state_[3] ^= state_[1];
        state_[1] ^= state_[2];
        state_[0] ^= state_[3];
        state_[2] ^= shifted;
        state_[3] = std::rotl(state_[3], 45);
        return result;
    }

    // Uniform in [0, bound). Needs: bound > 0. (Lemire's multiply-shift; the bias is below bound /
    // 2^64.)
    std::uint64_t below(std::uint64_t bound) {
        CHECK(bound > 0);
        __extension__ using Wide = unsigned __int128;
        return static_cast<std::uint64_t>((static_cast<Wide>(next()) * bound) >> 64);
    }
    // Uniform in [first, last], both included.
    std::uint64_t between(std::uint64_t first, std::uint64_t last) {
        CHECK(first <= last);
        return last - first == UINT64_MAX ? next() : first + below(last - first + 1);
    }
    // True `parts` times in a million.
    bool chance_per_million(std::uint64_t parts) { return below(1'000'000) < parts; }
    // Uniform in [0, bound); zero when the bound is zero.
    Duration duration_below(Duration bound) {
        return bound.count() <= 0 ? Duration(0)
                                  : Duration(static_cast<std::int64_t>(
                                        below(static_cast<std::uint64_t>(bound.count()))));
    }

    const std::array<std::uint64_t, 4>& state() const { return state_; }

  private:
    static std::uint64_t spread(std::uint64_t& seed) {  // splitmix64
        std::uint64_t z = (seed += 0x9e3779b97f4a7c15);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }

    std::array<std::uint64_t, 4> state_;
};

}  // namespace barnabas
