#include "engine/metadata/listed_settings.h"

#include <algorithm>

#include "engine/settings/table.h"
#include "engine/settings/topic_settings.h"

namespace barnabas::metadata {
namespace {

using settings::Setting;

// Kafka's ConfigSource.
enum class Source : std::int8_t {
    topic = 1,
    dynamic_broker = 2,
    dynamic_default_broker = 3,
    static_broker = 4,
    preset = 5,
};

std::int8_t source_of(settings::Origin origin) {
    switch (origin) {
        case settings::Origin::topic: return static_cast<std::int8_t>(Source::topic);
        case settings::Origin::this_broker:
            return static_cast<std::int8_t>(Source::dynamic_broker);
        case settings::Origin::all_brokers:
            return static_cast<std::int8_t>(Source::dynamic_default_broker);
        case settings::Origin::properties: return static_cast<std::int8_t>(Source::static_broker);
        case settings::Origin::preset: break;
    }
    return static_cast<std::int8_t>(Source::preset);
}

// Kafka's ConfigType.
std::int8_t number_of(settings::Type type) {
    switch (type) {
        case settings::Type::boolean: return 1;
        case settings::Type::text: return 2;
        case settings::Type::integer: return 3;
        case settings::Type::short_integer: return 4;
        case settings::Type::long_integer: return 5;
        case settings::Type::real: return 6;
        case settings::Type::list: return 7;
        case settings::Type::class_name: return 8;
        case settings::Type::password: return 9;
    }
    return 0;
}

void add_layer(ListedConfig& config, std::string_view name, std::string_view value,
               settings::Origin origin) {
    auto& synonym = config.synonyms.emplace_back();
    synonym.name = name;
    if (config.is_sensitive) {
        synonym.value.reset();
    } else {
        synonym.value = value;
    }
    synonym.source = source_of(origin);
}

// Of the places that could give a topic's setting a value, those that are listed. A setting of the
// broker that only stands in for the one of the same unit, hours for milliseconds, is not, unless
// it comes behind that; nor is the preset of a setting that only topics have.
std::vector<settings::Layer> listed_layers(std::string_view name,
                                           std::vector<settings::Layer> layers) {
    const auto fallbacks = settings::topic_fallbacks(name);
    const auto is_first = [&](const settings::Layer& layer) {
        return !fallbacks.empty() && layer.name == fallbacks.front().broker_name;
    };
    const auto own_end = std::ranges::find_if(layers, [](const settings::Layer& layer) {
        return layer.origin != settings::Origin::topic;
    });
    layers.erase(own_end, std::find_if(own_end, layers.end(), is_first));
    return layers;
}

ListedConfig begin(const Setting& setting) {
    ListedConfig config;
    config.name = setting.name;
    config.value.reset();
    config.config_source = source_of(settings::Origin::preset);
    config.is_sensitive = setting.type == settings::Type::password;
    config.config_type = number_of(setting.type);
    config.documentation.reset();
    return config;
}

}  // namespace

std::vector<ListedConfig> topic_configs(const Settings& overrides,
                                        const settings::BrokerSettings& broker) {
    std::vector<ListedConfig> all;
    for (const Setting& setting : settings::topic_table()) {
        auto layers = settings::topic_layers(setting.name, overrides, broker);
        if (setting.is_internal && layers.empty()) continue;
        layers = listed_layers(setting.name, std::move(layers));
        ListedConfig config = begin(setting);
        config.value = settings::topic_value(setting.name, overrides, broker);
        if (!layers.empty()) config.config_source = source_of(layers.front().origin);
        for (const settings::Layer& layer : layers) {
            add_layer(config, layer.name, layer.value, layer.origin);
        }
        all.push_back(std::move(config));
    }
    return all;
}

namespace {

// As for a topic: what is given, then what is preset, from the setting itself on. Only the same in
// another unit is listed beside it: a list stands for itself.
std::vector<settings::Layer> listed_layers(const Setting& setting,
                                           const settings::BrokerSettings& broker) {
    std::vector<std::string_view> names = {setting.name};
    if (setting.type != settings::Type::list) {
        for (const settings::Fallback& fallback : settings::broker_fallbacks(setting.name))
            names.push_back(fallback.broker_name);
    }
    std::vector<settings::Layer> layers;
    for (const settings::Origin origin : settings::broker_origins) {
        for (const std::string_view name : names) {
            if (const auto given = broker.given(name, origin))
                layers.push_back({std::string(name), std::string(*given), origin});
        }
    }
    for (const std::string_view name : names) {
        const settings::Preset& preset = settings::find_broker_setting(name)->preset;
        if (preset.kind == settings::Preset::Kind::text)
            layers.push_back(
                {std::string(name), std::string(preset.text), settings::Origin::preset});
    }
    layers.erase(layers.begin(),
                 std::ranges::find(layers, setting.name, &settings::Layer::name));
    return layers;
}

}  // namespace

std::vector<ListedConfig> configs_of_all_brokers(const Settings& of_all) {
    std::vector<ListedConfig> all;
    for (const auto& [name, value] : of_all) {
        const Setting* setting = settings::find_broker_setting(name);
        if (setting == nullptr) continue;
        ListedConfig config = begin(*setting);
        config.config_source = source_of(settings::Origin::all_brokers);
        if (!config.is_sensitive) config.value = value;
        add_layer(config, name, value, settings::Origin::all_brokers);
        all.push_back(std::move(config));
    }
    return all;
}

std::vector<ListedConfig> broker_configs(const settings::BrokerSettings& broker) {
    std::vector<ListedConfig> all;
    for (const Setting& setting : settings::broker_table()) {
        if (setting.is_internal && !broker.given(setting.name)) continue;
        ListedConfig config = begin(setting);
        config.read_only = setting.change == settings::Change::read_only;
        const std::vector<settings::Layer> layers = listed_layers(setting, broker);
        for (const settings::Layer& layer : layers)
            add_layer(config, layer.name, layer.value, layer.origin);
        if (!layers.empty()) {
            config.config_source = source_of(layers.front().origin);
            if (!config.is_sensitive) config.value = layers.front().value;
        }
        all.push_back(std::move(config));
    }
    return all;
}

}  // namespace barnabas::metadata
