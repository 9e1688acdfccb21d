// A window over the echo run, for the tests of the window.
#pragma once

#include <gtest/gtest.h>

#include <QApplication>
#include <QTest>

#include "gui/app/main_window.h"
#include "gui/session/sim_session.h"
#include "tests/gui/session/echo.h"

namespace barnabas::gui {

inline std::unique_ptr<Session> echo_session(std::uint64_t frames = 400) {
    return std::make_unique<SimSession>(EchoSubject(7, frames), echo_info());
}

// One for the whole program: Qt allows no more.
inline QApplication& application() {
    static int count = 1;
    static char name[] = "test-gui-app";
    static char* names[] = {name, nullptr};
    static QApplication* made = [] {
        qputenv("QT_QPA_PLATFORM", "offscreen");
        auto* application = new QApplication(count, names);
        QApplication::setStyle(QStringLiteral("Fusion"));
        QApplication::setFont(text_font(13));
        return application;
    }();
    return *made;
}

// A window with the echo run in it, on show and with the focus.
struct Shown {
    MainWindow window;

    Shown() : window((application(), no_files()), ThemeName::light) {
        window.resize(1'200, 800);
        window.show(echo_session());
        window.QMainWindow::show();
        EXPECT_TRUE(QTest::qWaitForWindowExposed(&window));
        QApplication::setActiveWindow(&window);
    }

    static Opener no_files() {
        return [](const QString& path) -> Opened {
            return unexpected(OpenProblem{.message = path.toStdString(), .what = "no such file"});
        };
    }

    void press(Qt::Key key, Qt::KeyboardModifiers modifiers = Qt::NoModifier) {
        QTest::keyClick(&window, key, modifiers);
        settle();
    }
    // Until all that was asked for is done and on show.
    void settle() {
        Session& session = *window.session();
        ASSERT_TRUE(session.wait(session.post(command::Step{0}), std::chrono::seconds(60)));
        window.refresh();
        QApplication::processEvents();
    }
    const Snapshot& snapshot() { return window.stage()->snapshot(); }
};

}  // namespace barnabas::gui
