// Between time and pixels. Time stays an integer; only places on the screen are fractions.
#pragma once

#include <string>
#include <vector>

#include "engine/base/time.h"

namespace barnabas::gui {

struct Tick {
    Instant at;
    std::string label;  // empty: a minor one
};

// `width` pixels from `left` on show `span` of time from `from` on. A plain value.
class TimeScale {
  public:
    static constexpr Duration span_least{1'000};               // 1 us
    static constexpr Duration span_most{100'000'000'000'000};  // more than a day

    TimeScale() = default;
    // Brings span and width into their bounds.
    TimeScale(Instant from, Duration span, double left, double width);

    Instant from() const { return from_; }
    Instant to() const { return from_ + span_; }
    Duration span() const { return span_; }
    double left() const { return left_; }
    double width() const { return width_; }

    double x(Instant time) const;
    Instant time(double x) const;  // the nearest nanosecond
    Duration per_pixel() const;    // at least 1 ns

    // The time under `x` stays there; the span becomes `factor` times as long.
    TimeScale zoomed(double factor, double x) const;
    TimeScale moved(double pixels) const;
    TimeScale resized(double left, double width) const;
    // Moved so that `time` stands within the inner part; unchanged when it does already.
    TimeScale showing(Instant time) const;

    // At round times, labelled ones not nearer than `distance` pixels.
    std::vector<Tick> ticks(double distance) const;

  private:
    Instant from_;
    Duration span_ = std::chrono::seconds(1);
    double left_ = 0;
    double width_ = 1;
};

}  // namespace barnabas::gui
