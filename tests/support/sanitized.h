// Whether sanitizers watch this build: it is some ten times as slow, and takes fewer seeds.
#pragma once

#include <cstdint>

namespace barnabas::support {

#if defined(__SANITIZE_ADDRESS__)
constexpr bool is_sanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
constexpr bool is_sanitized = true;
#else
constexpr bool is_sanitized = false;
#endif
#else
constexpr bool is_sanitized = false;
#endif

// Of so many seeds, those that a test takes: under sanitizers a twentieth, and at least one.
constexpr std::uint64_t taken_seeds(std::uint64_t all) {
    return is_sanitized ? (all + 19) / 20 : all;
}

}  // namespace barnabas::support
