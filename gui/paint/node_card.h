// One node of the topology, as a card: what it is, how it is, a few facts of its state.
#pragma once

#include <QPainter>

#include "gui/paint/theme.h"

namespace barnabas::gui {

struct NodeCard {
    const Theme& theme;
    const NodeInfo& info;
    const NodeView& view;
    int facts = 3;             // there is room for so many
    std::string trouble = {};  // "disk full"
    bool is_hovered = false;
    bool is_selected = false;
};

void draw_node_card(QPainter& painter, QRectF card, const NodeCard& node);

// A disc with a sign of its own for each status: no meaning by colour alone.
void draw_status(QPainter& painter, const Theme& theme, QPointF center, Status status);
QColor status_color(const Theme& theme, Status status);
void draw_role(QPainter& painter, const Theme& theme, QRectF box, Role role, const QColor& ink);

}  // namespace barnabas::gui
