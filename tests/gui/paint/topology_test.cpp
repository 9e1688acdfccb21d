// Where nodes stand: apart from each other, inside the view, and the same at every time.
#include "gui/paint/topology.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace barnabas::gui {
namespace {

std::vector<NodeInfo> some_nodes(int brokers, int producers, int consumers) {
    std::vector<NodeInfo> nodes;
    for (int i = 0; i < brokers; ++i) nodes.push_back({"b", "", Role::broker});
    for (int i = 0; i < producers; ++i) nodes.push_back({"p", "", Role::producer});
    for (int i = 0; i < consumers; ++i) nodes.push_back({"c", "", Role::consumer});
    return nodes;
}

TEST(Topology, WritersStandLeftOfBrokersAndReadersRight) {
    const Topology topology(some_nodes(1, 2, 1), QRectF(0, 0, 1'000, 600), 3);
    EXPECT_LT(topology.card(1).right(), topology.card(0).left());
    EXPECT_LT(topology.card(2).right(), topology.card(0).left());
    EXPECT_LT(topology.card(0).right(), topology.card(3).left());
    EXPECT_LT(topology.card(1).bottom(), topology.card(2).top());
}

RC_GTEST_PROP(Topology, CardsThatHaveRoomDoNotOverlap, ()) {
    const auto nodes =
        some_nodes(*rc::gen::inRange(0, 6), *rc::gen::inRange(0, 6), *rc::gen::inRange(0, 6));
    const QRectF area(20, 80, *rc::gen::inRange(490, 2'000), *rc::gen::inRange(390, 1'200));
    const Topology topology(nodes, area, 3);
    for (std::uint16_t a = 0; a < nodes.size(); ++a) {
        RC_ASSERT(area.adjusted(-1, -1, 1, 1).contains(topology.card(a)));
        for (std::uint16_t b = 0; b < a; ++b)
            RC_ASSERT(!topology.card(a).intersects(topology.card(b)));
    }
}

RC_GTEST_PROP(Topology, AWayLeadsFromOneCardsEdgeToTheOthers, ()) {
    const Topology topology(some_nodes(3, 2, 2), QRectF(0, 0, 1'200, 900), 3);
    const auto from = *rc::gen::inRange<std::uint16_t>(0, 7);
    const auto to = *rc::gen::inRange<std::uint16_t>(0, 7);
    RC_PRE(from != to);
    const Way way = topology.way(from, to);
    RC_ASSERT(topology.card(from).adjusted(-1, -1, 1, 1).contains(way.start));
    RC_ASSERT(topology.card(to).adjusted(-1, -1, 1, 1).contains(way.end));
    RC_ASSERT(way.at(0) == way.start);
    RC_ASSERT(way.at(1) == way.end);
    const Way back = topology.way(to, from);
    const QPointF apart = way.at(0.5) - back.at(0.5);
    RC_ASSERT(std::hypot(apart.x(), apart.y()) > 8);
}

}  // namespace
}  // namespace barnabas::gui
