#include "gui/app/start_page.h"

#include <QPainter>
#include <algorithm>
#include <sstream>

namespace barnabas::gui {
namespace {

constexpr double edge = 32;
constexpr double row = 22;
constexpr std::uint32_t lines_around = 3;

QString text(const std::string& words) { return QString::fromStdString(words); }

}  // namespace

StartPage::StartPage(OpenProblem problem, QWidget* parent)
    : QWidget(parent), problem_(std::move(problem)) {
    setObjectName(QStringLiteral("start"));
    button_ = new QPushButton(tr("Open a scenario …"), this);
    button_->setObjectName(QStringLiteral("open_button"));
    button_->setFont(text_font(13, QFont::DemiBold));
    button_->setCursor(Qt::PointingHandCursor);
    button_->resize(190, 38);
    connect(button_, &QPushButton::clicked, this, &StartPage::openRequested);
    setAccessibleDescription(text(problem_.message));
}

void StartPage::setTheme(ThemeName name) {
    theme_ = name;
    const Theme& colors = theme(name);
    button_->setStyleSheet(QStringLiteral("QPushButton { background: %1; color: %2; border: none; "
                                          "border-radius: 7px; padding: 8px 16px; }")
                               .arg(colors.accent.name(), colors.panel.name()));
    update();
}

QRectF StartPage::plate() const {
    const double high = problem_.is_empty() ? 260 : problem_.line > 0 ? 400 : 230;
    QRectF plate(0, 0, std::min(760.0, width() - 40.0), high);
    plate.moveCenter(QRectF(rect()).center());
    return plate;
}

void StartPage::resizeEvent(QResizeEvent*) {
    const QRectF there = plate();
    button_->move(static_cast<int>(there.left() + edge),
                  static_cast<int>(there.bottom() - edge - button_->height()));
}

void StartPage::paintEvent(QPaintEvent*) {
    const Theme& colors = theme(theme_);
    QPainter painter(this);
    painter.setRenderHints(QPainter::Antialiasing | QPainter::TextAntialiasing);
    painter.fillRect(rect(), colors.canvas);
    painter.setPen(QPen(colors.line, 1));
    painter.setBrush(colors.card);
    painter.drawRoundedRect(plate(), 12, 12);
    const QRectF room = plate().adjusted(edge, edge, -edge, -edge);
    if (problem_.is_empty())
        paint_welcome(painter, room);
    else
        paint_problem(painter, room);
}

void StartPage::paint_welcome(QPainter& painter, QRectF room) const {
    const Theme& colors = theme(theme_);
    painter.setFont(text_font(20, QFont::DemiBold));
    painter.setPen(colors.text);
    painter.drawText(room, Qt::AlignLeft | Qt::AlignTop, tr("Watch a cluster, event by event"));
    painter.setFont(text_font(13));
    painter.setPen(colors.muted);
    painter.drawText(room.adjusted(0, 40, 0, 0), Qt::AlignLeft | Qt::AlignTop | Qt::TextWordWrap,
                     tr("A scenario is a text file: which brokers and clients run, what goes wrong "
                        "and when. Open one to play it, stop anywhere, and step back. Those that "
                        "come with Barnabas are in scenarios/; from a terminal it is\n\n"
                        "barnabas-gui scenarios/NAME.scenario"));
}

void StartPage::paint_problem(QPainter& painter, QRectF room) const {
    const Theme& colors = theme(theme_);
    painter.setFont(text_font(18, QFont::DemiBold));
    painter.setPen(colors.text);
    painter.drawText(room, Qt::AlignLeft | Qt::AlignTop, tr("This scenario cannot be read"));
    painter.setFont(text_font(13));
    painter.setPen(colors.fault);
    painter.drawText(room.adjusted(0, 34, 0, 0), Qt::AlignLeft | Qt::AlignTop | Qt::TextWordWrap,
                     text(problem_.what));
    if (problem_.line == 0) return;
    painter.setFont(text_font(12));
    painter.setPen(colors.muted);
    painter.drawText(room.adjusted(0, 78, 0, 0), Qt::AlignLeft | Qt::AlignTop,
                     tr("%1, line %2, column %3")
                         .arg(text(problem_.file))
                         .arg(problem_.line)
                         .arg(problem_.column));
    painter.setFont(number_font(13));
    const double digit = QFontMetricsF(painter.font()).horizontalAdvance(QLatin1Char('0'));
    std::istringstream lines(problem_.text);
    std::string line;
    double y = room.top() + 106;
    for (std::uint32_t number = 1; std::getline(lines, line); ++number) {
        if (number + lines_around < problem_.line) continue;
        if (number > problem_.line + lines_around) break;
        const bool is_it = number == problem_.line;
        const QRectF strip(room.left(), y, room.width(), row);
        if (is_it) painter.fillRect(strip, colors.fault_soft);
        painter.setPen(colors.faint);
        painter.drawText(strip.adjusted(8, 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter,
                         QString::number(number).rightJustified(3));
        painter.setPen(is_it ? colors.text : colors.muted);
        painter.drawText(strip.adjusted(8 + 5 * digit, 0, -8, 0), Qt::AlignLeft | Qt::AlignVCenter,
                         text(line));
        y += row;
        if (!is_it) continue;
        const double at = room.left() + 8 + (5 + (problem_.column - 1.0)) * digit;
        painter.setPen(QPen(colors.fault, 2));
        painter.drawLine(QPointF(at, strip.bottom() - 2), QPointF(at + digit, strip.bottom() - 2));
    }
}

}  // namespace barnabas::gui
