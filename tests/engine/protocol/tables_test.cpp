// Error codes, APIs and features against Kafka's own.
#include <gtest/gtest.h>

#include <set>

#include "engine/protocol/apis.h"
#include "engine/protocol/errors.h"
#include "engine/protocol/features.h"
#include "tests/engine/protocol/vectors.h"

namespace barnabas::protocol {
namespace {

std::vector<std::vector<std::string>> rows_of(std::string_view file) {
    std::vector<std::vector<std::string>> rows;
    std::ifstream stream(data_path(file));
    for (std::string line; std::getline(stream, line);) {
        if (!line.empty() && line[0] != '#') rows.push_back(split_tabs(line));
    }
    return rows;
}

TEST(Tables, ErrorCodesAreThoseOfKafka) {
    const auto facts = rows_of("errors.tsv");
    ASSERT_EQ(all_errors().size(), facts.size());
    for (std::size_t i = 0; i < facts.size(); ++i) {
        const ErrorRow& row = all_errors()[i];
        EXPECT_EQ(std::to_string(static_cast<int>(row.code)), facts[i][0]);
        EXPECT_EQ(row.name, facts[i][1]);
        EXPECT_EQ(row.is_retriable, facts[i][2] == "true") << row.name;
        EXPECT_FALSE(row.text.empty());
        EXPECT_EQ(&row_of(row.code), &row);
    }
}

// A code of a later Kafka reads as the error that has no name.
TEST(Tables, UndefinedErrorCodesAreTheUnknownError) {
    for (const int code : {-32768, -2, 134, 32767}) {
        EXPECT_EQ(name_of(static_cast<ErrorCode>(code)), "UNKNOWN_SERVER_ERROR") << code;
    }
}

std::string in_capitals(std::string_view name) {
    std::string capitals;
    for (const char c : name) {
        const bool is_capital = 'A' <= c && c <= 'Z';
        if (is_capital && !capitals.empty()) capitals += '_';
        capitals += is_capital ? c : static_cast<char>(c - 'a' + 'A');
    }
    return capitals;
}

std::string listeners_fact(Listeners on) {
    std::string text;
    if (includes(on, Listeners::broker)) text = "BROKER";
    if (includes(on, Listeners::controller)) text += text.empty() ? "CONTROLLER" : ", CONTROLLER";
    if (on == Listeners::none) text.clear();
    return '[' + text + ']';
}

TEST(Tables, ApisAreThoseOfKafka) {
    const auto facts = rows_of("apis.tsv");
    ASSERT_EQ(all_apis().size(), facts.size());
    for (std::size_t i = 0; i < facts.size(); ++i) {
        const ApiRow& row = all_apis()[i];
        EXPECT_EQ(std::to_string(static_cast<int>(row.api.key)), facts[i][0]);
        EXPECT_EQ(in_capitals(row.name), facts[i][1]);
        EXPECT_EQ(std::to_string(row.api.valid.oldest), facts[i][2]) << row.name;
        EXPECT_EQ(std::to_string(row.api.valid.latest), facts[i][3]) << row.name;
        const int stable = row.api.valid.latest - (row.api.latest_is_unstable ? 1 : 0);
        EXPECT_EQ(std::to_string(stable), facts[i][4]) << row.name;
        EXPECT_EQ(listeners_fact(row.api.on), facts[i][5]) << row.name;
        EXPECT_EQ(row.api.is_cluster_action, facts[i][6] == "true") << row.name;
        EXPECT_EQ(row.api.is_forwardable, facts[i][7] == "true") << row.name;
    }
    EXPECT_EQ(find_api(static_cast<ApiKey>(93)), nullptr);
    EXPECT_EQ(find_api(static_cast<ApiKey>(-1)), nullptr);
}

TEST(Tables, AdvertisedIsNotTheSameAsServed) {
    const auto count = [](Listeners at, Advertising with) {
        int listed = 0;
        for (const ApiRow& row : all_apis()) listed += !advertised(row.api.key, at, with).empty();
        return listed;
    };
    EXPECT_EQ(count(Listeners::broker, {}), 75);
    EXPECT_EQ(count(Listeners::broker, {.telemetry_receiver = true}), 77);
    EXPECT_EQ(count(Listeners::controller, {}), 41);

    EXPECT_EQ(served(ApiKey::produce, Listeners::broker), (VersionRange{3, 13}));
    EXPECT_EQ(advertised(ApiKey::produce, Listeners::broker, {}), (VersionRange{0, 13}));
    EXPECT_TRUE(served(ApiKey::produce, Listeners::controller).empty());
    const auto init = ApiKey::init_producer_id;
    EXPECT_EQ(advertised(init, Listeners::broker, {}), (VersionRange{0, 5}));
    EXPECT_EQ(advertised(init, Listeners::broker, {.unstable_versions = true}),
              (VersionRange{0, 6}));
    EXPECT_TRUE(advertised(ApiKey::leader_and_isr, Listeners::broker, {}).empty());
}

TEST(Tables, FeaturesAreThoseOfKafka) {
    std::size_t levels = 0;
    std::size_t others = 0;
    for (const auto& fact : rows_of("features.tsv")) {
        if (fact.size() == 3) {
            ASSERT_LT(levels, metadata_levels().size());
            const MetadataLevel& level = metadata_levels()[levels++];
            EXPECT_EQ(std::to_string(level.level), fact[0]);
            EXPECT_EQ(level.name, fact[1]);
            EXPECT_EQ(level.changes_records, fact[2] == "true") << level.name;
        } else {
            ASSERT_EQ(fact.size(), 4u);
            ASSERT_LT(others, feature_levels().size());
            const FeatureLevel& level = feature_levels()[others++];
            EXPECT_EQ(level.feature, fact[0]);
            EXPECT_EQ(std::to_string(level.level), fact[1]);
            EXPECT_EQ(find_metadata_level(level.since)->name, fact[2]);
            const std::string needs = "{metadata.version=" + std::to_string(level.needs) + "}";
            EXPECT_EQ(level.needs == 0 ? "{}" : needs, fact[3]);
        }
    }
    EXPECT_EQ(levels, metadata_levels().size());
    EXPECT_EQ(others, feature_levels().size());
    EXPECT_EQ(find_metadata_level(metadata_level_latest)->name, "4.3-IV0");
}

}  // namespace
}  // namespace barnabas::protocol
