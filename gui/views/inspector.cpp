#include "gui/views/inspector.h"

#include <QPainter>

namespace barnabas::gui {
namespace {

constexpr double edge = 14;
constexpr double label_width = 104;

QString text(const std::string& words) { return QString::fromStdString(words); }

}  // namespace

Inspector::Inspector(Stage& stage, QWidget* parent) : QWidget(parent), stage_(&stage) {
    setObjectName(QStringLiteral("inspector"));
    setAccessibleName(tr("Inspector"));
    connect(&stage, &Stage::snapshotChanged, this, &Inspector::renew);
    connect(&stage, &Stage::selectionChanged, this, &Inspector::renew);
    renew();
}

void Inspector::setTheme(ThemeName name) {
    theme_ = name;
    update();
}

QSize Inspector::sizeHint() const { return {420, height_}; }

void Inspector::renew() {
    inspection_ =
        inspect(stage_->selection(), stage_->info(), stage_->snapshot(), stage_->events());
    setAccessibleDescription(text(inspection_.text()));
    const int height = static_cast<int>(lay_out(nullptr, std::max(width(), 200)));
    if (height != height_) {
        height_ = height;
        setMinimumHeight(height_);
        updateGeometry();
    }
    update();
}

void Inspector::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.fillRect(rect(), theme(theme_).panel);
    painter.setRenderHints(QPainter::Antialiasing | QPainter::TextAntialiasing);
    lay_out(&painter, width());
}

double Inspector::lay_out(QPainter* painter, double width) const {
    const Theme& colors = theme(theme_);
    double y = 6;
    const auto put = [&](const QFont& font, const QColor& ink, double x, double wide,
                         const std::string& words) {
        const QRectF room(x, y, std::max(wide, 20.0), 10'000);
        const QRectF box = QFontMetricsF(font).boundingRect(
            room, Qt::AlignLeft | Qt::AlignTop | Qt::TextWrapAnywhere | Qt::TextWordWrap,
            text(words));
        if (painter) {
            painter->setFont(font);
            painter->setPen(ink);
            painter->drawText(
                room, Qt::AlignLeft | Qt::AlignTop | Qt::TextWrapAnywhere | Qt::TextWordWrap,
                text(words));
        }
        return box.height();
    };
    const double inner = width - 2 * edge;
    y += put(text_font(15, QFont::DemiBold), colors.text, edge, inner, inspection_.title) + 2;
    y += put(text_font(12), colors.muted, edge, inner, inspection_.subtitle) + 12;
    for (const Inspection::Section& section : inspection_.sections) {
        if (painter) {
            painter->setPen(QPen(colors.grid, 1));
            painter->drawLine(QPointF(edge, y + 0.5), QPointF(width - edge, y + 0.5));
        }
        y += 9;
        if (!section.title.empty())
            y += put(text_font(11, QFont::DemiBold), colors.faint, edge, inner, section.title) + 5;
        for (const Inspection::Line& line : section.lines) {
            const QColor ink = line.api == no_api ? colors.text : colors.of_api(line.api);
            if (line.label.empty()) {
                y += put(text_font(12), colors.muted, edge, inner, line.value) + 4;
                continue;
            }
            const double label =
                put(text_font(12), colors.muted, edge, label_width - 6, line.label);
            const double value = put(text_font(12, QFont::Medium), ink, edge + label_width,
                                     inner - label_width, line.value);
            y += std::max(label, value) + 4;
        }
        y += 7;
    }
    return y;
}

}  // namespace barnabas::gui
