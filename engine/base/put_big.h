// Appends a number as Kafka writes it.
#pragma once

#include <vector>

#include "engine/base/big_endian.h"

namespace barnabas {

template <std::integral Number>
void put_big(std::vector<std::uint8_t>& out, Number number) {
    const std::size_t at = out.size();
    out.resize(at + sizeof number);
    store_big(out.data() + at, number);
}

}  // namespace barnabas
