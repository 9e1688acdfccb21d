// The event list as a table model: one row an event, straight from the store. No object is made for
// an event; a million of them cost the view nothing.
#pragma once

#include <QAbstractTableModel>

#include "gui/store/snapshot.h"

namespace barnabas::gui {

class EventModel final : public QAbstractTableModel {
    Q_OBJECT

  public:
    enum Column { column_time, column_node, column_kind, column_detail, columns };
    enum Role { role_api = Qt::UserRole, role_severity, role_is_future };

    // Needs: both outlive the model.
    EventModel(const SessionInfo& info, const EventStore& events, QObject* parent = nullptr);

    // Takes in what was appended meanwhile; rows from `position` on are still to come.
    void refresh(std::uint64_t position);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

  private:
    const SessionInfo* info_;
    const EventStore* events_;
    int rows_ = 0;
    std::uint64_t position_ = 0;
};

}  // namespace barnabas::gui
