// The timeline on the screen: click seeks, wheel and keys zoom and move; the drawing itself is
// paint/timeline_painter.
#pragma once

#include <QWidget>

#include "gui/models/stage.h"
#include "gui/paint/timeline_painter.h"

namespace barnabas::gui {

class TimelineView final : public QWidget {
    Q_OBJECT

  public:
    explicit TimelineView(Stage& stage, QWidget* parent = nullptr);

    void setTheme(ThemeName name);
    const TimeScale& scale() const { return scale_; }
    // So much time on both sides of the playhead.
    void setSpan(Duration span);
    void zoom(double factor);  // around the playhead, when it is in sight
    void fit();                // the whole run
    void findPlayhead();

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

  protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void leaveEvent(QEvent* event) override;

  private:
    TimelineScene scene() const;
    TimeScale whole() const;
    void onSnapshot();
    void setScale(const TimeScale& scale);
    void press(QPointF at);

    Stage* stage_;
    ThemeName theme_ = ThemeName::light;
    TimelineLayout layout_;
    TimeScale scale_;
    std::optional<double> hovered_x_;
    Instant last_playhead_;
    bool is_scrubbing_ = false;
    bool is_panning_ = false;
    bool is_in_overview_ = false;
    QPointF panned_from_;
};

}  // namespace barnabas::gui
