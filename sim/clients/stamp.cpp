#include "sim/clients/stamp.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>

#include "engine/base/random.h"

namespace barnabas::sim {
namespace {

constexpr std::uint64_t each_other = 0x00ff'00ff'00ff'00ff;  // of eight bytes
constexpr std::uint64_t all_eight = 0x0101'0101'0101'0101;

// What every other byte leaves over when it is divided by 26: 79 / 2048 is near enough to 1 / 26.
constexpr std::uint64_t rests_of(std::uint64_t bytes) {
    const std::uint64_t quotients = bytes * 79 >> 11 & 0x000f'000f'000f'000f;
    return bytes - quotients * 26;
}

// Each of eight bytes as a letter, the first in the lowest byte.
constexpr std::uint64_t letters_of(std::uint64_t bytes) {
    const std::uint64_t rests =
        rests_of(bytes & each_other) | rests_of(bytes >> 8 & each_other) << 8;
    return rests + all_eight * 'a';
}

// The letters that follow from a stamp, eight at a time.
class Letters {
  public:
    Letters(std::size_t producer_size, std::uint64_t number)
        : random_(number * 1'000'003 + producer_size) {}

    std::uint64_t next() { return letters_of(random_.next()); }

  private:
    Random random_;
};

std::uint64_t little_endian(std::uint64_t number) {
    return std::endian::native == std::endian::little ? number : std::byteswap(number);
}

std::string head_of(const Stamp& stamp) { return stamp.text() + ' '; }

}  // namespace

Bytes value_of(const Stamp& stamp, std::size_t size) {
    const std::string head = head_of(stamp);
    std::vector<std::uint8_t> value(std::max(size, head.size()));
    std::memcpy(value.data(), head.data(), head.size());
    Letters letters(stamp.producer.size(), stamp.number);
    for (std::size_t at = head.size(); at < value.size(); at += 8) {
        const std::uint64_t eight = little_endian(letters.next());
        std::memcpy(value.data() + at, &eight, std::min<std::size_t>(8, value.size() - at));
    }
    return Bytes::own(std::move(value));
}

std::uint64_t key_number(std::uint64_t number, std::uint64_t keys) {
    return Random(number).below(keys);
}

Bytes key_of(std::uint64_t number, std::uint64_t keys) {
    return Bytes::copy("key " + std::to_string(key_number(number, keys)));
}

std::optional<Stamp> stamp_of(ByteView value) {
    const std::string_view text = as_text(value);
    const std::size_t space = text.find(' ');
    if (space == std::string_view::npos) return std::nullopt;
    Stamp stamp{std::string(text.substr(0, space)), 0};
    const char* begin = text.data() + space + 1;
    const char* text_end = text.data() + text.size();
    const auto [end, error] = std::from_chars(begin, text_end, stamp.number);
    const bool has_leading_zero = end - begin > 1 && *begin == '0';
    if (error != std::errc() || has_leading_zero || end == text_end || *end != ' ') {
        return std::nullopt;
    }
    const auto head = static_cast<std::size_t>(end + 1 - text.data());
    Letters letters(stamp.producer.size(), stamp.number);
    std::size_t at = head;
    for (; at + 8 <= value.size(); at += 8) {
        std::uint64_t eight = 0;
        std::memcpy(&eight, value.data() + at, 8);
        if (eight != little_endian(letters.next())) return std::nullopt;
    }
    if (at < value.size()) {
        const std::uint64_t eight = little_endian(letters.next());
        if (std::memcmp(value.data() + at, &eight, value.size() - at) != 0) return std::nullopt;
    }
    return stamp;
}

}  // namespace barnabas::sim
