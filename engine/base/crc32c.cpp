#include "engine/base/crc32c.h"

#include <isa-l/crc.h>

#include <algorithm>

namespace barnabas {

std::uint32_t crc32c(ByteView bytes, std::uint32_t before) {
    // The library takes an int for the length and leaves both inversions to the caller.
    constexpr std::size_t step_bytes_max = 1u << 30;
    std::uint32_t state = ~before;
    while (!bytes.empty()) {
        const std::size_t step = std::min(bytes.size(), step_bytes_max);
        auto* data = const_cast<unsigned char*>(bytes.data());  // read only, whatever its type says
        state = crc32_iscsi(data, static_cast<int>(step), state);
        bytes = bytes.subspan(step);
    }
    return ~state;
}

}  // namespace barnabas
