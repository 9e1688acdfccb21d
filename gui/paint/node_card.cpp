#include "gui/paint/node_card.h"

#include <QPainterPath>

#include "gui/store/words.h"

namespace barnabas::gui {
namespace {

void draw_shadow(QPainter& painter, QRectF card, const Theme& theme) {
    painter.setPen(Qt::NoPen);
    for (int i = 3; i >= 1; --i) {
        painter.setBrush(QColor(0, 0, 0, theme.name == ThemeName::light ? 7 : 26));
        painter.drawRoundedRect(card.adjusted(-i * 0.5, i * 0.6, i * 0.5, i * 1.4), 10 + i, 10 + i);
    }
}

void draw_facts(QPainter& painter, QRectF card, const NodeCard& node) {
    if (node.view.facts.empty() || node.facts == 0) return;
    const double left = card.left() + 14;
    const double right = card.right() - 14;
    painter.setPen(QPen(node.theme.line, 1));
    painter.drawLine(QPointF(left, card.top() + 56.5), QPointF(right, card.top() + 56.5));
    double y = card.top() + 63;
    for (int i = 0; i < node.facts && i < static_cast<int>(node.view.facts.size()); ++i) {
        const Fact& fact = node.view.facts[static_cast<std::size_t>(i)];
        const QRectF row(left, y, right - left, 18);
        const QFont plain = text_font(12);
        const QFont bold = text_font(12, QFont::DemiBold);
        const double value = QFontMetricsF(bold).horizontalAdvance(to_qstring(fact.value));
        painter.setFont(plain);
        painter.setPen(node.theme.muted);
        painter.drawText(row, Qt::AlignLeft | Qt::AlignVCenter,
                         QFontMetricsF(plain).elidedText(to_qstring(fact.label), Qt::ElideRight,
                                                         row.width() - value - 8));
        painter.setFont(bold);
        painter.setPen(is_down(node.view.status) ? node.theme.faint : node.theme.text);
        painter.drawText(
            row, Qt::AlignRight | Qt::AlignVCenter,
            QFontMetricsF(bold).elidedText(to_qstring(fact.value), Qt::ElideRight, row.width()));
        y += 19;
    }
}

// A chip on the card's upper edge.
void draw_trouble(QPainter& painter, QRectF card, const NodeCard& node) {
    painter.setFont(text_font(11, QFont::DemiBold));
    const QString words = QStringLiteral("! ") + to_qstring(node.trouble);
    const double wide = QFontMetricsF(painter.font()).horizontalAdvance(words) + 18;
    const QRectF chip(card.right() - wide - 12, card.top() - 10, wide, 20);
    painter.setPen(QPen(node.theme.fault, 1));
    painter.setBrush(node.theme.fault_soft);
    painter.drawRoundedRect(chip, 10, 10);
    painter.setPen(node.theme.fault);
    painter.drawText(chip, Qt::AlignCenter, words);
}

}  // namespace

QColor status_color(const Theme& theme, Status status) {
    switch (status) {
        case Status::running: return theme.good;
        case Status::paused: return theme.warning;
        case Status::not_started:
        case Status::exited: return theme.faint;
        case Status::crashed:
        case Status::powered_off: return theme.fault;
    }
    return theme.faint;
}

void draw_status(QPainter& painter, const Theme& theme, QPointF center, Status status) {
    const QColor color = status_color(theme, status);
    painter.setPen(Qt::NoPen);
    painter.setBrush(color);
    if (status == Status::running) {
        painter.drawEllipse(center, 4, 4);
        return;
    }
    if (status == Status::paused) {
        painter.drawRect(QRectF(center.x() - 4, center.y() - 4, 3, 8));
        painter.drawRect(QRectF(center.x() + 1, center.y() - 4, 3, 8));
        return;
    }
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(color, 2, Qt::SolidLine, Qt::RoundCap));
    if (status == Status::crashed || status == Status::powered_off) {
        painter.drawLine(center + QPointF(-3.5, -3.5), center + QPointF(3.5, 3.5));
        painter.drawLine(center + QPointF(-3.5, 3.5), center + QPointF(3.5, -3.5));
    } else {
        painter.drawEllipse(center, 3.5, 3.5);
    }
}

void draw_role(QPainter& painter, const Theme& theme, QRectF box, Role role, const QColor& ink) {
    QColor plate = ink;
    plate.setAlpha(theme.name == ThemeName::light ? 24 : 44);
    painter.setPen(Qt::NoPen);
    painter.setBrush(plate);
    painter.drawRoundedRect(box, 7, 7);
    const QPointF c = box.center();
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(ink, 1.7, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    if (role == Role::other) {  // a prompt
        painter.drawPolyline(
            QPolygonF({c + QPointF(-7, -5), c + QPointF(-2, 0), c + QPointF(-7, 5)}));
        painter.drawLine(c + QPointF(1, 5.5), c + QPointF(8, 5.5));
        return;
    }
    if (role == Role::broker) {  // a log: three segments
        for (int i = -1; i <= 1; ++i)
            painter.drawRoundedRect(QRectF(c.x() - 8, c.y() - 2.2 + i * 6.2, 16, 4.4), 1.6, 1.6);
        return;
    }
    // An arrow out of a bracket, or into one.
    const double wall = role == Role::producer ? -8 : 8;
    painter.drawLine(c + QPointF(wall, -7), c + QPointF(wall, 7));
    const double from = role == Role::producer ? -4 : -8;
    const double to = role == Role::producer ? 8 : 4;
    painter.drawLine(c + QPointF(from, 0), c + QPointF(to, 0));
    painter.drawPolyline(
        QPolygonF({c + QPointF(to - 4.5, -4.5), c + QPointF(to, 0), c + QPointF(to - 4.5, 4.5)}));
}

void draw_node_card(QPainter& painter, QRectF card, const NodeCard& node) {
    const Theme& theme = node.theme;
    const Status status = node.view.status;
    const bool down = is_down(status);
    const QColor role = node.info.role == Role::producer   ? theme.produce
                        : node.info.role == Role::consumer ? theme.fetch
                                                           : theme.accent;
    draw_shadow(painter, card, theme);
    QPen border(theme.line, 1);
    if (down && status != Status::not_started) border = QPen(theme.fault, 1.4, Qt::DashLine);
    if (status == Status::paused) border = QPen(theme.warning, 1.4, Qt::DashLine);
    if (node.is_hovered) border = QPen(theme.muted, 1.4);
    if (node.is_selected) border = QPen(theme.accent, 2);
    painter.setPen(border);
    painter.setBrush(theme.card);
    painter.drawRoundedRect(card.adjusted(0.5, 0.5, -0.5, -0.5), 10, 10);

    draw_role(painter, theme, QRectF(card.left() + 14, card.top() + 13, 32, 32), node.info.role,
              down ? theme.faint : role);
    const QRectF name(card.left() + 56, card.top() + 11, card.width() - 68, 20);
    painter.setFont(text_font(14, QFont::DemiBold));
    painter.setPen(down ? theme.muted : theme.text);
    painter.drawText(name, Qt::AlignLeft | Qt::AlignVCenter,
                     QFontMetricsF(painter.font())
                         .elidedText(to_qstring(node.info.name), Qt::ElideRight, name.width()));
    const QPointF sign(card.left() + 61, card.top() + 39);
    draw_status(painter, theme, sign, status);
    QString words = to_qstring(role_words(node.info.role)) + QStringLiteral(" · ") +
                    to_qstring(status_words(status));
    if (node.view.life > 1) words += QStringLiteral(" · life %1").arg(node.view.life);
    painter.setFont(text_font(11));
    painter.setPen(status == Status::running ? theme.muted : status_color(theme, status));
    painter.drawText(QRectF(sign.x() + 9, sign.y() - 9, card.width() - 84, 18),
                     Qt::AlignLeft | Qt::AlignVCenter, words);
    draw_facts(painter, card, node);
    if (!node.trouble.empty()) draw_trouble(painter, card, node);
}

}  // namespace barnabas::gui
