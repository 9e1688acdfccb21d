#include "gui/views/event_list.h"

#include <QHeaderView>
#include <QPainter>
#include <QStyledItemDelegate>

namespace barnabas::gui {
namespace {

class EventDelegate final : public QStyledItemDelegate {
  public:
    EventDelegate(const Stage& stage, ThemeName theme, QObject* parent)
        : QStyledItemDelegate(parent), stage_(&stage), theme_(theme) {}

    void set_theme(ThemeName name) { theme_ = name; }

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override {
        const Theme& colors = theme(theme_);
        const auto row = static_cast<std::uint64_t>(index.row());
        const bool is_last = row + 1 == stage_->snapshot().position;
        const bool is_future = index.data(EventModel::role_is_future).toBool();
        const auto* key = std::get_if<SelectedEvent>(&stage_->selection());
        painter->save();
        if (key && key->row == row)
            painter->fillRect(option.rect, colors.accent_soft);
        else if (is_last || option.state & QStyle::State_MouseOver)
            painter->fillRect(option.rect, colors.hover);
        if (is_last && index.column() == 0)
            painter->fillRect(QRect(option.rect.topLeft(), QSize(3, option.rect.height())),
                              colors.accent);
        QColor ink = colors.text;
        QFont font = text_font(12);
        if (index.column() == EventModel::column_time) {
            font = number_font(11);
            ink = colors.muted;
        } else if (index.column() == EventModel::column_kind) {
            const int api = index.data(EventModel::role_api).toInt();
            font = text_font(12, api == no_api ? QFont::Normal : QFont::DemiBold);
            ink = api == no_api ? colors.muted : colors.of_api(static_cast<std::int16_t>(api));
        } else if (index.column() == EventModel::column_detail) {
            font = text_font(11);
            ink = colors.muted;
        }
        const auto severity = static_cast<Severity>(index.data(EventModel::role_severity).toInt());
        if (severity >= Severity::warning && index.column() != EventModel::column_time)
            ink = colors.of_severity(severity);
        if (is_future) ink.setAlpha(130);
        painter->setFont(font);
        painter->setPen(ink);
        const QRect place = option.rect.adjusted(index.column() == 0 ? 12 : 6, 0, -4, 0);
        painter->drawText(place, Qt::AlignLeft | Qt::AlignVCenter,
                          painter->fontMetrics().elidedText(index.data().toString(), Qt::ElideRight,
                                                            place.width()));
        painter->restore();
    }

  private:
    const Stage* stage_;
    ThemeName theme_;
};

}  // namespace

EventList::EventList(Stage& stage, QWidget* parent)
    : QTableView(parent),
      stage_(&stage),
      model_(new EventModel(stage.info(), stage.events(), this)) {
    setObjectName(QStringLiteral("events"));
    setAccessibleName(tr("Events"));
    setModel(model_);
    setItemDelegate(new EventDelegate(stage, ThemeName::light, this));
    setShowGrid(false);
    setWordWrap(false);
    setMouseTracking(true);
    setSelectionMode(QAbstractItemView::NoSelection);
    setSelectionBehavior(QAbstractItemView::SelectRows);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setVerticalScrollMode(QAbstractItemView::ScrollPerItem);
    verticalHeader()->hide();
    verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    verticalHeader()->setDefaultSectionSize(22);
    horizontalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    horizontalHeader()->setStretchLastSection(true);
    horizontalHeader()->setHighlightSections(false);
    horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    horizontalHeader()->setFont(text_font(11));
    setColumnWidth(EventModel::column_time, 106);
    setColumnWidth(EventModel::column_node, 66);
    setColumnWidth(EventModel::column_kind, 128);
    connect(&stage, &Stage::snapshotChanged, this, &EventList::onSnapshot);
    connect(&stage, &Stage::selectionChanged, this, &EventList::onSelection);
    connect(this, &QTableView::clicked, this, &EventList::onClicked);
    connect(this, &QTableView::activated, this, &EventList::onActivated);
    onSnapshot();
}

void EventList::setTheme(ThemeName name) {
    static_cast<EventDelegate*>(itemDelegate())->set_theme(name);
    viewport()->update();
}

void EventList::resizeEvent(QResizeEvent* event) {
    QTableView::resizeEvent(event);
    if (shown_position_ != UINT64_MAX) {
        shown_position_ = UINT64_MAX;
        onSnapshot();
    }
}

// Keeps the last event before the playhead in sight, a little above the end.
void EventList::onSnapshot() {
    const std::uint64_t position = stage_->snapshot().position;
    model_->refresh(position);
    if (position == shown_position_) return;
    shown_position_ = position;
    if (model_->rowCount() == 0 || position == 0) {
        scrollToTop();
        return;
    }
    const int row = static_cast<int>(
        std::min<std::uint64_t>(position - 1, static_cast<std::uint64_t>(model_->rowCount() - 1)));
    const int ahead = std::min(row + 2, model_->rowCount() - 1);
    scrollTo(model_->index(ahead, 0), QAbstractItemView::EnsureVisible);
    const QRect there = visualRect(model_->index(row, 0));
    if (there.top() < 0) scrollTo(model_->index(row, 0), QAbstractItemView::PositionAtCenter);
}

void EventList::onSelection() {
    const auto* key = std::get_if<SelectedEvent>(&stage_->selection());
    if (key && key->row < static_cast<std::uint64_t>(model_->rowCount()))
        scrollTo(model_->index(static_cast<int>(key->row), 0), QAbstractItemView::EnsureVisible);
    viewport()->update();
}

void EventList::onClicked(const QModelIndex& index) {
    stage_->select(SelectedEvent{static_cast<std::uint64_t>(index.row())});
}

// Goes there: right behind the event.
void EventList::onActivated(const QModelIndex& index) {
    const auto row = static_cast<std::uint64_t>(index.row());
    stage_->session().post(command::SeekPosition{row + 1});
}

}  // namespace barnabas::gui
