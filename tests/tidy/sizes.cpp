// Sizes a reader can hold: files, classes, functions, lines.
#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "tests/tidy/source.h"

namespace barnabas::tidy {
namespace {

constexpr int file_lines_max = 600;
constexpr int function_lines_max = 60;  // between its braces
constexpr int line_columns_max = 100;
constexpr int class_declarations_max = 45;  // special members and types in it aside

int columns(std::string_view line) {
    const auto is_first_byte = [](char c) {
        return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
    };
    return static_cast<int>(std::ranges::count_if(line, is_first_byte));
}

// What stands in parentheses, angle brackets of templates included, says nothing of what follows.
std::string outside_parentheses(std::string_view head) {
    std::string out;
    int depth = 0;
    for (const char c : head) {
        if (c == '(') ++depth;
        if (depth == 0) out += c;
        if (c == ')') --depth;
    }
    return out;
}

// The text between the last statement and a brace: is the brace a function's?
bool opens_function(const std::string& head) {
    if (head.find('(') == std::string::npos) return false;
    if (head.find("](") != std::string::npos) return true;  // a lambda with a name
    const std::string rest = outside_parentheses(head);
    const bool is_operator = rest.find("operator") != std::string::npos;
    return is_operator || rest.find('=') == std::string::npos;
}

std::string name_in(const std::string& head) {
    const std::size_t paren = head.find('(');
    std::size_t begin = paren;
    const auto is_part = [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == ':' || c == '~';
    };
    while (begin > 0 && is_part(head[begin - 1])) --begin;
    const std::string name = head.substr(begin, paren - begin);
    if (name != "TEST" && name != "TEST_F" && name != "TEST_P") return name;
    return head.substr(begin, head.find(')') - begin + 1);
}

// Walks the braces of a file. Outside of functions it looks for one; inside it only counts.
class FunctionFinder {
  public:
    FunctionFinder(const Source& source, Findings& findings)
        : source_(source), findings_(findings) {}

    void run() {
        for (std::size_t i = 0; i < source_.code.size(); ++i) {
            line_ = static_cast<int>(i) + 1;
            if (source_.code[i].starts_with("#include")) continue;
            for (const char c : source_.code[i]) take(c);
            head_ += ' ';
        }
    }

  private:
    void take(char c) {
        if (depth_ > 0) {
            depth_ += c == '{' ? 1 : c == '}' ? -1 : 0;
            if (depth_ == 0) end();
        } else if (c == '{' && parentheses_ == 0 && opens_function(head_)) {
            depth_ = 1;
            began_ = line_;
            name_ = name_in(head_);
            head_.clear();
        } else if (c == '{' || c == '}' || c == ';') {
            head_.clear();
            parentheses_ = 0;
        } else {
            parentheses_ += c == '(' ? 1 : c == ')' ? -1 : 0;
            head_ += c;
        }
    }

    void end() {
        const int lines = line_ - began_ - 1;
        head_.clear();
        if (lines <= function_lines_max) return;
        findings_.push_back({source_.path, began_, "function-size", name_, lines,
                             name_ + " has " + std::to_string(lines) + " lines, " +
                                 std::to_string(function_lines_max) +
                                 " are allowed; give its parts names"});
    }

    const Source& source_;
    Findings& findings_;
    std::string head_;
    std::string name_;
    int line_ = 0;
    int began_ = 0;
    int depth_ = 0;
    int parentheses_ = 0;
};

// Walks the braces of a file and counts what each class declares itself: data and functions.
// Special members, the types in it, and what it befriends or renames say nothing of its size.
class ClassCounter {
  public:
    ClassCounter(const Source& source, Findings& findings)
        : source_(source), findings_(findings) {}

    void run() {
        for (std::size_t i = 0; i < source_.code.size(); ++i) {
            line_ = static_cast<int>(i) + 1;
            if (source_.code[i].starts_with("#")) continue;
            for (const char c : source_.code[i]) take(c);
            head_ += ' ';
        }
    }

  private:
    struct Scope {
        std::string name;  // of a class; empty: another pair of braces
        int line = 0;
        int declarations = 0;
        bool is_function = false;
        int parentheses = 0;  // around it
    };

    void take(char c) {
        if (c == '{') return open();
        if (c == '}') return close();
        parentheses_ += c == '(' ? 1 : c == ')' ? -1 : 0;
        if (c != ';' || parentheses_ > 0) {
            head_ += c;
            return;
        }
        count();
        head_.clear();
    }

    void open() {
        Scope scope{class_in(head_), line_, 0, false, parentheses_};
        scope.is_function = scope.name.empty() && head_.find('(') != std::string::npos &&
                            outside_parentheses(head_).find('=') == std::string::npos;
        if (!scope.name.empty()) head_.clear();
        parentheses_ = 0;
        scopes_.push_back(scope);
        heads_.push_back(std::exchange(head_, {}));
    }

    void close() {
        if (scopes_.empty()) return;
        const Scope scope = scopes_.back();
        scopes_.pop_back();
        head_ = heads_.back();
        heads_.pop_back();
        parentheses_ = scope.parentheses;
        if (!scope.name.empty()) {
            report(scope);
            head_ = "using";  // its own semicolon is no declaration
        } else if (scope.is_function && parentheses_ == 0) {
            count();
            head_.clear();
        }
    }

    // What `head_` declares, in the class that is open.
    void count() {
        if (scopes_.empty() || scopes_.back().name.empty()) return;
        std::string head = head_;
        for (const std::string_view access : {"public:", "private:", "protected:"}) {
            const std::size_t at = head.find(access);
            if (at != std::string::npos) head.erase(0, at + access.size());
        }
        head.erase(0, std::min(head.find_first_not_of(' '), head.size()));
        const std::string& name = scopes_.back().name;
        const bool is_special = head.find(name + '(') != std::string::npos ||
                                head.find("operator=(") != std::string::npos;
        constexpr std::array<std::string_view, 7> others = {
            "using", "friend", "static_assert", "struct ", "class ", "enum ", "union "};
        const bool is_other = std::ranges::any_of(
            others, [&](std::string_view one) { return head.starts_with(one); });
        if (!head.empty() && !is_special && !is_other) ++scopes_.back().declarations;
    }

    // The name, when the text before a brace begins a class.
    static std::string class_in(const std::string& head) {
        if (head.find("enum ") != std::string::npos || head.find('(') != std::string::npos ||
            head.find('=') != std::string::npos)
            return {};
        for (const std::string_view word : {"class ", "struct "}) {
            const std::size_t at = head.rfind(word);
            if (at == std::string::npos) continue;
            std::size_t end = at + word.size();
            const std::size_t begin = end;
            while (end < head.size() && (std::isalnum(static_cast<unsigned char>(head[end])) ||
                                         head[end] == '_'))
                ++end;
            return head.substr(begin, end - begin);
        }
        return {};
    }

    void report(const Scope& scope) {
        if (scope.declarations <= class_declarations_max) return;
        findings_.push_back({source_.path, scope.line, "class-size", scope.name,
                             scope.declarations,
                             scope.name + " has " + std::to_string(scope.declarations) +
                                 " declarations, " + std::to_string(class_declarations_max) +
                                 " are allowed; find its parts"});
    }

    const Source& source_;
    Findings& findings_;
    std::string head_;
    std::vector<Scope> scopes_;
    std::vector<std::string> heads_;
    int line_ = 0;
    int parentheses_ = 0;
};

// The rooms that were rebuilt so: the others follow.
bool is_class_counted(std::string_view path) {
    constexpr std::array<std::string_view, 3> rooms = {"engine/log/", "engine/log_manager/",
                                                       "engine/replication/"};
    return std::ranges::any_of(rooms, [&](auto room) { return path.starts_with(room); });
}

}  // namespace

void check_sizes(const Source& source, Findings& findings) {
    if (source.language == Language::data) return;
    const int lines = static_cast<int>(source.lines.size());
    if (lines > file_lines_max) {
        findings.push_back({source.path, lines, "file-size", source.path, lines,
                            "the file has " + std::to_string(lines) + " lines, " +
                                std::to_string(file_lines_max) +
                                " are allowed; find the two things it does and part them"});
    }
    if (source.language == Language::markdown) return;
    for (int i = 0; i < lines; ++i) {
        const int width = columns(source.lines[static_cast<std::size_t>(i)]);
        if (width <= line_columns_max) continue;
        findings.push_back({source.path, i + 1, "line-width", "line", width,
                            "the line has " + std::to_string(width) + " columns, " +
                                std::to_string(line_columns_max) + " are allowed; break it"});
    }
    if (source.language != Language::cpp) return;
    FunctionFinder(source, findings).run();
    if (is_class_counted(source.path)) ClassCounter(source, findings).run();
}

}  // namespace barnabas::tidy
