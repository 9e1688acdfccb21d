// What the window shows without a session: how to begin, or what is wrong with the scenario, at the
// line where it is wrong.
#pragma once

#include <QPushButton>
#include <QWidget>

#include "gui/paint/theme.h"
#include "gui/session/problem.h"

namespace barnabas::gui {

class StartPage final : public QWidget {
    Q_OBJECT

  public:
    explicit StartPage(OpenProblem problem, QWidget* parent = nullptr);

    void setTheme(ThemeName name);
    const OpenProblem& problem() const { return problem_; }

  signals:
    void openRequested();

  protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

  private:
    QRectF plate() const;
    void paint_welcome(QPainter& painter, QRectF room) const;
    void paint_problem(QPainter& painter, QRectF room) const;

    OpenProblem problem_;
    QPushButton* button_;
    ThemeName theme_ = ThemeName::light;
};

}  // namespace barnabas::gui
