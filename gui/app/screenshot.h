// A picture of the window at one instant, for terminals without a display.
#pragma once

#include <QString>

#include "engine/base/result.h"
#include "gui/app/arguments.h"
#include "gui/app/main_window.h"

namespace barnabas::gui {

// Goes where the arguments say, lays the window out, writes the PNG. The error is for a person.
Result<void, std::string> take_screenshot(MainWindow& window, const Arguments& arguments);

// Goes to --until, shows --span, selects --select; waits until all that stands. The error is for a
// person: no such node.
Result<void, std::string> set_the_stage(MainWindow& window, const Arguments& arguments);

}  // namespace barnabas::gui
