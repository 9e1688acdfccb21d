// A node's own clocks. `now` may run fast or slow and never steps; `wall` follows it and may step.
#pragma once

#include <algorithm>

#include "engine/base/check.h"
#include "engine/base/time.h"

namespace barnabas::sim {

class NodeClock {
  public:
    // From here on the node's clock gains `parts` millionths; a negative number loses.
    // Needs: -500,000 <= parts <= 500,000.
    void set_drift(std::int64_t parts, Instant world) {
        CHECK(parts >= -500'000 && parts <= 500'000);
        local_ = now(world);
        world_ = world;
        drift_ = parts;
    }
    void step_wall(Duration by) { wall_step_ += by; }

    std::int64_t drift() const { return drift_; }
    Duration wall_step() const { return wall_step_; }

    Instant now(Instant world) const {
        const std::int64_t passed = (world - world_).count();
        if (drift_ == 0) return local_ + Duration(passed);
        return local_ + Duration(static_cast<std::int64_t>(Wide(passed) * rate() / million));
    }
    WallTime wall(Instant world, WallTime start) const {
        return start +
               std::chrono::floor<WallTime::duration>(now(world).time_since_epoch() + wall_step_);
    }

    // The first instant of the world at which now() >= local, not before `from`.
    Instant world_at(Instant local, Instant from) const {
        if (local <= now(from)) return from;
        const Wide wanted = Wide((local - local_).count()) * million;
        const Wide passed = (wanted + rate() - 1) / rate();
        const Wide most = (Instant::max() - world_).count();
        return world_ + Duration(static_cast<std::int64_t>(std::min(passed, most)));
    }

  private:
    __extension__ using Wide = __int128;
    static constexpr std::int64_t million = 1'000'000;

    std::int64_t rate() const { return million + drift_; }  // of this clock, a million is right

    Instant world_;  // when the drift was last set, in the world's time
    Instant local_;  // and by this clock
    std::int64_t drift_ = 0;
    Duration wall_step_{0};
};

}  // namespace barnabas::sim
