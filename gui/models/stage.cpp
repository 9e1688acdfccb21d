#include "gui/models/stage.h"

namespace barnabas::gui {

Stage::Stage(Session& session, QObject* parent)
    : QObject(parent), session_(&session), snapshot_(session.snapshot()) {}

bool Stage::refresh() {
    SnapshotPointer newest = session_->snapshot();
    if (newest == snapshot_) return false;
    snapshot_ = std::move(newest);
    emit snapshotChanged();
    return true;
}

void Stage::select(const Selection& selection) {
    if (selection == selection_) return;
    selection_ = selection;
    emit selectionChanged();
}

void Stage::hover(const Selection& hovered) {
    if (hovered == hovered_) return;
    hovered_ = hovered;
    emit hoveredChanged();
}

}  // namespace barnabas::gui
