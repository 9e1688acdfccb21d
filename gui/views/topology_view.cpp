#include "gui/views/topology_view.h"

#include <QHelpEvent>
#include <QMouseEvent>
#include <QToolTip>

#include "gui/store/words.h"

namespace barnabas::gui {

TopologyView::TopologyView(Stage& stage, QWidget* parent) : QWidget(parent), stage_(&stage) {
    setObjectName(QStringLiteral("topology"));
    setAccessibleName(tr("Topology"));
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    const auto redraw = qOverload<>(&QWidget::update);
    connect(&stage, &Stage::snapshotChanged, this, redraw);
    connect(&stage, &Stage::selectionChanged, this, redraw);
    connect(&stage, &Stage::hoveredChanged, this, redraw);
}

void TopologyView::setTheme(ThemeName name) {
    theme_ = name;
    update();
}

const Topology& TopologyView::topology() const {
    if (topology_size_ != size() || topology_.nodes() != stage_->info().nodes.size()) {
        topology_ = Topology(stage_->info().nodes, topology_area(size()), facts_on_card);
        topology_size_ = size();
    }
    return topology_;
}

const Sprites& TopologyView::sprites() const {
    if (!sprites_ || !sprites_->fits(theme(theme_), devicePixelRatioF()))
        sprites_ = std::make_unique<Sprites>(theme(theme_), devicePixelRatioF());
    return *sprites_;
}

TopologyScene TopologyView::scene() const {
    return {.theme = theme(theme_),
            .sprites = sprites(),
            .info = stage_->info(),
            .snapshot = stage_->snapshot(),
            .topology = topology(),
            .hovered = stage_->hovered(),
            .selected = stage_->selection()};
}

void TopologyView::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    paint_topology(painter, size(), scene());
}

void TopologyView::mouseMoveEvent(QMouseEvent* event) {
    const Selection there = topology_at(event->position(), scene());
    setCursor(std::holds_alternative<std::monostate>(there) ? Qt::ArrowCursor
                                                            : Qt::PointingHandCursor);
    stage_->hover(there);
}

void TopologyView::mousePressEvent(QMouseEvent* event) {
    if (event->button() == Qt::LeftButton) stage_->select(topology_at(event->position(), scene()));
}

void TopologyView::leaveEvent(QEvent*) { stage_->hover({}); }

// Tab's little sister: Left and Right go from node to node.
void TopologyView::keyPressEvent(QKeyEvent* event) {
    const auto count = static_cast<int>(stage_->info().nodes.size());
    const int by = event->key() == Qt::Key_Right || event->key() == Qt::Key_Down ? 1
                   : event->key() == Qt::Key_Left || event->key() == Qt::Key_Up  ? -1
                                                                                 : 0;
    if (by == 0 || count == 0) {
        QWidget::keyPressEvent(event);
        return;
    }
    const auto* key = std::get_if<SelectedNode>(&stage_->selection());
    const int next = key ? (key->node + by + count) % count : by > 0 ? 0 : count - 1;
    stage_->select(SelectedNode{static_cast<std::uint16_t>(next)});
}

bool TopologyView::event(QEvent* event) {
    if (event->type() != QEvent::ToolTip) return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const Selection there = topology_at(help->pos(), scene());
    std::string words;
    if (const auto* node = std::get_if<SelectedNode>(&there)) {
        words = stage_->info().nodes[node->node].name + ", " +
                std::string(status_words(stage_->snapshot().nodes[node->node].status));
    } else if (const auto* key = std::get_if<SelectedMessage>(&there)) {
        if (const MessageView* message = find_message(stage_->snapshot(), *key))
            words = message->name + ", " + size_words(message->size);
    }
    QToolTip::showText(help->globalPos(), QString::fromStdString(words), this);
    return true;
}

}  // namespace barnabas::gui
