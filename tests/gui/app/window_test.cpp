// The window by keys and mouse; what it shows is the session's state and nothing else.
#include <QDockWidget>
#include <QTemporaryDir>
#include <set>

#include "engine/base/random.h"
#include "gui/app/screenshot.h"
#include "tests/gui/app/support.h"

namespace barnabas::gui {
namespace {

TEST(Window, PeriodAndCommaStepOnAndBack) {
    Shown shown;
    for (int i = 0; i < 5; ++i) shown.press(Qt::Key_Period);
    EXPECT_EQ(shown.snapshot().position, 5);
    shown.press(Qt::Key_Comma);
    shown.press(Qt::Key_Comma);
    EXPECT_EQ(shown.snapshot().position, 3);
    EXPECT_EQ(shown.snapshot().seen, 5);
}

TEST(Window, EndAndHomeGoToTheEnds) {
    Shown shown;
    shown.press(Qt::Key_End);
    EXPECT_TRUE(shown.snapshot().at_end);
    EXPECT_EQ(shown.snapshot().hash, echo_hash());
    shown.press(Qt::Key_Home);
    EXPECT_EQ(shown.snapshot().position, 0);
}

TEST(Window, SpacePlaysAndPauses) {
    Shown shown;
    QTest::keyClick(&shown.window, Qt::Key_Space);
    ASSERT_TRUE(QTest::qWaitFor([&] { return shown.snapshot().playhead > Instant(); }, 30'000));
    EXPECT_TRUE(shown.snapshot().is_playing);
    EXPECT_EQ(shown.window.commands().find("play")->text(), "&Pause");
    QTest::keyClick(&shown.window, Qt::Key_Space);
    ASSERT_TRUE(QTest::qWaitFor([&] { return !shown.snapshot().is_playing; }, 30'000));
    EXPECT_EQ(shown.window.commands().find("play")->text(), "&Play");
}

TEST(Window, PlayingSteppingAndPicturesDoNotDisturbTheRun) {
    Shown shown;
    shown.window.session()->post(command::SetSpeed{100});
    shown.press(Qt::Key_Space);
    for (int i = 0; i < 10; ++i) {
        shown.press(Qt::Key_Comma);
        shown.press(Qt::Key_Period);
        EXPECT_FALSE(shown.window.grab().isNull());
    }
    shown.press(Qt::Key_End);
    EXPECT_EQ(shown.snapshot().hash, echo_hash());
}

// A monkey at the keyboard, the same one each time.
TEST(Window, AnyKeysInAnyOrderLeaveTheRunAsItWas) {
    Shown shown;
    Random random(11);
    constexpr Qt::Key keys[] = {
        Qt::Key_Period,       Qt::Key_Comma, Qt::Key_Space, Qt::Key_Home, Qt::Key_BracketLeft,
        Qt::Key_BracketRight, Qt::Key_Plus,  Qt::Key_Minus, Qt::Key_0,    Qt::Key_F,
        Qt::Key_Escape,       Qt::Key_Right, Qt::Key_Left,  Qt::Key_End};
    for (int i = 0; i < 300; ++i) {
        QTest::keyClick(&shown.window, keys[random.below(std::size(keys))]);
        if (random.below(5) == 0) shown.settle();
        if (random.below(20) == 0) shown.window.grab();
    }
    shown.press(Qt::Key_End);
    EXPECT_EQ(shown.snapshot().hash, echo_hash());
}

TEST(Window, AClickOnTheTimelineGoesThere) {
    Shown shown;
    shown.press(Qt::Key_End);
    TimelineView& timeline = *shown.window.timeline();
    timeline.fit();
    const double x = timeline.scale().x(Instant(300ms));
    QTest::mouseClick(&timeline, Qt::LeftButton, {}, QPoint(static_cast<int>(x), 40));
    shown.settle();
    const Duration off = shown.snapshot().now - Instant(300ms);
    EXPECT_LT(std::abs(off.count()), Duration(50ms).count());
    EXPECT_LT(shown.snapshot().position, shown.snapshot().seen);
}

TEST(Window, PlusAndMinusZoomTheTimelineAroundThePlayhead) {
    Shown shown;
    for (int i = 0; i < 40; ++i) shown.press(Qt::Key_Period);
    const Duration before = shown.window.timeline()->scale().span();
    shown.press(Qt::Key_Plus);
    EXPECT_LT(shown.window.timeline()->scale().span(), before);
    shown.press(Qt::Key_0);
    EXPECT_EQ(shown.window.timeline()->scale().span(), before);
    shown.press(Qt::Key_Minus);
    EXPECT_GT(shown.window.timeline()->scale().span(), before);
}

TEST(Window, AClickSelectsANodeAndTheInspectorSpeaksOfIt) {
    Shown shown;
    for (int i = 0; i < 30; ++i) shown.press(Qt::Key_Period);
    auto* topology = shown.window.findChild<TopologyView*>();
    const Topology places(echo_info().nodes, topology_area(topology->size()), facts_on_card);
    QTest::mouseClick(topology, Qt::LeftButton, {}, places.card(0).center().toPoint());
    EXPECT_EQ(shown.window.stage()->selection(), Selection(SelectedNode{0}));
    const auto* inspector = shown.window.findChild<Inspector*>();
    EXPECT_EQ(inspector->inspection().title, "server");
    EXPECT_TRUE(inspector->accessibleDescription().contains("echoed"));
    shown.press(Qt::Key_Escape);
    EXPECT_EQ(inspector->inspection().title, "echo");
}

TEST(Window, AMessageUnderWayCanBeSelectedAndExplained) {
    Shown shown;
    while (shown.snapshot().position < 200) {
        shown.press(Qt::Key_Period);
        const auto& messages = shown.snapshot().messages;
        if (!messages.empty() && messages[0].kind == MessageView::Kind::request) break;
    }
    ASSERT_FALSE(shown.snapshot().messages.empty());
    shown.window.stage()->select(key_of(shown.snapshot().messages[0]));
    const auto* inspector = shown.window.findChild<Inspector*>();
    EXPECT_EQ(inspector->inspection().title, "Produce request");
    EXPECT_EQ(inspector->inspection().subtitle, "client → server");
}

// A command without a key, words or an explanation cannot be found.
TEST(Window, EveryCommandHasWordsAnExplanationAndAKeyOfItsOwn) {
    Shown shown;
    std::set<QKeySequence> keys;
    for (const Commands::Command& command : shown.window.commands().all()) {
        EXPECT_FALSE(command.action->text().isEmpty());
        EXPECT_FALSE(command.action->statusTip().isEmpty()) << command.action->text().toStdString();
        EXPECT_FALSE(command.action->shortcuts().isEmpty()) << command.action->text().toStdString();
        for (const QKeySequence& key : command.action->shortcuts())
            EXPECT_TRUE(keys.insert(key).second) << key.toString().toStdString();
    }
}

// Without names Qt cannot save where they are.
TEST(Window, DocksAndToolBarsHaveNames) {
    Shown shown;
    for (const auto* dock : shown.window.findChildren<QDockWidget*>())
        EXPECT_FALSE(dock->objectName().isEmpty());
    for (const auto* bar : shown.window.findChildren<QToolBar*>())
        EXPECT_FALSE(bar->objectName().isEmpty());
    EXPECT_FALSE(shown.window.saveState(1).isEmpty());
}

TEST(Window, ABadScenarioIsShownAtItsLine) {
    Shown shown;
    shown.window.show(OpenProblem{.message = "x.scenario:2:7: expected a number, found 'three'",
                                  .what = "expected a number, found 'three'",
                                  .file = "x.scenario",
                                  .line = 2,
                                  .column = 9,
                                  .text = "# a\ncluster three\nrun for 3s\n"});
    EXPECT_EQ(shown.window.session(), nullptr);
    const auto* page = shown.window.findChild<StartPage*>();
    ASSERT_NE(page, nullptr);
    EXPECT_EQ(page->problem().line, 2);
    EXPECT_FALSE(shown.window.grab().isNull());
    for (const Qt::Key key : {Qt::Key_Space, Qt::Key_Period, Qt::Key_Plus, Qt::Key_Escape})
        QTest::keyClick(&shown.window, key);
    shown.window.show(echo_session());
    shown.press(Qt::Key_Period);
    EXPECT_EQ(shown.snapshot().position, 1);
}

bool has_many_colours(const QImage& image) {
    std::set<QRgb> colours;
    for (int y = 0; y < image.height(); y += 7)
        for (int x = 0; x < image.width(); x += 7) colours.insert(image.pixel(x, y));
    return colours.size() > 12;
}

TEST(Screenshot, IsWrittenAtTheTimeAndSizeAskedFor) {
    application();
    QTemporaryDir directory;
    for (const ThemeName name : {ThemeName::light, ThemeName::dark}) {
        MainWindow window(Shown::no_files(), name);
        window.show(echo_session());
        Arguments arguments{.scenario = "echo",
                            .screenshot = directory.filePath("picture.png"),
                            .until = 250ms,
                            .span = 80ms,
                            .select = "server",
                            .size = QSize(1'280, 800),
                            .theme = name};
        const auto taken = take_screenshot(window, arguments);
        ASSERT_TRUE(taken) << taken.error();
        EXPECT_EQ(window.stage()->snapshot().playhead, Instant(250ms));
        const QImage image(arguments.screenshot);
        EXPECT_EQ(image.size(), QSize(1'280, 800));
        EXPECT_TRUE(has_many_colours(image));
    }
}

TEST(Screenshot, OfANodeThatIsNotThereNamesThoseThatAre) {
    application();
    MainWindow window(Shown::no_files(), ThemeName::light);
    window.show(echo_session());
    const auto taken = take_screenshot(window, {.screenshot = "never.png", .select = "nobody"});
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error(), "--select: there is no node 'nobody' here, but server, client");
}

}  // namespace
}  // namespace barnabas::gui
