#include <QApplication>
#include <cstdio>

#include "gui/app/arguments.h"
#include "gui/app/screenshot.h"
#include "gui/session/open_scenario.h"
#include "gui/store/words.h"
#include "sim/world/stop.h"

namespace {

using namespace barnabas;
using namespace barnabas::gui;

int leave(ExitCode code, const std::string& words) {
    std::fprintf(stderr, "barnabas-gui: %s\n", words.c_str());
    return static_cast<int>(code);
}

bool has_display() {
    return !qEnvironmentVariableIsEmpty("DISPLAY") ||
           !qEnvironmentVariableIsEmpty("WAYLAND_DISPLAY") ||
           !qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM");
}

int picture(MainWindow& window, const Arguments& arguments, const Opener& open) {
    Opened opened = open(arguments.scenario);
    if (!opened) return static_cast<int>(ExitCode::usage);  // it has said why
    window.resize(arguments.size);
    window.show(std::move(*opened));
    if (const auto taken = take_screenshot(window, arguments); !taken)
        return leave(ExitCode::failed, taken.error());
    const std::string& trouble = window.stage()->snapshot().trouble;
    if (!trouble.empty()) return leave(ExitCode::failed, trouble);
    const Snapshot& shown = window.stage()->snapshot();
    std::printf("%s: seed %llu, %s, event %s, hash %s\n", qPrintable(arguments.screenshot),
                static_cast<unsigned long long>(window.session()->info().seed),
                exact_time(shown.playhead).c_str(), count_words(shown.position).c_str(),
                shown.hash.hex().c_str());
    return static_cast<int>(ExitCode::ok);
}

int desktop(MainWindow& window, const Arguments& arguments) {
    window.resize(arguments.size);
    window.QMainWindow::show();
    if (!arguments.scenario.isEmpty()) window.open(arguments.scenario);
    if (window.session()) {
        if (const auto staged = set_the_stage(window, arguments); !staged)
            return leave(ExitCode::usage, staged.error());
    }
    return QApplication::exec();
}

// What the offscreen platform says of itself helps nobody.
void say(QtMsgType, const QMessageLogContext&, const QString& words) {
    if (words.contains(QLatin1String("propagateSizeHints")) ||
        words.contains(QLatin1String("XDG_RUNTIME_DIR")))
        return;
    std::fprintf(stderr, "barnabas-gui: %s\n", qPrintable(words));
}

}  // namespace

int main(int argc, char** argv) {
    QStringList words;
    for (int i = 1; i < argc; ++i) words << QString::fromLocal8Bit(argv[i]);
    const auto arguments = parse_arguments(words);
    if (!arguments) return leave(ExitCode::usage, arguments.error());
    if (arguments->help) return std::fputs(usage().c_str(), stdout), 0;
    if (arguments->version) return std::puts("barnabas-gui " BARNABAS_VERSION), 0;

    const bool is_picture = !arguments->screenshot.isEmpty();
    if (!is_picture && !has_display()) {
        return leave(ExitCode::no_display,
                     "there is no display for a window; --screenshot FILE.png makes a picture "
                     "without one");
    }
    if (is_picture && qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM"))
        qputenv("QT_QPA_PLATFORM", "offscreen");
    set_check_handler(sim::throw_on_check);

    qInstallMessageHandler(say);
    int count = 1;  // Qt reads no options here: ours have all been read
    QApplication application(count, argv);
    QApplication::setApplicationName(QStringLiteral("barnabas-gui"));
    QApplication::setStyle(QStringLiteral("Fusion"));
    QApplication::setFont(text_font(13));

    const Opener open = [seed = arguments->seed](const QString& path) {
        Opened opened = open_scenario(path.toStdString(), seed);
        if (!opened) std::fprintf(stderr, "barnabas-gui: %s\n", opened.error().message.c_str());
        return opened;
    };
    MainWindow window(open, arguments->theme);
    return is_picture ? picture(window, *arguments, open) : desktop(window, *arguments);
}
