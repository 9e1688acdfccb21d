#include "gui/paint/topology_painter.h"

#include <QPainterPath>
#include <algorithm>
#include <cmath>
#include <map>

#include "gui/paint/node_card.h"
#include "gui/store/words.h"

namespace barnabas::gui {
namespace {

constexpr double margin = 24;
// On one way more messages than this are drawn as a band with their number.
constexpr std::size_t stamps_on_way_max = 40;
constexpr std::size_t labels_max = 24;

bool has_room_for_purpose(QSizeF size) { return size.height() >= 400; }

bool is_selected(const Selection& selection, const MessageView& message) {
    const auto* key = std::get_if<SelectedMessage>(&selection);
    return key && *key == key_of(message);
}

bool is_selected(const Selection& selection, std::uint16_t node) {
    const auto* key = std::get_if<SelectedNode>(&selection);
    return key && key->node == node;
}

double part_of(const MessageView& message, Instant playhead) {
    constexpr double obstacle = 0.46;  // a held one waits before it
    const auto whole = static_cast<double>((message.arrives - message.sent).count());
    const double passed = static_cast<double>((playhead - message.sent).count());
    const double part = whole <= 0 ? 1 : std::clamp(passed / whole, 0.0, 1.0);
    // A shape that has just left, or is about to arrive, stands beside the card and not on it.
    return std::min(0.06 + 0.86 * part, message.is_held ? obstacle : 1.0);
}

// Words on a small rounded plate around `center`.
QRectF draw_chip(QPainter& painter, QPointF center, const QString& words, const QColor& ink,
                 const QColor& plate, const QColor& border) {
    const QFontMetricsF metrics(painter.font());
    QRectF chip(0, 0, metrics.horizontalAdvance(words) + 16, metrics.height() + 6);
    chip.moveCenter(center);
    painter.setPen(border.alpha() == 0 ? QPen(Qt::NoPen) : QPen(border, 1));
    painter.setBrush(plate);
    painter.drawRoundedRect(chip, chip.height() / 2, chip.height() / 2);
    painter.setPen(ink);
    painter.drawText(chip, Qt::AlignCenter, words);
    return chip;
}

void draw_way(QPainter& painter, const Way& way, const QPen& pen, const QColor& head) {
    QPainterPath path(way.start);
    path.cubicTo(way.bend_start, way.bend_end, way.end);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(pen);
    painter.drawPath(path);
    painter.save();
    painter.translate(way.end);
    painter.rotate(way.angle(1) * 180 / M_PI);
    painter.setPen(QPen(head, 1.6, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.drawPolyline(QPolygonF({QPointF(-7, -4), QPointF(-1.5, 0), QPointF(-7, 4)}));
    painter.restore();
}

void draw_links(QPainter& painter, const TopologyScene& scene) {
    const Theme& theme = scene.theme;
    painter.setFont(text_font(11, QFont::DemiBold));
    for (const LinkView& link : scene.snapshot.links) {
        const bool is_blocked = link.cut || link.clogged;
        if (link.connections == 0 && !is_blocked) continue;
        // A fault on a link that nobody uses says nothing.
        const bool is_used = link.connections > 0;
        if (!is_used && scene.info.nodes[link.from].role != Role::broker &&
            scene.info.nodes[link.to].role != Role::broker) {
            continue;
        }
        const Way way = scene.topology.way(link.from, link.to);
        const QColor ink = link.cut ? theme.fault : link.clogged ? theme.warning : theme.track;
        QPen pen(ink, 1.6, is_used && !link.cut ? Qt::SolidLine : Qt::DashLine, Qt::RoundCap);
        draw_way(painter, way, pen, ink);
    }
    for (const LinkView& link : scene.snapshot.links) {
        if (!link.cut && !link.clogged) continue;
        if (link.connections == 0 && scene.info.nodes[link.from].role != Role::broker &&
            scene.info.nodes[link.to].role != Role::broker) {
            continue;
        }
        const QPointF at = scene.topology.way(link.from, link.to).at(0.8);
        const QColor ink = link.cut ? theme.fault : theme.warning;
        draw_chip(painter, at, link.cut ? QStringLiteral("✕ cut") : QStringLiteral("‖ clogged"),
                  ink, theme.canvas, ink);
    }
}

// What a node has asked and has no answer to: "Fetch asked 312 ms ago", below its card.
void draw_questions(QPainter& painter, const TopologyScene& scene) {
    std::map<std::uint16_t, std::vector<const Question*>> by_asker;
    for (const Question& question : scene.snapshot.questions)
        if (question.asked <= scene.snapshot.playhead) by_asker[question.from].push_back(&question);
    painter.setFont(text_font(11));
    painter.setPen(scene.theme.muted);
    for (const auto& [asker, questions] : by_asker) {
        const Question& oldest = **std::min_element(
            questions.begin(), questions.end(),
            [](const Question* a, const Question* b) { return a->asked < b->asked; });
        std::string words = api_words(oldest.api) + " asked " +
                            short_time(scene.snapshot.playhead - oldest.asked) + " ago";
        if (questions.size() > 1) words += ", " + std::to_string(questions.size() - 1) + " more";
        const QRectF card = scene.topology.card(asker);
        painter.drawText(QRectF(card.left(), card.bottom() + 3, card.width(), 15), Qt::AlignCenter,
                         to_qstring(words));
    }
}

// What is wrong with the node's disk at the playhead.
std::string disk_trouble(const Snapshot& snapshot, std::uint16_t node) {
    for (const Band& band : snapshot.bands) {
        const bool is_now =
            band.from <= snapshot.playhead && (!band.until || *band.until > snapshot.playhead);
        if (band.kind == Band::Kind::disk && band.node == node && is_now) return band.words;
    }
    return {};
}

struct Placed {
    const MessageView* message;
    Way way;
    double part;
};

void draw_band(QPainter& painter, const TopologyScene& scene, const std::vector<Placed>& placed) {
    const Way& way = placed.front().way;
    QColor ink = scene.theme.of_api(placed.front().message->api);
    QPainterPath path(way.start);
    path.cubicTo(way.bend_start, way.bend_end, way.end);
    QColor soft = ink;
    soft.setAlpha(70);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(soft, 12, Qt::SolidLine, Qt::RoundCap));
    painter.drawPath(path);
    painter.setFont(text_font(11, QFont::DemiBold));
    draw_chip(painter, way.at(0.5), to_qstring(count_words(placed.size()) + " messages"), ink,
              scene.theme.canvas, ink);
}

void draw_label(QPainter& painter, const TopologyScene& scene, const Placed& placed) {
    const MessageView& message = *placed.message;
    const QPointF at = placed.way.at(placed.part);
    const bool is_right = placed.way.end.x() >= placed.way.start.x();
    const QString name = to_qstring(message.name);
    const QString size = message.size > 0 ? to_qstring(size_words(message.size)) : QString();
    const QFont bold = text_font(11, QFont::DemiBold);
    const QFont plain = text_font(11);
    const double wide = QFontMetricsF(bold).horizontalAdvance(name);
    const double rest = size.isEmpty() ? 0 : QFontMetricsF(plain).horizontalAdvance(size) + 5;
    QRectF place(at.x() - (wide + rest) / 2, at.y() + (is_right ? -26 : 10), wide + rest, 16);
    // Not over the cards, where the way is wide enough.
    const auto [left, right] = std::minmax(placed.way.start.x(), placed.way.end.x());
    if (right - left > place.width() + 16)
        place.moveLeft(std::clamp(place.left(), left + 8, right - 8 - place.width()));
    painter.setPen(Qt::NoPen);
    QColor plate = scene.theme.canvas;
    plate.setAlpha(225);
    painter.setBrush(plate);
    painter.drawRoundedRect(place.adjusted(-4, 0, 4, 0), 4, 4);
    painter.setFont(bold);
    painter.setPen(scene.theme.of_api(message.api));
    painter.drawText(place, Qt::AlignLeft | Qt::AlignVCenter, name);
    painter.setFont(plain);
    painter.setPen(scene.theme.muted);
    painter.drawText(place, Qt::AlignRight | Qt::AlignVCenter, size);
}

void draw_messages(QPainter& painter, const TopologyScene& scene) {
    std::map<std::pair<std::uint16_t, std::uint16_t>, std::vector<Placed>> by_way;
    for (const MessageView& message : scene.snapshot.messages) {
        if (message.from == message.to || message.sent > scene.snapshot.playhead) continue;
        by_way[{message.from, message.to}].push_back({&message,
                                                      scene.topology.way(message.from, message.to),
                                                      part_of(message, scene.snapshot.playhead)});
    }
    std::vector<Sprites::Stamp> stamps;
    std::vector<Placed> labelled;
    for (auto& [ends, placed] : by_way) {
        if (placed.size() > stamps_on_way_max) {
            draw_band(painter, scene, placed);
            continue;
        }
        double held = 0;
        for (Placed& one : placed) {
            if (one.message->is_held) one.part = std::max(0.06, one.part - 0.055 * held++);
            const QPointF at = one.way.at(one.part);
            const bool selected = is_selected(scene.selected, *one.message);
            if (selected || is_selected(scene.hovered, *one.message)) {
                painter.setBrush(scene.theme.accent_soft);
                painter.setPen(QPen(scene.theme.accent, selected ? 2 : 1));
                painter.drawEllipse(at, 15, 15);
            }
            stamps.push_back({.at = at,
                              .angle = one.way.angle(one.part),
                              .kind = one.message->kind,
                              .api = one.message->api});
            labelled.push_back(one);
        }
    }
    scene.sprites.draw(painter, stamps);
    if (labelled.size() > labels_max) return;
    const Placed* before = nullptr;
    for (const Placed& one : labelled) {
        if (one.message->kind == MessageView::Kind::control && !one.message->is_held) {
            before = nullptr;
        }
        // Those that stand close together share a label.
        const bool is_close =
            before && before->message->from == one.message->from &&
            before->message->to == one.message->to &&
            std::abs(before->way.at(before->part).x() - one.way.at(one.part).x()) < 90;
        if (is_close) continue;
        draw_label(painter, scene, one);
        before = &one;
    }
}

void draw_title(QPainter& painter, QSizeF size, const TopologyScene& scene) {
    const double wide = std::min(size.width() - 2 * margin, 720.0);
    painter.setFont(text_font(17, QFont::DemiBold));
    painter.setPen(scene.theme.text);
    painter.drawText(QRectF(margin, 18, wide, 24), Qt::AlignLeft | Qt::AlignVCenter,
                     to_qstring(scene.info.title));
    const double end =
        margin + QFontMetricsF(painter.font()).horizontalAdvance(to_qstring(scene.info.title));
    painter.setFont(text_font(11, QFont::DemiBold));
    const QString seed = to_qstring("simulation · seed " + std::to_string(scene.info.seed));
    const double half = QFontMetricsF(painter.font()).horizontalAdvance(seed) / 2 + 8;
    if (end + 12 + 2 * half < size.width() - margin) {
        draw_chip(painter, QPointF(end + 12 + half, 30.5), seed, scene.theme.accent,
                  scene.theme.accent_soft, Qt::transparent);
    }
    painter.setFont(text_font(12));
    painter.setPen(scene.theme.muted);
    if (!has_room_for_purpose(size)) return;
    const QRectF room(margin, 46, wide, 50);
    constexpr int flags = Qt::AlignLeft | Qt::AlignTop | Qt::TextWordWrap;
    QString purpose = to_qstring(scene.info.purpose);
    const QFontMetricsF metrics(painter.font());
    while (metrics.boundingRect(room, flags, purpose).height() > room.height()) {
        const qsizetype last = purpose.lastIndexOf(' ', -3);
        if (last < 0) break;
        purpose = purpose.left(last) + QStringLiteral(" …");
    }
    painter.drawText(room, flags, purpose);
}

// Draws what the run came to, at the right; returns where that begins.
double draw_outcome(QPainter& painter, QSizeF size, const TopologyScene& scene) {
    const Snapshot& snapshot = scene.snapshot;
    const bool is_bad = !snapshot.trouble.empty() || !snapshot.verdict_is_good;
    const std::string& words = snapshot.trouble.empty() ? snapshot.verdict : snapshot.trouble;
    if (words.empty()) return size.width() - margin;
    const QColor ink = is_bad ? scene.theme.fault : scene.theme.good;
    painter.setFont(text_font(12, QFont::DemiBold));
    const QString line = to_qstring((is_bad ? "✕  " : "✓  ") + words);
    const double wide =
        std::min(QFontMetricsF(painter.font()).horizontalAdvance(line) + 28, size.width() * 0.55);
    const QRectF plate(size.width() - margin - wide, size.height() - 37, wide, 30);
    painter.setPen(QPen(ink, 1));
    painter.setBrush(scene.theme.card);
    painter.drawRoundedRect(plate, 8, 8);
    painter.setPen(ink);
    painter.drawText(plate.adjusted(14, 0, -14, 0), Qt::AlignVCenter | Qt::AlignLeft,
                     QFontMetricsF(painter.font()).elidedText(line, Qt::ElideRight, wide - 28));
    return plate.left() - 12;
}

void draw_legend(QPainter& painter, QSizeF size, const TopologyScene& scene, double right) {
    const Theme& theme = scene.theme;
    struct Entry {
        MessageView::Kind kind;
        QColor color;
        const char* words;
    };
    const Entry entries[] = {{MessageView::Kind::request, theme.muted, "request"},
                             {MessageView::Kind::response, theme.muted, "response"},
                             {MessageView::Kind::control, theme.other, "connection"},
                             {MessageView::Kind::part, theme.produce, "Produce"},
                             {MessageView::Kind::part, theme.fetch, "Fetch"},
                             {MessageView::Kind::part, theme.metadata, "Metadata and the like"},
                             {MessageView::Kind::part, theme.other, "other"}};
    painter.setFont(text_font(11));
    const QFontMetricsF metrics(painter.font());
    double x = margin;
    const double y = size.height() - 22;
    for (const Entry& entry : entries) {
        const double half =
            entry.kind == MessageView::Kind::request || entry.kind == MessageView::Kind::response
                ? Sprites::tag_length / 2
                : 6;
        const QString words = QString::fromUtf8(entry.words);
        if (x + 2 * half + 7 + metrics.horizontalAdvance(words) > right) break;
        draw_message_shape(painter, theme, QPointF(x + half, y), entry.kind, entry.color);
        x += 2 * half + 7;
        painter.setPen(theme.muted);
        painter.drawText(QPointF(x, y + metrics.ascent() / 2 - 1), words);
        x += metrics.horizontalAdvance(words) + 20;
    }
}

}  // namespace

QRectF topology_area(QSizeF size) {
    if (!has_room_for_purpose(size))
        return QRectF(margin, 54, size.width() - 2 * margin, size.height() - 98);
    return QRectF(margin, 112, size.width() - 2 * margin, size.height() - 112 - 46);
}

std::optional<QPointF> place_of(const MessageView& message, const TopologyScene& scene) {
    if (message.from == message.to || message.sent > scene.snapshot.playhead) return std::nullopt;
    return scene.topology.way(message.from, message.to)
        .at(part_of(message, scene.snapshot.playhead));
}

void paint_topology(QPainter& painter, QSizeF size, const TopologyScene& scene) {
    painter.setRenderHints(QPainter::Antialiasing | QPainter::TextAntialiasing);
    painter.fillRect(QRectF(QPointF(), size), scene.theme.canvas);
    if (scene.topology.nodes() != scene.snapshot.nodes.size()) return;
    draw_title(painter, size, scene);
    draw_links(painter, scene);
    draw_questions(painter, scene);
    for (std::uint16_t node = 0; node < scene.topology.nodes(); ++node) {
        draw_node_card(painter, scene.topology.card(node),
                       {.theme = scene.theme,
                        .info = scene.info.nodes[node],
                        .view = scene.snapshot.nodes[node],
                        .facts = scene.topology.facts(),
                        .trouble = disk_trouble(scene.snapshot, node),
                        .is_hovered = is_selected(scene.hovered, node),
                        .is_selected = is_selected(scene.selected, node)});
    }
    draw_messages(painter, scene);
    draw_legend(painter, size, scene, draw_outcome(painter, size, scene));
}

Selection topology_at(QPointF point, const TopologyScene& scene) {
    for (auto at = scene.snapshot.messages.rbegin(); at != scene.snapshot.messages.rend(); ++at) {
        const auto place = place_of(*at, scene);
        if (place && std::hypot(place->x() - point.x(), place->y() - point.y()) <= 13)
            return key_of(*at);
    }
    if (const auto node = scene.topology.node_at(point)) return SelectedNode{*node};
    return {};
}

}  // namespace barnabas::gui
