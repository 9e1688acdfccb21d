// Where nodes and links stand in the topology. It depends on who is there and on the size alone, so
// it is the same at every time and for every seed.
//
// Clients that read stand on the right, brokers in the middle, all other clients on the left, each
// column in the order of the scenario.
#pragma once

#include <QPointF>
#include <QRectF>
#include <optional>
#include <vector>

#include "gui/store/snapshot.h"

namespace barnabas::gui {

// One direction between two nodes: a gentle curve, a little aside from the way back.
struct Way {
    QPointF start;
    QPointF bend_start;
    QPointF bend_end;
    QPointF end;

    QPointF at(double part) const;    // 0: start, 1: end
    double angle(double part) const;  // of travel, in radians
    double distance(QPointF point) const;
};

class Topology {
  public:
    Topology() = default;
    // `facts` is how many lines a node's card would like room for; where the area is low the cards
    // have room for fewer, see facts().
    Topology(const std::vector<NodeInfo>& nodes, QRectF area, int facts);

    int facts() const { return facts_; }
    std::size_t nodes() const { return cards_.size(); }
    QRectF card(std::uint16_t node) const { return cards_[node]; }
    Way way(std::uint16_t from, std::uint16_t to) const;

    std::optional<std::uint16_t> node_at(QPointF point) const;

    static constexpr double card_width = 216;  // or less, where the area is narrow
    static double card_height(int facts) { return 58 + (facts > 0 ? 15 + facts * 19.0 : 0); }

  private:
    int facts_ = 0;
    std::vector<QRectF> cards_;
    std::vector<int> columns_;  // 0 left, 1 middle, 2 right
};

}  // namespace barnabas::gui
