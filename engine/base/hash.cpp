#include "engine/base/hash.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>

namespace barnabas {

std::string Hash128::hex() const { return fmt::format("{:016x}{:016x}", high, low); }

Hash128 hash_of(ByteView bytes) {
    const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
    return {hash.high64, hash.low64};
}

// Always in whole blocks of the buffer's size, so that how a run is cut into pieces does not show.
void Hasher::add_raw(ByteView bytes) {
    while (!bytes.empty()) {
        if (used_ == buffer_.size()) flush();
        if (used_ == 0 && bytes.size() > buffer_.size()) {  // a whole block needs no copy
            mix(bytes.first(buffer_.size()));
            bytes = bytes.subspan(buffer_.size());
            continue;
        }
        const std::size_t step = std::min(bytes.size(), buffer_.size() - used_);
        std::memcpy(buffer_.data() + used_, bytes.data(), step);
        used_ += step;
        bytes = bytes.subspan(step);
    }
}

Hash128 Hasher::value() {
    flush();
    return chain_;
}

void Hasher::flush() {
    if (used_ == 0) return;
    mix({buffer_.data(), used_});
    used_ = 0;
}

void Hasher::mix(ByteView bytes) {
    const XXH128_hash_t block = XXH3_128bits_withSeed(bytes.data(), bytes.size(), chain_.low);
    constexpr std::uint64_t odd = 0x9e3779b97f4a7c15;
    chain_.high = (chain_.high ^ block.high64) * odd + block.low64;
    chain_.low = block.low64 ^ (chain_.high >> 29);
}

}  // namespace barnabas
