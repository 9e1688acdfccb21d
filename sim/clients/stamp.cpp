#include "sim/clients/stamp.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "engine/base/random.h"

namespace barnabas::sim {
namespace {

constexpr auto letter_of = [] {
    std::array<std::uint8_t, 256> table{};
    for (std::size_t i = 0; i < table.size(); ++i) {
        table[i] = static_cast<std::uint8_t>('a' + i % 26);
    }
    return table;
}();

// The letters that follow from a stamp, eight at a time.
class Letters {
  public:
    using Eight = std::array<std::uint8_t, 8>;

    Letters(std::size_t producer_size, std::uint64_t number)
        : random_(number * 1'000'003 + producer_size) {}

    Eight next() {
        Eight eight;
        std::uint64_t bits = random_.next();
        for (std::uint8_t& letter : eight) {
            letter = letter_of[bits & 0xff];
            bits >>= 8;
        }
        return eight;
    }

  private:
    Random random_;
};

std::string head_of(const Stamp& stamp) { return stamp.text() + ' '; }

}  // namespace

Bytes value_of(const Stamp& stamp, std::size_t size) {
    const std::string head = head_of(stamp);
    std::vector<std::uint8_t> value(std::max(size, head.size()));
    auto to = std::copy(head.begin(), head.end(), value.begin());
    for (Letters letters(stamp.producer.size(), stamp.number); to != value.end();) {
        const Letters::Eight eight = letters.next();
        to = std::copy_n(eight.begin(), std::min<std::ptrdiff_t>(8, value.end() - to), to);
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
    for (ByteView rest = value.subspan(head); !rest.empty();) {
        const Letters::Eight eight = letters.next();
        const std::size_t count = std::min(eight.size(), rest.size());
        if (!std::equal(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(count),
                        eight.begin())) {
            return std::nullopt;
        }
        rest = rest.subspan(count);
    }
    return stamp;
}

}  // namespace barnabas::sim
