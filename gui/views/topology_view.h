// The topology on the screen: hover, click, keys; the drawing itself is paint/topology_painter.
#pragma once

#include <QWidget>
#include <memory>

#include "gui/models/stage.h"
#include "gui/paint/topology_painter.h"

namespace barnabas::gui {

class TopologyView final : public QWidget {
    Q_OBJECT

  public:
    explicit TopologyView(Stage& stage, QWidget* parent = nullptr);

    void setTheme(ThemeName name);
    QSize sizeHint() const override { return {900, 480}; }
    QSize minimumSizeHint() const override { return {360, 240}; }

  protected:
    void paintEvent(QPaintEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool event(QEvent* event) override;

  private:
    TopologyScene scene() const;
    const Topology& topology() const;
    const Sprites& sprites() const;

    Stage* stage_;
    ThemeName theme_ = ThemeName::light;
    // Made anew when the size or the theme changes.
    mutable Topology topology_;
    mutable QSize topology_size_;
    mutable std::unique_ptr<Sprites> sprites_;
};

}  // namespace barnabas::gui
