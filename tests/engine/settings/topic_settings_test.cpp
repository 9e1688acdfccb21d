#include "engine/settings/topic_settings.h"

#include <gtest/gtest.h>

namespace barnabas::settings {
namespace {

using namespace std::chrono_literals;

BrokerSettings broker(std::vector<std::string> assignments) {
    return parse({.file_name = {},
                  .file = {},
                  .assignments = std::move(assignments),
                  .default_log_directory = "/data"})
        .value()
        .settings;
}

TEST(TopicSettings, AreKafkasDefaults) {
    const TopicSettings topic = resolve_topic({}, broker({}));
    EXPECT_TRUE(topic.is_deleted);
    EXPECT_FALSE(topic.is_compacted);
    EXPECT_EQ(topic.retention, 168h);
    EXPECT_EQ(topic.retention_bytes, std::nullopt);
    EXPECT_EQ(topic.segment_bytes, 1 << 30);
    EXPECT_EQ(topic.segment_age_max, 168h);
    EXPECT_EQ(topic.message_bytes_max, 1048588);
    EXPECT_EQ(topic.timestamp_type, TimestampType::create_time);
    EXPECT_EQ(topic.cleanable_ratio_min_millionths, 500'000);
    EXPECT_EQ(topic.flush_messages, INT64_MAX);
    EXPECT_EQ(topic.insync_replicas_min, 1);
}

TEST(TopicSettings, FallBackToTheBroker) {
    const TopicSettings topic = resolve_topic(
        {}, broker({"log.segment.bytes=1048576", "log.retention.minutes=5",
                    "log.cleanup.policy=compact,delete", "log.message.timestamp.type=LogAppendTime",
                    "log.roll.hours=1", "log.retention.bytes=1000"}));
    EXPECT_EQ(topic.segment_bytes, 1 << 20);
    EXPECT_EQ(topic.retention, 5min);
    EXPECT_TRUE(topic.is_compacted && topic.is_deleted);
    EXPECT_EQ(topic.timestamp_type, TimestampType::log_append_time);
    EXPECT_EQ(topic.segment_age_max, 1h);
    EXPECT_EQ(topic.retention_bytes, 1000);
}

TEST(TopicSettings, LetTheTopicHaveTheLastWord) {
    const TopicSettings topic =
        resolve_topic({{"retention.ms", "-1"}, {"segment.bytes", " 2097152 "}},
                      broker({"log.segment.bytes=1048576", "log.retention.ms=1"}));
    EXPECT_EQ(topic.retention, std::nullopt);
    EXPECT_EQ(topic.segment_bytes, 2 << 20);
}

// Another version may have written the record; a broker that did not start would help nobody.
TEST(TopicSettings, PassOverOverridesThatAreNotOurs) {
    EXPECT_EQ(resolve_topic({{"segment.bytes", "12"}, {"of.the.future", "x"}}, broker({})),
              resolve_topic({}, broker({})));
}

TEST(TopicSettings, SayEverythingThatIsWrongWithAClientsOverrides) {
    const auto problems = check_topic_overrides(
        {{"segment.byte", "1048576"}, {"segment.bytes", "12"}, {"retention.ms", "5"}});
    ASSERT_EQ(problems.size(), 2u);
    EXPECT_EQ(problems[0].print(), "segment.byte: is unknown; did you mean segment.bytes?");
    EXPECT_EQ(problems[1].print(), "segment.bytes: 12 is too small: at least 1048576 is needed");
    EXPECT_EQ(
        check_topic_overrides({{"min.compaction.lag.ms", "5"}, {"max.compaction.lag.ms", "4"}})
            .front()
            .print(),
        "min.compaction.lag.ms: is larger than max.compaction.lag.ms");
    EXPECT_TRUE(check_topic_overrides({{"leader.replication.throttled.replicas", "0:1,1:2"},
                                       {"follower.replication.throttled.replicas", "*"},
                                       {"cleanup.policy", "compact, delete"}})
                    .empty());
    EXPECT_FALSE(check_topic_overrides({{"leader.replication.throttled.replicas", "0-1"}}).empty());
}

TEST(TopicSettings, ListTheirLayersMostSpecificFirst) {
    const auto layers =
        topic_layers("retention.ms", {{"retention.ms", "5"}}, broker({"log.retention.hours=2"}));
    EXPECT_EQ(layers, (std::vector<Layer>{{"retention.ms", "5", Origin::topic},
                                          {"log.retention.hours", "2", Origin::properties},
                                          {"log.retention.hours", "168", Origin::preset}}));
    EXPECT_EQ(topic_value("retention.ms", {}, broker({"log.retention.hours=2"})), "7200000");
    EXPECT_EQ(topic_value("internal.segment.bytes", {}, broker({})), std::nullopt);
}

}  // namespace
}  // namespace barnabas::settings
