// Properties of every message and version, over values drawn from Kafka's tables of fields.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <boost/json.hpp>
#include <functional>

#include "engine/protocol/registry.h"
#include "tests/engine/protocol/random_json.h"
#include "tests/engine/protocol/typed/typed.h"

namespace barnabas::protocol {
namespace {

namespace json = boost::json;

const std::map<std::string, FactMessage>& message_facts() {
    static const auto all = [] {
        std::map<std::string, FactMessage> facts;
        for (const auto& [name, table] : table_facts()) facts[name] = message_fact(table);
        return facts;
    }();
    return all;
}

std::string drawn(const MessageType& type, std::int16_t version) {
    Random random(*rc::gen::arbitrary<std::uint64_t>());
    const auto size_max = *rc::gen::inRange<std::uint64_t>(0, 4);
    const FactMessage& fact = message_facts().at(std::string(type.name()));
    return RandomJson(fact, version, random, size_max).draw();
}

void check_all(const std::string& claim,
               const std::function<void(const MessageType&, std::int16_t)>& property) {
    const bool holds = rc::check(claim, [&] {
        for (const MessageType& type : all_messages()) {
            for (auto v = type.format.valid.oldest; v <= type.format.valid.latest; ++v) {
                property(type, v);
            }
        }
    });
    EXPECT_TRUE(holds);
}

TEST(RoundTrip, EveryValueOfEveryVersionComesBack) {
    check_all("a value is itself again", [](const MessageType& type, std::int16_t version) {
        const std::string value = drawn(type, version);
        const auto bytes = type.from_json(value, version);
        RC_ASSERT(bytes.has_value());
        const auto again = type.to_json(*bytes, version);
        RC_ASSERT(again.has_value());
        RC_ASSERT(json::parse(*again) == json::parse(value));
        RC_ASSERT(*rewrite(type, *bytes, version) == *bytes);
    });
}

// Adds a tagged field of a later Kafka to every struct of a value.
void add_unknown(json::value& value) {
    if (json::array* array = value.if_array()) {
        for (json::value& element : *array) add_unknown(element);
    } else if (json::object* object = value.if_object()) {
        for (auto& member : *object) add_unknown(member.value());
        json::object unknown{{"tag", 9999}, {"bytes", "qrvM"}};
        (*object)["unknownTaggedFields"] = json::array{std::move(unknown)};
    }
}

TEST(RoundTrip, UnknownTaggedFieldsOfEveryStructAreKeptAndWrittenBack) {
    check_all("a later Kafka's fields survive", [](const MessageType& type, std::int16_t version) {
        json::value value = json::parse(drawn(type, version));
        add_unknown(value);
        const auto bytes = type.from_json(json::serialize(value), version);
        RC_ASSERT(bytes.has_value() == type.format.is_flexible(version));
        if (!bytes) return;
        RC_ASSERT(json::parse(*type.to_json(*bytes, version)) == value);
        RC_ASSERT(*rewrite(type, *bytes, version) == *bytes);
    });
}

}  // namespace
}  // namespace barnabas::protocol
