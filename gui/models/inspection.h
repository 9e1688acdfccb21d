// What there is to say about the selected thing, in words.
#pragma once

#include <string>
#include <vector>

#include "gui/store/selection.h"

namespace barnabas::gui {

struct Inspection {
    struct Line {
        std::string label;  // empty: the value is a paragraph of its own
        std::string value;
        std::int16_t api = no_api;  // lends the line its colour
    };
    struct Section {
        std::string title;  // may be empty
        std::vector<Line> lines;
    };

    std::string title;
    std::string subtitle;
    std::vector<Section> sections;

    std::string text() const;  // all of it, for those who cannot see it
};

// Of the run itself when nothing is selected.
Inspection inspect(const Selection& selection, const SessionInfo& info, const Snapshot& snapshot,
                   const EventStore& events);

// "A producer hands over records and waits for ...": what a request of this API is for.
std::string_view purpose_of_api(std::int16_t api);

}  // namespace barnabas::gui
