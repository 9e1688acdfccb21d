#include "tests/tidy/source.h"

#include <cctype>

namespace barnabas::tidy {
namespace {

// Blanks out what is no code, and keeps every line end.
class Blanker {
  public:
    explicit Blanker(std::string text) : text_(std::move(text)) {}

    std::string run() && {
        while (at_ < text_.size()) step();
        return std::move(text_);
    }

  private:
    bool starts(std::string_view what) const {
        return std::string_view(text_).substr(at_).starts_with(what);
    }
    void blank() {
        if (text_[at_] != '\n') text_[at_] = ' ';
        ++at_;
    }
    void blank_until(std::string_view end) {
        while (at_ < text_.size() && !starts(end)) blank();
    }
    void blank_through(std::string_view end) {
        blank_until(end);
        for (std::size_t i = 0; i < end.size() && at_ < text_.size(); ++i) blank();
    }
    // The quotes stay, what is between them goes.
    void blank_literal(char quote) {
        ++at_;
        while (at_ < text_.size() && text_[at_] != quote && text_[at_] != '\n') {
            if (text_[at_] == '\\') blank();
            if (at_ < text_.size()) blank();
        }
        ++at_;
    }
    void blank_raw_literal() {
        at_ += 2;
        const std::size_t open = text_.find('(', at_);
        if (open == std::string::npos) return;
        const std::string end = ")" + text_.substr(at_, open - at_) + "\"";
        at_ = open + 1;
        blank_until(end);
        at_ += end.size();
    }
    // An #include keeps its text; any other directive is no code.
    bool is_directive() const {
        const std::size_t begin = text_.rfind('\n', at_ == 0 ? 0 : at_ - 1);
        const std::size_t from = at_ == 0 || begin == std::string::npos ? 0 : begin + 1;
        return text_.find_first_not_of(" \t", from) == at_;
    }
    void step_directive() {
        if (starts("#include")) {
            while (at_ < text_.size() && text_[at_] != '\n') ++at_;
            return;
        }
        while (at_ < text_.size() && text_[at_] != '\n') {
            if (starts("\\\n")) {
                blank();
                ++at_;
            } else {
                blank();
            }
        }
    }
    void step() {
        const bool in_word = at_ > 0 && is_word(text_[at_ - 1]);
        if (starts("//")) {
            blank_until("\n");
        } else if (starts("/*")) {
            blank_through("*/");
        } else if (starts("R\"") && !in_word) {
            blank_raw_literal();
        } else if (text_[at_] == '"') {
            blank_literal('"');
        } else if (text_[at_] == '\'' && !in_word) {  // else a digit separator
            blank_literal('\'');
        } else if (text_[at_] == '#' && is_directive()) {
            step_directive();
        } else {
            ++at_;
        }
    }

    std::string text_;
    std::size_t at_ = 0;
};

std::vector<std::string> cut_lines(std::string_view text) {
    std::vector<std::string> lines;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        lines.emplace_back(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return lines;
}

// '#' at the beginning or behind a blank.
void blank_hash_comment(std::string& line) {
    for (std::size_t at = 0; at < line.size(); ++at) {
        if (line[at] != '#' || (at > 0 && line[at - 1] != ' ' && line[at - 1] != '\t')) continue;
        line.replace(at, std::string::npos, line.size() - at, ' ');
    }
}

Language language_of(const File& file) {
    const std::string_view path = file.path;
    if (path.find("/data/") != std::string_view::npos) return Language::data;
    if (path.ends_with(".h") || path.ends_with(".cpp")) return Language::cpp;
    if (path.ends_with(".scenario")) return Language::scenario;
    if (path.ends_with(".md")) return Language::markdown;
    const bool is_script = path.ends_with(".sh") || path.ends_with("CMakeLists.txt") ||
                           path.ends_with(".cmake") || file.text.starts_with("#!");
    return is_script ? Language::script : Language::data;
}

}  // namespace

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

Source read_source(const File& file) {
    Source source{file.path, language_of(file), cut_lines(file.text), {}};
    if (source.language == Language::cpp) {
        source.code = cut_lines(Blanker(file.text).run());
    } else {
        source.code = source.lines;
        if (source.language == Language::script || source.language == Language::scenario) {
            for (std::string& line : source.code) blank_hash_comment(line);
        }
    }
    return source;
}

}  // namespace barnabas::tidy
