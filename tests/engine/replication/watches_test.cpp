// Who waits for more of a partition: told in the order of arrival, gone in one step.
#include <gtest/gtest.h>

#include "engine/replication/watches.h"

namespace barnabas::replication {
namespace {

Asker reader(std::uint64_t number) { return {ConnectionId(number), 0, 0, 0, 0}; }

std::vector<std::uint64_t> told(const Watches& watches, const WatchList& list) {
    std::vector<std::uint64_t> numbers;
    watches.each(list, [&](const Asker& one) { numbers.push_back(one.connection.value()); });
    return numbers;
}

using Numbers = std::vector<std::uint64_t>;

TEST(Watches, AreToldInTheOrderInWhichTheyCame) {
    Watches watches;
    WatchList orders, payments;
    for (std::uint64_t i = 0; i < 5; ++i) watches.add(i % 2 ? payments : orders, reader(i));
    EXPECT_EQ(told(watches, orders), (Numbers{0, 2, 4}));
    EXPECT_EQ(told(watches, payments), (Numbers{1, 3}));
}

TEST(Watches, LeaveFromAnywhereAndTheOthersStayInOrder) {
    for (std::uint64_t gone = 0; gone < 4; ++gone) {
        Watches watches;
        WatchList list;
        std::vector<WatchId> ids;
        Numbers expected;
        for (std::uint64_t i = 0; i < 4; ++i) {
            ids.push_back(watches.add(list, reader(i)));
            if (i != gone) expected.push_back(i);
        }
        watches.remove(list, ids[gone]);
        EXPECT_EQ(told(watches, list), expected);
        // Its place is another's now, who came last.
        EXPECT_EQ(watches.add(list, reader(9)), ids[gone]);
        expected.push_back(9);
        EXPECT_EQ(told(watches, list), expected);
    }
}

// A partition that this node leads no more has no watchers; each still gives its place back.
TEST(Watches, OfAClearedListAreGivenBackOneByOne) {
    Watches watches;
    WatchList list, other;
    const WatchId first = watches.add(list, reader(1));
    const WatchId stays = watches.add(other, reader(2));
    const WatchId second = watches.add(list, reader(3));
    watches.clear(list);
    EXPECT_EQ(told(watches, list), Numbers{});
    WatchList none;
    watches.remove(none, second);
    watches.remove(none, first);
    EXPECT_EQ(told(watches, other), (Numbers{2}));
    watches.remove(other, stays);
    EXPECT_EQ(told(watches, other), Numbers{});
}

}  // namespace
}  // namespace barnabas::replication
