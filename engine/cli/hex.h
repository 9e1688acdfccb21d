// Bytes as hexadecimal digits, as people paste and pipe them.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/bytes.h"
#include "engine/base/result.h"

namespace barnabas::cli {

std::string to_hex(ByteView bytes);

// White space, ':' and a leading "0x" are passed over. The error names the column, from 1.
Result<Bytes, std::string> from_hex(std::string_view text);

}  // namespace barnabas::cli
