// The shapes of messages, drawn once into one picture and stamped from there: a stamp is some ten
// times cheaper than drawing the shape anew.
//
// A request is a filled tag that points where it goes, a response a hollow one; a connection's
// coming and going is a ring; bytes that are no beginning of a frame are a small square.
#pragma once

#include <QPainter>
#include <QPixmap>
#include <vector>

#include "gui/paint/theme.h"

namespace barnabas::gui {

class Sprites {
  public:
    Sprites(const Theme& theme, double pixel_ratio);

    bool fits(const Theme& theme, double pixel_ratio) const {
        return theme.name == theme_ && pixel_ratio == pixel_ratio_;
    }

    struct Stamp {
        QPointF at;
        double angle = 0;  // of travel, in radians
        MessageView::Kind kind = MessageView::Kind::part;
        std::int16_t api = no_api;
        double opacity = 1;
    };
    void draw(QPainter& painter, const std::vector<Stamp>& stamps) const;

    static constexpr double tag_length = 21;
    static constexpr double tag_height = 14;

  private:
    ThemeName theme_;
    double pixel_ratio_;
    QPixmap sheet_;
};

// For legends: one shape, unrotated, around a point.
void draw_message_shape(QPainter& painter, const Theme& theme, QPointF at, MessageView::Kind kind,
                        const QColor& color);

}  // namespace barnabas::gui
