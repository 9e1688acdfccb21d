// Checkpoints: bounded in number, near where the run stands, and always one to begin with.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "gui/session/checkpoints.h"

namespace barnabas::gui {
namespace {

TEST(Checkpoints, TheNearestIsAtOrBeforeThePosition) {
    Checkpoints<int> kept(8, 10);
    for (int i = 0; i <= 60; ++i) kept.offer(i, i);
    EXPECT_EQ(kept.nearest(0).position, 0);
    EXPECT_EQ(kept.nearest(9).position, 0);
    EXPECT_EQ(kept.nearest(10).position, 10);
    EXPECT_EQ(kept.nearest(1'000).position, 60);
    EXPECT_EQ(kept.nearest(35).state, 30);
}

// A short way back is a short replay, and a long one is not much longer.
TEST(Checkpoints, TheyThinOutWithDistanceUnderTheirBound) {
    Checkpoints<int> kept;
    constexpr std::uint64_t length = 2'000'000;
    for (std::uint64_t at = 0; at <= length; at += 64) kept.offer(at, 0);
    EXPECT_LE(kept.size(), 256);
    for (std::uint64_t back = 1; back <= length; back *= 2) {
        const std::uint64_t wanted = length - back;
        const std::uint64_t replay = wanted - kept.nearest(wanted).position;
        EXPECT_LE(replay, 512 + back / 16 + length / 512) << back << " events back";
    }
}

// Someone who went back to the beginning may want to see the end again.
TEST(Checkpoints, AWalkAtTheBeginningLeavesTheEndWithinReach) {
    Checkpoints<int> kept;
    constexpr std::uint64_t length = 2'000'000;
    for (std::uint64_t at = 0; at <= length; at += 256) kept.offer(at, 0);
    for (std::uint64_t at = 0; at <= 100'000; at += 64) kept.offer(at, 0);
    for (std::uint64_t wanted = 0; wanted <= length; wanted += 10'007)
        EXPECT_LE(wanted - kept.nearest(wanted).position, length / 16) << wanted;
}

RC_GTEST_PROP(Checkpoints, StayAscendingAndKeepTheFirst,
              (const std::vector<std::uint16_t>& positions)) {
    Checkpoints<std::uint64_t> kept(5, 16);
    kept.offer(0, 0);
    for (const std::uint16_t at : positions) kept.offer(at, at);
    RC_ASSERT(kept.size() <= 5u);
    RC_ASSERT(kept.all().front().position == 0u);
    for (std::size_t i = 0; i < kept.size(); ++i) {
        RC_ASSERT(kept.all()[i].state == kept.all()[i].position);
        if (i > 0) RC_ASSERT(kept.all()[i - 1].position + 16 <= kept.all()[i].position);
    }
}

}  // namespace
}  // namespace barnabas::gui
