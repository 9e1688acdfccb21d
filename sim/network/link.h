// One direction between two hosts: how long bytes travel, and whether they get through.
#pragma once

#include <cstdint>

#include "engine/base/id.h"
#include "engine/base/random.h"
#include "engine/base/time.h"

namespace barnabas::sim {

// A machine's place in its world, and its host's place in the network. Not Kafka's node id.
using NodeIndex = Id<struct NodeIndexTag, std::uint32_t>;

// A floor, an even spread above it, and a rare slow tail.
struct Latency {
    Duration least = 100us;
    Duration spread = 400us;
    std::uint32_t slow_per_million = 1'000;
    Duration slow = 20ms;  // the longest that the tail adds

    Duration draw(Random& random) const {
        Duration drawn = least;
        drawn += random.duration_below(spread);
        if (slow_per_million == 0) return drawn;
        if (random.chance_per_million(slow_per_million)) drawn += random.duration_below(slow);
        return drawn;
    }
};

struct Link {
    Latency latency;
    std::uint64_t bytes_per_second = 0;  // 0: as fast as you like
    bool cut = false;                    // packets are lost: what waits too long is given up
    bool clogged = false;                // packets wait, and come in a burst when it is released
    Duration delay{};                    // beside the latency
    std::uint32_t lost_per_million = 0;    // packets that have to be sent again
    std::uint32_t broken_per_million = 0;  // packets at which their connection breaks off
    Instant free_at;                     // until then earlier bytes take up the line
    std::uint64_t dialled = 0;           // connections so far

    bool blocked() const { return cut || clogged; }
    bool is_harmed() const {
        return blocked() || delay > Duration(0) || lost_per_million > 0 || broken_per_million > 0;
    }
    Duration time_for(std::uint64_t bytes) const {
        if (bytes_per_second == 0) return Duration(0);
        __extension__ using Wide = unsigned __int128;
        return Duration(static_cast<std::int64_t>(Wide(bytes) * 1'000'000'000 / bytes_per_second));
    }
};

}  // namespace barnabas::sim
