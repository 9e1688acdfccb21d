// Levels of the cluster's features, as FeatureLevel records and UpdateFeatures carry them.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace barnabas::protocol {

constexpr std::string_view metadata_version_feature = "metadata.version";

// The level that a new cluster gets.
constexpr std::int16_t metadata_level_latest = 30;

struct MetadataLevel {
    std::int16_t level;
    std::string_view name;  // "4.0-IV1"
    bool changes_records;   // the metadata log is written differently from here on
};

// Ascending; the last may be later than metadata_level_latest: it is not for use yet.
std::span<const MetadataLevel> metadata_levels();
// Nothing for a level that is not defined.
const MetadataLevel* find_metadata_level(std::int16_t level);

struct FeatureLevel {
    std::string_view feature;  // "transaction.version"
    std::int16_t level;
    std::int16_t since;      // a new cluster of this metadata level gets it
    std::int16_t needs = 0;  // the metadata level that it cannot do without
};

// All features but metadata.version, each with its levels ascending.
std::span<const FeatureLevel> feature_levels();

// The highest level of a feature that is defined; -1 for a feature that is not.
std::int16_t feature_level_max(std::string_view feature);

}  // namespace barnabas::protocol
