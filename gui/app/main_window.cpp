#include "gui/app/main_window.h"

#include <QApplication>
#include <QCloseEvent>
#include <QDockWidget>
#include <QFileDialog>
#include <QMenuBar>
#include <QMessageBox>
#include <QScrollArea>
#include <QStatusBar>

#include "gui/app/arguments.h"

namespace barnabas::gui {
namespace {

constexpr int frame_milliseconds = 16;

Qt::DockWidgetArea right = Qt::RightDockWidgetArea;

}  // namespace

MainWindow::MainWindow(Opener open, ThemeName theme_name, QWidget* parent)
    : QMainWindow(parent), open_(std::move(open)), theme_(theme_name) {
    setObjectName(QStringLiteral("main"));
    setWindowTitle(tr("Barnabas"));
    setMinimumSize(640, 400);
    setCorner(Qt::BottomRightCorner, Qt::BottomDockWidgetArea);
    setContextMenuPolicy(Qt::NoContextMenu);
    make_commands();
    make_menus();
    transport_ = new TransportBar(commands_, this);
    addToolBar(transport_);
    connect(transport_, &TransportBar::speedChosen, this,
            [this](double speed) { post(command::SetSpeed{speed}); });
    frames_.setInterval(frame_milliseconds);
    frames_.setTimerType(Qt::PreciseTimer);
    connect(&frames_, &QTimer::timeout, this, &MainWindow::refresh);
    setTheme(theme_);
    show(OpenProblem{});
}

MainWindow::~MainWindow() { clear(); }

void MainWindow::make_commands() {
    using Menu = Commands::Menu;
    commands_.add(Menu::file, QStringLiteral("open"), tr("&Open scenario …"),
                  tr("Open another scenario"), {QKeySequence::Open}, [this] { choose_file(); });
    commands_.add(Menu::file, QStringLiteral("quit"), tr("&Quit"), tr("Close the window"),
                  {QKeySequence(Qt::CTRL | Qt::Key_Q)}, [this] { close(); });
    make_session_commands();
    make_view_commands();
    commands_.add(Menu::help, QStringLiteral("keys"), tr("&Keys"), tr("All keys at a glance"),
                  {QKeySequence(Qt::Key_F1), QKeySequence(Qt::Key_Question)},
                  [this] { show_keys(); });
}

void MainWindow::make_session_commands() {
    using Menu = Commands::Menu;
    commands_.add(Menu::run, QStringLiteral("play"), tr("&Play"), tr("Play or pause"),
                  {QKeySequence(Qt::Key_Space)}, [this] {
                      if (stage_->snapshot().is_playing)
                          post(command::Pause{});
                      else
                          post(command::Play{});
                  });
    commands_.add(Menu::run, QStringLiteral("step"), tr("Step &on"), tr("One event on"),
                  {QKeySequence(Qt::Key_Period)}, [this] { post(command::Step{1}); });
    commands_.add(Menu::run, QStringLiteral("step_back"), tr("Step &back"), tr("One event back"),
                  {QKeySequence(Qt::Key_Comma)}, [this] { post(command::Step{-1}); });
    commands_.add(Menu::run, QStringLiteral("to_start"), tr("To the be&ginning"),
                  tr("Before the first event"), {QKeySequence(Qt::Key_Home)},
                  [this] { post(command::SeekPosition{0}); });
    commands_.add(Menu::run, QStringLiteral("to_end"), tr("To the &end"),
                  tr("Run to the end of the scenario"), {QKeySequence(Qt::Key_End)},
                  [this] { post(command::SeekEnd{}); });
    commands_.add(Menu::run, QStringLiteral("slower"), tr("&Slower"), tr("Play slower"),
                  {QKeySequence(Qt::Key_BracketLeft)}, [this] { transport_->moveSpeed(-3); });
    commands_.add(Menu::run, QStringLiteral("faster"), tr("&Faster"), tr("Play faster"),
                  {QKeySequence(Qt::Key_BracketRight)}, [this] { transport_->moveSpeed(3); });
}

void MainWindow::make_view_commands() {
    using Menu = Commands::Menu;
    commands_.add(Menu::view, QStringLiteral("zoom_in"), tr("Zoom &in"),
                  tr("Show less time, closer"),
                  {QKeySequence(Qt::Key_Plus), QKeySequence(Qt::Key_Equal)},
                  [this] { timeline_->zoom(0.5); });
    commands_.add(Menu::view, QStringLiteral("zoom_out"), tr("Zoom &out"), tr("Show more time"),
                  {QKeySequence(Qt::Key_Minus)}, [this] { timeline_->zoom(2); });
    commands_.add(Menu::view, QStringLiteral("zoom_fit"), tr("&Whole run"),
                  tr("Show the whole run in the timeline"), {QKeySequence(Qt::Key_0)},
                  [this] { timeline_->fit(); });
    commands_.add(Menu::view, QStringLiteral("find_playhead"), tr("Find the &playhead"),
                  tr("Bring the playhead into sight"), {QKeySequence(Qt::Key_F)},
                  [this] { timeline_->findPlayhead(); });
    commands_.add(Menu::view, QStringLiteral("deselect"), tr("Select &nothing"),
                  tr("Show the run in the inspector"), {QKeySequence(Qt::Key_Escape)},
                  [this] { stage_->select({}); });
    commands_.add(
        Menu::view, QStringLiteral("theme"), tr("Light or &dark"),
        tr("Change between light and dark"), {QKeySequence(Qt::CTRL | Qt::Key_D)},
        [this] { setTheme(theme_ == ThemeName::light ? ThemeName::dark : ThemeName::light); });
}

void MainWindow::make_menus() {
    QMenu* menus[] = {menuBar()->addMenu(tr("&File")), menuBar()->addMenu(tr("&Run")),
                      menuBar()->addMenu(tr("&View")), menuBar()->addMenu(tr("&Help"))};
    for (const Commands::Command& command : commands_.all()) {
        menus[static_cast<std::size_t>(command.menu)]->addAction(command.action);
        addAction(command.action);
    }
}

void MainWindow::enable_session_commands(bool enabled) {
    for (const Commands::Command& command : commands_.all()) {
        const QString id = command.action->objectName();
        const bool is_own = command.menu == Commands::Menu::run ||
                            (command.menu == Commands::Menu::view && id != QLatin1String("theme"));
        if (is_own) command.action->setEnabled(enabled);
    }
    transport_->setVisible(enabled);
}

void MainWindow::clear() {
    frames_.stop();
    for (QDockWidget* dock : docks_) {
        removeDockWidget(dock);
        delete dock;
    }
    docks_.clear();
    delete takeCentralWidget();
    topology_ = nullptr;
    timeline_ = nullptr;
    events_ = nullptr;
    inspector_ = nullptr;
    stage_.reset();
    session_.reset();
}

QDockWidget* MainWindow::add_dock(const QString& id, const QString& title, QWidget* content,
                                  Qt::DockWidgetArea area) {
    auto* dock = new QDockWidget(title, this);
    dock->setObjectName(id);
    dock->setFeatures(QDockWidget::DockWidgetMovable);
    dock->setFont(text_font(12, QFont::DemiBold));
    dock->setWidget(content);
    addDockWidget(area, dock);
    docks_.push_back(dock);
    return dock;
}

void MainWindow::show(std::unique_ptr<Session> session) {
    clear();
    session_ = std::move(session);
    stage_ = std::make_unique<Stage>(*session_);
    topology_ = new TopologyView(*stage_);
    timeline_ = new TimelineView(*stage_);
    events_ = new EventList(*stage_);
    inspector_ = new Inspector(*stage_);
    setCentralWidget(topology_);
    auto* scroll = new QScrollArea;
    scroll->setWidget(inspector_);
    scroll->setWidgetResizable(true);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setFrameShape(QFrame::NoFrame);
    QDockWidget* inspector =
        add_dock(QStringLiteral("inspector_dock"), tr("Inspector"), scroll, right);
    QDockWidget* list = add_dock(QStringLiteral("events_dock"), tr("Events"), events_, right);
    QDockWidget* timeline = add_dock(QStringLiteral("timeline_dock"), tr("Timeline"), timeline_,
                                     Qt::BottomDockWidgetArea);
    const int side = std::min(470, width() * 35 / 100);
    resizeDocks({inspector, list}, {side, side}, Qt::Horizontal);
    resizeDocks({inspector, list}, {400, 300}, Qt::Vertical);
    resizeDocks({timeline}, {timeline->sizeHint().height()}, Qt::Vertical);
    setWindowTitle(QString::fromStdString(session_->info().title) + tr(" – Barnabas"));
    enable_session_commands(true);
    setTheme(theme_);
    transport_->show(stage_->snapshot(), stage_->info());
    topology_->setFocus();
    frames_.start();
}

void MainWindow::show(const OpenProblem& problem) {
    clear();
    auto* page = new StartPage(problem);
    connect(page, &StartPage::openRequested, this, &MainWindow::choose_file);
    setCentralWidget(page);
    setWindowTitle(tr("Barnabas"));
    enable_session_commands(false);
    setTheme(theme_);
}

void MainWindow::open(const QString& path) {
    Opened opened = open_(path);
    if (opened)
        show(std::move(*opened));
    else
        show(opened.error());
}

void MainWindow::setTheme(ThemeName name) {
    theme_ = name;
    QApplication::setPalette(theme(name).palette());
    setStyleSheet(theme(name).style_sheet());
    transport_->setTheme(name);
    if (topology_) {
        topology_->setTheme(name);
        timeline_->setTheme(name);
        events_->setTheme(name);
        inspector_->setTheme(name);
    } else if (auto* page = qobject_cast<StartPage*>(centralWidget())) {
        page->setTheme(name);
    }
}

void MainWindow::refresh() {
    if (!stage_ || !stage_->refresh()) return;
    transport_->show(stage_->snapshot(), stage_->info());
}

void MainWindow::post(Command command) {
    if (session_) session_->post(command);
}

void MainWindow::choose_file() {
    const QString path = QFileDialog::getOpenFileName(this, tr("Open a scenario"), QString(),
                                                      tr("Scenarios (*.scenario);;All files (*)"));
    if (!path.isEmpty()) open(path);
}

void MainWindow::show_keys() {
    QString table = QStringLiteral("<table cellspacing=6>");
    for (const Commands::Command& command : commands_.all()) {
        QStringList keys;
        for (const QKeySequence& key : command.action->shortcuts())
            keys << key.toString(QKeySequence::NativeText).toHtmlEscaped();
        table +=
            QStringLiteral("<tr><td><b>%1</b></td><td>%2</td></tr>")
                .arg(keys.join(QStringLiteral(", ")), command.action->statusTip().toHtmlEscaped());
    }
    QMessageBox::information(this, tr("Keys"), table + QStringLiteral("</table>"));
}

void MainWindow::closeEvent(QCloseEvent* event) {
    frames_.stop();
    event->accept();
}

}  // namespace barnabas::gui
