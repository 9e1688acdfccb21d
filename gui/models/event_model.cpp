#include "gui/models/event_model.h"

#include <algorithm>
#include <limits>

#include "gui/store/words.h"

namespace barnabas::gui {

EventModel::EventModel(const SessionInfo& info, const EventStore& events, QObject* parent)
    : QAbstractTableModel(parent), info_(&info), events_(&events) {}

void EventModel::refresh(std::uint64_t position) {
    const auto size = static_cast<int>(
        std::min<std::uint64_t>(events_->size(), std::numeric_limits<int>::max() - 1));
    if (size > rows_) {
        beginInsertRows({}, rows_, size - 1);
        rows_ = size;
        endInsertRows();
    }
    if (position == position_ || rows_ == 0) return;
    const auto [first, last] = std::minmax(position, position_);
    position_ = position;
    const auto row = [this](std::uint64_t at) {
        return static_cast<int>(std::min<std::uint64_t>(at, static_cast<std::uint64_t>(rows_ - 1)));
    };
    emit dataChanged(index(row(first), 0), index(row(last), columns - 1), {role_is_future});
}

int EventModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : rows_; }

int EventModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : columns;
}

QVariant EventModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid() || index.row() < 0 || index.row() >= rows_) return {};
    const auto row = static_cast<std::uint64_t>(index.row());
    const EventRow event = (*events_)[row];
    switch (role) {
        case role_api: return event.kind == EventKind::received ? event.api : no_api;
        case role_severity: return static_cast<int>(event.severity);
        case role_is_future: return row >= position_;
        case Qt::DisplayRole:
        case Qt::ToolTipRole: break;
        default: return {};
    }
    switch (index.column()) {
        case column_time: return QString::fromStdString(exact_time(event.at));
        case column_node: return QString::fromStdString(node_name(*info_, event.node));
        case column_kind: return QString::fromStdString(kind_words(event));
        case column_detail:
            return QString::fromStdString(detail_words(event, events_->words(row), *info_));
        default: return {};
    }
}

QVariant EventModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal) return {};
    if (role == Qt::TextAlignmentRole) return int(Qt::AlignLeft | Qt::AlignVCenter);
    if (role != Qt::DisplayRole) return {};
    switch (section) {
        case column_time: return QStringLiteral("Time");
        case column_node: return QStringLiteral("Node");
        case column_kind: return QStringLiteral("Event");
        case column_detail: return QStringLiteral("Details");
        default: return {};
    }
}

}  // namespace barnabas::gui
