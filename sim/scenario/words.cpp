#include "sim/scenario/words.h"

#include <algorithm>
#include <charconv>
#include <span>

#include "sim/faults/kinds.h"

namespace barnabas::scenario {
namespace {

struct TreatmentRow {
    sim::Remedy remedy;
    Sentence sentence;
};
constexpr TreatmentRow treatments[] = {
    {sim::Remedy::restart,
     {"restart WHO", "another life on the same disk; ends what keeps it down"}},
    {sim::Remedy::resume, {"resume WHO", "SIGCONT: ends its pauses"}},
    {sim::Remedy::heal, {"heal", "ends all that is wrong with ways, and refusals"}},
    {sim::Remedy::healthy_disk,
     {"disk of WHO healthy", "ends all that is wrong with its storage"}},
    {sim::Remedy::healthy_directory,
     {"directory DIRECTORY of WHO healthy", "ends all that is wrong with that directory"}},
};

struct WishRow {
    Wish::Kind kind;
    Sentence sentence;
};
constexpr WishRow wishes[] = {
    {Wish::Kind::delete_records,
     {"delete records of PARTITION before COUNT", "the admin asks for it"}},
    {Wish::Kind::set_topic, {"set SETTING of topic TOPIC", "the admin changes a topic's setting"}},
};

struct ConditionRow {
    Condition::Kind kind;
    Sentence sentence;
};
constexpr ConditionRow conditions[] = {
    {Condition::Kind::restarts, {"WHO restarts", "a broker begins another life"}},
    {Condition::Kind::dies, {"WHO dies", "a broker's process is gone"}},
    {Condition::Kind::reaches, {"PARTITION reaches offset COUNT", "so many records stand there"}},
    {Condition::Kind::made, {"topic TOPIC is made", "the admin was told so"}},
};

struct ExpectationRow {
    Expectation::Kind kind;
    std::string_view form;
};
constexpr ExpectationRow expectations[] = {
    {Expectation::nothing_acknowledged_is_lost, "nothing acknowledged is lost"},
    {Expectation::exactly_the_unflushed_is_lost, "exactly the unflushed is lost"},
    {Expectation::everything_acknowledged_is_consumed, "everything acknowledged is consumed"},
    {Expectation::everything_sent_is_acknowledged, "everything sent is acknowledged"},
    {Expectation::consumers_reach_the_end, "consumers reach the end"},
    {Expectation::nothing_is_doubled, "nothing is doubled"},
    {Expectation::something_is_lost, "something is lost"},
    {Expectation::something_is_doubled, "something is doubled"},
    {Expectation::loss_is_at_most, "a power loss takes at most COUNT records of a partition"},
    {Expectation::loss_is_as_young, "a power loss takes nothing older than TIME"},
    {Expectation::unavailable_less, "PARTITION unavailable < TIME"},
    {Expectation::unavailable_more, "PARTITION unavailable > TIME"},
    {Expectation::is_told, "PARTITION answers ERROR"},
};

// The places of a sentence, filled in.
struct Blanks {
    Selector who = {};
    Selector whom = {};
    TopicPartition partition = {};
    std::int64_t number = 0;
    Duration time{};
    std::string directory = {};
    std::string topic = {};
    std::pair<std::string, std::string> setting = {};
    protocol::ErrorCode error = protocol::ErrorCode::none;
};

// The next word of a form, and the form without it.
std::string_view next_of(std::string_view& form) {
    const std::size_t end = std::min(form.find(' '), form.size());
    const std::string_view word = form.substr(0, end);
    form.remove_prefix(std::min(end + 1, form.size()));
    return word;
}

bool is_placeholder(std::string_view word) {
    return word.size() > 1 && word.front() >= 'A' && word.front() <= 'Z';
}

bool is_optional(std::string_view word) { return word.starts_with('['); }

Parsed<std::int64_t> read_ppm(Line& line) {
    const std::string_view word = line.peek();
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (error != std::errc() || end != word.data() + word.size() || value < -100'000 ||
        value > 100'000) {
        return unexpected(line.mistake("parts per million from -100000 to 100000"));
    }
    line.take();
    return value;
}

Parsed<std::int64_t> read_percent_of(Line& line) {
    const auto parts = read_percent(line.peek());
    if (!parts) return unexpected(line.mistake("a percentage such as 5% or 0.1%"));
    line.take();
    return *parts;
}

Parsed<std::int64_t> read_count(Line& line) {
    const auto count = line.count("a number");
    if (!count) return unexpected(count.error());
    if (*count > 1'000'000'000) {
        return unexpected(line.mistake_before("a number of at most 1000000000"));
    }
    return static_cast<std::int64_t>(*count);
}

Parsed<std::pair<std::string, std::string>> read_setting(Line& line) {
    const std::string_view word = line.peek();
    const std::size_t sign = word.find('=');
    if (sign == std::string_view::npos || sign == 0 || sign + 1 == word.size()) {
        return unexpected(line.mistake("name=value"));
    }
    line.take();
    return std::pair(std::string(word.substr(0, sign)), std::string(word.substr(sign + 1)));
}

Parsed<protocol::ErrorCode> read_error(Line& line) {
    Line::Known known;
    for (const protocol::ErrorRow& row : protocol::all_errors()) {
        if (line.take_if(row.name)) return row.code;
        known.push_back(row.name);
    }
    return unexpected(
        line.mistake("an error by Kafka's name, such as KAFKA_STORAGE_ERROR", known));
}

// Reads one placeholder.
std::optional<Mistake> fill(std::string_view placeholder, Blanks& blanks, Line& line) {
    const auto into = [](auto parsed, auto& target) -> std::optional<Mistake> {
        if (!parsed) return parsed.error();
        target = *parsed;
        return std::nullopt;
    };
    if (placeholder == "WHO") return into(line.selector(), blanks.who);
    if (placeholder == "WHOM") return into(line.selector(), blanks.whom);
    if (placeholder == "PARTITION") return into(line.partition(), blanks.partition);
    if (placeholder == "PPM") return into(read_ppm(line), blanks.number);
    if (placeholder == "PERCENT") return into(read_percent_of(line), blanks.number);
    if (placeholder == "TIME") return into(line.duration(), blanks.time);
    if (placeholder == "DIRECTORY") return into(line.path(), blanks.directory);
    if (placeholder == "TOPIC") return into(line.name("the name of a topic"), blanks.topic);
    if (placeholder == "SETTING") return into(read_setting(line), blanks.setting);
    if (placeholder == "ERROR") return into(read_error(line), blanks.error);
    CHECK(placeholder == "COUNT");
    return into(read_count(line), blanks.number);
}

std::string text_of(std::string_view word, const Blanks& blanks) {
    if (word == "WHO") return blanks.who.text();
    if (word == "WHOM") return blanks.whom.text();
    if (word == "PARTITION") return blanks.partition.text();
    if (word == "COUNT" || word == "PPM") return std::to_string(blanks.number);
    if (word == "PERCENT") return write_percent(blanks.number);
    if (word == "TIME") return write_duration(blanks.time);
    if (word == "DIRECTORY") return blanks.directory;
    if (word == "TOPIC") return blanks.topic;
    if (word == "SETTING") return blanks.setting.first + '=' + blanks.setting.second;
    if (word == "ERROR") return std::string(name_of(blanks.error));
    return std::string(is_optional(word) ? word.substr(1, word.size() - 2) : word);
}

// The sentence of that form.
std::string fill_in(std::string_view form, const Blanks& blanks) {
    std::string text;
    while (!form.empty()) {
        if (!text.empty()) text += ' ';
        text += text_of(next_of(form), blanks);
    }
    return text;
}

// A form that still fits, as far as the line was read.
struct Candidate {
    std::size_t row = 0;
    std::string_view rest;
};

// Those that may come next; a word that may be left out is both there and not.
void branch(Candidate candidate, std::vector<Candidate>& all) {
    all.push_back(candidate);
    std::string_view rest = candidate.rest;
    if (is_optional(next_of(rest))) branch({candidate.row, rest}, all);
}

std::string_view bare(std::string_view word) {
    return is_optional(word) ? word.substr(1, word.size() - 2) : word;
}

// Goes through the forms word by word: a word that stands in a form goes before what may be read
// for a placeholder. Gives the place of the form that fits.
Parsed<std::size_t> match(const std::vector<Sentence>& table, Line& line, Blanks& blanks) {
    std::vector<Candidate> candidates;
    for (std::size_t i = 0; i < table.size(); ++i) branch({i, table[i].form}, candidates);
    for (;;) {
        std::vector<std::string_view> wanted;
        std::string_view placeholder;
        std::vector<Candidate> as_written, to_be_filled;
        for (Candidate candidate : candidates) {
            if (candidate.rest.empty()) return candidate.row;
            const std::string_view word = next_of(candidate.rest);
            if (is_placeholder(word)) {
                placeholder = word;
                branch(candidate, to_be_filled);
                continue;
            }
            if (bare(word) == line.peek()) branch(candidate, as_written);
            if (std::ranges::find(wanted, bare(word)) == wanted.end()) wanted.push_back(bare(word));
        }
        if (!as_written.empty()) {
            line.take();
            candidates = std::move(as_written);
            continue;
        }
        if (to_be_filled.empty()) return unexpected(line.mistake(quoted_list(wanted), wanted));
        if (auto mistake = fill(placeholder, blanks, line)) {
            if (!wanted.empty()) mistake->expected.insert(0, quoted_list(wanted) + " or ");
            return unexpected(*mistake);
        }
        candidates = std::move(to_be_filled);
    }
}

std::vector<Sentence> sentences_of(const auto& rows) {
    std::vector<Sentence> all;
    for (const auto& row : rows) all.push_back(row.sentence);
    return all;
}

Blanks blanks_of(const Fault& fault) {
    return {.who = fault.who,
            .whom = fault.whom,
            .partition = fault.partition,
            .number = fault.number,
            .time = fault.time,
            .directory = fault.directory};
}

Action action_of(std::size_t row, const Blanks& blanks) {
    const auto kinds = sim::fault_kinds();
    if (row < kinds.size()) {
        return Fault{kinds[row].kind, blanks.who,  blanks.whom,     blanks.partition,
                     blanks.number,   blanks.time, blanks.directory};
    }
    row -= kinds.size();
    if (row < std::size(treatments)) {
        return Treatment{treatments[row].remedy, blanks.who, blanks.directory};
    }
    return Wish{wishes[row - std::size(treatments)].kind, blanks.partition, blanks.number,
                blanks.topic, blanks.setting};
}

const auto& row_where(const auto& rows, auto is_it) {
    const auto found = std::ranges::find_if(rows, is_it);
    CHECK(found != std::end(rows));
    return *found;
}

std::string for_words(const std::optional<Duration>& length) {
    return length ? "for " + write_duration(*length) + ' ' : "";
}

}  // namespace

std::vector<Sentence> action_sentences() {
    std::vector<Sentence> all;
    for (const sim::FaultRow& row : sim::fault_kinds()) all.push_back({row.form, row.meaning});
    for (const TreatmentRow& row : treatments) all.push_back(row.sentence);
    for (const WishRow& row : wishes) all.push_back(row.sentence);
    return all;
}

std::vector<Sentence> condition_sentences() { return sentences_of(conditions); }

std::vector<Sentence> expectation_sentences() {
    std::vector<Sentence> all;
    for (const ExpectationRow& row : expectations) all.push_back({row.form, {}});
    return all;
}

std::vector<Sentence> fault_names() {
    std::vector<Sentence> all;
    for (const sim::FaultRow& row : sim::fault_kinds())
        if (row.is_drawn) all.push_back({row.name, row.meaning});
    return all;
}

Parsed<Action> read_action(Line& line) {
    Blanks blanks;
    const auto row = match(action_sentences(), line, blanks);
    if (!row) return unexpected(row.error());
    return action_of(*row, blanks);
}

std::string write(const Action& action) {
    if (const auto* fault = std::get_if<Fault>(&action)) {
        return fill_in(sim::row_of(fault->kind).form, blanks_of(*fault));
    }
    if (const auto* treatment = std::get_if<Treatment>(&action)) {
        const auto& row = row_where(
            treatments, [&](const auto& one) { return one.remedy == treatment->remedy; });
        return fill_in(row.sentence.form,
                       {.who = treatment->who, .directory = treatment->directory});
    }
    const Wish& wish = std::get<Wish>(action);
    const auto& row = row_where(wishes, [&](const auto& one) { return one.kind == wish.kind; });
    return fill_in(row.sentence.form, {.partition = wish.partition,
                                       .number = wish.number,
                                       .topic = wish.topic,
                                       .setting = wish.setting});
}

std::string write(const At& at) {
    return "at " + write_duration(at.time) + ' ' + for_words(at.length) + write(at.action);
}

std::string write(const When& when) {
    return "when " + write(when.condition) + ", " + write_duration(when.delay) + ' ' +
           for_words(when.length) + write(when.action);
}

// "broker 1 restarts" begins with whom, "orders-0 reaches ..." with a partition: the first word
// tells which forms there are.
Parsed<Condition> read_condition(Line& line) {
    if (line.peek().starts_with("leader(")) {
        return unexpected(line.mistake(
            "a condition of one broker such as \"broker 1 restarts\" or \"orders-0 reaches offset "
            "100\" (leader(...) has its meaning in a cluster that replicates)"));
    }
    const auto all = std::span(conditions);
    const auto rows = line.peek() == "broker"  ? all.first(2)
                      : line.peek() == "topic" ? all.last(1)
                                               : all.subspan(2, 1);
    Blanks blanks;
    const auto row = match(sentences_of(rows), line, blanks);
    if (!row) return unexpected(row.error());
    return Condition{rows[*row].kind, blanks.who, blanks.partition, blanks.number, blanks.topic};
}

std::string write(const Condition& condition) {
    const auto& row =
        row_where(conditions, [&](const auto& one) { return one.kind == condition.kind; });
    return fill_in(row.sentence.form, {.who = condition.who,
                                       .partition = condition.partition,
                                       .number = condition.number,
                                       .topic = condition.topic});
}

Parsed<Expectation> read_expectation(Line& line) {
    Blanks blanks;
    const auto row = match(expectation_sentences(), line, blanks);
    if (!row) return unexpected(row.error());
    return Expectation{expectations[*row].kind, blanks.partition, blanks.number, blanks.time,
                       blanks.error};
}

std::string write(const Expectation& expectation) {
    const auto& row =
        row_where(expectations, [&](const auto& one) { return one.kind == expectation.kind; });
    return fill_in(row.form, {.partition = expectation.partition,
                              .number = expectation.number,
                              .time = expectation.time,
                              .error = expectation.error});
}

Parsed<FaultKind> read_fault_name(Line& line) {
    Blanks blanks;
    const auto names = fault_names();
    const auto row = match(names, line, blanks);
    if (!row) return unexpected(row.error());
    for (const sim::FaultRow& one : sim::fault_kinds())
        if (one.name == names[*row].form) return one.kind;
    CHECK(!"every name has its row");
    return FaultKind::kill;
}

}  // namespace barnabas::scenario
