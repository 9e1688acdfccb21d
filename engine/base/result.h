// A value or what went wrong. Client trouble and world trouble are values; only our own is a CHECK.
#pragma once

#include <expected>

namespace barnabas {

template <class T, class E>
using Result = std::expected<T, E>;

using std::unexpected;

}  // namespace barnabas
