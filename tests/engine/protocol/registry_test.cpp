#include "engine/protocol/registry.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <map>
#include <set>

#include "tests/engine/protocol/facts.h"
#include "tests/engine/protocol/typed/typed.h"
#include "tests/engine/protocol/vectors.h"

namespace barnabas::protocol {
namespace {

namespace json = boost::json;

// Kafka's JSON may leave out a tagged field at its default; what it shows must be in ours, equal.
bool shows(const json::value& ours, const json::value& kafkas) {
    if (kafkas.is_object() && ours.is_object()) {
        for (const auto& [name, value] : kafkas.get_object()) {
            const json::value* found = ours.get_object().if_contains(name);
            if (!found || !shows(*found, value)) return false;
        }
        return true;
    }
    if (kafkas.is_array() && ours.is_array()) {
        const auto& a = ours.get_array();
        const auto& b = kafkas.get_array();
        if (a.size() != b.size()) return false;
        for (std::size_t i = 0; i < a.size(); ++i) {
            if (!shows(a[i], b[i])) return false;
        }
        return true;
    }
    if (ours.is_number() && kafkas.is_number()) {
        return ours.is_double() ? ours.get_double() == kafkas.to_number<double>() : ours == kafkas;
    }
    return ours == kafkas;
}

TEST(Registry, KafkasBytesDecodeToKafkasValues) {
    for (const Vector& vector : all_vectors()) {
        const MessageType* type = find_message(vector.name);
        ASSERT_NE(type, nullptr) << vector.name;
        const auto text = type->to_json(vector.bytes, vector.version);
        ASSERT_TRUE(text.has_value())
            << vector.name << " " << vector.version << " " << text.error().text();
        EXPECT_TRUE(shows(json::parse(*text), json::parse(vector.json)))
            << vector.name << " " << vector.version << "\n"
            << *text << "\n"
            << vector.json;
    }
}

TEST(Registry, KafkasValuesEncodeToKafkasBytes) {
    for (const Vector& vector : all_vectors()) {
        const MessageType* type = find_message(vector.name);
        ASSERT_NE(type, nullptr) << vector.name;
        const auto bytes = type->from_json(vector.json, vector.version);
        ASSERT_TRUE(bytes.has_value())
            << vector.name << " " << vector.version << " " << bytes.error().text();
        EXPECT_EQ(to_hex(*bytes), to_hex(vector.bytes)) << vector.name << " " << vector.version;
        const auto again = rewrite(*type, vector.bytes, vector.version);
        EXPECT_EQ(to_hex(*again), to_hex(vector.bytes)) << vector.name << " " << vector.version;
    }
}

// What is printed holds everything: it reads back as the same bytes, fields at their default too.
TEST(Registry, OurJsonReadsBackAsTheSameBytes) {
    for (const Vector& vector : all_vectors()) {
        const MessageType* type = find_message(vector.name);
        const auto text = type->to_json(vector.bytes, vector.version);
        const auto bytes = type->from_json(*text, vector.version);
        ASSERT_TRUE(bytes.has_value()) << *text << bytes.error().text();
        EXPECT_EQ(to_hex(*bytes), to_hex(vector.bytes)) << *text;
    }
}

TEST(Registry, VectorsCoverEveryMessageAndVersion) {
    std::map<std::string, std::set<int>> seen;
    for (const Vector& vector : all_vectors()) seen[vector.name].insert(vector.version);
    EXPECT_EQ(all_vectors().size(), 1454u + 8u);
    EXPECT_EQ(all_messages().size(), 272u);
    std::size_t versions = 0;
    for (const MessageType& type : all_messages()) {
        for (int v = type.format.valid.oldest; v <= type.format.valid.latest; ++v) {
            ++versions;
            EXPECT_TRUE(seen[std::string(type.name())].contains(v)) << type.name() << " " << v;
        }
    }
    EXPECT_EQ(versions, 728u);
}

TEST(Registry, TablesAreThoseOfKafka) {
    const auto facts = table_facts();
    EXPECT_EQ(facts.size(), all_messages().size());
    for (const MessageType& type : all_messages()) {
        const auto fact = facts.find(std::string(type.name()));
        ASSERT_NE(fact, facts.end()) << type.name();
        EXPECT_EQ(sorted_by_struct(type.table()), fact->second);
    }
}

TEST(Registry, MessagesAreFoundByNameAndByKey) {
    EXPECT_EQ(find_message("FetchRequest"), find_message(ApiKey::fetch, Kind::request));
    EXPECT_EQ(find_message("FetchResponse"), find_message(ApiKey::fetch, Kind::response));
    EXPECT_EQ(find_message("LeaderAndIsrRequest"), nullptr);
    EXPECT_EQ(find_message(ApiKey::stop_replica, Kind::request), nullptr);
}

}  // namespace
}  // namespace barnabas::protocol
