// Why a scenario did not open: for a terminal and for a window.
#pragma once

#include <cstdint>
#include <string>

namespace barnabas::gui {

// All empty: none was asked for.
struct OpenProblem {
    std::string message;  // for a terminal: file:line:column: expected ..., found ...
    std::string what;     // the same without the place
    std::string file;
    std::uint32_t line = 0;  // 0: not a matter of a line
    std::uint32_t column = 0;
    std::string text;  // of the whole file

    bool is_empty() const { return message.empty(); }
};

}  // namespace barnabas::gui
