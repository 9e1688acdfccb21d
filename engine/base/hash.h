// A 128-bit hash of a sequence of values: traces, states, effects.
//
// Each value enters with a defined width and byte order, and each run of bytes with its length, so
// the hash is the same for every compiler and machine. Not for secrets.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "engine/base/bytes.h"

namespace barnabas {

struct Hash128 {
    std::uint64_t high = 0;
    std::uint64_t low = 0;

    std::string hex() const;  // 32 lower-case digits
    friend auto operator<=>(const Hash128&, const Hash128&) = default;
};

// Of one run of bytes, in one go: what stands for a key where the key itself would be too long.
Hash128 hash_of(ByteView bytes);

class Hasher {
  public:
    void add(std::uint64_t number) {
        std::array<std::uint8_t, 8> little_endian;
        for (int i = 0; i < 8; ++i) little_endian[i] = static_cast<std::uint8_t>(number >> (8 * i));
        if (buffer_.size() - used_ < little_endian.size()) return add_raw(little_endian);
        std::memcpy(buffer_.data() + used_, little_endian.data(), little_endian.size());
        used_ += little_endian.size();
    }
    void add(ByteView bytes) {
        add(static_cast<std::uint64_t>(bytes.size()));
        add_raw(bytes);
    }
    // Without the length: for a run that comes in several pieces, whose cuts do not show. The
    // caller adds the whole length first.
    void add_raw(ByteView bytes);

    // The hash of all that was added so far. Adding may go on afterwards.
    Hash128 value();

  private:
    void flush();
    void mix(ByteView bytes);

    Hash128 chain_;
    std::size_t used_ = 0;
    std::array<std::uint8_t, 1024> buffer_;
};

}  // namespace barnabas
