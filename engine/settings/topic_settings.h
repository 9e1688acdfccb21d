// The settings of one topic, resolved: its own overrides over the broker's defaults.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/settings/broker_settings.h"
#include "engine/settings/problem.h"

namespace barnabas::settings {

// What a topic itself says.
using TopicOverrides = Texts;

enum class TimestampType : std::uint8_t { create_time, log_append_time };

// What the log and replication work with. Numbers and times are in range; nothing means no limit.
struct TopicSettings {
    using Milliseconds = std::chrono::milliseconds;

    bool is_deleted = true;     // cleanup.policy has "delete"
    bool is_compacted = false;  // ... "compact"
    std::string compression;    // "producer", "zstd" ...
    std::int8_t gzip_level = -1;
    std::int8_t lz4_level = 9;
    std::int32_t zstd_level = 3;
    std::optional<Milliseconds> retention;
    std::optional<std::int64_t> retention_bytes;
    std::int32_t segment_bytes = 0;
    Milliseconds segment_age_max{};  // segment.ms
    Milliseconds segment_jitter{};
    std::int32_t index_bytes_max = 0;
    std::int32_t index_interval_bytes = 0;
    std::int32_t message_bytes_max = 0;  // of a whole batch
    std::int32_t record_bytes_max = 0;   // of one record, unpacked
    std::int64_t flush_messages = 0;
    Milliseconds flush_interval{};
    Milliseconds file_delete_delay{};
    bool is_preallocated = false;
    TimestampType timestamp_type = TimestampType::create_time;
    Milliseconds timestamp_before_max{};
    Milliseconds timestamp_after_max{};
    Milliseconds delete_retention{};  // of tombstones and markers, in a compacted topic
    Milliseconds compaction_lag_min{};
    Milliseconds compaction_lag_max{};
    std::int64_t cleanable_ratio_min_millionths = 0;
    std::int32_t insync_replicas_min = 1;
    bool can_elect_unclean = false;

    friend bool operator==(const TopicSettings&, const TopicSettings&) = default;
};

// For what a client asks: every unknown name and bad value, and what contradicts itself. Empty when
// all is well.
std::vector<Problem> check_topic_overrides(const TopicOverrides& overrides);

// Total: an override that is unknown or invalid (another version wrote it) counts as not given.
TopicSettings resolve_topic(const TopicOverrides& overrides, const BrokerSettings& broker);

// One place that gives a topic setting a value, as DescribeConfigs lists them.
struct Layer {
    std::string name;  // of the setting there: "retention.ms", "log.retention.hours"
    std::string value;
    Origin origin = Origin::topic;
    friend bool operator==(const Layer&, const Layer&) = default;
};
// Most specific first; none when the setting is null everywhere. Needs: a name of the topic table.
std::vector<Layer> topic_layers(std::string_view name, const TopicOverrides& overrides,
                                const BrokerSettings& broker);
// The value that holds, in the topic setting's own unit: hours have become milliseconds.
std::optional<std::string> topic_value(std::string_view name, const TopicOverrides& overrides,
                                       const BrokerSettings& broker);

}  // namespace barnabas::settings
