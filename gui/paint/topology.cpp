#include "gui/paint/topology.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace barnabas::gui {
namespace {

constexpr double gap_least = 18;  // between two cards: the words below one stand there
constexpr double aside = 17;      // half the distance between the two ways of a pair

int column_of(Role role) {
    switch (role) {
        case Role::producer:
        case Role::other: return 0;
        case Role::consumer: return 2;
        case Role::broker: break;
    }
    return 1;
}

double length(QPointF vector) { return std::hypot(vector.x(), vector.y()); }

}  // namespace

QPointF Way::at(double part) const {
    const double rest = 1 - part;
    return rest * rest * rest * start + 3 * rest * rest * part * bend_start +
           3 * rest * part * part * bend_end + part * part * part * end;
}

double Way::angle(double part) const {
    const QPointF ahead = at(std::min(1.0, part + 0.01));
    const QPointF behind = at(std::max(0.0, part - 0.01));
    return std::atan2(ahead.y() - behind.y(), ahead.x() - behind.x());
}

double Way::distance(QPointF point) const {
    double nearest = length(point - start);
    for (int i = 1; i <= 40; ++i) nearest = std::min(nearest, length(point - at(i / 40.0)));
    return nearest;
}

Topology::Topology(const std::vector<NodeInfo>& nodes, QRectF area, int facts) {
    std::array<int, 3> counts{};
    for (const NodeInfo& node : nodes) {
        columns_.push_back(column_of(node.role));
        ++counts[static_cast<std::size_t>(columns_.back())];
    }
    // Columns that are there share the width evenly, and stand not too far apart.
    const auto used = 3 - std::count(counts.begin(), counts.end(), 0);
    const double room = std::min(area.width(), 1'180.0);
    constexpr double way_least = 76;
    const double between = std::max(0.0, static_cast<double>(used) - 1);
    const double wide = std::clamp((room - between * way_least) / (between + 1), 110.0, card_width);
    const double step = used > 1 ? std::min((room - wide) / between, wide + 260) : 0;
    std::array<double, 3> centers{};
    double x = area.center().x() - step * static_cast<double>(used - 1) / 2;
    for (std::size_t column = 0; column < 3; ++column) {
        if (counts[column] == 0) continue;
        centers[column] = x;
        x += step;
    }
    const int most = *std::max_element(counts.begin(), counts.end());
    facts_ = facts;
    while (facts_ > 0 && most * (card_height(facts_) + gap_least) > area.height()) --facts_;
    const double height = card_height(facts_);
    std::array<int, 3> placed{};
    for (const int column_number : columns_) {
        const auto column = static_cast<std::size_t>(column_number);
        const double pitch = std::min(area.height() / counts[column], height + 50);
        const double middle =
            area.center().y() + (placed[column]++ - (counts[column] - 1) / 2.0) * pitch;
        cards_.emplace_back(std::round(centers[column] - wide / 2), std::round(middle - height / 2),
                            wide, height);
    }
}

Way Topology::way(std::uint16_t from, std::uint16_t to) const {
    const QRectF a = cards_[from];
    const QRectF b = cards_[to];
    // The way to the right, or down, runs above, or left of, the way back.
    const bool is_column = columns_[from] == columns_[to];
    Way way;
    if (is_column) {
        const bool is_down = from < to;
        const double side = is_down ? -aside : aside;
        const bool is_next = std::abs(from - to) == 1;
        if (is_next) {
            way.start = QPointF(a.center().x() + side, is_down ? a.bottom() : a.top());
            way.end = QPointF(b.center().x() + side, is_down ? b.top() : b.bottom());
            way.bend_start = way.start + (way.end - way.start) / 3;
            way.bend_end = way.end - (way.end - way.start) / 3;
            return way;
        }
        way.start = QPointF(a.right(), a.center().y() + side);
        way.end = QPointF(b.right(), b.center().y() + side);
        const double out = 60 + (is_down ? 0 : 2 * aside);
        way.bend_start = way.start + QPointF(out, 0);
        way.bend_end = way.end + QPointF(out, 0);
        return way;
    }
    const bool is_right = a.center().x() < b.center().x();
    const double side = is_right ? -aside : aside;
    // Where several links meet a card they spread along its side.
    const auto lean = [](const QRectF& card, const QRectF& other) {
        const double slope = (other.center().y() - card.center().y()) * 0.16;
        return std::clamp(slope, -card.height() / 2 + 24, card.height() / 2 - 24);
    };
    way.start = QPointF(is_right ? a.right() : a.left(), a.center().y() + lean(a, b) + side);
    way.end = QPointF(is_right ? b.left() : b.right(), b.center().y() + lean(b, a) + side);
    const double reach = (way.end.x() - way.start.x()) * 0.45;
    way.bend_start = way.start + QPointF(reach, 0);
    way.bend_end = way.end - QPointF(reach, 0);
    return way;
}

std::optional<std::uint16_t> Topology::node_at(QPointF point) const {
    for (std::size_t i = 0; i < cards_.size(); ++i)
        if (cards_[i].contains(point)) return static_cast<std::uint16_t>(i);
    return std::nullopt;
}

}  // namespace barnabas::gui
