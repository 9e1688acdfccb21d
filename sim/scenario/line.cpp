#include "sim/scenario/line.h"

#include <algorithm>
#include <charconv>

#include "engine/settings/nearest.h"

namespace barnabas::scenario {
namespace {

struct Unit {
    std::string_view suffix;
    std::int64_t factor;
};
constexpr Unit duration_units[] = {
    {"min", 60'000'000'000}, {"s", 1'000'000'000}, {"ms", 1'000'000}, {"us", 1'000}, {"ns", 1}};
constexpr Unit size_units[] = {{"GB", 1'000'000'000}, {"MB", 1'000'000}, {"KB", 1'000}, {"B", 1}};
constexpr Unit percent_units[] = {{"%", 10'000}};

constexpr std::string_view digits = "0123456789";

// Digits behind the point, as parts of so many; nothing when it takes a smaller part than one.
std::optional<std::int64_t> read_fraction(std::string_view text, std::int64_t of) {
    std::int64_t parts = 0;
    for (const char digit : text) {
        if (of % 10 != 0 && digit != '0') return std::nullopt;
        of /= 10;
        parts += (digit - '0') * of;
    }
    return parts;
}

std::optional<std::int64_t> read_with_unit(std::string_view text, std::span<const Unit> units) {
    const std::size_t whole = std::min(text.find_first_not_of(digits), text.size());
    const auto number = read_number(text.substr(0, whole));
    if (!number) return std::nullopt;
    std::string_view rest = text.substr(whole);
    std::string_view fraction;
    if (rest.starts_with('.')) {
        const std::size_t end = std::min(rest.find_first_not_of(digits, 1), rest.size());
        fraction = rest.substr(1, end - 1);
        if (fraction.empty()) return std::nullopt;
        rest.remove_prefix(end);
    }
    for (const Unit& unit : units) {
        if (rest != unit.suffix) continue;
        const auto parts = read_fraction(fraction, unit.factor);
        if (!parts || *number > static_cast<std::uint64_t>(INT64_MAX / unit.factor - 1)) {
            return std::nullopt;
        }
        return static_cast<std::int64_t>(*number) * unit.factor + *parts;
    }
    return std::nullopt;
}

std::string write_with_unit(std::int64_t value, const Unit& unit) {
    std::string text = std::to_string(value / unit.factor);
    std::int64_t parts = value % unit.factor;
    if (parts > 0) text += '.';
    for (std::int64_t of = unit.factor / 10; parts > 0; of /= 10) {
        text += static_cast<char>('0' + parts / of);
        parts %= of;
    }
    return text + std::string(unit.suffix);
}

constexpr std::string_view reserved[] = {
    "admin", "all",  "any",    "broker",     "controller", "follower", "leader", "majority",
    "minority", "off", "one-way", "others", "rack"};

// Whom only a cluster has.
bool is_of_cluster(std::string_view word) {
    for (const std::string_view whom :
         {"controller", "follower", "leader", "majority", "minority", "rack"}) {
        if (word == whom || (word.starts_with(whom) && word.substr(whom.size()).starts_with('(')))
            return true;
    }
    return false;
}

}  // namespace

std::string Mistake::text() const {
    const std::string where =
        file + ':' + std::to_string(line) + ':' + std::to_string(column) + ": expected ";
    return where + expected + ", found " + (found.empty() ? "the end" : '"' + found + '"') +
           (meant.empty() ? "" : "; did you mean \"" + meant + "\"?");
}

std::string Mistakes::text() const {
    std::string text;
    for (const Mistake& one : all) text += (text.empty() ? "" : "\n") + one.text();
    return text;
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

Mistake Line::mistake(std::string expected, const Known& known) const {
    return mistake_at(next_, std::move(expected), known);
}

Mistake Line::mistake_before(std::string expected, const Known& known) const {
    CHECK(next_ > 0);
    return mistake_at(next_ - 1, std::move(expected), known);
}

Mistake Line::mistake_at(std::size_t place, std::string expected, const Known& known) const {
    const bool is_end = place == words_.size();
    Mistake made{std::string(file_), number_, is_end ? end_column_ : words_[place].column,
                 std::move(expected), is_end ? std::string() : std::string(words_[place].text)};
    const std::string_view word = std::string_view(made.found).substr(0, made.found.find('='));
    if (!word.empty()) made.meant = settings::nearest_word(word, known).value_or("");
    return made;
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

Parsed<Selector> Line::selector() {
    using Kind = Selector::Kind;
    if (take_if("others")) return Selector{Kind::others};
    if (is_of_cluster(peek())) {
        return unexpected(mistake(
            "whom one node can tell: \"broker\" and its number, \"any broker\", a client's name, "
            "\"all clients\" or \"others\" (leaders, controller, racks and minorities come with "
            "the cluster)"));
    }
    for (const auto& [first, second, kind] :
         {std::tuple("any", "broker", Kind::any_broker),
          std::tuple("all", "clients", Kind::all_clients)}) {
        if (!take_if(first)) continue;
        if (!take_if(second)) {
            return unexpected(mistake('"' + std::string(second) + '"', {second}));
        }
        return Selector{kind};
    }
    if (!take_if("broker")) {
        auto client = name("\"broker\" and its number, \"any broker\", a client's name, \"all "
                           "clients\" or \"others\"");
        if (!client) return unexpected(client.error());
        return Selector::client(*client);
    }
    const auto number = read_number(peek());
    if (!number || *number == 0 || *number > INT32_MAX) {
        return unexpected(mistake("the number of a broker, from 1"));
    }
    take();
    return Selector::broker(static_cast<std::int32_t>(*number));
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

bool is_reserved(std::string_view name) {
    return std::ranges::find(reserved, name) != std::end(reserved);
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

std::optional<std::int64_t> read_percent(std::string_view text) {
    const auto value = read_with_unit(text, percent_units);
    return value && *value > 0 && *value <= 1'000'000 ? value : std::nullopt;
}

std::string write_duration(Duration time) {
    if (time == Duration(0)) return "0s";
    const auto units = std::span(duration_units).subspan(1);  // 60s rather than 1min
    const auto fits = std::ranges::find_if(
        units, [&](const Unit& unit) { return time.count() >= unit.factor; });
    return write_with_unit(time.count(), *fits);
}

std::string write_percent(std::int64_t per_million) {
    return write_with_unit(per_million, percent_units[0]);
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

}  // namespace barnabas::scenario
