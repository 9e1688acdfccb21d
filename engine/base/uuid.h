// 128 bits that name a topic, a directory or a cluster; printed as Kafka prints them (URL-safe
// base64 without padding, 22 characters).
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/random.h"

namespace barnabas {

struct Uuid {
    std::array<std::uint8_t, 16> bytes{};

    bool is_zero() const { return bytes == std::array<std::uint8_t, 16>{}; }
    std::string text() const;
    // Nothing unless `text` is exactly 22 characters of the alphabet.
    static std::optional<Uuid> parse(std::string_view text);
    // A version 4 UUID whose text does not begin with '-', so that it may stand on a command line.
    static Uuid draw(Random& random);

    friend auto operator<=>(const Uuid&, const Uuid&) = default;
};

}  // namespace barnabas
