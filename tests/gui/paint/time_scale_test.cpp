// Time to pixels and back: within a pixel, in order, and still under the mouse when zooming.
#include "gui/paint/time_scale.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "gui/paint/lane_layout.h"

namespace barnabas::gui {
namespace {

TimeScale any_scale() {
    const auto from = *rc::gen::inRange<std::int64_t>(-1'000'000'000, 3'600'000'000'000);
    const auto exponent = *rc::gen::inRange(3, 14);
    std::int64_t span = *rc::gen::inRange<std::int64_t>(1, 10);
    for (int i = 0; i < exponent; ++i) span *= 10;
    const auto width = *rc::gen::inRange(1, 8'000);
    return TimeScale(Instant(Duration(from)), Duration(span), *rc::gen::inRange(0, 500), width);
}

RC_GTEST_PROP(TimeScale, AnInstantComesBackWithinAPixel, ()) {
    const TimeScale scale = any_scale();
    const auto part = *rc::gen::inRange<std::int64_t>(0, 1'000);
    const Instant time = scale.from() + scale.span() / 1'000 * part;
    const Duration off = scale.time(scale.x(time)) - time;
    RC_ASSERT(std::abs(off.count()) <= scale.per_pixel().count());
}

RC_GTEST_PROP(TimeScale, APixelComesBackWhereItWas, ()) {
    const TimeScale scale = any_scale();
    const double x = scale.left() + *rc::gen::inRange(0, 8'000);
    // A span of nanoseconds over many pixels has no time for each pixel.
    const double nanosecond = scale.width() / static_cast<double>(scale.span().count());
    RC_ASSERT(std::abs(scale.x(scale.time(x)) - x) <= 0.5 * nanosecond + 1e-3);
}

RC_GTEST_PROP(TimeScale, LaterIsNeverFurtherLeft, ()) {
    const TimeScale scale = any_scale();
    const double a = *rc::gen::inRange(-1'000, 9'000);
    const double b = *rc::gen::inRange(-1'000, 9'000);
    RC_ASSERT((a <= b) == (scale.time(a) <= scale.time(b)) || scale.time(a) == scale.time(b));
}

RC_GTEST_PROP(TimeScale, TheTimeUnderTheMouseStaysThereWhenZooming, ()) {
    const TimeScale scale = any_scale();
    const double x = scale.left() + *rc::gen::inRange(0, 2'000) * scale.width() / 2'000;
    const double factor = *rc::gen::element(0.1, 0.5, 0.8, 1.25, 2.0, 10.0);
    const TimeScale zoomed = scale.zoomed(factor, x);
    const Duration off = zoomed.time(x) - scale.time(x);
    RC_ASSERT(std::abs(off.count()) <= std::max<std::int64_t>(2, zoomed.per_pixel().count()));
}

RC_GTEST_PROP(TimeScale, ShowingATimeBringsItIntoSight, ()) {
    const TimeScale scale = any_scale();
    const Instant time(Duration(*rc::gen::inRange<std::int64_t>(0, 3'600'000'000'000)));
    const TimeScale there = scale.showing(time);
    RC_ASSERT(there.from() <= time && time <= there.to());
    RC_ASSERT(there.span() == scale.span());
}

RC_GTEST_PROP(TimeScale, TicksAreInOrderAndLabelsKeepTheirDistance, ()) {
    const TimeScale scale = any_scale();
    const std::vector<Tick> ticks = scale.ticks(100);
    double last = -1e18;
    for (std::size_t i = 0; i < ticks.size(); ++i) {
        if (i > 0) RC_ASSERT(ticks[i - 1].at < ticks[i].at);
        if (ticks[i].label.empty()) continue;
        RC_ASSERT(scale.x(ticks[i].at) - last >= 99);
        last = scale.x(ticks[i].at);
    }
}

TEST(TimeScale, LabelsHaveTheDigitsThatTheStepNeeds) {
    const auto labels = [](const TimeScale& scale) {
        std::string all;
        for (const Tick& tick : scale.ticks(100))
            if (!tick.label.empty()) all += tick.label + "|";
        return all;
    };
    EXPECT_EQ(labels(TimeScale(Instant(), 40s, 0, 400)), "0 s|10 s|20 s|30 s|40 s|");
    EXPECT_EQ(labels(TimeScale(Instant(12s), 400us, 0, 400)),
              "12.000 0 s|12.000 1 s|12.000 2 s|12.000 3 s|12.000 4 s|");
}

TEST(LaneLayout, SharesTheHeightAndSaysWhatItHides) {
    const LaneLayout roomy(10, 100, 4, 20, 60);
    EXPECT_EQ(roomy.shown(), 4);
    EXPECT_DOUBLE_EQ(roomy.height(), 25);
    EXPECT_EQ(roomy.at(10), 0);
    EXPECT_EQ(roomy.at(109.9), 3);
    EXPECT_FALSE(roomy.at(9));
    EXPECT_FALSE(roomy.at(110));
    const LaneLayout tight(0, 100, 12, 20, 60);
    EXPECT_EQ(tight.shown(), 5);
    EXPECT_EQ(tight.hidden(), 7);
}

}  // namespace
}  // namespace barnabas::gui
