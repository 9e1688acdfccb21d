#include "engine/protocol/features.h"

#include <algorithm>

namespace barnabas::protocol {

namespace {

constexpr bool changes = true;
constexpr bool same = false;

// clang-format off
constexpr MetadataLevel levels[] = {
    {7, "3.3-IV3", changes},
    {8, "3.4-IV0", changes},
    {9, "3.5-IV0", same},
    {10, "3.5-IV1", same},
    {11, "3.5-IV2", changes},
    {12, "3.6-IV0", same},
    {13, "3.6-IV1", changes},
    {14, "3.6-IV2", changes},
    {15, "3.7-IV0", changes},
    {16, "3.7-IV1", same},
    {17, "3.7-IV2", changes},
    {18, "3.7-IV3", same},
    {19, "3.7-IV4", same},
    {20, "3.8-IV0", same},
    {21, "3.9-IV0", same},
    {22, "4.0-IV0", same},
    {23, "4.0-IV1", changes},
    {24, "4.0-IV2", same},
    {25, "4.0-IV3", same},
    {26, "4.1-IV0", same},
    {27, "4.1-IV1", same},
    {28, "4.2-IV0", same},
    {29, "4.2-IV1", same},
    {30, "4.3-IV0", changes},
    {31, "4.4-IV0", same},
};

constexpr FeatureLevel others[] = {
    {.feature = "kraft.version", .level = 0, .since = 7},
    {.feature = "kraft.version", .level = 1, .since = 21},
    {.feature = "transaction.version", .level = 0, .since = 7},
    {.feature = "transaction.version", .level = 1, .since = 24},
    {.feature = "transaction.version", .level = 2, .since = 24},
    {.feature = "group.version", .level = 0, .since = 7},
    {.feature = "group.version", .level = 1, .since = 22},
    {.feature = "eligible.leader.replicas.version", .level = 0, .since = 7},
    {.feature = "eligible.leader.replicas.version", .level = 1, .since = 26, .needs = 23},
    {.feature = "share.version", .level = 0, .since = 7},
    {.feature = "share.version", .level = 1, .since = 28},
    {.feature = "streams.version", .level = 0, .since = 7},
    {.feature = "streams.version", .level = 1, .since = 29},
};
// clang-format on

}  // namespace

std::span<const MetadataLevel> metadata_levels() { return levels; }
std::span<const FeatureLevel> feature_levels() { return others; }

const MetadataLevel* find_metadata_level(std::int16_t level) {
    const auto found = std::find_if(std::begin(levels), std::end(levels),
                                    [&](const MetadataLevel& row) { return row.level == level; });
    return found == std::end(levels) ? nullptr : found;
}

std::int16_t feature_level_max(std::string_view feature) {
    if (feature == metadata_version_feature) return metadata_level_latest;
    std::int16_t highest = -1;
    for (const FeatureLevel& row : others) {
        if (row.feature == feature) highest = std::max(highest, row.level);
    }
    return highest;
}

}  // namespace barnabas::protocol
