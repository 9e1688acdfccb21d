#include "gui/app/icons.h"

#include <QPainter>
#include <QPainterPath>

namespace barnabas::gui {
namespace {

constexpr int side = 20;

QPainterPath triangle(double left, double right) {
    QPainterPath path;
    path.moveTo(left, 4);
    path.lineTo(right, 10);
    path.lineTo(left, 16);
    path.closeSubpath();
    return path;
}

QPainterPath bar(double x) {
    QPainterPath path;
    path.addRoundedRect(QRectF(x, 4, 3, 12), 1, 1);
    return path;
}

QPainterPath shape(Icon which) {
    switch (which) {
        case Icon::to_start: return triangle(16, 7) + bar(3);
        case Icon::step_back: return triangle(12, 3) + bar(14);
        case Icon::play: return triangle(5, 17);
        case Icon::pause: return bar(5) + bar(12);
        case Icon::step: return triangle(8, 17) + bar(3);
        case Icon::to_end: return triangle(4, 13) + bar(14);
    }
    return {};
}

QPixmap draw(Icon which, const QColor& color) {
    constexpr double sharp = 3;
    QPixmap pixmap(static_cast<int>(side * sharp), static_cast<int>(side * sharp));
    pixmap.setDevicePixelRatio(sharp);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(color, 1.2, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.setBrush(color);
    painter.drawPath(shape(which));
    return pixmap;
}

}  // namespace

QIcon icon(Icon which, const Theme& theme) {
    const bool is_main = which == Icon::play || which == Icon::pause;
    QIcon icon(draw(which, is_main ? theme.accent : theme.text));
    icon.addPixmap(draw(which, theme.faint), QIcon::Disabled);
    return icon;
}

}  // namespace barnabas::gui
