// Every setting by Kafka's name, as tables: type, default, what is valid, when it may change, what
// it falls back to, and whether it does anything here yet.
//
// The tables are facts of Apache Kafka 4.3.1; a test holds them against a list taken from it.
// What Barnabas makes of a setting that is not given stands in broker_settings.h.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace barnabas::settings {

enum class Type : std::uint8_t {
    boolean,
    short_integer,
    integer,
    long_integer,
    real,  // held in millionths: decisions know no floating point
    text,
    list,  // separated by commas
    class_name,
    password,  // never printed
};

enum class Change : std::uint8_t { read_only, per_broker, cluster_wide };

// The value of a setting that nobody gives.
struct Preset {
    enum class Kind : std::uint8_t { text, null, required };
    Kind kind = Kind::text;
    std::string_view text;

    constexpr Preset(const char* value) : text(value) {}  // NOLINT: a text is a preset
    constexpr explicit Preset(Kind without) : kind(without) {}
};
constexpr Preset null{Preset::Kind::null};
constexpr Preset required{Preset::Kind::required};

// Which values are valid, beyond being of the type.
struct Valid {
    enum class Rule : std::uint8_t {
        any,
        range,            // low <= value <= high; millionths for a real
        range_or_minus1,  // or -1
        choice,           // one of `choices`; every element, when it is a list
        choice_any_case,
        not_empty,
        not_null,
        throttled_replicas,  // "*", or partition:broker pairs
    };
    Rule rule = Rule::any;
    std::int64_t low = INT64_MIN;
    std::int64_t high = INT64_MAX;
    std::string_view choices = {};  // separated by ", "
};
constexpr Valid at_least(std::int64_t low) { return {Valid::Rule::range, low}; }
constexpr Valid between(std::int64_t low, std::int64_t high) {
    return {Valid::Rule::range, low, high};
}
constexpr Valid one_of(std::string_view choices) {
    return {Valid::Rule::choice, INT64_MIN, INT64_MAX, choices};
}

struct Setting {
    std::string_view name;
    Type type;
    Preset preset;
    Valid valid = {};
    Change change = Change::read_only;
    bool is_internal = false;  // not listed to clients unless it is given
};

// Sorted by name. Topic settings have no `change` of their own: all of them can change.
std::span<const Setting> broker_table();
std::span<const Setting> topic_table();

// Nothing when there is no such setting.
const Setting* find_broker_setting(std::string_view name);
const Setting* find_topic_setting(std::string_view name);

// Whether the setting does what its name says; until then it is accepted and said to do nothing.
bool has_effect_on_broker(std::string_view name);
bool has_effect_on_topic(std::string_view name);
// For one that has none: the room that will give it effect; empty when no part here is set by it,
// and nothing when no line says so, which a test forbids for every name of the tables.
std::optional<std::string_view> room_to_come(std::string_view name);
// The same for a person: "has no effect yet: that comes with groups".
std::string words_for_no_effect(std::string_view name);

// Where a setting that is not given takes its value from: the first broker setting of the list that
// has one, multiplied by `times` (hours into milliseconds).
struct Fallback {
    std::string_view name;
    std::string_view broker_name;
    std::int64_t times = 1;
};
std::span<const Fallback> topic_fallbacks(std::string_view name);
std::span<const Fallback> broker_fallbacks(std::string_view name);

}  // namespace barnabas::settings
