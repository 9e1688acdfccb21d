#include "gui/app/transport_bar.h"

#include <QHBoxLayout>
#include <cmath>

#include "gui/app/icons.h"
#include "gui/store/words.h"

namespace barnabas::gui {

double speed_of(int step) { return std::pow(10.0, step / 10.0); }

int step_of(double speed) {
    return std::clamp(static_cast<int>(std::lround(10 * std::log10(speed))),
                      TransportBar::step_least, TransportBar::step_most);
}

QString speed_words(double speed) {
    const auto two_digits = [](double value) {
        const double power = std::pow(10.0, std::floor(std::log10(value)) - 1);
        return std::round(value / power) * power;
    };
    if (speed >= 0.999) return QString::number(two_digits(speed), 'g', 6) + QStringLiteral(" ×");
    return QStringLiteral("1/%1 ×").arg(two_digits(1 / speed), 0, 'g', 6);
}

TransportBar::TransportBar(Commands& commands, QWidget* parent)
    : QToolBar(tr("Transport"), parent), commands_(&commands) {
    setObjectName(QStringLiteral("transport"));
    setMovable(false);
    setIconSize(QSize(20, 20));
    for (const char* id : {"to_start", "step_back", "play", "step", "to_end"})
        addAction(commands.find(QLatin1String(id)));
    play_ = commands.find(QStringLiteral("play"));

    auto* speed_box = new QWidget(this);
    auto* row = new QHBoxLayout(speed_box);
    speed_box->setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Preferred);
    row->setContentsMargins(18, 0, 18, 0);
    row->setSpacing(10);
    auto* word = new QLabel(tr("Speed"), speed_box);
    speed_ = new QSlider(Qt::Horizontal, speed_box);
    speed_->setObjectName(QStringLiteral("speed"));
    speed_->setAccessibleName(tr("Speed"));
    speed_->setRange(step_least, step_most);
    speed_->setFixedWidth(150);
    speed_->setToolTip(tr("Simulated time for each second that you watch: [ slower, ] faster"));
    speed_words_ = new QLabel(speed_box);
    speed_words_->setFixedWidth(64);
    row->addWidget(word);
    row->addWidget(speed_);
    row->addWidget(speed_words_);
    addWidget(speed_box);
    connect(speed_, &QSlider::valueChanged, this, [this](int step) {
        speed_words_->setText(speed_words(speed_of(step)));
        emit speedChosen(speed_of(step));
    });

    auto* spring = new QWidget(this);
    spring->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    addWidget(spring);
    auto* place = new QWidget(this);
    auto* places = new QHBoxLayout(place);
    places->setContentsMargins(0, 0, 8, 0);
    places->setSpacing(22);
    hash_ = make_label(QStringLiteral("hash"), place);
    events_ = make_label(QStringLiteral("event_count"), place);
    time_ = make_label(QStringLiteral("time"), place);
    hash_->setToolTip(tr("Trace hash up to here: two runs that agree in it agree in every byte"));
    for (QLabel* label : {hash_, events_, time_}) places->addWidget(label);
    addWidget(place);
    setTheme(theme_);
}

QLabel* TransportBar::make_label(const QString& id, QWidget* parent) {
    auto* label = new QLabel(parent);
    label->setObjectName(id);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    return label;
}

void TransportBar::setTheme(ThemeName name) {
    theme_ = name;
    const Theme& colors = theme(name);
    const std::pair<const char*, Icon> icons[] = {{"to_start", Icon::to_start},
                                                  {"step_back", Icon::step_back},
                                                  {"step", Icon::step},
                                                  {"to_end", Icon::to_end}};
    for (const auto& [id, which] : icons)
        commands_->find(QLatin1String(id))->setIcon(icon(which, colors));
    play_->setIcon(icon(is_playing_ ? Icon::pause : Icon::play, colors));
    for (QLabel* label : {hash_, events_}) {
        label->setFont(label == hash_ ? number_font(11) : text_font(12));
        label->setStyleSheet(QStringLiteral("color: %1").arg(colors.muted.name()));
    }
    time_->setFont(number_font(16, QFont::DemiBold));
    time_->setStyleSheet(QStringLiteral("color: %1").arg(colors.text.name()));
    for (QLabel* label : findChildren<QLabel*>())
        if (label != hash_ && label != events_ && label != time_) label->setFont(text_font(12));
}

void TransportBar::show(const Snapshot& snapshot, const SessionInfo&) {
    if (snapshot.is_playing != is_playing_) {
        is_playing_ = snapshot.is_playing;
        play_->setText(is_playing_ ? tr("&Pause") : tr("&Play"));
        play_->setIcon(icon(is_playing_ ? Icon::pause : Icon::play, theme(theme_)));
    }
    const bool was_blocked = speed_->blockSignals(true);
    if (!speed_->isSliderDown()) speed_->setValue(step_of(snapshot.speed));
    speed_->blockSignals(was_blocked);
    speed_words_->setText(speed_words(snapshot.speed));
    time_->setText(QString::fromStdString(exact_time(snapshot.playhead)));
    QString events =
        QStringLiteral("event %1").arg(QString::fromStdString(count_words(snapshot.position)));
    if (snapshot.seen > snapshot.position)
        events += QStringLiteral(" of %1").arg(QString::fromStdString(count_words(snapshot.seen)));
    if (snapshot.is_seeking) events += tr(", on the way");
    events_->setText(events);
    const QString hash = QString::fromStdString(snapshot.hash.hex());
    hash_->setText(QStringLiteral("hash %1").arg(hash.left(12)));
    commands_->find(QStringLiteral("step_back"))->setEnabled(snapshot.position > 0);
    commands_->find(QStringLiteral("to_start"))->setEnabled(snapshot.position > 0);
    commands_->find(QStringLiteral("step"))->setEnabled(!snapshot.at_end);
    commands_->find(QStringLiteral("to_end"))->setEnabled(!snapshot.at_end);
}

void TransportBar::moveSpeed(int steps) { speed_->setValue(speed_->value() + steps); }

}  // namespace barnabas::gui
