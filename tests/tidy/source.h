// One file, line by line, as it is written and as code alone.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/tidy/tree.h"

namespace barnabas::tidy {

enum class Language { cpp, script, scenario, markdown, data };

struct Source {
    std::string path;
    Language language = Language::data;
    std::vector<std::string> lines;  // as written
    // Comments, and in C++ the insides of literals, are blanks; lines and columns are the same.
    std::vector<std::string> code;
};

Source read_source(const File& file);

// May it stand in a name?
bool is_word(char c);

// What a rule has to say about a line.
struct Finding {
    std::string file;
    int line = 0;         // from 1
    std::string rule;     // "arrow", "word", "function-size" ...
    std::string subject;  // the word, the function, the file that is included
    int measured = 1;     // lines, columns; 1 where there is nothing to measure
    std::string text;     // what it is, and what to do instead

    std::string print() const { return file + ':' + std::to_string(line) + ": " + text; }
};
using Findings = std::vector<Finding>;

// Rules on one file each.
void check_arrows(const Source& source, Findings& findings);
void check_words(const Source& source, Findings& findings);
void check_sizes(const Source& source, Findings& findings);
void check_place(const Source& source, Findings& findings);

// "engine/log" for "engine/log/segment.cpp" and for "tests/engine/log/segment_test.cpp"; empty for
// what lies in no room.
std::string_view room_of(std::string_view path);
bool is_room(std::string_view name);
// Rooms whose logic is a pure value: all of the engine and the simulator that is no driver.
bool is_pure(std::string_view path);

}  // namespace barnabas::tidy
