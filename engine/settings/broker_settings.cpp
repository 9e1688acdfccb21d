#include "engine/settings/broker_settings.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/settings/table.h"
#include "engine/settings/value.h"

namespace barnabas::settings {
namespace {

const Setting& needed(std::string_view name) {
    const Setting* setting = find_broker_setting(name);
    CHECK(setting != nullptr);
    return *setting;
}

bool is_whole_number(Type type) {
    return type == Type::short_integer || type == Type::integer || type == Type::long_integer;
}

bool is_words(Type type) {
    return type == Type::text || type == Type::class_name || type == Type::password;
}

}  // namespace

BrokerSettings::BrokerSettings() = default;
BrokerSettings::BrokerSettings(const BrokerSettings& other) = default;
BrokerSettings::BrokerSettings(BrokerSettings&& other) noexcept = default;
BrokerSettings& BrokerSettings::operator=(const BrokerSettings& other) = default;
BrokerSettings& BrokerSettings::operator=(BrokerSettings&& other) noexcept = default;
BrokerSettings::~BrokerSettings() = default;

std::optional<std::string_view> BrokerSettings::given(std::string_view name, Origin origin) const {
    CHECK(origin != Origin::topic && origin != Origin::preset);
    const Texts& layer = origin == Origin::this_broker   ? of_this_
                         : origin == Origin::all_brokers ? of_all_
                                                         : given_;
    const auto at = layer.find(name);
    if (at == layer.end()) return std::nullopt;
    return at->second;
}

std::optional<std::string_view> BrokerSettings::given(std::string_view name) const {
    for (const Origin origin : broker_origins)
        if (const auto text = given(name, origin)) return text;
    return std::nullopt;
}

namespace {

Texts valid_dynamic(const Texts& said, bool is_of_all) {
    Texts valid;
    for (const auto& [name, text] : said) {
        const Setting* setting = find_broker_setting(name);
        if (setting == nullptr || setting->change == Change::read_only) continue;
        if (is_of_all && setting->change == Change::per_broker) continue;
        if (auto value = check_value(*setting, text)) valid.emplace(name, *std::move(value));
    }
    return valid;
}

}  // namespace

BrokerSettings BrokerSettings::with_dynamic(const Texts& of_all, const Texts& of_this) const {
    BrokerSettings other = *this;
    other.of_all_ = valid_dynamic(of_all, true);
    other.of_this_ = valid_dynamic(of_this, false);
    return other;
}

std::vector<std::string> BrokerSettings::differences(const BrokerSettings& other) const {
    std::vector<std::string> names;
    for (const Texts* layer : {&of_all_, &of_this_, &other.of_all_, &other.of_this_}) {
        for (const auto& [name, text] : *layer)
            if (given(name) != other.given(name)) names.push_back(name);
    }
    std::ranges::sort(names);
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

std::optional<std::int64_t> BrokerSettings::number_or_null(std::string_view name) const {
    const Setting& setting = needed(name);
    CHECK(is_whole_number(setting.type));
    if (const auto text = given(name)) return to_number(*text);
    for (const Fallback& fallback : broker_fallbacks(name)) {
        const auto text = given(fallback.broker_name);
        if (!text) continue;
        const auto number = to_number(*text);
        CHECK(number.has_value());
        return *number < 0 ? *number : *number * fallback.times;
    }
    if (setting.preset.kind == Preset::Kind::text) return to_number(setting.preset.text);
    for (const Fallback& fallback : broker_fallbacks(name)) {
        const Preset& preset = needed(fallback.broker_name).preset;
        if (preset.kind != Preset::Kind::text) continue;
        return to_number(preset.text).value() * fallback.times;
    }
    return std::nullopt;
}

std::int64_t BrokerSettings::number(std::string_view name) const {
    const auto number = number_or_null(name);
    CHECK(number.has_value());
    return *number;
}

std::int64_t BrokerSettings::millionths(std::string_view name) const {
    const Setting& setting = needed(name);
    CHECK(setting.type == Type::real);
    const auto number = to_millionths(given(name).value_or(setting.preset.text));
    CHECK(number.has_value());
    return *number;
}

bool BrokerSettings::flag(std::string_view name) const {
    const Setting& setting = needed(name);
    CHECK(setting.type == Type::boolean);
    const auto flag = to_flag(given(name).value_or(setting.preset.text));
    CHECK(flag.has_value());
    return *flag;
}

std::string BrokerSettings::text(std::string_view name) const {
    const Setting& setting = needed(name);
    CHECK(is_words(setting.type));
    return std::string(given(name).value_or(setting.preset.text));
}

std::vector<std::string> BrokerSettings::list(std::string_view name) const {
    const Setting& setting = needed(name);
    CHECK(setting.type == Type::list);
    if (const auto text = given(name)) return to_list(*text);
    for (const Fallback& fallback : broker_fallbacks(name)) {
        if (const auto text = given(fallback.broker_name)) return to_list(*text);
    }
    if (setting.preset.kind == Preset::Kind::text) return to_list(setting.preset.text);
    for (const Fallback& fallback : broker_fallbacks(name)) {
        return to_list(needed(fallback.broker_name).preset.text);
    }
    return {};
}

std::string without_last_slash(std::string path) {
    while (path.size() > 1 && path.ends_with('/')) path.pop_back();
    return path;
}

bool BrokerSettings::is_controller_listener(std::string_view listener) const {
    return std::ranges::find(controller_listeners_, listener) != controller_listeners_.end();
}

}  // namespace barnabas::settings
