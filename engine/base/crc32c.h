// CRC-32C (Castagnoli), as record batches carry it.
#pragma once

#include <cstdint>

#include "engine/base/bytes.h"

namespace barnabas {

// The CRC of `bytes`. To go on after an earlier piece, pass that piece's CRC as `before`.
std::uint32_t crc32c(ByteView bytes, std::uint32_t before = 0);

}  // namespace barnabas
