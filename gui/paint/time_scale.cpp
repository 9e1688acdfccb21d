#include "gui/paint/time_scale.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace barnabas::gui {
namespace {

// The smallest of 1, 2, 5, 10, 20, 50 ... nanoseconds that is at least `least`.
std::int64_t round_step(std::int64_t least) {
    std::int64_t power = 1;
    for (;;) {
        for (const std::int64_t digit : {1, 2, 5})
            if (digit * power >= least) return digit * power;
        power *= 10;
    }
}

// In the largest unit that leaves no more digits than the step needs.
std::string label(Instant at, std::int64_t step) {
    const std::int64_t nanos = at.time_since_epoch().count();
    int digits = 0;
    for (std::int64_t unit = 1'000'000'000; unit > step && digits < 9; unit /= 10) ++digits;
    std::int64_t scale = 1'000'000'000;
    for (int i = 0; i < digits; ++i) scale /= 10;
    const std::int64_t whole = nanos / 1'000'000'000;
    if (digits == 0) return fmt::format("{} s", whole);
    std::string fraction = fmt::format("{:0{}}", nanos % 1'000'000'000 / scale, digits);
    for (std::size_t group = 3; group < fraction.size(); group += 4) fraction.insert(group, " ");
    return fmt::format("{}.{} s", whole, fraction);
}

}  // namespace

TimeScale::TimeScale(Instant from, Duration span, double left, double width)
    : from_(from),
      span_(std::clamp(span, span_least, span_most)),
      left_(left),
      width_(std::max(width, 1.0)) {}

double TimeScale::x(Instant time) const {
    const auto passed = static_cast<double>((time - from_).count());
    return left_ + passed * width_ / static_cast<double>(span_.count());
}

Instant TimeScale::time(double x) const {
    const double passed = (x - left_) * static_cast<double>(span_.count()) / width_;
    const double bound = static_cast<double>(span_most.count()) * 10;
    return from_ + Duration(std::llround(std::clamp(passed, -bound, bound)));
}

Duration TimeScale::per_pixel() const {
    const double nanos = static_cast<double>(span_.count()) / width_;
    return Duration(std::max<std::int64_t>(1, std::llround(nanos)));
}

TimeScale TimeScale::zoomed(double factor, double x) const {
    const Instant kept = time(x);
    const double wanted =
        std::clamp(static_cast<double>(span_.count()) * factor,
                   static_cast<double>(span_least.count()), static_cast<double>(span_most.count()));
    const Duration span(std::llround(wanted));
    const double before = (x - left_) / width_ * static_cast<double>(span.count());
    return TimeScale(kept - Duration(std::llround(before)), span, left_, width_);
}

TimeScale TimeScale::moved(double pixels) const {
    const double by = pixels * static_cast<double>(span_.count()) / width_;
    return TimeScale(from_ + Duration(std::llround(by)), span_, left_, width_);
}

TimeScale TimeScale::resized(double left, double width) const {
    return TimeScale(from_, span_, left, width);
}

TimeScale TimeScale::showing(Instant time) const {
    const Duration margin = span_ / 12;
    if (time >= from_ + margin && time <= to() - margin) return *this;
    if (time >= from_ && time <= to() && from_ <= Instant()) return *this;
    const Instant from = time > to() - margin ? time - span_ * 2 / 3 : time - span_ / 3;
    return TimeScale(std::max(from, Instant() - margin), span_, left_, width_);
}

std::vector<Tick> TimeScale::ticks(double distance) const {
    const double least = static_cast<double>(span_.count()) * distance / width_;
    const std::int64_t step = round_step(std::max<std::int64_t>(1, std::llround(least)));
    const std::int64_t minor = std::max<std::int64_t>(1, step / 5);
    const std::int64_t from = std::max<std::int64_t>(0, from_.time_since_epoch().count());
    std::vector<Tick> ticks;
    for (std::int64_t at = (from + minor - 1) / minor * minor; Instant(Duration(at)) <= to();
         at += minor) {
        const Instant time{Duration(at)};
        ticks.push_back({time, at % step == 0 ? label(time, step) : std::string()});
    }
    return ticks;
}

}  // namespace barnabas::gui
