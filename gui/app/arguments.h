// The command line of barnabas-gui.
#pragma once

#include <QSize>
#include <QString>
#include <QStringList>
#include <optional>
#include <string>

#include "engine/base/result.h"
#include "engine/base/time.h"
#include "gui/paint/theme.h"

namespace barnabas::gui {

// What a shell or a script can tell apart.
enum class ExitCode : int {
    ok = 0,
    failed = 1,      // the run stopped on a failed check, or the picture could not be written
    usage = 2,       // wrong arguments, or a scenario that cannot be read
    no_display = 3,  // a window was asked for where there is no display
};

struct Arguments {
    QString scenario;  // empty: the window opens without one
    std::optional<std::uint64_t> seed;
    QString screenshot;             // empty: a window
    std::optional<Duration> until;  // of the run
    std::optional<Duration> span;   // shown by the timeline
    std::optional<QString> select;  // a node by its name
    QSize size{1600, 960};
    ThemeName theme = ThemeName::light;
    bool help = false;
    bool version = false;
};

// `words` without the program's name. An error is one line for a person.
Result<Arguments, std::string> parse_arguments(const QStringList& words);

std::string usage();

}  // namespace barnabas::gui
