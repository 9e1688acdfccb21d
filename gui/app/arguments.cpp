#include "gui/app/arguments.h"

#include <QFileInfo>

#include "sim/scenario/words.h"

namespace barnabas::gui {
namespace {

using Trouble = std::optional<std::string>;

Trouble read_duration(std::optional<Duration>& target, const QString& name, const QString& text) {
    const std::string words = text.toStdString();
    const std::size_t dot = words.find('.');
    // The scenario's own durations have no fraction; a time on the playhead often has.
    if (dot == std::string::npos) {
        target = scenario::read_duration(words);
    } else if (words.ends_with('s') && !words.ends_with("ms")) {
        bool good = false;
        const double seconds = text.chopped(1).toDouble(&good);
        if (good && seconds >= 0 && seconds < 1e9)
            target = Duration(static_cast<std::int64_t>(seconds * 1e9 + 0.5));
    }
    if (target) return std::nullopt;
    return name.toStdString() + " wants a time such as 12.5s or 200ms, not '" + words + "'";
}

Trouble read_size(QSize& target, const QString& text) {
    const QStringList parts = text.split('x');
    bool good = parts.size() == 2;
    const int width = good ? parts[0].toInt(&good) : 0;
    const int height = good ? parts[1].toInt(&good) : 0;
    if (!good || width < 640 || height < 400 || width > 8192 || height > 8192) {
        return "--size wants WIDTHxHEIGHT from 640x400 to 8192x8192, not '" + text.toStdString() +
               "'";
    }
    target = QSize(width, height);
    return std::nullopt;
}

Trouble read_theme(ThemeName& target, const QString& text) {
    if (text != QLatin1String("light") && text != QLatin1String("dark"))
        return "--theme wants light or dark, not '" + text.toStdString() + "'";
    target = text == QLatin1String("light") ? ThemeName::light : ThemeName::dark;
    return std::nullopt;
}

Trouble read_seed(std::optional<std::uint64_t>& target, const QString& text) {
    bool good = false;
    target = text.toULongLong(&good);
    if (!good) return "--seed wants a number, not '" + text.toStdString() + "'";
    return std::nullopt;
}

Trouble read_option(Arguments& arguments, const QString& name, const QString& value) {
    if (name == QLatin1String("--screenshot")) {
        const QString suffix = QFileInfo(value).suffix().toLower();
        if (suffix != QLatin1String("png"))
            return "--screenshot writes PNG: name the file something.png, not '" +
                   value.toStdString() + "'";
        arguments.screenshot = value;
        return std::nullopt;
    }
    if (name == QLatin1String("--until")) return read_duration(arguments.until, name, value);
    if (name == QLatin1String("--span")) return read_duration(arguments.span, name, value);
    if (name == QLatin1String("--size")) return read_size(arguments.size, value);
    if (name == QLatin1String("--theme")) return read_theme(arguments.theme, value);
    if (name == QLatin1String("--seed")) return read_seed(arguments.seed, value);
    if (name == QLatin1String("--select")) {
        arguments.select = value;
        return std::nullopt;
    }
    return "there is no option " + name.toStdString() + "; see barnabas-gui --help";
}

}  // namespace

Result<Arguments, std::string> parse_arguments(const QStringList& words) {
    Arguments arguments;
    for (qsizetype i = 0; i < words.size(); ++i) {
        const QString& word = words[i];
        if (word == QLatin1String("--help") || word == QLatin1String("-h")) {
            arguments.help = true;
        } else if (word == QLatin1String("--version")) {
            arguments.version = true;
        } else if (word.startsWith(QLatin1String("--"))) {
            const qsizetype sign = word.indexOf('=');
            const QString name = sign < 0 ? word : word.left(sign);
            if (sign < 0 && i + 1 == words.size())
                return unexpected(name.toStdString() + " wants a value; see barnabas-gui --help");
            const QString value = sign < 0 ? words[++i] : word.mid(sign + 1);
            if (const Trouble trouble = read_option(arguments, name, value))
                return unexpected(*trouble);
        } else if (arguments.scenario.isEmpty()) {
            arguments.scenario = word;
        } else {
            return unexpected("one scenario at a time: both '" + arguments.scenario.toStdString() +
                              "' and '" + word.toStdString() + "' were named");
        }
    }
    if (arguments.help || arguments.version) return arguments;
    if (!arguments.screenshot.isEmpty() && arguments.scenario.isEmpty())
        return unexpected(std::string("--screenshot needs a scenario to show"));
    return arguments;
}

std::string usage() {
    return R"(barnabas-gui: watch a simulated Kafka cluster, event by event, forwards and back.

  barnabas-gui SCENARIO                   open a scenario and play it
  barnabas-gui SCENARIO --screenshot FILE.png --until 12.5s
                                          a picture of that instant, without a display

A scenario is a text file that says which brokers and clients run, what goes wrong and when; those
that come with Barnabas are in scenarios/. The run is the same every time: the seed decides it.
`barnabas sim run SCENARIO` runs the same one without a window and ends with the same trace hash.

Options
  --seed N             another seed than the scenario's own
  --until TIME         go there at once, such as 12.5s or 200ms (without it: the beginning)
  --span TIME          how much time the timeline shows (without it: the whole run)
  --select NODE        the node whose details are shown, such as broker-1
  --screenshot FILE    write the window as PNG and end; needs no display
  --size WxH           of the window or picture (1600x960)
  --theme light|dark   (light)
  --version, --help

Keys
  Space                play, pause             . ,         one event on, one back
  Home End             beginning, end          [ ]         slower, faster
  + - 0                timeline closer, further away, the whole run
  Esc                  select nothing          Tab, arrows another node
  In the timeline a click goes there, the wheel zooms, Shift and the wheel move.

Exit code: 0 fine; 1 a check of the engine failed, or the picture could not be written;
2 wrong arguments, or a scenario that cannot be read; 3 no display for a window.
)";
}

}  // namespace barnabas::gui
