// How the parts of a record are written: numbers as zigzag varints, keys, values and headers behind
// their length.
#pragma once

#include <vector>

#include "engine/base/varint.h"
#include "engine/records/record.h"

namespace barnabas::records {

inline void put_signed(std::vector<std::uint8_t>& out, std::int64_t value) {
    put_varint(out, zigzag(value));
}

// Nothing is written as the length -1.
inline void put_run(std::vector<std::uint8_t>& out, OptionalView run) {
    if (!run) return put_signed(out, -1);
    put_signed(out, static_cast<std::int64_t>(run->size()));
    out.insert(out.end(), run->begin(), run->end());
}

}  // namespace barnabas::records
