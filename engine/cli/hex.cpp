#include "engine/cli/hex.h"

#include <fmt/format.h>

namespace barnabas::cli {
namespace {

constexpr std::string_view digits = "0123456789abcdef";

int value_of(char letter) {
    if (letter >= '0' && letter <= '9') return letter - '0';
    if (letter >= 'a' && letter <= 'f') return letter - 'a' + 10;
    if (letter >= 'A' && letter <= 'F') return letter - 'A' + 10;
    return -1;
}

bool is_between(char letter) {
    return letter == ' ' || letter == '\t' || letter == '\r' || letter == '\n' || letter == ':';
}

}  // namespace

std::string to_hex(ByteView bytes) {
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const std::uint8_t byte : bytes) {
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

Result<Bytes, std::string> from_hex(std::string_view text) {
    std::vector<std::uint8_t> bytes;
    bytes.reserve(text.size() / 2);
    int high = -1;
    for (std::size_t at = text.starts_with("0x") ? 2 : 0; at < text.size(); ++at) {
        if (is_between(text[at])) continue;
        const int value = value_of(text[at]);
        if (value < 0) {
            return unexpected(
                fmt::format("column {}: '{}' is no hexadecimal digit", at + 1, text[at]));
        }
        if (high < 0) {
            high = value;
            continue;
        }
        bytes.push_back(static_cast<std::uint8_t>(high << 4 | value));
        high = -1;
    }
    if (high >= 0) return unexpected(std::string("an odd number of hexadecimal digits"));
    return Bytes::own(std::move(bytes));
}

}  // namespace barnabas::cli
