// Colours and type, by what they mean. Painters name a meaning, never a colour.
//
// Status colours are those of Okabe and Ito, told apart by colour-blind eyes; and no meaning rests
// on colour alone: requests are filled and responses hollow, faults carry a word and a shape.
#pragma once

#include <QColor>
#include <QFont>
#include <QPalette>
#include <QString>
#include <string_view>

#include "gui/store/snapshot.h"

namespace barnabas::gui {

enum class ThemeName : std::uint8_t { light, dark };

struct Theme {
    ThemeName name = ThemeName::light;

    QColor canvas;  // behind the drawings
    QColor panel;   // docks, tool bar
    QColor card;    // a node
    QColor line;    // hairlines, borders
    QColor grid;    // fainter still
    QColor track;   // links between nodes
    QColor text;
    QColor muted;   // second in rank
    QColor faint;   // third
    QColor accent;  // playhead, selection, focus
    QColor accent_soft;
    QColor hover;

    QColor good;
    QColor warning;
    QColor fault;
    QColor fault_soft;

    QColor produce;
    QColor fetch;
    QColor metadata;  // Metadata, ApiVersions, ListOffsets, CreateTopics ...
    QColor other;     // coordination, unknown frames, control

    QColor of_api(std::int16_t api) const;
    QColor of_severity(Severity severity) const;
    QPalette palette() const;
    QString style_sheet() const;
};

const Theme& theme(ThemeName name);

// The words of the store, which are UTF-8.
QString to_qstring(std::string_view words);

// The first of a few good families that this machine has; the sizes are in pixels.
QFont text_font(int pixels, QFont::Weight weight = QFont::Normal);
// Digits of one width, so that changing numbers do not dance.
QFont number_font(int pixels, QFont::Weight weight = QFont::Normal);

}  // namespace barnabas::gui
