#include "engine/settings/table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <sstream>

#include "engine/settings/value.h"
#include "tests/support/places.h"

namespace barnabas::settings {
namespace {

using Columns = std::vector<std::string>;

std::vector<Columns> read_columns(const std::string& name) {
    std::ifstream file(support::source_path("tests/engine/settings/data/" + name));
    std::vector<Columns> rows;
    for (std::string line; std::getline(file, line);) {
        Columns row;
        std::stringstream columns(line);
        for (std::string one; std::getline(columns, one, '\t');) row.push_back(one);
        rows.push_back(std::move(row));
    }
    return rows;
}

std::vector<Columns> settings_in(const std::string& name) {
    auto rows = read_columns(name);
    std::erase_if(rows, [](const Columns& row) { return row.front().starts_with('#'); });
    return rows;
}

std::string type_in_kafka(Type type) {
    switch (type) {
        case Type::boolean: return "BOOLEAN";
        case Type::short_integer: return "SHORT";
        case Type::integer: return "INT";
        case Type::long_integer: return "LONG";
        case Type::real: return "DOUBLE";
        case Type::text: return "STRING";
        case Type::list: return "LIST";
        case Type::class_name: return "CLASS";
        case Type::password: return "PASSWORD";
    }
    return "";
}

std::string preset_in_kafka(const Preset& preset) {
    switch (preset.kind) {
        case Preset::Kind::text: return std::string(preset.text);
        case Preset::Kind::null: return "null";
        case Preset::Kind::required: return "(required)";
    }
    return "";
}

std::string bound_in_kafka(Type type, std::int64_t value) {
    if (type != Type::real) return std::to_string(value);
    if (value % 1'000'000 == 0) return std::to_string(value / 1'000'000);
    return "0." + std::to_string(value / 100'000);
}

std::string valid_in_kafka(const Setting& setting) {
    const Valid& valid = setting.valid;
    const std::string low = bound_in_kafka(setting.type, valid.low);
    const std::string high = bound_in_kafka(setting.type, valid.high);
    const std::string upper = valid.high == INT64_MAX ? "" : "," + high;
    switch (valid.rule) {
        case Valid::Rule::any: return "";
        case Valid::Rule::range: return "[" + low + ",..." + upper + "]";
        case Valid::Rule::range_or_minus1: return "[" + low + ",..." + upper + "] or -1";
        case Valid::Rule::choice: return "[" + std::string(valid.choices) + "]";
        case Valid::Rule::choice_any_case:
            return "(case insensitive) [" + std::string(valid.choices) + "]";
        case Valid::Rule::not_empty:
            return setting.type == Type::list ? "non-empty list" : "non-empty string";
        case Valid::Rule::not_null: return "non-null string";
        case Valid::Rule::throttled_replicas:
            return "[partitionId]:[brokerId],[partitionId]:[brokerId],...";
    }
    return "";
}

std::string change_in_kafka(Change change) {
    switch (change) {
        case Change::read_only: return "read-only";
        case Change::per_broker: return "per-broker";
        case Change::cluster_wide: return "cluster-wide";
    }
    return "";
}

std::string column(const Columns& row, std::size_t at) { return at < row.size() ? row[at] : ""; }

void expect_same(const Setting& ours, const Columns& kafkas) {
    EXPECT_EQ(ours.name, column(kafkas, 0));
    EXPECT_EQ(type_in_kafka(ours.type), column(kafkas, 1)) << ours.name;
    EXPECT_EQ(preset_in_kafka(ours.preset), column(kafkas, 2)) << ours.name;
    EXPECT_EQ(valid_in_kafka(ours), column(kafkas, 3)) << ours.name;
}

TEST(BrokerTable, IsKafkas) {
    const auto kafkas = settings_in("configs-broker.tsv");
    const auto ours = broker_table();
    ASSERT_EQ(ours.size(), kafkas.size());
    for (std::size_t i = 0; i < kafkas.size(); ++i) {
        expect_same(ours[i], kafkas[i]);
        EXPECT_EQ(change_in_kafka(ours[i].change), column(kafkas[i], 5)) << ours[i].name;
        EXPECT_EQ(ours[i].is_internal, column(kafkas[i], 6) == "internal") << ours[i].name;
    }
}

TEST(TopicTable, IsKafkas) {
    const auto kafkas = settings_in("configs-topic.tsv");
    const auto ours = topic_table();
    ASSERT_EQ(ours.size(), kafkas.size());
    for (std::size_t i = 0; i < kafkas.size(); ++i) {
        expect_same(ours[i], kafkas[i]);
        EXPECT_EQ(ours[i].is_internal, column(kafkas[i], 5) == "internal") << ours[i].name;
    }
}

TEST(TopicTable, FallsBackToTheBrokerAsKafkaDoes) {
    std::map<std::string, std::string> kafkas;
    for (const Columns& row : read_columns("configs-topic.tsv")) {
        if (row.front().starts_with("#> ")) kafkas[row.front().substr(3)] = row.at(1);
    }
    ASSERT_FALSE(kafkas.empty());
    for (const Setting& setting : topic_table()) {
        std::string ours;
        for (const Fallback& fallback : topic_fallbacks(setting.name)) {
            ours += (ours.empty() ? "[" : ", ") + std::string(fallback.broker_name);
        }
        EXPECT_EQ(ours.empty() ? "" : ours + "]", kafkas[std::string(setting.name)])
            << setting.name;
    }
}

// Looking up is by halves, and a name that is not there must not be listed as having an effect.
TEST(Tables, AreSortedAndFound) {
    for (const auto table : {broker_table(), topic_table()}) {
        EXPECT_TRUE(std::ranges::is_sorted(table, {}, &Setting::name));
    }
    for (const Setting& setting : broker_table()) {
        EXPECT_EQ(find_broker_setting(setting.name), &setting);
        for (const Fallback& fallback : broker_fallbacks(setting.name)) {
            EXPECT_NE(find_broker_setting(fallback.broker_name), nullptr) << setting.name;
        }
    }
    for (const Setting& setting : topic_table()) {
        EXPECT_EQ(find_topic_setting(setting.name), &setting);
    }
    EXPECT_EQ(find_broker_setting("num.partition"), nullptr);
    EXPECT_EQ(find_topic_setting(""), nullptr);
}

TEST(Tables, OfDefaultsHoldOnlyValidOnes) {
    for (const auto table : {broker_table(), topic_table()}) {
        for (const Setting& setting : table) {
            // Kafka's own: an empty list is the default where none is valid once it is given.
            const bool is_none = setting.type == Type::list && setting.preset.text.empty();
            if (setting.preset.kind != Preset::Kind::text || is_none) continue;
            const auto value = check_value(setting, setting.preset.text);
            EXPECT_TRUE(value.has_value()) << setting.name << ": " << value.error();
        }
    }
}

// A typing error in the list of effects would make a setting silently have none.
TEST(Tables, KnowTheEffectsOfTheFirstPath) {
    for (const char* name :
         {"log.dirs", "node.id", "process.roles", "listeners", "advertised.listeners",
          "controller.listener.names", "controller.quorum.voters",
          "controller.quorum.bootstrap.servers", "num.partitions", "auto.create.topics.enable",
          "message.max.bytes", "socket.request.max.bytes", "log.segment.bytes",
          "log.retention.bytes"}) {
        EXPECT_NE(find_broker_setting(name), nullptr) << name;
        EXPECT_TRUE(has_effect_on_broker(name)) << name;
    }
    EXPECT_FALSE(has_effect_on_broker("num.io.threads"));
    EXPECT_TRUE(has_effect_on_topic("segment.bytes"));
}

// One truth: every setting works, or a line says with what it will.
TEST(Tables, SayOfEverySettingWhetherItWorksOrWhichRoomWillMakeIt) {
    for (const Setting& setting : broker_table()) {
        if (has_effect_on_broker(setting.name)) continue;
        EXPECT_TRUE(room_to_come(setting.name).has_value()) << setting.name;
    }
    for (const Setting& setting : topic_table()) {
        if (has_effect_on_topic(setting.name)) continue;
        EXPECT_TRUE(room_to_come(setting.name).has_value()) << setting.name;
    }
    EXPECT_EQ(room_to_come("group.share.max.groups"), "groups");
    EXPECT_EQ(room_to_come("num.io.threads"), "");
    EXPECT_EQ(words_for_no_effect("sasl.enabled.mechanisms"),
              "has no effect yet: that comes with security");
    EXPECT_EQ(room_to_come("no.such.setting"), std::nullopt);
}

// A topic setting that works does so as the broker's default too.
TEST(Tables, GiveATopicSettingAndItsDefaultTheSameEffect) {
    for (const Setting& setting : topic_table()) {
        for (const Fallback& fallback : topic_fallbacks(setting.name)) {
            if (fallback.broker_name == "log.flush.scheduler.interval.ms") continue;
            EXPECT_EQ(has_effect_on_topic(setting.name), has_effect_on_broker(fallback.broker_name))
                << setting.name << ", " << fallback.broker_name;
        }
    }
}

// Else a person would be told that a setting does nothing while it does something.
TEST(Tables, NameTheEffectOfEverySettingThatARoomReads) {
    namespace fs = std::filesystem;
    const std::regex getter(
        R"re(\.(number|number_or_null|millionths|flag|text|list)\("([^"]+)"\))re");
    int read = 0;
    for (const auto& file : fs::recursive_directory_iterator(support::source_path("engine"))) {
        const std::string path = file.path().generic_string();
        if (!path.ends_with(".cpp") || path.find("/engine/settings/") != std::string::npos)
            continue;
        std::ifstream in(path);
        const std::string text{std::istreambuf_iterator<char>(in), {}};
        for (std::sregex_iterator at(text.begin(), text.end(), getter), end; at != end; ++at) {
            const std::string name = (*at)[2];
            if (find_broker_setting(name) == nullptr) continue;
            EXPECT_TRUE(has_effect_on_broker(name)) << name << " is read in " << path;
            ++read;
        }
    }
    EXPECT_GT(read, 3);
}

}  // namespace
}  // namespace barnabas::settings
