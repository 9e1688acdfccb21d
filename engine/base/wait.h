// How long to wait, from a setting in milliseconds. Such settings may be as large as a number can
// be; what they mean then is "never". An instant of a run and the longest wait have a sum.
#pragma once

#include <algorithm>

#include "engine/base/time.h"

namespace barnabas {

constexpr std::chrono::milliseconds longest_wait = std::chrono::hours(24 * 365 * 100);

constexpr Duration wait_of(std::int64_t milliseconds) {
    return std::min(std::chrono::milliseconds(milliseconds), longest_wait);
}

}  // namespace barnabas
