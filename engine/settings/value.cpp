#include "engine/settings/value.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

namespace barnabas::settings {
namespace {

constexpr std::int64_t million = 1'000'000;
// What a string of Kafka's protocol holds: settings stand in records and answers.
constexpr std::size_t value_bytes_max = 32'767;
constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view type_words(Type type) {
    switch (type) {
        case Type::boolean: return "true or false";
        case Type::short_integer: return "a whole number from -32768 to 32767";
        case Type::integer: return "a whole number from -2147483648 to 2147483647";
        case Type::long_integer: return "a whole number of 64 bits";
        case Type::real: return "a number";
        default: return "a text";
    }
}

std::string number_words(Type type, std::int64_t value) {
    if (type != Type::real) return std::to_string(value);
    std::string fraction = std::to_string(million + value % million).substr(1);
    while (!fraction.empty() && fraction.back() == '0') fraction.pop_back();
    const std::string whole = std::to_string(value / million);
    return fraction.empty() ? whole : whole + '.' + fraction;
}

std::string range_words(const Setting& setting) {
    const Valid& valid = setting.valid;
    const std::string low = number_words(setting.type, valid.low);
    if (valid.high == largest) return "at least " + low;
    std::string words = "from " + low + " to " + number_words(setting.type, valid.high);
    return valid.rule == Valid::Rule::range_or_minus1 ? words + ", or -1" : words;
}

// A number of the setting's type, before its bounds are looked at.
std::optional<std::int64_t> to_typed_number(Type type, std::string_view text) {
    if (type == Type::real) return to_millionths(text);
    const auto number = to_number(text);
    if (!number || type == Type::long_integer) return number;
    const bool fits = type == Type::integer ? std::in_range<std::int32_t>(*number)
                                            : std::in_range<std::int16_t>(*number);
    return fits ? number : std::nullopt;
}

bool is_choice(const Valid& valid, std::string_view value) {
    const bool any_case = valid.rule == Valid::Rule::choice_any_case;
    for (const std::string& choice : to_list(valid.choices)) {
        if (any_case ? upper_case(choice) == upper_case(value) : choice == value) return true;
    }
    return false;
}

// "partition:broker", both of digits.
bool is_throttled_replica(std::string_view text) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) return false;
    const auto is_number = [](std::string_view part) {
        return !part.empty() && std::ranges::all_of(part, is_digit);
    };
    return is_number(text.substr(0, colon)) && is_number(text.substr(colon + 1));
}

std::optional<std::string> problem_with_number(const Setting& setting, std::string_view text) {
    const auto number = to_typed_number(setting.type, text);
    const std::string quoted = '"' + std::string(text) + '"';
    if (!number) return quoted + " is not " + std::string(type_words(setting.type));
    const Valid& valid = setting.valid;
    const bool is_extra = valid.rule == Valid::Rule::range_or_minus1 && *number == -1;
    if (is_extra || (*number >= valid.low && *number <= valid.high)) return std::nullopt;
    return std::string(text) + (*number < valid.low ? " is too small: " : " is too large: ") +
           range_words(setting) + " is needed";
}

std::optional<std::string> problem_with_words(const Setting& setting, std::string_view text) {
    const bool is_list = setting.type == Type::list;
    const auto parts = is_list ? to_list(text) : std::vector{std::string(text)};
    switch (setting.valid.rule) {
        case Valid::Rule::not_empty:
            if (text.empty()) return "must not be empty";
            break;
        case Valid::Rule::choice:
        case Valid::Rule::choice_any_case:
            for (const std::string& part : parts) {
                if (is_choice(setting.valid, part)) continue;
                return '"' + part + "\" is none of " + std::string(setting.valid.choices);
            }
            break;
        case Valid::Rule::throttled_replicas:
            for (const std::string& part : parts) {
                if (is_throttled_replica(part) || (part == "*" && parts.size() == 1)) continue;
                return '"' + part + "\" is not of the form PARTITION:BROKER, nor * for all";
            }
            break;
        default: break;
    }
    return std::nullopt;
}

}  // namespace

std::string_view trimmed(std::string_view text) {
    const auto is_space = [](char c) { return static_cast<unsigned char>(c) <= ' '; };
    while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
    return text;
}

std::string upper_case(std::string_view text) {
    std::string upper(text);
    for (char& c : upper) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    return upper;
}

std::optional<std::int64_t> to_number(std::string_view text) {
    text = trimmed(text);
    if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

std::optional<std::int64_t> to_millionths(std::string_view text) {
    text = trimmed(text);
    const bool is_negative = text.starts_with('-');
    if (is_negative || text.starts_with('+')) text.remove_prefix(1);
    std::int64_t exponent = 6;  // of ten, applied to the digits read so far
    if (const std::size_t mark = text.find_first_of("eE"); mark != std::string_view::npos) {
        const auto written = to_number(text.substr(mark + 1));
        if (!written) return std::nullopt;
        exponent += std::clamp<std::int64_t>(*written, -1'000'000, 1'000'000);
        text = text.substr(0, mark);
    }
    std::string digits;
    bool is_behind_point = false;
    for (const char c : text) {
        if (c == '.' && !is_behind_point) {
            is_behind_point = true;
        } else if (is_digit(c)) {
            digits += c;
            exponent -= is_behind_point ? 1 : 0;
        } else {
            return std::nullopt;
        }
    }
    if (digits.empty()) return std::nullopt;
    digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
    const std::int64_t places = static_cast<std::int64_t>(digits.size()) + exponent;
    if (digits.empty() || places <= 0) return 0;
    if (places > 19) return is_negative ? -largest : largest;
    digits.resize(static_cast<std::size_t>(places), '0');
    const std::int64_t number = to_number(digits).value_or(largest);
    return is_negative ? -number : number;
}

std::optional<bool> to_flag(std::string_view text) {
    const std::string upper = upper_case(trimmed(text));
    if (upper == "TRUE") return true;
    if (upper == "FALSE") return false;
    return std::nullopt;
}

std::vector<std::string> to_list(std::string_view text) {
    std::vector<std::string> all;
    text = trimmed(text);
    while (!text.empty()) {
        const std::size_t comma = text.find(',');
        all.emplace_back(trimmed(text.substr(0, comma)));
        if (comma == std::string_view::npos) break;
        text.remove_prefix(comma + 1);
        if (text.empty()) all.emplace_back();
    }
    return all;
}

Result<std::string, std::string> check_value(const Setting& setting, std::string_view text) {
    const std::string_view value = trimmed(text);
    if (value.size() > value_bytes_max)
        return unexpected("has more than " + std::to_string(value_bytes_max) + " bytes");
    std::optional<std::string> problem;
    switch (setting.type) {
        case Type::boolean:
            if (!to_flag(value)) problem = '"' + std::string(value) + "\" is not true or false";
            break;
        case Type::short_integer:
        case Type::integer:
        case Type::long_integer:
        case Type::real: problem = problem_with_number(setting, value); break;
        default: problem = problem_with_words(setting, value); break;
    }
    if (problem) return unexpected(std::move(*problem));
    return std::string(value);
}

std::string shown(const Setting& setting, std::string_view text) {
    return setting.type == Type::password ? "[hidden]" : std::string(text);
}

}  // namespace barnabas::settings
