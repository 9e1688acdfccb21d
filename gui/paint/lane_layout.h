// Lanes from top to bottom: the rows of the timeline.
#pragma once

#include <optional>
#include <vector>

namespace barnabas::gui {

class LaneLayout {
  public:
    LaneLayout() = default;
    // Shares `height` evenly among `lanes`, within bounds, from `top` on. Lanes that find no room
    // are not laid out: see hidden().
    LaneLayout(double top, double height, std::size_t lanes, double least, double most)
        : top_(top) {
        if (lanes == 0) return;
        const double even = height / static_cast<double>(lanes);
        lane_ = even < least ? least : even > most ? most : even;
        const auto fitting = height < lane_ ? 0 : static_cast<std::size_t>(height / lane_ + 1e-9);
        shown_ = fitting < lanes ? fitting : lanes;
        hidden_ = lanes - shown_;
    }

    std::size_t shown() const { return shown_; }
    std::size_t hidden() const { return hidden_; }
    double height() const { return lane_; }
    double top(std::size_t lane) const { return top_ + lane_ * static_cast<double>(lane); }
    double middle(std::size_t lane) const { return top(lane) + lane_ / 2; }
    double bottom() const { return top(shown_); }

    std::optional<std::size_t> at(double y) const {
        if (y < top_ || y >= bottom()) return std::nullopt;
        const auto lane = static_cast<std::size_t>((y - top_) / lane_);
        return lane < shown_ ? std::optional(lane) : std::nullopt;
    }

  private:
    double top_ = 0;
    double lane_ = 0;
    std::size_t shown_ = 0;
    std::size_t hidden_ = 0;
};

}  // namespace barnabas::gui
