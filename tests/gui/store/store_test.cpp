// The event store: what was appended is found again, by row, by time and by count.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <thread>

#include "engine/base/random.h"
#include "gui/store/words.h"

namespace barnabas::gui {
namespace {

EventRow row_at(std::int64_t nanos, std::uint16_t node) {
    return {.at = Instant(Duration(nanos)),
            .sent = Instant(Duration(nanos / 2)),
            .size = static_cast<std::uint32_t>(nanos % 1'000),
            .node = node,
            .peer = 1,
            .api = 1,
            .version = 17,
            .kind = EventKind::received,
            .is_response = nanos % 2 == 0,
            .severity = Severity::info};
}

TEST(EventStore, RowsReadBackAsTheyWereAppended) {
    EventStore store(3);
    for (std::int64_t i = 0; i < 40'000; ++i)
        store.append(row_at(i * 10, i % 3), i % 7 == 0 ? "said " + std::to_string(i) : "");
    ASSERT_EQ(store.size(), 40'000);
    for (std::int64_t i = 0; i < 40'000; ++i) {
        EventRow expected = row_at(i * 10, i % 3);
        expected.has_note = i % 7 == 0;
        ASSERT_EQ(store[i], expected) << i;
        ASSERT_EQ(store.words(i), i % 7 == 0 ? "said " + std::to_string(i) : "");
    }
}

RC_GTEST_PROP(EventStore, PositionsOfATimeStandAroundItsRows, ()) {
    auto times = *rc::gen::container<std::vector<std::int64_t>>(rc::gen::inRange(0, 50));
    std::sort(times.begin(), times.end());
    EventStore store(1);
    for (const std::int64_t time : times) store.append(row_at(time, 0), "");
    const std::int64_t wanted = *rc::gen::inRange(-1, 51);
    const auto first = std::lower_bound(times.begin(), times.end(), wanted) - times.begin();
    const auto last = std::upper_bound(times.begin(), times.end(), wanted) - times.begin();
    RC_ASSERT(store.before(Instant(Duration(wanted))) == static_cast<std::uint64_t>(first));
    RC_ASSERT(store.until(Instant(Duration(wanted))) == static_cast<std::uint64_t>(last));
}

RC_GTEST_PROP(EventStore, CountsByNodeAreThoseOfALoop, ()) {
    const auto size = *rc::gen::inRange<std::uint64_t>(0, 2'000);
    EventStore store(4);
    Random random(size);
    std::vector<std::uint16_t> nodes;
    for (std::uint64_t i = 0; i < size; ++i) {
        nodes.push_back(static_cast<std::uint16_t>(random.below(4)));
        store.append(row_at(static_cast<std::int64_t>(i), nodes.back()), "");
    }
    const auto last = *rc::gen::inRange<std::uint64_t>(0, size + 1);
    const auto first = *rc::gen::inRange<std::uint64_t>(0, last + 1);
    std::vector<std::uint64_t> counts(4);
    std::vector<std::uint64_t> expected(4);
    store.count(first, last, counts);
    for (std::uint64_t i = first; i < last; ++i) ++expected[nodes[i]];
    RC_ASSERT(counts == expected);
}

// The window reads while the engine's thread appends.
TEST(EventStore, AReaderSeesOnlyWholeRowsWhileTheWriterGoesOn) {
    EventStore store(2);
    constexpr std::int64_t rows = 200'000;
    std::jthread writer([&] {
        for (std::int64_t i = 0; i < rows; ++i) store.append(row_at(i, i % 2), std::to_string(i));
    });
    for (std::uint64_t seen = 0; seen < rows;) {
        seen = store.size();
        if (seen == 0) continue;
        ASSERT_EQ(store.time(seen - 1).time_since_epoch().count(),
                  static_cast<std::int64_t>(seen - 1));
        ASSERT_EQ(store.words(seen - 1), std::to_string(seen - 1));
    }
}

TEST(Words, TimesAreShortWhereTheyCanBeAndExactWhereTheyMust) {
    EXPECT_EQ(exact_time(Instant(Duration(12'481'903'777))), "12.481 903 s");
    EXPECT_EQ(short_time(Duration(0)), "0 ns");
    EXPECT_EQ(short_time(Duration(950)), "950 ns");
    EXPECT_EQ(short_time(1'204us), "1.2 ms");
    EXPECT_EQ(short_time(90ms), "90 ms");
    EXPECT_EQ(short_time(12s), "12 s");
    EXPECT_EQ(count_words(48'112), "48,112");
    EXPECT_EQ(count_words(7), "7");
}

TEST(Words, AnEventSaysWhatCameFromWhom) {
    const SessionInfo info{.nodes = {{"broker-1", "", Role::broker}, {"till", "", Role::producer}}};
    EventRow event = row_at(2'000'000, 0);
    event.api = 0;
    event.is_response = false;
    event.size = 412;
    EXPECT_EQ(kind_words(event), "Produce request");
    EXPECT_EQ(detail_words(event, "", info), "412 B from till, 1 ms");
    EXPECT_EQ(detail_words(event, "rolled", info), "412 B from till, 1 ms · rolled");
}

TEST(Words, TheTwoDirectionsOfOneCutAreOneBand) {
    const SessionInfo info{.nodes = {{"a", "", {}}, {"b", "", {}}}};
    const std::vector<Band> bands =
        joined({{Band::Kind::cut, 0, 1, Instant(1s), Instant(3s), "cut"},
                {Band::Kind::cut, 1, 0, Instant(1s), Instant(3s), "cut"},
                {Band::Kind::cut, 1, 0, Instant(5s), {}, "cut"}});
    ASSERT_EQ(bands.size(), 2);
    EXPECT_EQ(band_words(bands[0], info), "cut a – b for 2 s");
    EXPECT_EQ(band_words(bands[1], info), "cut b → a");
}

}  // namespace
}  // namespace barnabas::gui
