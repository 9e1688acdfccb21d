// Ids of log directories that name none: Kafka keeps those below 100 for what it has to say of a
// copy whose directory is not known.
#pragma once

#include <algorithm>
#include <vector>

#include "engine/base/uuid.h"

namespace barnabas::metadata {

// 0 is a copy of the time before directories had ids, 1 one that has none yet; this one its broker
// cannot reach.
constexpr Uuid lost_directory{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2}};

inline bool is_reserved(const Uuid& directory) {
    return std::all_of(directory.bytes.begin(), directory.bytes.end() - 1,
                       [](std::uint8_t byte) { return byte == 0; }) &&
           directory.bytes.back() < 100;
}

// Whether a copy that is said to be there can be reached, or may still be put somewhere.
inline bool is_online(const Uuid& directory, const std::vector<Uuid>& online) {
    if (is_reserved(directory)) return directory != lost_directory;
    return std::ranges::find(online, directory) != online.end();
}

}  // namespace barnabas::metadata
