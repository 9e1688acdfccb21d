// The sentences of a scenario: for faults the rows of sim/faults, for all else tables here. Parser,
// printer and `barnabas sim words` share them.
//
// A form has small words as they stand, [those] that may be left out and are printed, and
// placeholders in capitals: WHO, WHOM, PARTITION, COUNT, TIME, PPM, PERCENT, DIRECTORY, TOPIC,
// SETTING, ERROR. No form is the beginning of another one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/scenario/line.h"

namespace barnabas::scenario {

struct Sentence {
    std::string_view form;
    std::string_view meaning;
};

// What may follow "at TIME": faults, what ends them, what the admin asks for.
std::vector<Sentence> action_sentences();
Parsed<Action> read_action(Line& line);
std::string write(const Action& action);
// The whole line, without its end.
std::string write(const At& at);
std::string write(const When& when);

std::vector<Sentence> condition_sentences();
Parsed<Condition> read_condition(Line& line);
std::string write(const Condition& condition);

std::vector<Sentence> expectation_sentences();
Parsed<Expectation> read_expectation(Line& line);
std::string write(const Expectation& expectation);

// The names of what a `faults` line may draw.
std::vector<Sentence> fault_names();
Parsed<FaultKind> read_fault_name(Line& line);

}  // namespace barnabas::scenario
