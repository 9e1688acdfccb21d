// Where a file may lie, and how it opens.
#include <algorithm>

#include "tests/tidy/source.h"

namespace barnabas::tidy {
namespace {

bool is_cpp(std::string_view path) { return path.ends_with(".h") || path.ends_with(".cpp"); }

bool lies_well_in_tests(std::string_view path) {
    constexpr std::string_view corners[] = {"tests/support/", "tests/property/", "tests/interop/",
                                            "tests/bench/",   "tests/fuzz/",     "tests/golden/",
                                            "tests/tidy/",    "tests/data/"};
    if (path == "tests/run" || path == "tests/CMakeLists.txt") return true;
    if (!room_of(path).empty()) return true;
    return std::ranges::any_of(corners, [&](auto corner) { return path.starts_with(corner); });
}

// Empty when the file lies well.
std::string wrong_place(std::string_view path) {
    const std::size_t slash = path.find('/');
    const std::string_view top = path.substr(0, slash);
    if (!is_allowed_at_top(top)) {
        return "nothing called " + std::string(top) + " lies at the top; find the room it is for";
    }
    if (slash == std::string_view::npos || top == ".ci") return {};
    if (top == "tests") {
        return lies_well_in_tests(path)
                   ? ""
                   : "tests mirror the rooms (tests/engine/log), or lie in support, property, "
                     "interop, bench, fuzz, golden, tidy or data";
    }
    if (top == "scenarios") {
        return path == "scenarios/demo" || path.ends_with(".scenario")
                   ? ""
                   : "scenarios holds *.scenario and demo";
    }
    if (room_of(path).empty()) return "the file lies in no room of the table in tests/tidy";
    const bool is_gui_part = top == "gui" && (path.ends_with(".qrc") || path.ends_with(".svg"));
    return is_cpp(path) || is_gui_part ? "" : "a room holds .h and .cpp files";
}

void check_header(const Source& source, Findings& findings) {
    if (!source.path.ends_with(".h")) return;
    const auto add = [&](std::string subject, std::string text) {
        findings.push_back({source.path, 1, "header", std::move(subject), 1, std::move(text)});
    };
    if (source.lines.empty() || !source.lines.front().starts_with("// ")) {
        add("purpose", "a header opens with a comment: what it is for and how it is used");
    }
    if (std::ranges::find(source.lines, "#pragma once") == source.lines.end()) {
        add("once", "a header has #pragma once");
    }
}

void check_scenario(const Source& source, Findings& findings) {
    constexpr std::size_t paragraph_min = 40;
    if (source.language != Language::scenario) return;
    std::size_t letters = 0;
    for (const std::string& line : source.lines) {
        if (!line.starts_with('#')) break;
        letters += line.size() - 1;
    }
    if (letters >= paragraph_min) return;
    findings.push_back({source.path, 1, "scenario", "paragraph", 1,
                        "a scenario opens with a paragraph, in # lines, that says what it "
                        "teaches"});
}

}  // namespace

void check_place(const Source& source, Findings& findings) {
    if (std::string why = wrong_place(source.path); !why.empty()) {
        findings.push_back({source.path, 1, "place", source.path, 1, std::move(why)});
    }
    check_header(source, findings);
    check_scenario(source, findings);
}

}  // namespace barnabas::tidy
