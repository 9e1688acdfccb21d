// Every command of the window in one place: its words, its key, what it does. Menu, tool bar and
// the list of keys are made from here, so they cannot differ.
#pragma once

#include <QAction>
#include <QObject>
#include <functional>
#include <vector>

namespace barnabas::gui {

class Commands final : public QObject {
    Q_OBJECT

  public:
    enum class Menu : std::uint8_t { file, run, view, help };

    struct Command {
        Menu menu = Menu::run;
        QAction* action = nullptr;
    };

    using QObject::QObject;

    // `id` names the action for tests and settings; `keys` may be several, the first is shown.
    QAction* add(Menu menu, const QString& id, const QString& words, const QString& explanation,
                 const QList<QKeySequence>& keys, std::function<void()> run);

    const std::vector<Command>& all() const { return commands_; }
    QAction* find(const QString& id) const;

  private:
    std::vector<Command> commands_;
};

}  // namespace barnabas::gui
