#include "gui/paint/theme.h"

#include <QFontDatabase>

#include "engine/protocol/api_key.h"

namespace barnabas::gui {
namespace {

Theme make_light() {
    return {.name = ThemeName::light,
            .canvas = QColor(0xf6f7f9),
            .panel = QColor(0xffffff),
            .card = QColor(0xffffff),
            .line = QColor(0xd5dae2),
            .grid = QColor(0xe8ebf0),
            .track = QColor(0xc6cdd8),
            .text = QColor(0x19202b),
            .muted = QColor(0x5c6778),
            .faint = QColor(0x929cab),
            .accent = QColor(0x2f5fd0),
            .accent_soft = QColor(0xe3eafb),
            .hover = QColor(0xeef1f6),
            .good = QColor(0x00795a),
            .warning = QColor(0xb87500),
            .fault = QColor(0xc44900),
            .fault_soft = QColor(0xfbe6da),
            .produce = QColor(0x0069ab),
            .fetch = QColor(0x008a66),
            .metadata = QColor(0xa84f85),
            .other = QColor(0x6c7686)};
}

Theme make_dark() {
    return {.name = ThemeName::dark,
            .canvas = QColor(0x12151a),
            .panel = QColor(0x191d24),
            .card = QColor(0x20252e),
            .line = QColor(0x343b47),
            .grid = QColor(0x232932),
            .track = QColor(0x485262),
            .text = QColor(0xe7eaf0),
            .muted = QColor(0x9ba6b6),
            .faint = QColor(0x6d7888),
            .accent = QColor(0x7aa2ff),
            .accent_soft = QColor(0x26324c),
            .hover = QColor(0x262c36),
            .good = QColor(0x2fc295),
            .warning = QColor(0xf0b03f),
            .fault = QColor(0xff8445),
            .fault_soft = QColor(0x42291c),
            .produce = QColor(0x56b4e9),
            .fetch = QColor(0x2fc295),
            .metadata = QColor(0xdb92bd),
            .other = QColor(0x9ba6b6)};
}

QString first_family(std::initializer_list<const char*> wanted) {
    const QStringList there = QFontDatabase::families();
    for (const char* family : wanted)
        if (there.contains(QLatin1String(family))) return QLatin1String(family);
    return {};
}

QString css(const QColor& color) { return color.name(QColor::HexRgb); }

}  // namespace

const Theme& theme(ThemeName name) {
    static const Theme light = make_light();
    static const Theme dark = make_dark();
    return name == ThemeName::light ? light : dark;
}

QColor Theme::of_api(std::int16_t api) const {
    switch (protocol::ApiKey(api)) {
        case protocol::ApiKey::produce: return produce;
        case protocol::ApiKey::fetch: return fetch;
        case protocol::ApiKey::metadata:
        case protocol::ApiKey::api_versions:
        case protocol::ApiKey::list_offsets:
        case protocol::ApiKey::create_topics:
        case protocol::ApiKey::describe_cluster: return metadata;
        default: return other;
    }
}

QColor Theme::of_severity(Severity severity) const {
    switch (severity) {
        case Severity::debug: return faint;
        case Severity::info: return muted;
        case Severity::warning: return warning;
        case Severity::error: return fault;
    }
    return muted;
}

QPalette Theme::palette() const {
    QPalette palette;
    palette.setColor(QPalette::Window, panel);
    palette.setColor(QPalette::WindowText, text);
    palette.setColor(QPalette::Base, panel);
    palette.setColor(QPalette::AlternateBase, canvas);
    palette.setColor(QPalette::Text, text);
    palette.setColor(QPalette::PlaceholderText, faint);
    palette.setColor(QPalette::Button, panel);
    palette.setColor(QPalette::ButtonText, text);
    palette.setColor(QPalette::Highlight, accent_soft);
    palette.setColor(QPalette::HighlightedText, text);
    palette.setColor(QPalette::ToolTipBase, card);
    palette.setColor(QPalette::ToolTipText, text);
    palette.setColor(QPalette::Link, accent);
    palette.setColor(QPalette::Light, line);
    palette.setColor(QPalette::Mid, line);
    palette.setColor(QPalette::Dark, line);
    palette.setColor(QPalette::Shadow, line);
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        palette.setColor(QPalette::Disabled, role, faint);
    return palette;
}

QString Theme::style_sheet() const {
    QString sheet = QStringLiteral(R"(
        QMainWindow, QMainWindow::separator { background: @line; }
        QMainWindow::separator { width: 1px; height: 1px; }
        QMenuBar { background: @panel; color: @muted; padding: 2px 6px; }
        QMenuBar::item { padding: 3px 8px; border-radius: 4px; background: transparent; }
        QMenuBar::item:selected { background: @hover; color: @text; }
        QMenu { background: @card; border: 1px solid @line; padding: 4px; }
        QMenu::item { padding: 5px 28px 5px 12px; border-radius: 4px; }
        QMenu::item:selected { background: @soft; color: @text; }
        QToolBar { background: @panel; border: none; border-bottom: 1px solid @line;
                   spacing: 2px; padding: 5px 10px; }
        QToolButton { border: none; border-radius: 5px; padding: 5px; background: transparent; }
        QToolButton:hover { background: @hover; }
        QToolButton:pressed, QToolButton:checked { background: @soft; }
        QToolButton:focus { border: 1px solid @accent; padding: 4px; }
        QDockWidget { color: @muted; }
        QDockWidget::title { background: @panel; padding: 8px 12px 6px 12px; text-align: left; }
        QTableView { background: @panel; border: none; outline: none;
                     selection-background-color: @soft; selection-color: @text; }
        QTableView::item { padding: 0 6px; border: none; }
        QHeaderView { background: @panel; }
        QHeaderView::section { background: @panel; color: @faint; border: none;
                               border-bottom: 1px solid @line; padding: 3px 6px; }
        QHeaderView::section:first { padding-left: 12px; }
        QStatusBar { background: @panel; color: @muted; border-top: 1px solid @line; }
        QStatusBar::item { border: none; }
        QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
        QScrollBar::handle:vertical { background: @line; border-radius: 3px; min-height: 24px;
                                      margin: 2px; }
        QScrollBar::add-line, QScrollBar::sub-line { height: 0; width: 0; }
        QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
        QScrollArea { background: @panel; border: none; }
        QSlider::groove:horizontal { background: @line; height: 4px; border-radius: 2px; }
        QSlider::sub-page:horizontal { background: @accent; height: 4px; border-radius: 2px; }
        QSlider::handle:horizontal { background: @card; border: 2px solid @accent; width: 10px;
                                     height: 10px; margin: -5px 0; border-radius: 7px; }
        QToolTip { background: @card; color: @text; border: 1px solid @line; padding: 4px; }
    )");
    const std::pair<const char*, QColor> colors[] = {
        {"@line", line},   {"@panel", panel},  {"@muted", muted},      {"@hover", hover},
        {"@text", text},   {"@card", card},    {"@soft", accent_soft}, {"@accent", accent},
        {"@faint", faint}, {"@canvas", canvas}};
    for (const auto& [token, color] : colors) sheet.replace(QLatin1String(token), css(color));
    return sheet;
}

QString to_qstring(std::string_view words) {
    return QString::fromUtf8(words.data(), static_cast<qsizetype>(words.size()));
}

QFont text_font(int pixels, QFont::Weight weight) {
    static const QString family =
        first_family({"Inter", "Noto Sans", "Cantarell", "Ubuntu", "DejaVu Sans"});
    QFont font(family);
    font.setPixelSize(pixels);
    font.setWeight(weight);
    font.setHintingPreference(QFont::PreferNoHinting);
    return font;
}

QFont number_font(int pixels, QFont::Weight weight) {
    static const QString family =
        first_family({"JetBrains Mono", "Noto Sans Mono", "Ubuntu Mono", "DejaVu Sans Mono"});
    QFont font(family);
    font.setStyleHint(QFont::Monospace);
    font.setPixelSize(pixels);
    font.setWeight(weight);
    font.setHintingPreference(QFont::PreferNoHinting);
    return font;
}

}  // namespace barnabas::gui
