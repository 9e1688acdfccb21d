// The tool bar over the drawings: play and step, how fast, where we are.
#pragma once

#include <QLabel>
#include <QSlider>
#include <QToolBar>

#include "gui/app/commands.h"
#include "gui/models/stage.h"
#include "gui/paint/theme.h"

namespace barnabas::gui {

// Between a slider's steps and simulated seconds for each second: ten steps are a factor of ten.
double speed_of(int step);
int step_of(double speed);
QString speed_words(double speed);  // "1/50 ×", "2 ×"

class TransportBar final : public QToolBar {
    Q_OBJECT

  public:
    static constexpr int step_least = -40;  // 1/10,000
    static constexpr int step_most = 20;    // 100

    TransportBar(Commands& commands, QWidget* parent);

    void setTheme(ThemeName name);
    void show(const Snapshot& snapshot, const SessionInfo& info);
    void moveSpeed(int steps);
    QSlider* speed() const { return speed_; }

  signals:
    void speedChosen(double speed);

  private:
    QLabel* make_label(const QString& id, QWidget* parent);

    QAction* play_;
    Commands* commands_;
    QSlider* speed_;
    QLabel* speed_words_;
    QLabel* time_;
    QLabel* events_;
    QLabel* hash_;
    ThemeName theme_ = ThemeName::light;
    bool is_playing_ = false;
};

}  // namespace barnabas::gui
