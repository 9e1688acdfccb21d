// Draws the timeline: faults, a lane for each node, and the whole run below, all on one axis.
//
// Zoomed out, a lane shows how dense its events are; nothing vanishes for being small. Zoomed in,
// it shows each event, and each frame as a line from its sender's lane to its receiver's.
#pragma once

#include <QPainter>
#include <optional>

#include "gui/paint/lane_layout.h"
#include "gui/paint/theme.h"
#include "gui/paint/time_scale.h"
#include "gui/store/selection.h"

namespace barnabas::gui {

// Where the parts of a timeline of this size stand.
struct TimelineLayout {
    QRectF gutter;
    QRectF axis;
    QRectF faults;
    QRectF overview;
    LaneLayout lanes;
    double left = 0;
    double right = 0;

    TimelineLayout() = default;
    TimelineLayout(QSizeF size, std::size_t nodes);
    double width() const { return right - left; }
    // So many lanes, each so high, fit into this height.
    static int height_for(std::size_t lanes, int lane) {
        return 26 + 28 + static_cast<int>(lanes) * lane + 12 + 26;
    }
};

struct TimelineScene {
    const Theme& theme;
    const SessionInfo& info;
    const Snapshot& snapshot;
    const EventStore& events;
    const TimelineLayout& layout;
    TimeScale scale;
    std::optional<double> hovered_x = {};
    Selection selected = {};
};

// The whole run, as the overview shows it.
TimeScale whole_run(const SessionInfo& info, const Snapshot& snapshot, double left, double width);

void paint_timeline(QPainter& painter, QSizeF size, const TimelineScene& scene);

// The event nearest to a point of a lane, when single events are shown.
std::optional<std::uint64_t> timeline_event_at(QPointF point, const TimelineScene& scene);

}  // namespace barnabas::gui
