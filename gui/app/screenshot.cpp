#include "gui/app/screenshot.h"

#include <QCoreApplication>
#include <QPixmap>

namespace barnabas::gui {
namespace {

// A run that takes longer than this is no picture to wait for.
constexpr std::chrono::minutes patience{10};

}  // namespace

Result<void, std::string> set_the_stage(MainWindow& window, const Arguments& arguments) {
    Session& session = *window.session();
    if (arguments.select) {
        const std::string name = arguments.select->toStdString();
        const auto& nodes = session.info().nodes;
        const auto found = std::find_if(nodes.begin(), nodes.end(),
                                        [&](const NodeInfo& node) { return node.name == name; });
        if (found == nodes.end()) {
            std::string names;
            for (const NodeInfo& node : nodes) names += (names.empty() ? "" : ", ") + node.name;
            return unexpected("--select: there is no node '" + name + "' here, but " + names);
        }
        window.stage()->select(SelectedNode{static_cast<std::uint16_t>(found - nodes.begin())});
    }
    if (arguments.until) {
        if (!session.wait(session.post(command::SeekTime{Instant(*arguments.until)}), patience))
            return unexpected(std::string("--until was not reached within ten minutes"));
    }
    window.refresh();
    if (arguments.span) window.timeline()->setSpan(*arguments.span);
    return {};
}

Result<void, std::string> take_screenshot(MainWindow& window, const Arguments& arguments) {
    window.resize(arguments.size);
    window.QMainWindow::show();
    QCoreApplication::processEvents();
    if (auto staged = set_the_stage(window, arguments); !staged) return staged;
    QCoreApplication::processEvents();
    if (!window.grab().save(arguments.screenshot, "PNG"))
        return unexpected("could not write " + arguments.screenshot.toStdString());
    return {};
}

}  // namespace barnabas::gui
