#include "engine/broker/api/configs.h"

#include "engine/settings/table.h"
#include "engine/settings/topic_settings.h"

namespace barnabas::broker::api {
namespace {

using settings::Setting;

// Kafka's ConfigSource.
enum class Source : std::int8_t { topic = 1, static_broker = 4, preset = 5 };

std::int8_t source_of(settings::Origin origin) {
    switch (origin) {
        case settings::Origin::topic: return static_cast<std::int8_t>(Source::topic);
        case settings::Origin::broker: return static_cast<std::int8_t>(Source::static_broker);
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

std::vector<ListedConfig> topic_configs(const metadata::Settings& overrides,
                                        const settings::BrokerSettings& broker) {
    std::vector<ListedConfig> all;
    for (const Setting& setting : settings::topic_table()) {
        const auto layers = settings::topic_layers(setting.name, overrides, broker);
        if (setting.is_internal && layers.empty()) continue;
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

std::vector<ListedConfig> broker_configs(const settings::BrokerSettings& broker) {
    std::vector<ListedConfig> all;
    for (const Setting& setting : settings::broker_table()) {
        const auto given = broker.given(setting.name);
        if (setting.is_internal && !given) continue;
        ListedConfig config = begin(setting);
        config.read_only = setting.change == settings::Change::read_only;
        if (given) add_layer(config, setting.name, *given, settings::Origin::broker);
        for (const settings::Fallback& fallback : settings::broker_fallbacks(setting.name)) {
            if (const auto value = broker.given(fallback.broker_name)) {
                add_layer(config, fallback.broker_name, *value, settings::Origin::broker);
            }
        }
        if (setting.preset.kind == settings::Preset::Kind::text) {
            add_layer(config, setting.name, setting.preset.text, settings::Origin::preset);
        }
        if (given) {
            config.config_source = source_of(settings::Origin::broker);
            if (!config.is_sensitive) config.value = *given;
        } else if (setting.preset.kind == settings::Preset::Kind::text && !config.is_sensitive) {
            config.value = setting.preset.text;
        }
        all.push_back(std::move(config));
    }
    return all;
}

}  // namespace barnabas::broker::api
