// What all views of a session share: the snapshot on show, what is selected, what is under the
// mouse. Views draw from here and tell it what the user did; they do not know each other.
#pragma once

#include <QObject>

#include "gui/session/session.h"
#include "gui/store/selection.h"

namespace barnabas::gui {

class Stage final : public QObject {
    Q_OBJECT

  public:
    // Needs: the session outlives the stage.
    explicit Stage(Session& session, QObject* parent = nullptr);

    Session& session() const { return *session_; }
    const SessionInfo& info() const { return session_->info(); }
    const EventStore& events() const { return session_->events(); }
    const Snapshot& snapshot() const { return *snapshot_; }
    const Selection& selection() const { return selection_; }
    const Selection& hovered() const { return hovered_; }

    // Takes the session's newest snapshot. True when it is another one.
    bool refresh();
    void select(const Selection& selection);
    void hover(const Selection& hovered);

  signals:
    void snapshotChanged();
    void selectionChanged();
    void hoveredChanged();

  private:
    Session* session_;
    SnapshotPointer snapshot_;
    Selection selection_;
    Selection hovered_;
};

}  // namespace barnabas::gui
