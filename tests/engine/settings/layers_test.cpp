// What the cluster's metadata says of a broker's settings, over what was given to the node.
#include <gtest/gtest.h>

#include "engine/settings/broker_settings.h"
#include "engine/settings/topic_settings.h"

namespace barnabas::settings {
namespace {

BrokerSettings given(std::vector<std::string> assignments) {
    return parse({.file_name = {},
                  .file = {},
                  .assignments = std::move(assignments),
                  .default_log_directory = "/data"})
        ->settings;
}

TEST(Layers, TheMostSpecificPlaceGivesTheValue) {
    const BrokerSettings node = given({"message.max.bytes=1000"});
    EXPECT_EQ(node.number("message.max.bytes"), 1000);
    const auto all = node.with_dynamic({{"message.max.bytes", "2000"}}, {});
    EXPECT_EQ(all.number("message.max.bytes"), 2000);
    const auto own = node.with_dynamic({{"message.max.bytes", "2000"}},
                                       {{"message.max.bytes", "3000"}});
    EXPECT_EQ(own.number("message.max.bytes"), 3000);
    EXPECT_EQ(own.with_dynamic({}, {}).number("message.max.bytes"), 1000);
    EXPECT_EQ(own.given("message.max.bytes", Origin::properties), "1000");
    EXPECT_EQ(resolve_topic({}, own).message_bytes_max, 3000);
    EXPECT_EQ(resolve_topic({{"max.message.bytes", "4000"}}, own).message_bytes_max, 4000);
}

// A number of hours that was given stands behind the milliseconds that were said later.
TEST(Layers, WhatIsSaidLaterComesBeforeTheSameInAnotherUnit) {
    const auto node =
        given({"log.retention.hours=2"}).with_dynamic({{"log.retention.ms", "5"}}, {});
    EXPECT_EQ(node.number_or_null("log.retention.ms"), 5);
    EXPECT_EQ(topic_layers("retention.ms", {}, node),
              (std::vector<Layer>{{"log.retention.ms", "5", Origin::all_brokers},
                                  {"log.retention.hours", "2", Origin::properties},
                                  {"log.retention.hours", "168", Origin::preset}}));
}

TEST(Layers, WhatAnotherReleaseWroteIsAsIfItWereNot) {
    const auto node = given({}).with_dynamic({{"message.max.bytes", "many"},
                                              {"num.partitions", "7"},
                                              {"listeners", "PLAINTEXT://:1"},
                                              {"no.such.setting", "1"}},
                                             {});
    EXPECT_EQ(node.number("num.partitions"), 1);
    EXPECT_TRUE(node.differences(given({})).empty());
}

TEST(Layers, TheDifferencesAreTheNamesWhoseValuesAreOthers) {
    const auto before = given({"message.max.bytes=1000"});
    const auto after = before.with_dynamic(
        {{"message.max.bytes", "1000"}, {"max.connections", "5"}, {"log.segment.bytes", "1048576"}},
        {});
    EXPECT_EQ(before.differences(after),
              (std::vector<std::string>{"log.segment.bytes", "max.connections"}));
    EXPECT_EQ(after.differences(before), before.differences(after));
}

}  // namespace
}  // namespace barnabas::settings
