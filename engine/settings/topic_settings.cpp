#include "engine/settings/topic_settings.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/settings/nearest.h"
#include "engine/settings/table.h"
#include "engine/settings/value.h"

namespace barnabas::settings {
namespace {

// The override when it is there and valid.
std::optional<std::string> valid_override(const Setting& setting, const TopicOverrides& overrides) {
    const auto at = overrides.find(setting.name);
    if (at == overrides.end()) return std::nullopt;
    auto value = check_value(setting, at->second);
    if (!value) return std::nullopt;
    return std::move(*value);
}

std::string converted(std::string_view text, std::int64_t times) {
    if (times == 1) return std::string(text);
    const std::int64_t number = to_number(text).value();
    return std::to_string(number < 0 ? number : number * times);
}

// Reads one setting after the other out of the layers.
class Resolver {
  public:
    Resolver(const TopicOverrides& overrides, const BrokerSettings& broker)
        : overrides_(overrides), broker_(broker) {}

    std::string text(std::string_view name) const {
        auto value = topic_value(name, overrides_, broker_);
        CHECK(value.has_value());
        return std::move(*value);
    }
    std::int64_t number(std::string_view name) const { return to_number(text(name)).value(); }
    std::int32_t integer(std::string_view name) const {
        return static_cast<std::int32_t>(number(name));
    }
    std::chrono::milliseconds time(std::string_view name) const {
        return std::chrono::milliseconds(number(name));
    }
    bool flag(std::string_view name) const { return to_flag(text(name)).value(); }
    std::optional<std::int64_t> limit(std::string_view name) const {
        const std::int64_t value = number(name);
        return value < 0 ? std::nullopt : std::optional(value);
    }

  private:
    const TopicOverrides& overrides_;
    const BrokerSettings& broker_;
};

}  // namespace

std::vector<Layer> topic_layers(std::string_view name, const TopicOverrides& overrides,
                                const BrokerSettings& broker) {
    const Setting* setting = find_topic_setting(name);
    CHECK(setting != nullptr);
    std::vector<Layer> layers;
    if (auto value = valid_override(*setting, overrides)) {
        layers.push_back({std::string(name), std::move(*value), Origin::topic});
    }
    for (const Origin origin : broker_origins) {
        for (const Fallback& fallback : topic_fallbacks(name)) {
            if (const auto value = broker.given(fallback.broker_name, origin))
                layers.push_back(
                    {std::string(fallback.broker_name), std::string(*value), origin});
        }
    }
    for (const Fallback& fallback : topic_fallbacks(name)) {
        const Preset& preset = find_broker_setting(fallback.broker_name)->preset;
        if (preset.kind != Preset::Kind::text) continue;
        layers.push_back(
            {std::string(fallback.broker_name), std::string(preset.text), Origin::preset});
    }
    if (topic_fallbacks(name).empty() && setting->preset.kind == Preset::Kind::text) {
        layers.push_back({std::string(name), std::string(setting->preset.text), Origin::preset});
    }
    return layers;
}

std::optional<std::string> topic_value(std::string_view name, const TopicOverrides& overrides,
                                       const BrokerSettings& broker) {
    const std::vector<Layer> layers = topic_layers(name, overrides, broker);
    if (layers.empty()) return std::nullopt;
    const Layer& first = layers.front();
    if (first.origin == Origin::topic) return first.value;
    for (const Fallback& fallback : topic_fallbacks(name)) {
        if (fallback.broker_name == first.name) return converted(first.value, fallback.times);
    }
    return first.value;
}

TopicSettings resolve_topic(const TopicOverrides& overrides, const BrokerSettings& broker) {
    const Resolver from(overrides, broker);
    TopicSettings topic;
    const std::vector<std::string> policies = to_list(from.text("cleanup.policy"));
    topic.is_deleted = std::ranges::find(policies, "delete") != policies.end();
    topic.is_compacted = std::ranges::find(policies, "compact") != policies.end();
    topic.compression = from.text("compression.type");
    topic.gzip_level = static_cast<std::int8_t>(from.number("compression.gzip.level"));
    topic.lz4_level = static_cast<std::int8_t>(from.number("compression.lz4.level"));
    topic.zstd_level = from.integer("compression.zstd.level");
    if (const auto limit = from.limit("retention.ms")) {
        topic.retention = std::chrono::milliseconds(*limit);
    }
    topic.retention_bytes = from.limit("retention.bytes");
    // For tests of Kafka's own: smaller than segment.bytes may be.
    topic.segment_bytes = valid_override(*find_topic_setting("internal.segment.bytes"), overrides)
                              ? std::max(from.integer("internal.segment.bytes"), 0)
                              : from.integer("segment.bytes");
    topic.segment_age_max = from.time("segment.ms");
    topic.segment_jitter = from.time("segment.jitter.ms");
    topic.index_bytes_max = from.integer("segment.index.bytes");
    topic.index_interval_bytes = from.integer("index.interval.bytes");
    topic.message_bytes_max = from.integer("max.message.bytes");
    topic.record_bytes_max = from.integer("max.decompressed.message.bytes");
    topic.flush_messages = from.number("flush.messages");
    topic.flush_interval = from.time("flush.ms");
    topic.file_delete_delay = from.time("file.delete.delay.ms");
    topic.is_preallocated = from.flag("preallocate");
    topic.timestamp_type = from.text("message.timestamp.type") == "LogAppendTime"
                               ? TimestampType::log_append_time
                               : TimestampType::create_time;
    topic.timestamp_before_max = from.time("message.timestamp.before.max.ms");
    topic.timestamp_after_max = from.time("message.timestamp.after.max.ms");
    topic.delete_retention = from.time("delete.retention.ms");
    topic.compaction_lag_min = from.time("min.compaction.lag.ms");
    topic.compaction_lag_max = from.time("max.compaction.lag.ms");
    topic.cleanable_ratio_min_millionths =
        to_millionths(from.text("min.cleanable.dirty.ratio")).value();
    topic.insync_replicas_min = from.integer("min.insync.replicas");
    topic.can_elect_unclean = from.flag("unclean.leader.election.enable");
    return topic;
}

std::vector<Problem> check_topic_overrides(const TopicOverrides& overrides) {
    std::vector<Problem> problems;
    for (const auto& [name, value] : overrides) {
        const Setting* setting = find_topic_setting(name);
        if (setting == nullptr) {
            const auto nearest = nearest_name(name, topic_table());
            problems.push_back({{},
                                name,
                                nearest ? "is unknown; did you mean " + std::string(*nearest) + "?"
                                        : "is no setting of topics"});
            continue;
        }
        auto checked = check_value(*setting, value);
        if (!checked) problems.push_back({{}, name, std::move(checked.error())});
    }
    if (!problems.empty()) return problems;
    const TopicSettings topic = resolve_topic(overrides, {});
    if (topic.compaction_lag_min > topic.compaction_lag_max) {
        problems.push_back({{}, "min.compaction.lag.ms", "is larger than max.compaction.lag.ms"});
    }
    return problems;
}

}  // namespace barnabas::settings
