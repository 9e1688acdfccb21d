// The window: one session, its views, and the commands that act on both.
#pragma once

#include <QMainWindow>
#include <QTimer>
#include <memory>

#include "engine/base/result.h"
#include "gui/app/commands.h"
#include "gui/app/start_page.h"
#include "gui/app/transport_bar.h"
#include "gui/views/event_list.h"
#include "gui/views/inspector.h"
#include "gui/views/timeline_view.h"
#include "gui/views/topology_view.h"

namespace barnabas::gui {

using Opened = Result<std::unique_ptr<Session>, OpenProblem>;
using Opener = std::function<Opened(const QString& path)>;

class MainWindow final : public QMainWindow {
    Q_OBJECT

  public:
    // `open` is what File > Open does with the chosen file.
    MainWindow(Opener open, ThemeName theme, QWidget* parent = nullptr);
    ~MainWindow() override;

    // Shows the session, or what is wrong with the scenario, in place of what was there.
    void open(const QString& path);
    void show(std::unique_ptr<Session> session);
    void show(const OpenProblem& problem);

    void setTheme(ThemeName name);
    // Takes the newest snapshot now instead of at the next frame.
    void refresh();

    Session* session() const { return session_.get(); }
    Stage* stage() const { return stage_.get(); }
    TimelineView* timeline() const { return timeline_; }
    const Commands& commands() const { return commands_; }

  protected:
    void closeEvent(QCloseEvent* event) override;

  private:
    void make_commands();
    void make_session_commands();
    void make_view_commands();
    void make_menus();
    void clear();
    QDockWidget* add_dock(const QString& id, const QString& title, QWidget* content,
                          Qt::DockWidgetArea area);
    void post(Command command);
    void choose_file();
    void show_keys();
    void enable_session_commands(bool enabled);

    Opener open_;
    ThemeName theme_;
    Commands commands_;
    TransportBar* transport_ = nullptr;
    QTimer frames_;
    std::unique_ptr<Session> session_;
    std::unique_ptr<Stage> stage_;
    TopologyView* topology_ = nullptr;
    TimelineView* timeline_ = nullptr;
    EventList* events_ = nullptr;
    Inspector* inspector_ = nullptr;
    std::vector<QDockWidget*> docks_;
};

}  // namespace barnabas::gui
