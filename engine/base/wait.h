// Arithmetic with times that others chose: settings and the timestamps of records may be any
// number.
//
// How long to wait, from a setting in milliseconds: one as large as a number can be means "never".
// An instant of a run and the longest wait have a sum.
#pragma once

#include <algorithm>

#include "engine/base/time.h"

namespace barnabas {

constexpr std::chrono::milliseconds longest_wait = std::chrono::hours(24 * 365 * 100);

constexpr Duration wait_of(std::int64_t milliseconds) {
    return std::min(std::chrono::milliseconds(milliseconds), longest_wait);
}

// Sum and difference, held at the ends of what a number can be.
constexpr std::int64_t saturating_plus(std::int64_t a, std::int64_t b) {
    std::int64_t sum = 0;
    if (!__builtin_add_overflow(a, b, &sum)) return sum;
    return a < 0 ? INT64_MIN : INT64_MAX;
}
constexpr std::int64_t saturating_minus(std::int64_t a, std::int64_t b) {
    std::int64_t difference = 0;
    if (!__builtin_sub_overflow(a, b, &difference)) return difference;
    return a < 0 ? INT64_MIN : INT64_MAX;
}

}  // namespace barnabas
