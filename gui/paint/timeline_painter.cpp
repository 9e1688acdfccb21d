#include "gui/paint/timeline_painter.h"

#include <QPainterPath>
#include <algorithm>
#include <cmath>

#include "gui/paint/node_card.h"
#include "gui/store/words.h"

namespace barnabas::gui {
namespace {

constexpr double gutter_width = 148;
constexpr double column = 3;       // of a density bar, with its gap
constexpr double single_room = 6;  // with less room than this for an event, a density
constexpr double label_room = 90;  // with so much room for an event, its API beside it

QColor with_alpha(QColor color, int alpha) {
    color.setAlpha(alpha);
    return color;
}

struct Rows {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    std::uint64_t count() const { return last - first; }
};

Rows visible(const TimelineScene& scene) {
    return {scene.events.before(scene.scale.from()), scene.events.until(scene.scale.to())};
}

double room_for_each(const TimelineScene& scene, Rows rows) {
    return scene.layout.width() / static_cast<double>(std::max<std::uint64_t>(1, rows.count()));
}

QRectF between(const TimelineScene& scene, Instant from, std::optional<Instant> until, double top,
               double height) {
    const double left = std::max(scene.scale.x(from), scene.layout.left);
    const double right =
        std::min(until ? scene.scale.x(*until) : scene.scale.x(scene.snapshot.seen_until),
                 scene.layout.right);
    return QRectF(left, top, std::max(right - left, 2.0), height);
}

bool is_visible(const TimelineScene& scene, const Band& band) {
    return band.from <= scene.scale.to() &&
           band.until.value_or(scene.snapshot.seen_until) >= scene.scale.from();
}

void draw_axis(QPainter& painter, const TimelineScene& scene) {
    const TimelineLayout& layout = scene.layout;
    painter.setFont(number_font(10));
    for (const Tick& tick : scene.scale.ticks(110)) {
        const double x = scene.scale.x(tick.at);
        if (x < layout.left - 0.5 || x > layout.right + 0.5) continue;
        if (tick.label.empty()) {
            painter.setPen(QPen(scene.theme.line, 1));
            painter.drawLine(QPointF(x, layout.axis.bottom() - 4),
                             QPointF(x, layout.axis.bottom()));
            continue;
        }
        painter.setPen(QPen(scene.theme.grid, 1));
        painter.drawLine(QPointF(x, layout.axis.bottom()), QPointF(x, layout.lanes.bottom()));
        painter.setPen(QPen(scene.theme.line, 1));
        painter.drawLine(QPointF(x, layout.axis.bottom() - 7), QPointF(x, layout.axis.bottom()));
        const QString words = to_qstring(tick.label);
        if (x + 8 + QFontMetricsF(painter.font()).horizontalAdvance(words) > layout.right) continue;
        painter.setPen(scene.theme.faint);
        painter.drawText(QRectF(x + 4, layout.axis.top(), 120, layout.axis.height() - 4),
                         Qt::AlignLeft | Qt::AlignVCenter, words);
    }
    painter.setPen(QPen(scene.theme.line, 1));
    painter.drawLine(QPointF(layout.left, layout.axis.bottom()),
                     QPointF(layout.right, layout.axis.bottom()));
}

void draw_gutter(QPainter& painter, const TimelineScene& scene) {
    const TimelineLayout& layout = scene.layout;
    const double right = layout.left - 12;
    painter.setFont(text_font(11));
    painter.setPen(scene.theme.muted);
    painter.drawText(QRectF(14, layout.faults.top(), right - 14, layout.faults.height()),
                     Qt::AlignLeft | Qt::AlignVCenter, QStringLiteral("Faults"));
    for (std::size_t lane = 0; lane < layout.lanes.shown(); ++lane) {
        const QRectF row(14, layout.lanes.top(lane), right - 14, layout.lanes.height());
        const auto* key = std::get_if<SelectedNode>(&scene.selected);
        const bool selected = key && key->node == lane;
        if (selected) {
            painter.fillRect(QRectF(0, row.top(), layout.left, row.height()),
                             scene.theme.accent_soft);
        }
        if (lane < scene.snapshot.nodes.size()) {
            draw_status(painter, scene.theme, QPointF(19, row.center().y()),
                        scene.snapshot.nodes[lane].status);
        }
        painter.setFont(text_font(12, QFont::Medium));
        painter.setPen(scene.theme.text);
        painter.drawText(row.adjusted(18, 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter,
                         QFontMetricsF(painter.font())
                             .elidedText(to_qstring(scene.info.nodes[lane].name), Qt::ElideRight,
                                         row.width() - 18));
        painter.setPen(QPen(scene.theme.grid, 1));
        painter.drawLine(QPointF(0, row.top()), QPointF(layout.right, row.top()));
    }
    if (layout.lanes.hidden() > 0) {
        painter.setFont(text_font(10));
        painter.setPen(scene.theme.warning);
        painter.drawText(
            QRectF(14, layout.lanes.bottom() - 2, right - 14, 14), Qt::AlignLeft | Qt::AlignVCenter,
            to_qstring("and " + std::to_string(layout.lanes.hidden()) + " more, hidden"));
    }
    painter.setPen(QPen(scene.theme.line, 1));
    painter.drawLine(QPointF(layout.left, layout.axis.bottom()),
                     QPointF(layout.left, layout.lanes.bottom()));
}

// What has not been simulated yet, and what lies outside the run.
void draw_unseen(QPainter& painter, const TimelineScene& scene) {
    const TimelineLayout& layout = scene.layout;
    const double seen =
        std::clamp(scene.scale.x(scene.snapshot.seen_until), layout.left, layout.right);
    const QRectF unseen(seen, layout.axis.bottom(), layout.right - seen,
                        layout.lanes.bottom() - layout.axis.bottom());
    if (unseen.width() < 1 || scene.snapshot.at_end) return;
    painter.fillRect(unseen, scene.theme.canvas);
    painter.fillRect(unseen, QBrush(scene.theme.grid, Qt::BDiagPattern));
    const QString words = QStringLiteral("not simulated yet");
    painter.setFont(text_font(11));
    const double wide = QFontMetricsF(painter.font()).horizontalAdvance(words) + 16;
    if (unseen.width() < wide + 40) return;
    QRectF plate(0, 0, wide, 18);
    plate.moveCenter(QPointF(unseen.center().x(), layout.lanes.top(0) + 16));
    painter.setPen(Qt::NoPen);
    painter.setBrush(scene.theme.canvas);
    painter.drawRoundedRect(plate, 4, 4);
    painter.setPen(scene.theme.faint);
    painter.drawText(plate, Qt::AlignCenter, words);
}

QColor color_of(const Theme& theme, Band::Kind kind) {
    return kind == Band::Kind::clogged || kind == Band::Kind::paused ? theme.warning : theme.fault;
}

void draw_lane_bands(QPainter& painter, const TimelineScene& scene) {
    for (const Band& band : scene.snapshot.bands) {
        if (!is_visible(scene, band) || band.node == nobody) continue;
        if (band.kind == Band::Kind::cut || band.kind == Band::Kind::clogged) continue;
        if (band.kind == Band::Kind::mark) continue;
        if (band.node >= scene.layout.lanes.shown()) continue;
        const QRectF box =
            between(scene, band.from, band.until, scene.layout.lanes.top(band.node) + 1,
                    scene.layout.lanes.height() - 1);
        const QColor ink = color_of(scene.theme, band.kind);
        painter.fillRect(box, with_alpha(ink, 30));
        painter.fillRect(box, QBrush(with_alpha(ink, 90), Qt::BDiagPattern));
        painter.setFont(text_font(11, QFont::Medium));
        const QString words = to_qstring(band.words);
        if (QFontMetricsF(painter.font()).horizontalAdvance(words) + 14 > box.width()) continue;
        painter.setPen(ink);
        painter.drawText(box, Qt::AlignCenter, words);
    }
}

// A fault, or an action that is still to come, on the faults' row.
struct FaultShape {
    double left = 0;
    double right = 0;
    bool is_point = false;
    bool is_planned = false;
    QColor ink;
    std::string words;
    std::size_t more = 0;  // of the same kind, from and until the same instants
};

std::vector<FaultShape> fault_shapes(const TimelineScene& scene) {
    std::vector<FaultShape> shapes;
    for (const PlannedAction& action : scene.info.planned) {
        if (action.at <= scene.snapshot.seen_until && scene.snapshot.seen > 0) continue;
        if (action.at < scene.scale.from() || action.at > scene.scale.to()) continue;
        const double x = scene.scale.x(action.at);
        shapes.push_back({x, x, true, true, scene.theme.muted, action.words});
    }
    for (const Band& band : joined(scene.snapshot.bands)) {
        if (!is_visible(scene, band)) continue;
        const QRectF box = between(scene, band.from, band.until, 0, 1);
        shapes.push_back({box.left(), box.right(), band.kind == Band::Kind::mark, false,
                          color_of(scene.theme, band.kind), band_words(band, scene.info)});
    }
    std::stable_sort(shapes.begin(), shapes.end(),
                     [](const FaultShape& a, const FaultShape& b) { return a.left < b.left; });
    // One fault on many links says so once.
    std::vector<FaultShape> shown;
    for (const FaultShape& shape : shapes) {
        const bool is_same = !shown.empty() && shown.back().left == shape.left &&
                             shown.back().right == shape.right && shown.back().ink == shape.ink;
        if (is_same)
            ++shown.back().more;
        else
            shown.push_back(shape);
    }
    for (FaultShape& shape : shown)
        if (shape.more > 0) shape.words += " and " + std::to_string(shape.more) + " more";
    return shown;
}

// Words stand inside their bar, or behind it as far as the next shape leaves room.
void draw_faults(QPainter& painter, const TimelineScene& scene) {
    const QRectF row = scene.layout.faults;
    const double y = row.center().y();
    painter.setFont(text_font(11, QFont::Medium));
    const QFontMetricsF metrics(painter.font());
    const std::vector<FaultShape> shapes = fault_shapes(scene);
    double free_from = scene.layout.left;
    for (std::size_t i = 0; i < shapes.size(); ++i) {
        const FaultShape& shape = shapes[i];
        painter.setPen(shape.is_planned ? QPen(shape.ink, 1.3) : QPen(Qt::NoPen));
        painter.setBrush(shape.is_planned ? scene.theme.panel : shape.ink);
        if (shape.is_point) {
            const QPointF c(shape.left, y);
            painter.drawPolygon(QPolygonF(
                {c + QPointF(-5, 0), c + QPointF(0, -5), c + QPointF(5, 0), c + QPointF(0, 5)}));
        } else {
            painter.drawRoundedRect(
                QRectF(shape.left, y - 9, std::max(3.0, shape.right - shape.left), 18), 2, 2);
        }
        const double next = i + 1 < shapes.size() ? shapes[i + 1].left - 8 : row.right();
        const double wide = metrics.horizontalAdvance(to_qstring(shape.words));
        const bool is_inside = !shape.is_point && wide + 12 <= shape.right - shape.left;
        const double x = is_inside ? shape.left + 6 : shape.right + (shape.is_point ? 9 : 6);
        const double room = (is_inside ? shape.right : next) - x;
        if (x < free_from || room < std::min(wide, 70.0)) continue;
        painter.setPen(is_inside ? scene.theme.panel : shape.ink);
        painter.drawText(QRectF(x, row.top(), room, row.height()), Qt::AlignLeft | Qt::AlignVCenter,
                         metrics.elidedText(to_qstring(shape.words), Qt::ElideRight, room));
        free_from = x + std::min(wide, room) + 8;
    }
}

void draw_density(QPainter& painter, const TimelineScene& scene) {
    const TimelineLayout& layout = scene.layout;
    const std::size_t nodes = scene.events.nodes();
    const auto columns = static_cast<std::size_t>(layout.width() / column);
    std::vector<std::uint64_t> counts(columns * nodes);
    std::uint64_t most = 1;
    std::uint64_t first = scene.events.before(scene.scale.time(layout.left));
    for (std::size_t i = 0; i < columns; ++i) {
        const double right = layout.left + static_cast<double>(i + 1) * column;
        const std::uint64_t last = std::max(first, scene.events.before(scene.scale.time(right)));
        scene.events.count(first, last, std::span(counts).subspan(i * nodes, nodes));
        for (std::size_t node = 0; node < nodes; ++node)
            most = std::max(most, counts[i * nodes + node]);
        first = last;
    }
    const double now = scene.scale.x(scene.snapshot.playhead);
    painter.setPen(Qt::NoPen);
    painter.setRenderHint(QPainter::Antialiasing, false);
    for (std::size_t lane = 0; lane < std::min(nodes, layout.lanes.shown()); ++lane) {
        const double room = layout.lanes.height() - 8;
        for (std::size_t i = 0; i < columns; ++i) {
            const std::uint64_t count = counts[i * nodes + lane];
            if (count == 0) continue;
            const double part =
                std::log1p(static_cast<double>(count)) / std::log1p(static_cast<double>(most));
            const double height = std::max(2.0, std::round(part * room));
            const double x = layout.left + static_cast<double>(i) * column;
            painter.fillRect(QRectF(x, layout.lanes.middle(lane) - height / 2, column - 1, height),
                             with_alpha(scene.theme.accent, x < now ? 190 : 75));
        }
    }
    painter.setRenderHint(QPainter::Antialiasing, true);
}

QColor color_of(const Theme& theme, const EventRow& event) {
    if (event.severity >= Severity::warning) return theme.of_severity(event.severity);
    if (event.kind == EventKind::received) return theme.of_api(event.api);
    return theme.faint;
}

// A frame's way from its sender's lane to its receiver's.
void draw_frame(QPainter& painter, const TimelineScene& scene, const EventRow& event, int alpha) {
    const LaneLayout& lanes = scene.layout.lanes;
    if (event.peer >= lanes.shown() || event.node >= lanes.shown()) return;
    if (event.peer == event.node) return;
    const QPointF from(scene.scale.x(event.sent), lanes.middle(event.peer));
    const QPointF to(scene.scale.x(event.at), lanes.middle(event.node));
    QPen pen(with_alpha(scene.theme.of_api(event.api), alpha), 1.3);
    if (event.is_response) pen.setDashPattern({4, 2.5});
    painter.setPen(pen);
    painter.drawLine(from, to);
}

void draw_singles(QPainter& painter, const TimelineScene& scene, Rows rows) {
    const LaneLayout& lanes = scene.layout.lanes;
    // Frames that left before the left edge, or arrive behind the right one, belong here too.
    const std::uint64_t last = std::min(scene.events.size(), rows.last + 64);
    for (std::uint64_t row = rows.first; row < last; ++row) {
        const EventRow event = scene.events[row];
        if (event.kind != EventKind::received || event.sent > scene.scale.to()) continue;
        draw_frame(painter, scene, event, row < scene.snapshot.position ? 210 : 90);
    }
    painter.setFont(text_font(10, QFont::Medium));
    for (std::uint64_t row = rows.first; row < rows.last; ++row) {
        const EventRow event = scene.events[row];
        if (event.node >= lanes.shown()) continue;
        const QPointF at(scene.scale.x(event.at), lanes.middle(event.node));
        const QColor ink = color_of(scene.theme, event);
        const bool past = row < scene.snapshot.position;
        const auto* selected = std::get_if<SelectedEvent>(&scene.selected);
        if (selected && selected->row == row) {
            painter.setPen(QPen(scene.theme.accent, 2));
            painter.setBrush(scene.theme.accent_soft);
            painter.drawEllipse(at, 8, 8);
        }
        painter.setPen(QPen(with_alpha(ink, past ? 255 : 130), 1.4));
        if (event.kind == EventKind::received) {
            painter.setBrush(event.is_response ? scene.theme.panel
                                               : with_alpha(ink, past ? 255 : 130));
            painter.drawEllipse(at, 3.6, 3.6);
            if (event.api != no_api && room_for_each(scene, rows) >= label_room) {
                const bool is_low = event.node > event.peer;
                painter.drawText(at + QPointF(7, is_low ? 13 : -6),
                                 to_qstring(api_words(event.api)));
            }
        } else {
            painter.drawLine(at + QPointF(0, -5), at + QPointF(0, 5));
        }
    }
}

void draw_playhead(QPainter& painter, const TimelineScene& scene) {
    const TimelineLayout& layout = scene.layout;
    const double x = scene.scale.x(scene.snapshot.playhead);
    if (x < layout.left - 1 || x > layout.right + 1) return;
    painter.setPen(QPen(scene.theme.accent, 2));
    painter.drawLine(QPointF(x, layout.axis.bottom() - 4), QPointF(x, layout.lanes.bottom()));
    painter.setFont(number_font(10, QFont::DemiBold));
    const QString words = to_qstring(exact_time(scene.snapshot.playhead));
    const double wide = QFontMetricsF(painter.font()).horizontalAdvance(words) + 14;
    QRectF flag(x - wide / 2, layout.axis.top() + 3, wide, 18);
    flag.moveLeft(std::clamp(flag.left(), layout.left, layout.right - wide));
    painter.setPen(Qt::NoPen);
    painter.setBrush(scene.theme.accent);
    painter.drawRoundedRect(flag, 4, 4);
    painter.setPen(scene.theme.panel);
    painter.drawText(flag, Qt::AlignCenter, words);
}

void draw_hover(QPainter& painter, const TimelineScene& scene) {
    if (!scene.hovered_x) return;
    const TimelineLayout& layout = scene.layout;
    const double x = *scene.hovered_x;
    painter.setPen(QPen(scene.theme.faint, 1, Qt::DotLine));
    painter.drawLine(QPointF(x, layout.axis.bottom()), QPointF(x, layout.lanes.bottom()));
    painter.setFont(number_font(10));
    const QString words = to_qstring(exact_time(scene.scale.time(x)));
    const double wide = QFontMetricsF(painter.font()).horizontalAdvance(words) + 12;
    QRectF plate(x + 6, layout.lanes.bottom() - 20, wide, 16);
    if (plate.right() > layout.right) plate.moveRight(x - 6);
    painter.setPen(QPen(scene.theme.line, 1));
    painter.setBrush(scene.theme.card);
    painter.drawRoundedRect(plate, 3, 3);
    painter.setPen(scene.theme.muted);
    painter.drawText(plate, Qt::AlignCenter, words);
}

void draw_overview(QPainter& painter, const TimelineScene& scene) {
    const TimelineLayout& layout = scene.layout;
    const QRectF box = layout.overview;
    const TimeScale whole = whole_run(scene.info, scene.snapshot, layout.left, layout.width());
    painter.setPen(Qt::NoPen);
    painter.setBrush(scene.theme.canvas);
    painter.drawRoundedRect(box, 3, 3);
    const double seen = std::clamp(whole.x(scene.snapshot.seen_until), box.left(), box.right());
    painter.setBrush(with_alpha(scene.theme.accent, 40));
    painter.drawRoundedRect(QRectF(box.left(), box.top(), seen - box.left(), box.height()), 3, 3);
    for (const Band& band : scene.snapshot.bands) {
        const double from = whole.x(band.from);
        const double until = whole.x(band.until.value_or(scene.snapshot.seen_until));
        painter.fillRect(QRectF(from, box.top() + 3, std::max(2.0, until - from), box.height() - 6),
                         color_of(scene.theme, band.kind));
    }
    const double from = std::clamp(whole.x(scene.scale.from()), box.left(), box.right());
    const double to = std::clamp(whole.x(scene.scale.to()), box.left(), box.right());
    painter.setPen(QPen(scene.theme.muted, 1.4));
    painter.setBrush(with_alpha(scene.theme.text, 14));
    painter.drawRoundedRect(QRectF(from, box.top(), std::max(4.0, to - from), box.height()), 3, 3);
    const double now = whole.x(scene.snapshot.playhead);
    painter.fillRect(QRectF(now - 1, box.top() - 2, 2, box.height() + 4), scene.theme.accent);
    painter.setFont(text_font(11));
    painter.setPen(scene.theme.muted);
    painter.drawText(QRectF(14, box.top() - 2, layout.left - 26, box.height() + 4),
                     Qt::AlignLeft | Qt::AlignVCenter, QStringLiteral("Whole run"));
}

}  // namespace

TimelineLayout::TimelineLayout(QSizeF size, std::size_t nodes) {
    left = std::min(gutter_width, size.width() / 3);
    right = std::max(left + 1, size.width() - 14);
    axis = QRectF(left, 0, right - left, 26);
    faults = QRectF(left, axis.bottom(), right - left, 28);
    overview = QRectF(left, size.height() - 26, right - left, 14);
    lanes = LaneLayout(faults.bottom(), overview.top() - 12 - faults.bottom(), nodes, 22, 56);
    gutter = QRectF(0, axis.bottom(), left, lanes.bottom() - axis.bottom());
}

TimeScale whole_run(const SessionInfo& info, const Snapshot& snapshot, double left, double width) {
    const Duration seen = snapshot.seen_until.time_since_epoch();
    return TimeScale(Instant(), std::max({info.length, seen, Duration(1ms)}), left, width);
}

void paint_timeline(QPainter& painter, QSizeF size, const TimelineScene& scene) {
    painter.setRenderHints(QPainter::Antialiasing | QPainter::TextAntialiasing);
    painter.fillRect(QRectF(QPointF(), size), scene.theme.panel);
    draw_unseen(painter, scene);
    draw_axis(painter, scene);
    draw_gutter(painter, scene);
    const QRectF inner(scene.layout.left, 0, scene.layout.width(), size.height());
    painter.save();
    painter.setClipRect(inner);
    draw_lane_bands(painter, scene);
    draw_faults(painter, scene);
    const Rows rows = visible(scene);
    if (room_for_each(scene, rows) < single_room)
        draw_density(painter, scene);
    else
        draw_singles(painter, scene, rows);
    draw_hover(painter, scene);
    painter.restore();
    draw_playhead(painter, scene);
    draw_overview(painter, scene);
}

std::optional<std::uint64_t> timeline_event_at(QPointF point, const TimelineScene& scene) {
    const auto lane = scene.layout.lanes.at(point.y());
    if (!lane || point.x() < scene.layout.left) return std::nullopt;
    if (room_for_each(scene, visible(scene)) < single_room) return std::nullopt;
    const Rows near{scene.events.before(scene.scale.time(point.x() - 6)),
                    scene.events.until(scene.scale.time(point.x() + 6))};
    std::optional<std::uint64_t> found;
    double distance = 7;
    for (std::uint64_t row = near.first; row < near.last; ++row) {
        const EventRow event = scene.events[row];
        const double away = std::abs(scene.scale.x(event.at) - point.x());
        if (event.node != *lane || away >= distance) continue;
        distance = away;
        found = row;
    }
    return found;
}

}  // namespace barnabas::gui
