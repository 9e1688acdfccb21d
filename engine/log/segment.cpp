#include "engine/log/segment.h"

#include <algorithm>

namespace barnabas::log {

std::size_t RecentBatches::find(Offset offset) const {
    CHECK(has(offset));
    const auto found = std::partition_point(rows_.begin(), rows_.end(),
                                            [&](const Row& row) { return row.next <= offset; });
    return static_cast<std::size_t>(found - rows_.begin());
}

std::size_t find_segment(const std::vector<Segment>& segments, Offset offset) {
    const auto above =
        std::partition_point(segments.begin(), segments.end(),
                             [&](const Segment& segment) { return segment.base <= offset; });
    CHECK(above != segments.begin());
    return static_cast<std::size_t>(above - segments.begin()) - 1;
}

}  // namespace barnabas::log
