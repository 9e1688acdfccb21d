// The icons of the tool bar, drawn, so that they are sharp everywhere and take the theme's colours.
#pragma once

#include <QIcon>

#include "gui/paint/theme.h"

namespace barnabas::gui {

enum class Icon : std::uint8_t { to_start, step_back, play, pause, step, to_end };

QIcon icon(Icon which, const Theme& theme);

}  // namespace barnabas::gui
