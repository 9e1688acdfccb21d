#include "gui/app/commands.h"

namespace barnabas::gui {

QAction* Commands::add(Menu menu, const QString& id, const QString& words,
                       const QString& explanation, const QList<QKeySequence>& keys,
                       std::function<void()> run) {
    auto* action = new QAction(words, this);
    action->setObjectName(id);
    action->setShortcuts(keys);
    action->setShortcutContext(Qt::WindowShortcut);
    QString plain = words;
    plain.remove('&');
    const QString key =
        keys.isEmpty() ? QString() : " (" + keys.front().toString(QKeySequence::NativeText) + ")";
    action->setToolTip(explanation.isEmpty() ? plain + key : explanation + key);
    action->setStatusTip(explanation);
    connect(action, &QAction::triggered, this, std::move(run));
    commands_.push_back({menu, action});
    return action;
}

QAction* Commands::find(const QString& id) const {
    for (const Command& command : commands_)
        if (command.action->objectName() == id) return command.action;
    return nullptr;
}

}  // namespace barnabas::gui
