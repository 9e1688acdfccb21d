// Variable-length integers, as in Kafka's records (zigzag) and messages (unsigned).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/base/bytes.h"

namespace barnabas {

constexpr std::uint64_t zigzag(std::int64_t value) {
    return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}
constexpr std::int64_t unzigzag(std::uint64_t value) {
    return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
}

constexpr std::size_t varint_size(std::uint64_t value) {
    std::size_t size = 1;
    for (; value >= 0x80; value >>= 7) ++size;
    return size;
}

inline void put_varint(std::vector<std::uint8_t>& out, std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) out.push_back(static_cast<std::uint8_t>(value) | 0x80);
    out.push_back(static_cast<std::uint8_t>(value));
}

// Reads one from bytes[at...] and moves `at` behind it. Nothing, and `at` unmoved, when the bytes
// end too early or the number has more than `bits` bits (32 or 64).
inline std::optional<std::uint64_t> get_varint(ByteView bytes, std::size_t& at, int bits) {
    std::uint64_t value = 0;
    std::size_t next = at;
    for (int shift = 0; shift < bits; shift += 7) {
        if (next >= bytes.size()) return std::nullopt;
        const std::uint64_t byte = bytes[next++];
        if (shift + 7 > bits && (byte & 0x7f) >> (bits - shift) != 0) return std::nullopt;
        value |= (byte & 0x7f) << shift;
        if (byte < 0x80) {
            at = next;
            return value;
        }
    }
    return std::nullopt;
}

}  // namespace barnabas
