// The values that workloads send: unique, and each says whose it is. "till 17 qmzkd..." is record
// 17 of the producer till; the letters behind it follow from the two and fill the value up, so that
// every byte of it can be checked wherever it turns up.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/bytes.h"
#include "engine/protocol/types.h"

namespace barnabas::sim {

struct Stamp {
    std::string producer;
    std::uint64_t number = 0;

    std::string text() const { return producer + ' ' + std::to_string(number); }
    friend auto operator<=>(const Stamp&, const Stamp&) = default;
};

// What stands at an offset: no stamp when the value is no workload's.
struct Stamped {
    Offset offset;
    std::optional<Stamp> stamp;
};

// `size` bytes, or as many as the stamp itself needs.
Bytes value_of(const Stamp& stamp, std::size_t size);
// Nothing when a single byte is not as value_of() makes it.
std::optional<Stamp> stamp_of(ByteView value);

// A tombstone has no value: its stamp is in a header of this key. Of `every` so many records of a
// workload the last one is a tombstone; 0: none is.
constexpr std::string_view stamp_header = "stamp";
constexpr bool is_tombstone(std::uint64_t number, std::uint64_t every) {
    return every > 0 && number % every == every - 1;
}

// The key of a record of that number, one of so many, spread like dice: records overtake each other
// from near and from far. All workloads have the same keys.
std::uint64_t key_number(std::uint64_t number, std::uint64_t keys);
Bytes key_of(std::uint64_t number, std::uint64_t keys);

}  // namespace barnabas::sim
