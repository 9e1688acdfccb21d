// Shows what there is to say about the selection.
#pragma once

#include <QWidget>

#include "gui/models/inspection.h"
#include "gui/models/stage.h"
#include "gui/paint/theme.h"

namespace barnabas::gui {

class Inspector final : public QWidget {
    Q_OBJECT

  public:
    explicit Inspector(Stage& stage, QWidget* parent = nullptr);

    void setTheme(ThemeName name);
    const Inspection& inspection() const { return inspection_; }
    QSize sizeHint() const override;

  protected:
    void paintEvent(QPaintEvent* event) override;

  private:
    void renew();
    // Draws when there is a painter; tells the height either way.
    double lay_out(QPainter* painter, double width) const;

    Stage* stage_;
    ThemeName theme_ = ThemeName::light;
    Inspection inspection_;
    int height_ = 0;
};

}  // namespace barnabas::gui
