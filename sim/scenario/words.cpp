#include "sim/scenario/words.h"

#include <algorithm>
#include <charconv>

namespace barnabas::scenario {
namespace {

constexpr Sentence actions[] = {
    {Verb::kill, "kill WHO"},
    {Verb::stop, "stop WHO"},
    {Verb::restart, "restart WHO"},
    {Verb::lose_power, "lose power of WHO"},
    {Verb::crash_after, "crash WHO after COUNT effects"},
    {Verb::pause, "pause WHO"},
    {Verb::resume, "resume WHO"},
    {Verb::cut, "cut WHO from WHOM"},
    {Verb::cut_one_way, "cut WHO to WHOM"},
    {Verb::clog, "clog WHO from WHOM"},
    {Verb::clog_one_way, "clog WHO to WHOM"},
    {Verb::reset, "reset WHO from WHOM"},
    {Verb::heal, "heal"},
    {Verb::disk_full, "disk of WHO full"},
    {Verb::disk_slow, "disk of WHO slow COUNT times"},
    {Verb::disk_broken, "disk of WHO broken"},
    {Verb::disk_healthy, "disk of WHO healthy"},
    {Verb::directory_broken, "directory DIRECTORY of WHO broken"},
    {Verb::directory_unreadable, "directory DIRECTORY of WHO fails reads"},
    {Verb::directory_unwritable, "directory DIRECTORY of WHO fails writes"},
    {Verb::directory_unflushable, "directory DIRECTORY of WHO fails flushes"},
    {Verb::directory_healthy, "directory DIRECTORY of WHO healthy"},
    {Verb::flip_bit, "flip a bit in PARTITION of WHO"},
    {Verb::drift, "drift WHO by PPM ppm"},
    {Verb::step_wall, "step wall clock of WHO by TIME"},
    {Verb::delete_records, "delete records of PARTITION before COUNT"},
};

constexpr ConditionSentence conditions[] = {
    {Condition::Kind::restarts, "WHO restarts"},
    {Condition::Kind::dies, "WHO dies"},
    {Condition::Kind::reaches, "PARTITION reaches offset COUNT"},
    {Condition::Kind::made, "topic TOPIC is made"},
};

constexpr ExpectationSentence expectations[] = {
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

constexpr FaultWord faults[] = {
    {Fault::kill, "kill"},   {Fault::power_loss, "power loss"}, {Fault::crash, "crash"},
    {Fault::pause, "pause"}, {Fault::reset, "reset"},           {Fault::cut, "cut"},
    {Fault::clog, "clog"},   {Fault::full_disk, "full disk"},   {Fault::slow_disk, "slow disk"},
    {Fault::failed_directory, "failed directory"},
};

struct Unit {
    std::string_view suffix;
    std::int64_t factor;
};
constexpr Unit duration_units[] = {
    {"min", 60'000'000'000}, {"s", 1'000'000'000}, {"ms", 1'000'000}, {"us", 1'000}, {"ns", 1}};
constexpr Unit size_units[] = {{"GB", 1'000'000'000}, {"MB", 1'000'000}, {"KB", 1'000}, {"B", 1}};

std::optional<std::int64_t> read_with_unit(std::string_view text, std::span<const Unit> units) {
    const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto number = read_number(text.substr(0, digits));
    if (!number) return std::nullopt;
    for (const Unit& unit : units) {
        if (text.substr(digits) != unit.suffix) continue;
        if (*number > static_cast<std::uint64_t>(INT64_MAX / unit.factor)) return std::nullopt;
        return static_cast<std::int64_t>(*number) * unit.factor;
    }
    return std::nullopt;
}

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

std::string quoted_list(const std::vector<std::string_view>& words) {
    std::string list;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i > 0) list += i + 1 == words.size() ? " or " : ", ";
        list += '"';
        list += words[i];
        list += '"';
    }
    return list;
}

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

Parsed<protocol::ErrorCode> read_error(Line& line) {
    for (const protocol::ErrorRow& row : protocol::all_errors()) {
        if (line.take_if(row.name)) return row.code;
    }
    return unexpected(line.mistake("an error by Kafka's name, such as KAFKA_STORAGE_ERROR"));
}

// Reads one placeholder into an action, a condition or an expectation: into the member that it has.
std::optional<Mistake> fill(std::string_view placeholder, auto& sentence, Line& line) {
    const auto into = [](auto parsed, auto& target) -> std::optional<Mistake> {
        if (!parsed) return parsed.error();
        target = *parsed;
        return std::nullopt;
    };
    if (placeholder == "PARTITION") return into(line.partition(), sentence.partition);
    if constexpr (requires { sentence.who; }) {
        if (placeholder == "WHO") return into(line.party(), sentence.who);
    }
    if constexpr (requires { sentence.whom; }) {
        if (placeholder == "WHOM") return into(line.party(), sentence.whom);
        if (placeholder == "PPM") return into(read_ppm(line), sentence.number);
    }
    if constexpr (requires { sentence.directory; }) {
        if (placeholder == "DIRECTORY") return into(line.path(), sentence.directory);
    }
    if constexpr (requires { sentence.error; }) {
        if (placeholder == "ERROR") return into(read_error(line), sentence.error);
    }
    if constexpr (requires { sentence.topic; }) {
        if (placeholder == "TOPIC") return into(line.name("the name of a topic"), sentence.topic);
    }
    if constexpr (requires { sentence.time; }) {
        if (placeholder == "TIME") return into(line.duration(), sentence.time);
    }
    CHECK(placeholder == "COUNT");
    const auto count = line.count("a number");
    if (!count) return count.error();
    if (*count > 1'000'000'000) return line.mistake_before("a number of at most 1000000000");
    sentence.number = static_cast<std::int64_t>(*count);
    return std::nullopt;
}

// The sentence of that form, its placeholders filled in.
std::string fill_in(std::string_view form, const auto& sentence) {
    std::string text;
    while (!form.empty()) {
        if (!text.empty()) text += ' ';
        const std::string_view word = next_of(form);
        const std::size_t before = text.size();
        if constexpr (requires { sentence.who; }) {
            if (word == "WHO") text += sentence.who.text();
        }
        if constexpr (requires { sentence.whom; }) {
            if (word == "WHOM") text += sentence.whom.text();
        }
        if constexpr (requires { sentence.directory; }) {
            if (word == "DIRECTORY") text += sentence.directory;
        }
        if constexpr (requires { sentence.error; }) {
            if (word == "ERROR") text += name_of(sentence.error);
        }
        if constexpr (requires { sentence.topic; }) {
            if (word == "TOPIC") text += sentence.topic;
        }
        if constexpr (requires { sentence.time; }) {
            if (word == "TIME") text += write_duration(sentence.time);
        }
        if (word == "PARTITION") text += sentence.partition.text();
        if (word == "COUNT" || word == "PPM") text += std::to_string(sentence.number);
        if (text.size() == before) text += word;
    }
    return text;
}

// The forms that still fit after each word; what is left of each stands in `rest`.
template <class Row>
struct Candidate {
    const Row* row;
    std::string_view rest;
};

template <class Row>
std::vector<Candidate<Row>> all_of(std::span<const Row> table) {
    std::vector<Candidate<Row>> candidates;
    for (const Row& row : table) candidates.push_back({&row, row.form});
    return candidates;
}

// Goes through the table word by word: a word that stands in a form goes before what may be read
// for a placeholder. on_placeholder(name) reads one and says what is wrong. No form of a table is
// the beginning of another one.
template <class Row>
Parsed<const Row*> match(std::span<const Row> table, Line& line, auto on_placeholder) {
    auto candidates = all_of(table);
    while (!candidates.front().rest.empty()) {
        std::vector<std::string_view> wanted;
        std::string_view placeholder;
        std::vector<Candidate<Row>> as_written, to_be_filled;
        for (Candidate<Row> candidate : candidates) {
            const std::string_view word = next_of(candidate.rest);
            if (is_placeholder(word)) {
                placeholder = word;
                to_be_filled.push_back(candidate);
                continue;
            }
            if (word == line.peek()) as_written.push_back(candidate);
            if (std::find(wanted.begin(), wanted.end(), word) == wanted.end()) {
                wanted.push_back(word);
            }
        }
        if (!as_written.empty()) {
            line.take();
            candidates = std::move(as_written);
            continue;
        }
        if (to_be_filled.empty()) return unexpected(line.mistake(quoted_list(wanted)));
        if (auto mistake = on_placeholder(placeholder)) {
            if (!wanted.empty()) mistake->expected.insert(0, quoted_list(wanted) + " or ");
            return unexpected(*mistake);
        }
        candidates = std::move(to_be_filled);
    }
    return candidates.front().row;
}

const auto no_placeholder = [](std::string_view) { return std::optional<Mistake>(); };

template <class Row>
std::string_view form_of(std::span<const Row> table, auto is_it) {
    for (const Row& row : table)
        if (is_it(row)) return row.form;
    CHECK(!"every value has its row");
    return {};
}

}  // namespace

std::string Party::text() const {
    if (is_broker()) return "broker " + std::to_string(broker);
    return client.empty() ? "others" : client;
}

std::vector<std::string> Scenario::log_directories() const {
    std::string_view list = default_log_directory;
    for (const auto& [name, value] : settings)
        if (name == "log.dirs") list = value;
    std::vector<std::string> all;
    while (!list.empty()) {
        const std::size_t end = std::min(list.find(','), list.size());
        all.emplace_back(list.substr(0, end));
        list.remove_prefix(std::min(end + 1, list.size()));
    }
    return all;
}

std::string Mistake::text() const {
    const std::string where =
        file + ':' + std::to_string(line) + ':' + std::to_string(column) + ": expected ";
    return where + expected + ", found " + (found.empty() ? "the end" : '"' + found + '"');
}

Line::Line(std::string_view text, std::string_view file, std::uint32_t number)
    : file_(file), number_(number) {
    const std::string_view kept = text.substr(0, std::min(text.find('#'), text.size()));
    for (std::size_t at = 0; at < kept.size();) {
        const bool comma = kept[at] == ',';
        if (kept[at] == ' ' || kept[at] == '\t' || kept[at] == '\r') {
            ++at;
            continue;
        }
        std::size_t end =
            comma ? at + 1 : std::min(kept.find_first_of(" \t\r,", at), kept.size());
        const bool is_value = kept.substr(at, end - at).find('=') != std::string_view::npos;
        if (is_value) end = std::min(kept.find_first_of(" \t\r", at), kept.size());
        words_.push_back({kept.substr(at, end - at), static_cast<std::uint32_t>(at + 1)});
        at = end;
    }
    if (!words_.empty()) {
        end_column_ = words_.back().column + static_cast<std::uint32_t>(words_.back().text.size());
    }
}

Word Line::take() {
    CHECK(!at_end());
    return words_[next_++];
}

bool Line::take_if(std::string_view word) {
    if (peek() != word || at_end()) return false;
    ++next_;
    return true;
}

Mistake Line::mistake(std::string expected) const {
    return {std::string(file_), number_, at_end() ? end_column_ : words_[next_].column,
            std::move(expected), std::string(peek())};
}

Mistake Line::mistake_before(std::string expected) const {
    CHECK(next_ > 0);
    const Word& word = words_[next_ - 1];
    return {std::string(file_), number_, word.column, std::move(expected), std::string(word.text)};
}

Parsed<std::string> Line::name(std::string_view what) {
    constexpr std::string_view allowed =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    const std::string_view word = peek();
    if (word.empty() || word.size() > 249 || word == "." || word == ".." ||
        word.find_first_not_of(allowed) != std::string_view::npos) {
        return unexpected(mistake(std::string(what)));
    }
    take();
    return std::string(word);
}

Parsed<std::uint64_t> Line::count(std::string_view what) {
    const auto number = read_number(peek());
    if (!number) return unexpected(mistake(std::string(what)));
    take();
    return *number;
}

Parsed<std::string> Line::path() {
    if (at_end()) return unexpected(mistake("a log directory"));
    return std::string(take().text);
}

Parsed<Duration> Line::duration() {
    const auto time = read_duration(peek());
    if (!time) return unexpected(mistake("a duration such as 5s, 200ms or 10us"));
    take();
    return *time;
}

Parsed<Party> Line::party() {
    if (take_if("others")) return Party{};
    if (!take_if("broker")) {
        auto client = name("\"broker\" and its number, a client's name, or \"others\"");
        if (!client) return unexpected(client.error());
        return Party{0, *client};
    }
    const auto number = read_number(peek());
    if (!number || *number == 0 || *number > INT32_MAX) {
        return unexpected(mistake("the number of a broker, from 1"));
    }
    take();
    return Party{static_cast<std::int32_t>(*number), {}};
}

Parsed<TopicPartition> Line::partition() {
    const std::string_view word = peek();
    const std::size_t dash = word.rfind('-');
    if (dash != std::string_view::npos && dash > 0) {
        const auto index = read_number(word.substr(dash + 1));
        if (index && *index <= INT32_MAX) {
            take();
            return TopicPartition{std::string(word.substr(0, dash)),
                                  PartitionIndex(static_cast<std::int32_t>(*index))};
        }
    }
    return unexpected(mistake("a partition such as orders-0"));
}

std::optional<std::uint64_t> read_number(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc() || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

std::optional<Duration> read_duration(std::string_view text) {
    const auto value = read_with_unit(text, duration_units);
    return value ? std::optional(Duration(*value)) : std::nullopt;
}

std::optional<std::uint64_t> read_size(std::string_view text) {
    if (const auto bare = read_number(text)) return bare;
    const auto value = read_with_unit(text, size_units);
    return value ? std::optional(static_cast<std::uint64_t>(*value)) : std::nullopt;
}

std::string write_duration(Duration time) {
    for (const Unit& unit : std::span(duration_units).subspan(1)) {  // 60s rather than 1min
        if (time.count() % unit.factor == 0) {
            return std::to_string(time.count() / unit.factor) + std::string(unit.suffix);
        }
    }
    return {};
}

std::span<const Sentence> action_sentences() { return actions; }
std::span<const ConditionSentence> condition_sentences() { return conditions; }
std::span<const ExpectationSentence> expectation_sentences() { return expectations; }
std::span<const FaultWord> fault_words() { return faults; }

Parsed<Action> read_action(Line& line) {
    Action action;
    const auto row = match(action_sentences(), line, [&](std::string_view placeholder) {
        return fill(placeholder, action, line);
    });
    if (!row) return unexpected(row.error());
    action.verb = (*row)->verb;
    return action;
}

std::string write(const Action& action) {
    return fill_in(
        form_of(action_sentences(), [&](const auto& row) { return row.verb == action.verb; }),
        action);
}

// "broker 1 restarts" begins with a party, "orders-0 reaches ..." with a partition: the first word
// tells which forms there are.
Parsed<Condition> read_condition(Line& line) {
    if (line.peek().starts_with("leader(")) {
        return unexpected(line.mistake(
            "a condition of one broker such as \"broker 1 restarts\" or \"orders-0 reaches offset "
            "100\" (leader(...) has its meaning in a cluster that replicates)"));
    }
    const auto all = condition_sentences();
    const auto forms = line.peek() == "broker"  ? all.first(2)
                       : line.peek() == "topic" ? all.last(1)
                                                : all.subspan(2, 1);
    Condition condition;
    const auto row = match(forms, line, [&](std::string_view placeholder) {
        return fill(placeholder, condition, line);
    });
    if (!row) return unexpected(row.error());
    condition.kind = (*row)->kind;
    return condition;
}

std::string write(const Condition& condition) {
    return fill_in(form_of(condition_sentences(),
                           [&](const auto& row) { return row.kind == condition.kind; }),
                   condition);
}

Parsed<Expectation> read_expectation(Line& line) {
    Expectation expectation;
    const auto row = match(expectation_sentences(), line, [&](std::string_view placeholder) {
        return fill(placeholder, expectation, line);
    });
    if (!row) return unexpected(row.error());
    expectation.kind = (*row)->kind;
    return expectation;
}

std::string write(const Expectation& expectation) {
    return fill_in(form_of(expectation_sentences(),
                           [&](const auto& row) { return row.kind == expectation.kind; }),
                   expectation);
}

Parsed<Fault> read_fault(Line& line) {
    const auto row = match(fault_words(), line, no_placeholder);
    if (!row) return unexpected(row.error());
    return (*row)->fault;
}

std::string_view write(Fault fault) {
    return form_of(fault_words(), [&](const auto& row) { return row.fault == fault; });
}

}  // namespace barnabas::scenario
