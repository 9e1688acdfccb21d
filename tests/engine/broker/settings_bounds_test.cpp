// Every setting that is a whole number, at the ends of what is valid, one at a time: through a
// start, a topic, a produce, a fetch, an hour and a stop, in a bounded number of events. One beyond
// the ends is refused with words that name the setting and what is wrong.
#include <limits>

#include "engine/settings/table.h"
#include "tests/engine/broker/test_broker.h"

namespace barnabas::broker {
namespace {

using protocol::ErrorCode;
using settings::Setting;
using settings::Type;
using settings::Valid;

// What a life like that below takes is some hundreds.
constexpr std::uint64_t events_max = 20'000;

struct Ends {
    std::int64_t low = 0;
    std::int64_t high = 0;
};

std::optional<Ends> ends_of_type(Type type) {
    const auto of = [](auto number) {
        using Limits = std::numeric_limits<decltype(number)>;
        return Ends{Limits::min(), Limits::max()};
    };
    switch (type) {
        case Type::short_integer: return of(std::int16_t{});
        case Type::integer: return of(std::int32_t{});
        case Type::long_integer: return of(std::int64_t{});
        default: return std::nullopt;
    }
}

struct Bounds {
    std::vector<std::string> within;  // each of them the last that is valid
    std::vector<std::string> beyond;
};

Bounds bounds_of(const Setting& setting) {
    const Ends type = *ends_of_type(setting.type);
    const bool is_bounded = setting.valid.rule == Valid::Rule::range ||
                            setting.valid.rule == Valid::Rule::range_or_minus1;
    const Ends valid = is_bounded ? Ends{std::max(type.low, setting.valid.low),
                                         std::min(type.high, setting.valid.high)}
                                  : type;
    __extension__ using Wide = __int128;
    const auto text = [](Wide number) {  // one of 65 bits at most
        const bool is_beyond = number < INT64_MIN || number > INT64_MAX;
        if (!is_beyond) return std::to_string(static_cast<std::int64_t>(number));
        return std::string(number < 0 ? "-9223372036854775809" : "9223372036854775808");
    };
    Bounds bounds{{text(valid.low), text(valid.high)},
                  {text(Wide(valid.low) - 1), text(Wide(valid.high) + 1)}};
    if (setting.valid.rule == Valid::Rule::range_or_minus1) {
        bounds.within.emplace_back("-1");
        std::erase(bounds.beyond, "-1");
    }
    return bounds;
}

template <class Visit>
int each_number(std::span<const Setting> table, Visit visit) {
    int count = 0;
    for (const Setting& setting : table) {
        if (!ends_of_type(setting.type)) continue;
        visit(setting);
        ++count;
    }
    return count;
}

// What a produce may be answered: some settings exist to refuse.
bool may_be_answered(std::string_view setting, ErrorCode code) {
    if (code == ErrorCode::none) return true;
    if (setting.ends_with("message.max.bytes") || setting.ends_with("max.message.bytes"))
        return code == ErrorCode::message_too_large;
    if (setting == "internal.segment.bytes") return code == ErrorCode::record_list_too_large;
    if (setting == "min.insync.replicas") return code == ErrorCode::not_enough_replicas;
    return false;
}

struct Given {
    std::string name;
    std::string value;
};

// With a setting of the broker, or of the topic.
void live(const std::vector<std::string>& assignments, const std::optional<Given>& of_topic,
          std::string_view name) {
    TestBroker broker(assignments);
    broker.bound_events(events_max);
    broker.start();
    ASSERT_FALSE(broker.exit_code()) << broker.notes().back().text;
    ASSERT_TRUE(broker.broker().is_serving());
    const ConnectionId connection = broker.connect();
    protocol::CreateTopicsRequest create;
    auto& topic = create.topics.emplace_back();
    topic.name = "orders";
    topic.num_partitions = 1;
    topic.replication_factor = 1;
    if (of_topic) topic.configs.emplace_back() = {of_topic->name, of_topic->value};
    const auto created = broker.ask<protocol::CreateTopicsResponse>(connection, create, 7);
    ASSERT_EQ(created.topics.at(0).error_code, ErrorCode::none)
        << created.topics.at(0).error_message.value_or("");
    for (int i = 0; i < 3; ++i) {
        const auto produced = broker.ask<protocol::ProduceResponse>(
            connection, produce_to("orders", batch_of({"one", "two"})), 9);
        const ErrorCode code = produced.responses.at(0).partition_responses.at(0).error_code;
        ASSERT_TRUE(may_be_answered(name, code)) << static_cast<int>(code);
        broker.pass(1s);
    }
    const auto fetched = broker.ask<protocol::FetchResponse>(
        connection, fetch_from("orders", Offset(0)), 12);
    ASSERT_EQ(fetched.responses.at(0).partitions.at(0).error_code, ErrorCode::none);
    broker.pass(1h);
    broker.pass(1h);
    broker.stop();
    ASSERT_EQ(broker.exit_code(), 0);
    ASSERT_LT(broker.events(), events_max);
}

TEST(SettingsAtTheirBounds, EachOfTheBrokerServesOrIsRefusedWithItsName) {
    int lived = 0;
    const int count = each_number(settings::broker_table(), [&](const Setting& setting) {
        for (const std::string& value : bounds_of(setting).within) {
            SCOPED_TRACE(std::string(setting.name) + '=' + value);
            settings::Input input;
            input.assignments = {std::string(setting.name) + '=' + value};
            input.default_log_directory = "/data";
            const auto parsed = settings::parse(input);
            if (!parsed) {  // by another rule than its own
                EXPECT_NE(parsed.error().front().print().find(setting.name), std::string::npos);
                continue;
            }
            ++lived;
            // One of them lets nobody in at its lowest.
            if (setting.name.starts_with("max.connections") && value == "0") continue;
            live(input.assignments, std::nullopt, setting.name);
        }
    });
    EXPECT_GT(count, 150);
    EXPECT_GT(lived, 2 * count - 20);
}

TEST(SettingsAtTheirBounds, EachOfATopicServes) {
    const int count = each_number(settings::topic_table(), [&](const Setting& setting) {
        for (const std::string& value : bounds_of(setting).within) {
            SCOPED_TRACE(std::string(setting.name) + '=' + value);
            const Given given{std::string(setting.name), value};
            if (!settings::check_topic_overrides({{given.name, given.value}}).empty()) continue;
            live({}, given, setting.name);
        }
    });
    EXPECT_GT(count, 20);
}

TEST(SettingsAtTheirBounds, OneBeyondIsRefusedInWordsThatNameIt) {
    each_number(settings::broker_table(), [&](const Setting& setting) {
        for (const std::string& value : bounds_of(setting).beyond) {
            settings::Input input;
            input.assignments = {std::string(setting.name) + '=' + value};
            const auto parsed = settings::parse(input);
            ASSERT_FALSE(parsed) << setting.name << '=' << value;
            const std::string words = parsed.error().front().print();
            EXPECT_NE(words.find(setting.name), std::string::npos) << words;
            EXPECT_NE(words.find(value), std::string::npos) << words;
        }
    });
    each_number(settings::topic_table(), [&](const Setting& setting) {
        for (const std::string& value : bounds_of(setting).beyond) {
            const auto problems =
                settings::check_topic_overrides({{std::string(setting.name), value}});
            ASSERT_FALSE(problems.empty()) << setting.name << '=' << value;
            EXPECT_NE(problems.front().print().find(setting.name), std::string::npos);
        }
    });
}

}  // namespace
}  // namespace barnabas::broker
