#include "sim/clients/stamp.h"

#include <charconv>

#include "engine/base/random.h"

namespace barnabas::sim {

Bytes value_of(const Stamp& stamp, std::size_t size) {
    std::string text = stamp.text() + ' ';
    Random letters(stamp.number * 1'000'003 + stamp.producer.size());
    while (text.size() < size) {
        std::uint64_t bits = letters.next();
        for (int i = 0; i < 8 && text.size() < size; ++i, bits >>= 8) {
            text += static_cast<char>('a' + (bits & 0xff) % 26);
        }
    }
    return Bytes::copy(text);
}

std::optional<Stamp> stamp_of(ByteView value) {
    const std::string_view text = as_text(value);
    const std::size_t space = text.find(' ');
    if (space == std::string_view::npos) return std::nullopt;
    Stamp stamp{std::string(text.substr(0, space)), 0};
    const char* begin = text.data() + space + 1;
    const auto [end, error] = std::from_chars(begin, text.data() + text.size(), stamp.number);
    if (error != std::errc()) return std::nullopt;
    const Bytes whole = value_of(stamp, value.size());
    return whole.text() == text ? std::optional(std::move(stamp)) : std::nullopt;
}

}  // namespace barnabas::sim
