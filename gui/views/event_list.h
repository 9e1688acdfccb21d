// The event list: every event that was seen, the playhead's own marked, those to come paler.
#pragma once

#include <QTableView>

#include "gui/models/event_model.h"
#include "gui/models/stage.h"
#include "gui/paint/theme.h"

namespace barnabas::gui {

class EventList final : public QTableView {
    Q_OBJECT

  public:
    explicit EventList(Stage& stage, QWidget* parent = nullptr);

    void setTheme(ThemeName name);

  protected:
    void resizeEvent(QResizeEvent* event) override;

  private:
    void onSnapshot();
    void onSelection();
    void onClicked(const QModelIndex& index);
    void onActivated(const QModelIndex& index);

    Stage* stage_;
    EventModel* model_;
    std::uint64_t shown_position_ = UINT64_MAX;
};

}  // namespace barnabas::gui
