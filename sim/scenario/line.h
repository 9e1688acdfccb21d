// A line of a scenario, cut into words that know their column; values as they are written; and what
// is wrong with a text.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "sim/scenario/scenario.h"

namespace barnabas::scenario {

// What is wrong with a line of a scenario.
struct Mistake {
    std::string file;
    std::uint32_t line = 0;    // from 1
    std::uint32_t column = 0;  // from 1, in bytes
    std::string expected;      // "a duration such as 5s or 200ms"
    std::string found;         // the word there; empty at the end of the line
    std::string meant = {};    // a word that may stand there and looks much like it

    std::string text() const;  // file:line:column: expected ..., found ...; did you mean ...?
};

// Of a whole text: the first one of each line. Never empty.
struct Mistakes {
    std::vector<Mistake> all;

    std::string text() const;  // a line each
};

template <class T>
using Parsed = Result<T, Mistake>;

struct Word {
    std::string_view text;
    std::uint32_t column = 0;
};

// One line, read word by word. A comma is a word of its own, but for the value of a name=value,
// which may be a list. Copyable: a copy is a place to go back to.
class Line {
  public:
    using Known = std::vector<std::string_view>;

    Line(std::string_view text, std::string_view file, std::uint32_t number);

    bool at_end() const { return next_ == words_.size(); }
    std::string_view peek() const { return at_end() ? std::string_view() : words_[next_].text; }
    Word take();  // needs: !at_end()
    bool take_if(std::string_view word);
    // At the next word, or at the one taken last. `known`: what may stand there, word for word.
    Mistake mistake(std::string expected, const Known& known = {}) const;
    Mistake mistake_before(std::string expected, const Known& known = {}) const;

    Parsed<std::string> name(std::string_view what);
    Parsed<std::uint64_t> count(std::string_view what);
    Parsed<std::string> path();
    Parsed<Duration> duration();
    Parsed<Selector> selector();
    Parsed<TopicPartition> partition();

  private:
    Mistake mistake_at(std::size_t place, std::string expected, const Known& known) const;

    std::string_view file_;
    std::uint32_t number_;
    std::vector<Word> words_;
    std::size_t next_ = 0;
    std::uint32_t end_column_ = 1;
};

// Words that begin a selector, and so are no client's name.
bool is_reserved(std::string_view name);

// Values as they are written; nothing when the text is none.
std::optional<std::uint64_t> read_number(std::string_view text);
std::optional<Duration> read_duration(std::string_view text);  // 5s 36.5s 200ms 3us 10ns 2min
std::optional<std::uint64_t> read_size(std::string_view text);  // 100B 4KB 1MB 1GB, or bare bytes
std::optional<std::int64_t> read_percent(std::string_view text);  // 5% 0.1%: in a million
std::string write_duration(Duration time);  // in the largest unit of which it has one
std::string write_percent(std::int64_t per_million);

// "one", "two" or "three", in quotes.
std::string quoted_list(const std::vector<std::string_view>& words);

}  // namespace barnabas::scenario
