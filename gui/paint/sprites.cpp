#include "gui/paint/sprites.h"

#include <QPainterPath>
#include <array>
#include <numbers>

#include "engine/protocol/api_key.h"

namespace barnabas::gui {
namespace {

constexpr double cell = 32;
constexpr std::size_t kinds = 4;

// One API of each colour.
constexpr std::array<std::int16_t, 4> families = {
    static_cast<std::int16_t>(protocol::ApiKey::produce),
    static_cast<std::int16_t>(protocol::ApiKey::fetch),
    static_cast<std::int16_t>(protocol::ApiKey::metadata), no_api};

std::size_t family_of(const Theme& theme, std::int16_t api) {
    for (std::size_t i = 0; i < families.size(); ++i)
        if (theme.of_api(families[i]) == theme.of_api(api)) return i;
    return families.size() - 1;
}

}  // namespace

void draw_message_shape(QPainter& painter, const Theme& theme, QPointF at, MessageView::Kind kind,
                        const QColor& color) {
    painter.save();
    painter.translate(at);
    const QPen border(color, 1.8);
    switch (kind) {
        case MessageView::Kind::request:
        case MessageView::Kind::response: {
            const double x = Sprites::tag_length / 2;
            const double y = Sprites::tag_height / 2;
            QPainterPath tag;
            tag.moveTo(-x + 2.5, -y);
            tag.lineTo(x - 6, -y);
            tag.lineTo(x, 0);
            tag.lineTo(x - 6, y);
            tag.lineTo(-x + 2.5, y);
            tag.quadTo(-x, y, -x, y - 2.5);
            tag.lineTo(-x, -y + 2.5);
            tag.quadTo(-x, -y, -x + 2.5, -y);
            tag.closeSubpath();
            const bool is_filled = kind == MessageView::Kind::request;
            painter.setPen(QPen(is_filled ? theme.canvas : color, is_filled ? 1 : 1.8,
                                Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
            painter.setBrush(is_filled ? color : theme.canvas);
            painter.drawPath(tag);
            break;
        }
        case MessageView::Kind::control:
            painter.setPen(border);
            painter.setBrush(theme.canvas);
            painter.drawEllipse(QPointF(), 4, 4);
            break;
        case MessageView::Kind::part:
            painter.setPen(QPen(theme.canvas, 1));
            painter.setBrush(color);
            painter.drawRoundedRect(QRectF(-5, -5, 10, 10), 2, 2);
            break;
    }
    painter.restore();
}

Sprites::Sprites(const Theme& theme, double pixel_ratio)
    : theme_(theme.name), pixel_ratio_(pixel_ratio) {
    const QSizeF size(cell * static_cast<double>(kinds),
                      cell * static_cast<double>(families.size()));
    sheet_ = QPixmap((size * pixel_ratio).toSize());
    sheet_.fill(Qt::transparent);
    QPainter painter(&sheet_);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.scale(pixel_ratio, pixel_ratio);
    for (std::size_t family = 0; family < families.size(); ++family)
        for (std::size_t kind = 0; kind < kinds; ++kind) {
            const QPointF at((static_cast<double>(kind) + 0.5) * cell,
                             (static_cast<double>(family) + 0.5) * cell);
            draw_message_shape(painter, theme, at, static_cast<MessageView::Kind>(kind),
                               theme.of_api(families[family]));
        }
}

void Sprites::draw(QPainter& painter, const std::vector<Stamp>& stamps) const {
    std::vector<QPainter::PixmapFragment> fragments;
    fragments.reserve(stamps.size());
    const Theme& here = theme(theme_);
    const double side = cell * pixel_ratio_;
    for (const Stamp& stamp : stamps) {
        const QRectF source(static_cast<double>(stamp.kind) * side,
                            static_cast<double>(family_of(here, stamp.api)) * side, side, side);
        fragments.push_back(
            QPainter::PixmapFragment::create(stamp.at, source, 1 / pixel_ratio_, 1 / pixel_ratio_,
                                             stamp.angle * 180 / std::numbers::pi, stamp.opacity));
    }
    painter.save();
    painter.setRenderHint(QPainter::SmoothPixmapTransform);
    painter.drawPixmapFragments(fragments.data(), static_cast<int>(fragments.size()), sheet_);
    painter.restore();
}

}  // namespace barnabas::gui
