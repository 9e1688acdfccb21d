#include "engine/base/uuid.h"

namespace barnabas {
namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::size_t text_size = 22;

}  // namespace

std::string Uuid::text() const {
    std::string text;
    std::uint32_t pending = 0;
    int bits = 0;
    for (const std::uint8_t byte : bytes) {
        pending = pending << 8 | byte;
        for (bits += 8; bits >= 6; bits -= 6) text += alphabet[pending >> (bits - 6) & 63];
    }
    text += alphabet[pending << (6 - bits) & 63];
    return text;
}

std::optional<Uuid> Uuid::parse(std::string_view text) {
    if (text.size() != text_size) return std::nullopt;
    Uuid uuid;
    std::uint32_t pending = 0;
    int bits = 0;
    std::size_t at = 0;
    for (const char letter : text) {
        const auto value = alphabet.find(letter);
        if (value == std::string_view::npos) return std::nullopt;
        pending = pending << 6 | static_cast<std::uint32_t>(value);
        bits += 6;
        if (bits < 8 || at == uuid.bytes.size()) continue;
        bits -= 8;
        uuid.bytes[at++] = static_cast<std::uint8_t>(pending >> bits);
    }
    return uuid;
}

Uuid Uuid::draw(Random& random) {
    Uuid uuid;
    do {
        const std::uint64_t high = random.next();
        const std::uint64_t low = random.next();
        for (std::size_t i = 0; i < 8; ++i) {
            uuid.bytes[i] = static_cast<std::uint8_t>(high >> (8 * i));
            uuid.bytes[8 + i] = static_cast<std::uint8_t>(low >> (8 * i));
        }
        uuid.bytes[6] = static_cast<std::uint8_t>((uuid.bytes[6] & 0x0f) | 0x40);
        uuid.bytes[8] = static_cast<std::uint8_t>((uuid.bytes[8] & 0x3f) | 0x80);
    } while (uuid.text().starts_with('-'));
    return uuid;
}

}  // namespace barnabas
