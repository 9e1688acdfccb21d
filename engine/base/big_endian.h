// Numbers as Kafka writes them: most significant byte first, at any address.
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>

namespace barnabas {

template <std::integral Number>
constexpr Number swapped_to_big(Number number) {
    if constexpr (sizeof(Number) == 1 || std::endian::native == std::endian::big) return number;
    return std::byteswap(number);
}

// Needs: sizeof(Number) readable bytes at `from`.
template <std::integral Number>
Number load_big(const std::uint8_t* from) {
    Number number;
    std::memcpy(&number, from, sizeof number);
    return swapped_to_big(number);
}

// Needs: sizeof(Number) writable bytes at `to`.
template <std::integral Number>
void store_big(std::uint8_t* to, Number number) {
    number = swapped_to_big(number);
    std::memcpy(to, &number, sizeof number);
}

}  // namespace barnabas
