// The words of a scenario: a line cut into words that know their column, and the sentences for
// actions and expectations as tables that parser and printer share.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "sim/scenario/scenario.h"

namespace barnabas::scenario {

// What is wrong with a scenario's text.
struct Mistake {
    std::string file;
    std::uint32_t line = 0;    // from 1
    std::uint32_t column = 0;  // from 1, in bytes
    std::string expected;      // "a duration such as 5s or 200ms"
    std::string found;         // the word there; empty at the end of the line

    std::string text() const;  // file:line:column: expected ..., found ...
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
    Line(std::string_view text, std::string_view file, std::uint32_t number);

    bool at_end() const { return next_ == words_.size(); }
    std::string_view peek() const { return at_end() ? std::string_view() : words_[next_].text; }
    Word take();  // needs: !at_end()
    bool take_if(std::string_view word);
    Mistake mistake(std::string expected) const;         // at the next word
    Mistake mistake_before(std::string expected) const;  // at the word taken last

    Parsed<std::string> name(std::string_view what);
    Parsed<std::uint64_t> count(std::string_view what);
    Parsed<std::string> path();
    Parsed<Duration> duration();
    Parsed<Party> party();
    Parsed<TopicPartition> partition();

  private:
    std::string_view file_;
    std::uint32_t number_;
    std::vector<Word> words_;
    std::size_t next_ = 0;
    std::uint32_t end_column_ = 1;
};

// Values as they are written; nothing when the text is none.
std::optional<std::uint64_t> read_number(std::string_view text);
std::optional<Duration> read_duration(std::string_view text);   // 5s 200ms 3us 10ns 2min
std::optional<std::uint64_t> read_size(std::string_view text);  // 100B 4KB 1MB 1GB, or bare bytes
std::string write_duration(Duration time);  // in the largest unit that divides it

// An action's sentence: small words as they stand, placeholders in capitals: WHO, WHOM, PARTITION,
// COUNT, TIME, PPM, DIRECTORY.
struct Sentence {
    Verb verb;
    std::string_view form;
};
std::span<const Sentence> action_sentences();
Parsed<Action> read_action(Line& line);
std::string write(const Action& action);

// What a condition may speak of: WHO, PARTITION, COUNT, and TOPIC, a topic's name.
struct ConditionSentence {
    Condition::Kind kind;
    std::string_view form;
};
std::span<const ConditionSentence> condition_sentences();
Parsed<Condition> read_condition(Line& line);
std::string write(const Condition& condition);

// An expectation may speak of PARTITION, COUNT, TIME, and ERROR, by Kafka's name.
struct ExpectationSentence {
    Expectation::Kind kind;
    std::string_view form;
};
std::span<const ExpectationSentence> expectation_sentences();
Parsed<Expectation> read_expectation(Line& line);
std::string write(const Expectation& expectation);

struct FaultWord {
    Fault fault;
    std::string_view form;
};
std::span<const FaultWord> fault_words();
Parsed<Fault> read_fault(Line& line);
std::string_view write(Fault fault);

}  // namespace barnabas::scenario
