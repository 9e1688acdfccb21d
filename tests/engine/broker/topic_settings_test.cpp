// Every setting of a topic that a log gives effect to: with another value something else is seen,
// both for a topic that is made with it and for one that gets it while its log is open.
#include <fmt/format.h>

#include <functional>
#include <set>

#include "engine/protocol/error_text.h"
#include "engine/protocol/messages/incremental_alter_configs.h"
#include "engine/settings/table.h"
#include "tests/engine/broker/test_broker.h"

namespace barnabas::broker {
namespace {

using protocol::ErrorCode;
using Settings = std::map<std::string, std::string>;

constexpr std::int64_t wall = 1'795'400'000'000;  // the tests' clock stands there

// Words that shrink the more the harder a codec tries.
std::string text(std::size_t size) {
    Random dice(5);
    std::string words;
    while (words.size() < size) {
        words += "word" + std::to_string(dice.below(300)) + " of " + std::to_string(dice.below(40));
    }
    return words;
}

Bytes batch_at(std::int64_t timestamp, const std::string& value, bool has_key = true) {
    records::BatchBuilder batch;
    const records::OptionalView key =
        has_key ? records::OptionalView(as_bytes("key")) : std::nullopt;
    batch.add(timestamp, key, as_bytes(value));
    return records::stamp(batch.finish(), Offset(0), no_leader_epoch).flatten();
}

class Topic {
  public:
    explicit Topic(const Settings& settings)
        : broker({"log.retention.check.interval.ms=1000", "log.dirs=/data"}) {
        broker.start();
        client_ = broker.connect();
        protocol::CreateTopicsRequest request;
        auto& topic = request.topics.emplace_back();
        topic.name = "orders";
        topic.num_partitions = topic.replication_factor = 1;
        for (const auto& [name, value] : settings) {
            auto& config = topic.configs.emplace_back();
            config.name = name;
            config.value = value;
        }
        const auto made = broker.ask<protocol::CreateTopicsResponse>(client_, request, 7);
        EXPECT_EQ(made.topics.at(0).error_code, ErrorCode::none)
            << made.topics.at(0).error_message.value_or("");
    }

    ErrorCode alter(const std::string& name, std::optional<std::string> value,
                    std::int8_t operation = 0) {
        protocol::IncrementalAlterConfigsRequest request;
        auto& resource = request.resources.emplace_back();
        resource.resource_type = 2;
        resource.resource_name = "orders";
        auto& config = resource.configs.emplace_back();
        config.name = name;
        config.value = std::move(value);
        config.config_operation = operation;
        const auto altered =
            broker.ask<protocol::IncrementalAlterConfigsResponse>(client_, request, 1);
        return altered.responses.at(0).error_code;
    }
    ErrorCode produce(Bytes batch) {
        const auto answer = broker.ask<protocol::ProduceResponse>(
            client_, produce_to("orders", std::move(batch)), 9);
        return answer.responses.at(0).partition_responses.at(0).error_code;
    }
    // Several batches that are so far apart in time.
    void produce_many(int count, std::size_t size, std::int64_t apart = 0) {
        for (int i = 0; i < count; ++i) {
            produce(batch_at(wall + i * apart - count * apart, std::string(size, 'x')));
        }
    }
    Bytes stored() {
        const auto answer =
            broker.ask<protocol::FetchResponse>(client_, fetch_from("orders", Offset(0)), 12);
        return answer.responses.at(0).partitions.at(0).records.bytes();
    }
    const log::PartitionLog& log() { return broker.broker().node().partitions.table().at(0)->log; }
    std::size_t files(std::string_view ending) {
        std::size_t count = 0;
        for (const std::string& name : broker.disk().names_in("/data/orders-0")) {
            count += name.ends_with(ending);
        }
        return count;
    }

    TestBroker broker;

  private:
    ConnectionId client_;
};

std::string in_words(ErrorCode code) { return std::to_string(static_cast<int>(code)); }

std::string stored_size(Topic& topic) {
    topic.produce(batch_at(wall, text(60'000)));
    return std::to_string(topic.stored().size());
}
std::string segments(Topic& topic, std::size_t size, std::int64_t apart) {
    topic.produce_many(20, size, apart);
    return std::to_string(topic.log().segment_count());
}
std::string log_start(Topic& topic) {
    topic.produce_many(8, 300'000, 1000);
    topic.broker.pass(1s);
    topic.broker.pass(1s);
    return std::to_string(topic.log().log_start_offset().value());
}

struct Effect {
    std::string name;
    std::string value;
    std::string other;
    std::function<std::string(Topic&)> observe;
    Settings beside = {};
    bool is_for_next_segment = false;  // an open segment keeps what it began with
};

// Of settings that bear on one batch.
std::vector<Effect> batch_effects() {
    const auto refused_at = [](std::int64_t timestamp) {
        return [timestamp](Topic& topic) {
            return in_words(topic.produce(batch_at(timestamp, "late")));
        };
    };
    return {
        {"compression.type", "uncompressed", "zstd", stored_size},
        {"compression.gzip.level", "1", "9", stored_size, {{"compression.type", "gzip"}}},
        {"compression.lz4.level", "1", "17", stored_size, {{"compression.type", "lz4"}}},
        {"compression.zstd.level", "1", "19", stored_size, {{"compression.type", "zstd"}}},
        {"max.message.bytes", "100", "1048588",
         [](Topic& topic) {
             return in_words(topic.produce(batch_at(wall, std::string(500, 'x'))));
         }},
        {"message.timestamp.after.max.ms", "1000", "3600000", refused_at(wall + 60'000)},
        {"message.timestamp.before.max.ms", "1000", "3600000", refused_at(wall - 60'000)},
        {"message.timestamp.type", "CreateTime", "LogAppendTime",
         [](Topic& topic) {
             topic.produce(batch_at(wall - 5, "one"));
             return std::to_string(records::BatchHeader::parse(topic.stored())->max_timestamp);
         }},
        {"min.insync.replicas", "1", "2",
         [](Topic& topic) { return in_words(topic.produce(batch_at(wall, "one"))); }},
    };
}

// Of settings that bear on the files.
std::vector<Effect> file_effects() {
    const Settings small{{"segment.bytes", "1048576"}};
    return {
        {"file.delete.delay.ms",
         "0",
         "60000",
         [](Topic& topic) {
             log_start(topic);
             topic.broker.pass(1s);
             return std::to_string(topic.files(".deleted"));
         },
         {{"segment.bytes", "1048576"}, {"retention.bytes", "1"}}},
        {"flush.messages", "1", "9223372036854775807",
         [](Topic& topic) {
             topic.produce(batch_at(wall, "one"));
             topic.broker.lose_power();
             topic.broker.start();
             return std::to_string(topic.log().log_end_offset().value());
         }},
        {"index.interval.bytes",
         "0",
         "1000000",
         [](Topic& topic) {
             topic.produce_many(20, 1000);
             topic.broker.stop();
             return std::to_string(
                 topic.broker.disk().bytes("/data/orders-0/00000000000000000000.index").size());
         },
         {},
         true},
        {"internal.segment.bytes", "5000", "100000",
         [](Topic& topic) { return segments(topic, 2000, 0); }},
        {"preallocate", "true", "false",
         [](Topic& topic) {
             topic.produce_many(8, 300'000);
             std::string sizes;
             auto& disk = topic.broker.disk();
             for (const std::string& name : disk.names_in("/data/orders-0"))
                 if (name.ends_with(".log"))
                     sizes += std::to_string(disk.bytes("/data/orders-0/" + name).size()) + ' ';
             return sizes;
         },
         small, true},
        {"retention.bytes", "1", "-1", log_start, small},
        {"retention.ms", "1", "-1", log_start, small},
        {"segment.bytes", "1048576", "10485760",
         [](Topic& topic) { return segments(topic, 300'000, 0); }},
        {"segment.index.bytes",
         "16",
         "10485760",
         [](Topic& topic) { return segments(topic, 5000, 0); },
         {{"index.interval.bytes", "0"}}},
        {"segment.jitter.ms",
         "900",
         "0",
         [](Topic& topic) { return segments(topic, 10, 600); },
         {{"segment.ms", "1000"}},
         true},
        {"segment.ms", "1000", "604800000", [](Topic& topic) { return segments(topic, 10, 600); }},
    };
}

std::vector<Effect> effects() {
    std::vector<Effect> all = batch_effects();
    for (Effect& effect : file_effects()) all.push_back(std::move(effect));
    return all;
}

TEST(TopicSettings, EachThatWorksIsSeenToWorkWhenTheTopicIsMadeWithIt) {
    for (const Effect& effect : effects()) {
        const auto seen_with = [&effect](const std::string& value) {
            Settings settings = effect.beside;
            settings[effect.name] = value;
            Topic topic(settings);
            return effect.observe(topic);
        };
        const std::string one = seen_with(effect.value), other = seen_with(effect.other);
        EXPECT_NE(one, other) << effect.name;
    }
}

TEST(TopicSettings, AChangeReachesAnOpenLog) {
    for (const Effect& effect : effects()) {
        if (effect.is_for_next_segment) continue;
        Settings settings = effect.beside;
        settings[effect.name] = effect.value;
        Topic made(settings);
        const std::string expected = effect.observe(made);
        settings[effect.name] = effect.other;
        Topic changed(settings);
        ASSERT_EQ(changed.alter(effect.name, effect.value), ErrorCode::none) << effect.name;
        EXPECT_EQ(effect.observe(changed), expected) << effect.name;
    }
}

TEST(TopicSettings, ThatTheTablesSayWorkAreAllSeenToWork) {
    std::set<std::string> seen;
    for (const Effect& effect : effects()) seen.insert(effect.name);
    // Shown by the tests of the room that they belong to: what a cleaner and flush.ms do, that a
    // compacted topic needs keys, and what a record may unpack to.
    for (const char* elsewhere :
         {"cleanup.policy", "delete.retention.ms", "flush.ms", "max.compaction.lag.ms",
          "min.cleanable.dirty.ratio", "min.compaction.lag.ms", "max.decompressed.message.bytes"}) {
        seen.insert(elsewhere);
    }
    for (const settings::Setting& setting : settings::topic_table()) {
        if (!settings::has_effect_on_topic(setting.name)) continue;
        EXPECT_TRUE(seen.contains(std::string(setting.name))) << setting.name;
    }
}

TEST(TopicSettings, ACompactedTopicRefusesRecordsWithoutAKey) {
    Topic topic(Settings{{"cleanup.policy", "compact"}});
    EXPECT_EQ(topic.produce(batch_at(wall, "one", false)), ErrorCode::invalid_record);
    EXPECT_EQ(topic.produce(batch_at(wall, "one", true)), ErrorCode::none);
}

TEST(TopicSettings, AreChangedOneByOneOrNotAtAll) {
    Topic topic(Settings{});
    EXPECT_EQ(topic.alter("retention.ms", "5000"), ErrorCode::none);
    EXPECT_EQ(topic.alter("cleanup.policy", "compact", 2), ErrorCode::none);
    const auto settings = [&] {
        return topic.broker.broker().node().image.settings(metadata::Resource::topic, "orders");
    };
    EXPECT_EQ(settings().at("cleanup.policy"), "delete,compact");
    EXPECT_EQ(topic.alter("cleanup.policy", "delete", 3), ErrorCode::none);
    EXPECT_EQ(settings().at("cleanup.policy"), "compact");
    EXPECT_EQ(topic.alter("retention.ms", std::nullopt, 1), ErrorCode::none);
    EXPECT_FALSE(settings().contains("retention.ms"));
    EXPECT_EQ(topic.alter("retention.ms", "1", 2), ErrorCode::invalid_config);
    EXPECT_EQ(topic.alter("retention.ms", "never"), ErrorCode::invalid_config);
    EXPECT_EQ(topic.alter("retention.m", "1"), ErrorCode::invalid_config);
    EXPECT_EQ(topic.alter("retention.ms", std::nullopt), ErrorCode::invalid_request);
    EXPECT_EQ(settings().size(), 1u);
    // What was changed is there in the next life.
    topic.broker.kill();
    topic.broker.start();
    EXPECT_EQ(settings().at("cleanup.policy"), "compact");
}

// "10000:10000,10001:10001 ..."
std::string replicas_from(int first, int count) {
    std::string list;
    for (int i = first; i < first + count; ++i)
        list += (list.empty() ? "" : ",") + fmt::format("{}:{}", i, i);
    return list;
}

TEST(TopicSettings, AListThatGrewBeyondAStringIsRefused) {
    Topic topic(Settings{});
    const std::string name = "leader.replication.throttled.replicas";
    const auto size = [&] {
        const auto& image = topic.broker.broker().node().image;
        return image.settings(metadata::Resource::topic, "orders").at(name).size();
    };
    EXPECT_EQ(topic.alter(name, replicas_from(10'000, 1700), 2), ErrorCode::none);
    EXPECT_EQ(topic.alter(name, replicas_from(20'000, 1700), 2), ErrorCode::invalid_config);
    EXPECT_EQ(size(), 20'399u);
    // Up to the last byte there is room.
    EXPECT_EQ(topic.alter(name, replicas_from(20'000, 1030), 2), ErrorCode::none);
    EXPECT_EQ(topic.alter(name, "1:11,2:2", 2), ErrorCode::invalid_config);
    EXPECT_EQ(topic.alter(name, "1:1,2:2", 2), ErrorCode::none);
    EXPECT_EQ(size(), protocol::string_bytes_max);
    EXPECT_EQ(topic.alter(name, "3:3", 2), ErrorCode::invalid_config);
    EXPECT_EQ(topic.alter(name, replicas_from(10'000, 1700), 3), ErrorCode::none);
}

TEST(TopicSettings, AreNotChangedByARequestThatContradictsItself) {
    Topic topic(Settings{});
    protocol::IncrementalAlterConfigsRequest request;
    const auto add = [&](const std::string& value) {
        auto& resource = request.resources.emplace_back();
        resource.resource_type = 2;
        resource.resource_name = "orders";
        auto& config = resource.configs.emplace_back();
        config.name = "retention.ms";
        config.value = value;
    };
    const auto codes = [&] {
        std::vector<ErrorCode> codes;
        const auto answer = topic.broker.ask<protocol::IncrementalAlterConfigsResponse>(
            topic.broker.connect(), request, 1);
        for (const auto& one : answer.responses) codes.push_back(one.error_code);
        return codes;
    };
    add("1");
    add("2");
    EXPECT_EQ(codes(), std::vector<ErrorCode>(2, ErrorCode::invalid_request));
    request.resources.pop_back();
    request.resources[0].configs.push_back(request.resources[0].configs[0]);
    EXPECT_EQ(codes(), std::vector<ErrorCode>{ErrorCode::invalid_request});
    const auto& image = topic.broker.broker().node().image;
    EXPECT_TRUE(image.settings(metadata::Resource::topic, "orders").empty());
}

protocol::DescribeConfigsResponse::DescribeConfigsResult settings_of(
    TestBroker& broker, std::int8_t type, const std::string& name,
    std::optional<std::vector<std::string>> keys = std::nullopt) {
    protocol::DescribeConfigsRequest request;
    request.include_synonyms = true;
    auto& resource = request.resources.emplace_back();
    resource.resource_type = type;
    resource.resource_name = name;
    resource.configuration_keys = std::move(keys);
    return broker.ask<protocol::DescribeConfigsResponse>(broker.connect(), request, 4)
        .results.at(0);
}

TEST(DescribeConfigs, ListsEverySettingOfATopicWithWhereItComesFrom) {
    Topic topic(Settings{{"retention.ms", "5000"}});
    const auto all = settings_of(topic.broker, 2, "orders");
    ASSERT_EQ(all.error_code, ErrorCode::none);
    EXPECT_EQ(all.configs.size(), 34u);
    const auto empty = std::vector<std::string>();
    EXPECT_EQ(settings_of(topic.broker, 2, "orders", empty).configs.size(), 34u);
    const auto one = settings_of(topic.broker, 2, "orders", {{"retention.ms"}});
    ASSERT_EQ(one.configs.size(), 1u);
    EXPECT_EQ(one.configs[0].value, "5000");
    EXPECT_EQ(one.configs[0].config_source, 1);
    EXPECT_EQ(one.configs[0].config_type, 5);
    ASSERT_EQ(one.configs[0].synonyms.size(), 1u);
    EXPECT_EQ(one.configs[0].synonyms[0].name, "retention.ms");
    EXPECT_EQ(one.configs[0].synonyms[0].source, 1);
    EXPECT_EQ(settings_of(topic.broker, 2, "nobody").error_code,
              ErrorCode::unknown_topic_or_partition);
}

// "300000 from 5: log.roll.ms=7777777 4, log.roll.hours=168 5"
std::string listing(TestBroker& broker, std::int8_t type, const std::string& resource,
                    const std::string& name) {
    const auto found = settings_of(broker, type, resource, {{name}});
    const auto& config = found.configs.at(0);
    std::string text =
        fmt::format("{} from {}:", config.value.value_or("null"), int{config.config_source});
    for (const auto& synonym : config.synonyms)
        text += fmt::format(" {}={} {}", synonym.name, *synonym.value, int{synonym.source});
    return text;
}

// As Apache Kafka 4.4.0 lists them: a setting in another unit is told behind the one it stands in
// for, never in its place.
TEST(DescribeConfigs, ListsWhatElseCouldGiveAValueAsKafkaDoes) {
    TestBroker plain;
    plain.start();
    make_topic(plain, plain.connect(), "orders");
    const auto of_topic = [](TestBroker& broker, const char* name) {
        return listing(broker, 2, "orders", name);
    };
    EXPECT_EQ(of_topic(plain, "retention.ms"), "604800000 from 5:");
    EXPECT_EQ(of_topic(plain, "segment.ms"), "604800000 from 5:");
    EXPECT_EQ(of_topic(plain, "segment.jitter.ms"), "0 from 5:");
    EXPECT_EQ(of_topic(plain, "flush.ms"), "9223372036854775807 from 5:");
    EXPECT_EQ(of_topic(plain, "remote.storage.enable"), "false from 5:");
    EXPECT_EQ(of_topic(plain, "leader.replication.throttled.replicas"), " from 5:");
    EXPECT_EQ(of_topic(plain, "cleanup.policy"), "delete from 5: log.cleanup.policy=delete 5");
    EXPECT_EQ(of_topic(plain, "max.message.bytes"),
              "1048588 from 5: message.max.bytes=1048588 5");

    TestBroker given({"log.retention.minutes=5", "log.roll.ms=7777777",
                      "log.flush.scheduler.interval.ms=99999", "log.roll.jitter.hours=1",
                      "log.cleanup.policy=compact"});
    given.start();
    make_topic(given, given.connect(), "orders");
    EXPECT_EQ(of_topic(given, "retention.ms"), "300000 from 5:");
    EXPECT_EQ(of_topic(given, "segment.jitter.ms"), "3600000 from 5:");
    EXPECT_EQ(of_topic(given, "flush.ms"), "99999 from 5:");
    EXPECT_EQ(of_topic(given, "segment.ms"),
              "7777777 from 4: log.roll.ms=7777777 4 log.roll.hours=168 5");
    EXPECT_EQ(of_topic(given, "cleanup.policy"),
              "compact from 4: log.cleanup.policy=compact 4 log.cleanup.policy=delete 5");

    const auto of_broker = [&given](const char* name) { return listing(given, 4, "1", name); };
    EXPECT_EQ(of_broker("log.retention.ms"), "null from 5:");
    EXPECT_EQ(of_broker("log.retention.minutes"),
              "5 from 4: log.retention.minutes=5 4 log.retention.hours=168 5");
    EXPECT_EQ(of_broker("log.retention.hours"), "168 from 5: log.retention.hours=168 5");
    EXPECT_EQ(of_broker("log.roll.ms"),
              "7777777 from 4: log.roll.ms=7777777 4 log.roll.hours=168 5");
    EXPECT_EQ(of_broker("log.roll.jitter.ms"), "null from 5:");
    EXPECT_EQ(of_broker("log.flush.interval.ms"), "null from 5:");
    EXPECT_EQ(of_broker("log.dir"), "/tmp/kafka-logs from 5: log.dir=/tmp/kafka-logs 5");
}

TEST(DescribeConfigs, CutsWhatItQuotes) {
    TestBroker broker;
    broker.start();
    const std::string name(protocol::string_bytes_max, 'x');
    for (const std::int8_t type : {2, 4}) {
        const auto answer = settings_of(broker, type, name);
        EXPECT_NE(answer.error_code, ErrorCode::none);
        EXPECT_EQ(answer.resource_name, name);
        EXPECT_LE(answer.error_message->size(), protocol::error_text_bytes_max);
    }
}

TEST(DescribeConfigs, ListsTheBrokersSettingsAndTellsNoSecret) {
    TestBroker broker({"num.partitions=3", "ssl.key.password=secret", "log.dirs=/data"});
    broker.start();
    const auto all = settings_of(broker, 4, "1");
    ASSERT_EQ(all.error_code, ErrorCode::none);
    EXPECT_GT(all.configs.size(), 300u);
    for (const auto& config : all.configs) {
        EXPECT_NE(config.value, "secret");
        for (const auto& synonym : config.synonyms) EXPECT_NE(synonym.value, "secret");
        if (config.name != "num.partitions") continue;
        EXPECT_EQ(config.value, "3");
        EXPECT_EQ(config.config_source, 4);
        EXPECT_TRUE(config.read_only);
    }
    EXPECT_EQ(settings_of(broker, 4, "7").error_code, ErrorCode::invalid_request);
    EXPECT_TRUE(settings_of(broker, 4, "").configs.empty());
}

TEST(CreateTopics, AnswersWithAllSettingsAndSaysWhatIsWrongWithOne) {
    TestBroker broker;
    broker.start();
    protocol::CreateTopicsRequest request;
    request.validate_only = true;
    const auto add = [&request](const std::string& topic, const std::string& name,
                                const std::string& value) {
        auto& wanted = request.topics.emplace_back();
        wanted.name = topic;
        wanted.num_partitions = wanted.replication_factor = -1;
        auto& config = wanted.configs.emplace_back();
        config.name = name;
        config.value = value;
    };
    add("good", "retention.ms", "5000");
    add("misspelt", "retention.m", "5000");
    add("small", "segment.bytes", "12");
    const auto answer = broker.ask<protocol::CreateTopicsResponse>(broker.connect(), request, 7);
    const auto& good = answer.topics.at(0);
    EXPECT_EQ(good.error_code, ErrorCode::none);
    EXPECT_EQ(good.num_partitions, 1);
    ASSERT_TRUE(good.configs);
    EXPECT_EQ(good.configs->size(), 34u);
    const auto retention = std::ranges::find_if(
        *good.configs, [](const auto& config) { return config.name == "retention.ms"; });
    ASSERT_NE(retention, good.configs->end());
    EXPECT_EQ(retention->value, "5000");
    EXPECT_EQ(retention->config_source, 1);
    EXPECT_EQ(answer.topics.at(1).error_code, ErrorCode::invalid_config);
    EXPECT_EQ(answer.topics.at(1).error_message,
              "Unknown topic config name: retention.m. Did you mean retention.ms?");
    EXPECT_EQ(answer.topics.at(2).error_code, ErrorCode::invalid_config);
    EXPECT_NE(
        answer.topics.at(2).error_message->find("Invalid value 12 for configuration segment.bytes"),
        std::string::npos);
    EXPECT_EQ(broker.broker().node().image.topic("good"), nullptr);
}

}  // namespace
}  // namespace barnabas::broker
