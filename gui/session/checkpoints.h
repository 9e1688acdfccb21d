// Copies of a run at earlier positions, so that going back is a short replay from the nearest one.
//
// There are at most `most` of them. When there are too many, the one goes whose loss lengthens
// replays the least, as seen from where the run stands: checkpoints are dense near it and thin out
// exponentially with distance, down to a floor that keeps a jump to the far end bearable.
// Position 0 always stays.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/check.h"

namespace barnabas::gui {

template <class State>
class Checkpoints {
  public:
    explicit Checkpoints(std::size_t most = 256, std::uint64_t stride = 256)
        : most_(most), stride_(stride) {
        CHECK(most >= 3 && stride > 0);
    }

    // Keeps a copy when no other is as near as the stride.
    // Needs: the first offer is at position 0.
    void offer(std::uint64_t position, const State& state) {
        CHECK(!kept_.empty() || position == 0);
        const std::size_t next = after(position);
        if (next > 0 && position - kept_[next - 1].position < stride_) return;
        if (next < kept_.size() && kept_[next].position - position < stride_) return;
        kept_.insert(kept_.begin() + static_cast<std::ptrdiff_t>(next), {position, state});
        if (kept_.size() > most_) thin_out(position);
    }

    struct Kept {
        std::uint64_t position = 0;
        State state;
    };

    // The nearest at or before a position. Needs: something was offered.
    const Kept& nearest(std::uint64_t position) const {
        CHECK(!kept_.empty());
        return kept_[after(position) - 1];
    }

    std::size_t size() const { return kept_.size(); }
    const std::vector<Kept>& all() const { return kept_; }

  private:
    std::size_t after(std::uint64_t position) const {
        std::size_t at = kept_.size();
        while (at > 0 && kept_[at - 1].position > position) --at;
        return at;
    }

    // Without checkpoint i, the gap around it is its neighbours' distance; it matters less the
    // further away it is.
    void thin_out(std::uint64_t here) {
        std::size_t worst = 0;
        std::uint64_t worst_gap = 1;
        std::uint64_t worst_distance = 0;
        const std::uint64_t floor = stride_ + kept_.back().position / 32;
        for (std::size_t i = 1; i + 1 < kept_.size(); ++i) {
            const std::uint64_t at = kept_[i].position;
            const std::uint64_t gap = kept_[i + 1].position - kept_[i - 1].position;
            const std::uint64_t distance = (at > here ? at - here : here - at) + floor;
            if (worst == 0 || gap * worst_distance < worst_gap * distance) {
                worst = i;
                worst_gap = gap;
                worst_distance = distance;
            }
        }
        kept_.erase(kept_.begin() + static_cast<std::ptrdiff_t>(worst));
    }

    std::size_t most_;
    std::uint64_t stride_;
    std::vector<Kept> kept_;  // ascending
};

}  // namespace barnabas::gui
