#include "gui/views/timeline_view.h"

#include <QMouseEvent>
#include <QWheelEvent>
#include <cmath>

namespace barnabas::gui {

TimelineView::TimelineView(Stage& stage, QWidget* parent) : QWidget(parent), stage_(&stage) {
    setObjectName(QStringLiteral("timeline"));
    setAccessibleName(tr("Timeline"));
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    layout_ = TimelineLayout(QSizeF(sizeHint()), stage.info().nodes.size());
    scale_ = whole();
    connect(&stage, &Stage::snapshotChanged, this, &TimelineView::onSnapshot);
    connect(&stage, &Stage::selectionChanged, this, qOverload<>(&QWidget::update));
}

QSize TimelineView::sizeHint() const {
    return {1'200, TimelineLayout::height_for(stage_->info().nodes.size(), 32)};
}

// The first few lanes are never hidden.
QSize TimelineView::minimumSizeHint() const {
    const std::size_t lanes = std::min<std::size_t>(6, stage_->info().nodes.size());
    return {360, TimelineLayout::height_for(lanes, 22)};
}

void TimelineView::setTheme(ThemeName name) {
    theme_ = name;
    update();
}

TimelineScene TimelineView::scene() const {
    return {.theme = theme(theme_),
            .info = stage_->info(),
            .snapshot = stage_->snapshot(),
            .events = stage_->events(),
            .layout = layout_,
            .scale = scale_,
            .hovered_x = hovered_x_,
            .selected = stage_->selection()};
}

TimeScale TimelineView::whole() const {
    return whole_run(stage_->info(), stage_->snapshot(), layout_.left, layout_.width());
}

void TimelineView::setScale(const TimeScale& scale) {
    const TimeScale all = whole();
    // Not further out than twice the run, and never all of it out of sight.
    TimeScale next = scale;
    if (next.span() > all.span() * 2)
        next = TimeScale(next.from(), all.span() * 2, next.left(), next.width());
    const Duration slack = next.span() / 8;
    Instant from = std::min(next.from(), all.to() - slack);
    from = std::max(from, all.from() - slack);
    scale_ = TimeScale(from, next.span(), layout_.left, layout_.width());
    update();
}

void TimelineView::setSpan(Duration span) {
    const Instant now = stage_->snapshot().playhead;
    setScale(TimeScale(now - span * 2 / 3, span, layout_.left, layout_.width()));
}

void TimelineView::zoom(double factor) {
    const double x = scale_.x(stage_->snapshot().playhead);
    const bool in_sight = x >= layout_.left && x <= layout_.right;
    setScale(scale_.zoomed(factor, in_sight ? x : layout_.left + layout_.width() / 2));
}

void TimelineView::fit() { setScale(whole()); }

void TimelineView::findPlayhead() { setScale(scale_.showing(stage_->snapshot().playhead)); }

// Follows the playhead when it moves out of sight; looking elsewhere while it stands is free.
void TimelineView::onSnapshot() {
    const Instant playhead = stage_->snapshot().playhead;
    if (playhead != last_playhead_ && !is_scrubbing_) findPlayhead();
    last_playhead_ = playhead;
    update();
}

void TimelineView::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    paint_timeline(painter, size(), scene());
}

void TimelineView::resizeEvent(QResizeEvent*) {
    layout_ = TimelineLayout(size(), stage_->info().nodes.size());
    scale_ = scale_.resized(layout_.left, layout_.width());
}

void TimelineView::press(QPointF at) {
    const TimeScale scale = is_in_overview_ ? whole() : scale_;
    const double x = std::clamp(at.x(), layout_.left, layout_.right);
    stage_->session().post(command::SeekTime{scale.time(x)});
}

void TimelineView::mousePressEvent(QMouseEvent* event) {
    const QPointF at = event->position();
    if (event->button() == Qt::MiddleButton) {
        is_panning_ = true;
        panned_from_ = at;
        return;
    }
    if (event->button() != Qt::LeftButton) return;
    if (at.x() < layout_.left) {
        if (const auto lane = layout_.lanes.at(at.y()))
            stage_->select(SelectedNode{static_cast<std::uint16_t>(*lane)});
        return;
    }
    if (const auto row = timeline_event_at(at, scene())) {
        stage_->select(SelectedEvent{*row});
        return;
    }
    is_scrubbing_ = true;
    is_in_overview_ = at.y() >= layout_.overview.top() - 4;
    press(at);
}

void TimelineView::mouseMoveEvent(QMouseEvent* event) {
    const QPointF at = event->position();
    if (is_panning_) {
        setScale(scale_.moved(panned_from_.x() - at.x()));
        panned_from_ = at;
        return;
    }
    if (is_scrubbing_) press(at);
    hovered_x_.reset();
    if (at.x() >= layout_.left && at.x() <= layout_.right && at.y() < layout_.lanes.bottom())
        hovered_x_ = at.x();
    update();
}

void TimelineView::mouseReleaseEvent(QMouseEvent*) {
    is_scrubbing_ = is_panning_ = is_in_overview_ = false;
}

void TimelineView::wheelEvent(QWheelEvent* event) {
    const double turns = event->angleDelta().y() / 120.0;
    if (event->modifiers() & Qt::ShiftModifier || event->angleDelta().x() != 0) {
        const double sideways =
            event->angleDelta().x() != 0 ? event->angleDelta().x() / 120.0 : turns;
        setScale(scale_.moved(-sideways * layout_.width() / 10));
    } else {
        setScale(scale_.zoomed(std::pow(0.8, turns), event->position().x()));
    }
    event->accept();
}

void TimelineView::leaveEvent(QEvent*) {
    hovered_x_.reset();
    update();
}

}  // namespace barnabas::gui
