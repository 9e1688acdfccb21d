// Draws the topology at one instant: nodes, links, messages under way, faults.
//
// Everything follows from the snapshot; a painter remembers nothing between two calls.
#pragma once

#include <QPainter>

#include "gui/paint/sprites.h"
#include "gui/paint/topology.h"
#include "gui/store/selection.h"

namespace barnabas::gui {

struct TopologyScene {
    const Theme& theme;
    const Sprites& sprites;
    const SessionInfo& info;
    const Snapshot& snapshot;
    const Topology& topology;
    Selection hovered = {};
    Selection selected = {};
};

constexpr int facts_on_card = 3;
// Where the nodes stand in a view of this size: the words on top and the legend below are left out.
QRectF topology_area(QSizeF size);

void paint_topology(QPainter& painter, QSizeF size, const TopologyScene& scene);

// Where a message is at the playhead; nothing while it has not left.
std::optional<QPointF> place_of(const MessageView& message, const TopologyScene& scene);
// What stands under a point.
Selection topology_at(QPointF point, const TopologyScene& scene);

}  // namespace barnabas::gui
