#include "engine/settings/properties.h"

#include <cstdint>
#include <optional>

namespace barnabas::settings {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\f'; }
bool is_line_end(char c) { return c == '\n' || c == '\r'; }

void append_utf8(std::string& out, std::uint32_t point) {
    const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
    if (point < 0x80) {
        put(point);
    } else if (point < 0x800) {
        put(0xc0 | point >> 6);
        put(0x80 | (point & 0x3f));
    } else if (point < 0x10000) {
        put(0xe0 | point >> 12);
        put(0x80 | (point >> 6 & 0x3f));
        put(0x80 | (point & 0x3f));
    } else {
        put(0xf0 | point >> 18);
        put(0x80 | (point >> 12 & 0x3f));
        put(0x80 | (point >> 6 & 0x3f));
        put(0x80 | (point & 0x3f));
    }
}

std::optional<std::uint32_t> hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return std::nullopt;
}

constexpr std::uint32_t replacement = 0xfffd;  // for half of a surrogate pair
bool is_high_surrogate(std::uint32_t unit) { return unit >= 0xd800 && unit < 0xdc00; }
bool is_low_surrogate(std::uint32_t unit) { return unit >= 0xdc00 && unit < 0xe000; }

// Walks the characters of one logical line, over continuations, and knows where it stands.
class Reader {
  public:
    Reader(std::string_view file, std::string_view text) : file_(file), text_(text) {}

    bool at_end() const { return at_ == text_.size(); }
    bool at_line_end() const { return at_end() || is_line_end(text_[at_]); }
    char peek() const { return text_[at_]; }
    char take() {
        ++column_;
        return text_[at_++];
    }
    void skip_blanks() {
        while (!at_end() && is_blank(text_[at_])) take();
    }
    void skip_line() {
        while (!at_line_end()) take();
        pass_line_end();
    }
    void pass_line_end() {
        if (at_end()) return;
        const bool two = text_.substr(at_, 2) == "\r\n";
        at_ += two ? 2 : 1;
        ++line_;
        column_ = 1;
    }
    // Steps over backslash, line end and the next line's indent as often as they come.
    void pass_continuations() {
        while (!at_end() && peek() == '\\' &&
               (at_ + 1 == text_.size() || is_line_end(text_[at_ + 1]))) {
            take();
            pass_line_end();
            skip_blanks();
        }
    }
    Place place() const { return {std::string(file_), line_, column_}; }

    // Needs: a backslash stands here. False when \u is not followed by four digits.
    bool take_escape(std::string& out) {
        take();
        const char c = take();
        switch (c) {
            case 't': out += '\t'; return true;
            case 'n': out += '\n'; return true;
            case 'r': out += '\r'; return true;
            case 'f': out += '\f'; return true;
            case 'u': return take_unicode(out);
            default: append_utf8(out, static_cast<std::uint8_t>(c)); return true;
        }
    }

  private:
    std::optional<std::uint32_t> take_unit() {
        std::uint32_t unit = 0;
        for (int i = 0; i < 4; ++i) {
            const auto digit = at_end() ? std::nullopt : hex_digit(peek());
            if (!digit) return std::nullopt;
            unit = unit * 16 + *digit;
            take();
        }
        return unit;
    }

    bool take_unicode(std::string& out) {
        auto unit = take_unit();
        while (unit && is_high_surrogate(*unit) && text_.substr(at_, 2) == "\\u") {
            take(), take();
            const auto low = take_unit();
            if (!low) return false;
            if (is_low_surrogate(*low)) {
                append_utf8(out, 0x10000 + ((*unit - 0xd800) << 10) + (*low - 0xdc00));
                return true;
            }
            append_utf8(out, replacement);
            unit = low;
        }
        if (!unit) return false;
        const bool is_half = is_high_surrogate(*unit) || is_low_surrogate(*unit);
        append_utf8(out, is_half ? replacement : *unit);
        return true;
    }

    std::string_view file_;
    std::string_view text_;
    std::size_t at_ = 0;
    int line_ = 1;
    int column_ = 1;
};

bool ends_name(char c) { return c == '=' || c == ':' || is_blank(c); }

// Up to the end of the logical line, or of the name. False at a bad escape.
bool read_part(Reader& reader, std::string& out, bool is_name) {
    for (reader.pass_continuations(); !reader.at_line_end(); reader.pass_continuations()) {
        if (is_name && ends_name(reader.peek())) return true;
        if (reader.peek() == '\\') {
            if (!reader.take_escape(out)) return false;
        } else {
            append_utf8(out, static_cast<std::uint8_t>(reader.take()));
        }
    }
    return true;
}

void pass_separator(Reader& reader) {
    reader.skip_blanks();
    reader.pass_continuations();
    if (!reader.at_line_end() && (reader.peek() == '=' || reader.peek() == ':')) reader.take();
    reader.skip_blanks();
    reader.pass_continuations();
}

}  // namespace

Result<std::vector<Property>, Problem> parse_properties(std::string_view file,
                                                        std::string_view text) {
    std::vector<Property> all;
    Reader reader(file, text);
    while (!reader.at_end()) {
        reader.skip_blanks();
        if (reader.at_line_end()) {
            reader.pass_line_end();
            continue;
        }
        if (reader.peek() == '#' || reader.peek() == '!') {
            reader.skip_line();
            continue;
        }
        Property one;
        one.name_at = reader.place();
        bool is_good = read_part(reader, one.name, true);
        if (is_good) {
            pass_separator(reader);
            one.value_at = reader.place();
            is_good = read_part(reader, one.value, false);
        }
        if (!is_good) {
            return unexpected(
                Problem{reader.place(),
                        {},
                        "\\u needs four hexadecimal digits; a backslash itself is \\\\"});
        }
        reader.pass_line_end();
        all.push_back(std::move(one));
    }
    return all;
}

Result<Property, Problem> parse_assignment(std::string_view from, std::string_view assignment) {
    const Place place{std::string(from), 0, 0};
    const std::size_t equals = assignment.find('=');
    if (equals == std::string_view::npos || equals == 0) {
        return unexpected(
            Problem{place, {}, '"' + std::string(assignment) + "\" is not of the form NAME=VALUE"});
    }
    return Property{std::string(assignment.substr(0, equals)),
                    std::string(assignment.substr(equals + 1)), place, place};
}

}  // namespace barnabas::settings
