#include "engine/settings/broker_settings.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "engine/settings/nearest.h"
#include "engine/settings/table.h"
#include "engine/settings/value.h"

namespace barnabas::settings {
namespace {

Result<Parsed, std::vector<Problem>> from_file(std::string text) {
    return parse({.file_name = "server.properties",
                  .file = std::move(text),
                  .assignments = {},
                  .default_log_directory = "/data"});
}

Result<Parsed, std::vector<Problem>> set(std::vector<std::string> assignments) {
    return parse({.file_name = {},
                  .file = {},
                  .assignments = std::move(assignments),
                  .default_log_directory = "/data"});
}

// Every problem on a line of its own.
std::string problems(const Result<Parsed, std::vector<Problem>>& parsed) {
    std::string all;
    if (parsed) return "none";
    for (const Problem& one : parsed.error()) all += one.print() + '\n';
    return all;
}

std::string warnings(const Result<Parsed, std::vector<Problem>>& parsed) {
    std::string all;
    if (!parsed) return problems(parsed);
    for (const Warning& one : parsed->warnings) all += one.print() + '\n';
    return all;
}

TEST(BrokerSettings, WithNothingGivenAreNode1OnLoopback) {
    const auto parsed = set({});
    ASSERT_TRUE(parsed) << problems(parsed);
    const BrokerSettings& settings = parsed->settings;
    EXPECT_EQ(settings.node_id(), 1);
    EXPECT_TRUE(settings.is_broker());
    EXPECT_TRUE(settings.is_controller());
    EXPECT_TRUE(settings.is_own_quorum());
    EXPECT_EQ(settings.log_directories(), std::vector<std::string>{"/data"});
    EXPECT_EQ(settings.listeners(), (std::vector<Listener>{{"PLAINTEXT", "127.0.0.1", 9092}}));
    EXPECT_TRUE(settings.advertised_listeners().empty());
    EXPECT_EQ(settings.number("num.partitions"), 1);
    EXPECT_EQ(settings.number("message.max.bytes"), 1048588);
    EXPECT_TRUE(settings.flag("auto.create.topics.enable"));
    EXPECT_EQ(warnings(parsed), "");
}

// A file is Kafka's, and what it leaves out is Kafka's too.
TEST(BrokerSettings, FromAFileHaveKafkasDefaults) {
    const auto parsed = from_file("node.id=7\n");
    ASSERT_TRUE(parsed) << problems(parsed);
    EXPECT_EQ(parsed->settings.node_id(), 7);
    EXPECT_EQ(parsed->settings.log_directories(), std::vector<std::string>{"/tmp/kafka-logs"});
    EXPECT_EQ(parsed->settings.listeners(), (std::vector<Listener>{{"PLAINTEXT", "", 9092}}));
    EXPECT_EQ(warnings(parsed),
              "listeners: listener PLAINTEXT is open to the network without encryption or "
              "authentication\n");
}

TEST(BrokerSettings, LetTheCommandLineHaveTheLastWord) {
    const auto parsed = parse({.file_name = "f",
                               .file = "num.partitions=3\nlisteners=PLAINTEXT://localhost:1\n",
                               .assignments = {"num.partitions=4", "num.partitions=5"},
                               .default_log_directory = {}});
    ASSERT_TRUE(parsed) << problems(parsed);
    EXPECT_EQ(parsed->settings.number("num.partitions"), 5);
    EXPECT_EQ(parsed->settings.given("num.partitions"), "5");
}

TEST(BrokerSettings, NameFileLineAndColumnOfEachProblem) {
    EXPECT_EQ(problems(from_file("num.partitions = 0\n\n  compression.type=lzma\n"
                                 "auto.create.topics.enable=yes\nlog.segment.bytes=1g\n")),
              "server.properties:1:18: num.partitions: 0 is too small: at least 1 is needed\n"
              "server.properties:3:20: compression.type: \"lzma\" is none of uncompressed, zstd, "
              "lz4, snappy, gzip, producer\n"
              "server.properties:4:27: auto.create.topics.enable: \"yes\" is not true or false\n"
              "server.properties:5:19: log.segment.bytes: \"1g\" is not a whole number from "
              "-2147483648 to 2147483647\n");
    EXPECT_EQ(problems(set({"num.partitions=-1"})),
              "--set: num.partitions: -1 is too small: at least 1 is needed\n");
}

TEST(BrokerSettings, WarnOnceOfEachNameThatDoesNothing) {
    const auto parsed = from_file(
        "listeners=PLAINTEXT://127.0.0.1:0\nnum.partition=3\nnum.partition=4\nnum.io.threads=8\n"
        "segment.bytes=1048576\nzookeeper.connect=here\nlistener.name.a.ssl.key.password=x\n");
    EXPECT_EQ(warnings(parsed),
              "server.properties:2:1: num.partition: is unknown; did you mean num.partitions?\n"
              "server.properties:4:1: num.io.threads: has no effect: nothing here works the way "
              "that it sets\n"
              "server.properties:5:1: segment.bytes: is a setting of topics; for a broker it is "
              "log.segment.bytes\n"
              "server.properties:6:1: zookeeper.connect: is unknown and ignored\n"
              "server.properties:7:1: listener.name.a.ssl.key.password: has no effect yet\n");
}

TEST(BrokerSettings, ReadListenersOfEveryShape) {
    const auto parsed = set({"listeners=internal://[::1]:0, OUTSIDE://example.org:9094",
                             "listener.security.protocol.map=INTERNAL:PLAINTEXT,outside:plaintext",
                             "advertised.listeners=OUTSIDE://broker.example.org:443"});
    ASSERT_TRUE(parsed) << problems(parsed);
    EXPECT_EQ(parsed->settings.listeners(),
              (std::vector<Listener>{{"INTERNAL", "::1", 0}, {"OUTSIDE", "example.org", 9094}}));
    EXPECT_EQ(parsed->settings.advertised_listeners(),
              (std::vector<Listener>{{"OUTSIDE", "broker.example.org", 443}}));
    EXPECT_EQ(warnings(parsed),
              "--set: listeners: listener OUTSIDE is open to the network without encryption or "
              "authentication\n");
}

TEST(BrokerSettings, RefuseListenersThatCannotBe) {
    EXPECT_EQ(problems(set({"listeners=127.0.0.1:9092"})),
              "--set: listeners: \"127.0.0.1:9092\" is not of the form NAME://HOST:PORT\n");
    EXPECT_EQ(problems(set({"listeners=PLAINTEXT://::1:9092"})),
              "--set: listeners: \"PLAINTEXT://::1:9092\" is not of the form NAME://HOST:PORT\n");
    EXPECT_EQ(problems(set({"listeners=PLAINTEXT://h:65536"})),
              "--set: listeners: \"PLAINTEXT://h:65536\" is not of the form NAME://HOST:PORT\n");
    EXPECT_EQ(problems(set({"listeners=INSIDE://127.0.0.1:1"})),
              "--set: listeners: listener INSIDE has no protocol: add INSIDE:PLAINTEXT (or "
              "another) to listener.security.protocol.map\n");
    EXPECT_EQ(problems(set({"listeners="})), "--set: listeners: names no listener\n");
    EXPECT_EQ(problems(set({"advertised.listeners=PLAINTEXT://0.0.0.0:1"})),
              "--set: advertised.listeners: clients cannot connect to \"0.0.0.0\": name an "
              "address\n");
    EXPECT_EQ(problems(set({"listeners=A://h:1,B://h:1",
                            "listener.security.protocol.map=A:PLAINTEXT,B:PLAINTEXT"})),
              "--set: listeners: A and B share port 1\n");
}

// Serving plain text where encryption was asked for would be worse than not starting.
TEST(BrokerSettings, RefuseProtocolsThatAreNotServed) {
    EXPECT_EQ(problems(set({"listeners=SSL://127.0.0.1:9093"})),
              "--set: listeners: listener SSL asks for encryption or authentication; only "
              "PLAINTEXT is served yet\n");
}

TEST(BrokerSettings, ReadRolesAndQuorum) {
    const auto parsed = from_file(
        "process.roles=broker,controller\nnode.id=2\ncontroller.listener.names=CONTROLLER\n"
        "listeners=PLAINTEXT://localhost:9092,CONTROLLER://localhost:9093\n"
        "controller.quorum.voters=1@a:9093,2@b:9093\nlog.dirs=/a, /b\n");
    ASSERT_TRUE(parsed) << problems(parsed);
    const BrokerSettings& settings = parsed->settings;
    EXPECT_FALSE(settings.is_own_quorum());
    EXPECT_EQ(settings.voters(), (std::vector<Voter>{{1, "a", 9093}, {2, "b", 9093}}));
    EXPECT_TRUE(settings.is_controller_listener("CONTROLLER"));
    EXPECT_FALSE(settings.is_controller_listener("PLAINTEXT"));
    EXPECT_EQ(settings.log_directories(), (std::vector<std::string>{"/a", "/b"}));
    EXPECT_EQ(warnings(parsed), "");
}

TEST(BrokerSettings, RefuseAQuorumThatContradictsItself) {
    const std::string roles =
        "process.roles=controller\ncontroller.listener.names=CONTROLLER\n"
        "listeners=CONTROLLER://localhost:9093\n";
    EXPECT_EQ(problems(from_file(roles)),
              "controller.quorum.bootstrap.servers: this or controller.quorum.voters is needed "
              "with process.roles\n");
    EXPECT_EQ(problems(from_file(roles + "controller.quorum.voters=3@a:1\n")),
              "server.properties:4:26: controller.quorum.voters: node 1 has the role controller "
              "but is not listed\n");
    EXPECT_EQ(problems(from_file("controller.quorum.voters=a:1\n")),
              "server.properties:1:26: controller.quorum.voters: \"a:1\" is not of the form "
              "ID@HOST:PORT\n");
    EXPECT_EQ(problems(from_file("process.roles=brokers\n")),
              "server.properties:1:15: process.roles: \"brokers\" is none of broker, controller\n");
}

TEST(BrokerSettings, FallBackFromMillisecondsToHours) {
    EXPECT_EQ(set({})->settings.number("log.retention.ms"), 168 * 3'600'000);
    EXPECT_EQ(set({"log.retention.hours=2"})->settings.number("log.retention.ms"), 7'200'000);
    EXPECT_EQ(set({"log.retention.hours=2", "log.retention.minutes=3"})
                  ->settings.number("log.retention.ms"),
              180'000);
    EXPECT_EQ(set({"log.retention.hours=-1"})->settings.number("log.retention.ms"), -1);
    EXPECT_EQ(problems(set({"log.retention.ms=0"})),
              "--set: log.retention.ms: 0 is neither -1 (keep for ever) nor at least 1\n");
    EXPECT_EQ(set({})->settings.number_or_null("num.replica.alter.log.dirs.threads"), std::nullopt);
}

// What is wrong with a password is said without saying the password.
TEST(BrokerSettings, HidePasswords) {
    const auto parsed = set({"ssl.key.password=secret"});
    ASSERT_TRUE(parsed);
    const Setting* setting = find_broker_setting("ssl.key.password");
    EXPECT_EQ(shown(*setting, *parsed->settings.given("ssl.key.password")), "[hidden]");
    EXPECT_EQ(warnings(parsed).find("secret"), std::string::npos);
    EXPECT_EQ(parsed->settings.text("ssl.key.password"), "secret");
}

// Whatever a person writes as a value of whatever setting: an answer, never a failed CHECK.
TEST(BrokerSettings, SurviveAnyValue) {
    const auto table = broker_table();
    EXPECT_TRUE(rc::check([&] {
        std::vector<std::string> assignments;
        for (int i = *rc::gen::inRange(1, 6); i > 0; --i) {
            const auto& setting = table[*rc::gen::inRange<std::size_t>(0, table.size())];
            const auto value = *rc::gen::container<std::string>(
                rc::gen::elementOf(std::string("019-+.,:/@[]eE aPLINTXSbroker")));
            assignments.push_back(std::string(setting.name) + '=' + value);
        }
        const auto parsed = set(assignments);
        RC_ASSERT(parsed || !parsed.error().empty());
        if (parsed) RC_ASSERT(parsed->settings.number("log.retention.ms") >= -1);
    }));
}

TEST(Values, OfRealNumbersAreMillionths) {
    EXPECT_EQ(to_millionths("0.5"), 500'000);
    EXPECT_EQ(to_millionths("-.25"), -250'000);
    EXPECT_EQ(to_millionths("12e-1"), 1'200'000);
    EXPECT_EQ(to_millionths("0.0000019"), 1);
    EXPECT_EQ(to_millionths("1.7976931348623157E308"), INT64_MAX);
    EXPECT_EQ(to_millionths("0e999999999999"), 0);
    for (const char* bad : {"", ".", "1.2.3", "NaN", "1e", "0x1"}) {
        EXPECT_EQ(to_millionths(bad), std::nullopt) << bad;
    }
    EXPECT_EQ(set({})->settings.millionths("log.cleaner.min.cleanable.ratio"), 500'000);
    EXPECT_EQ(problems(set({"log.cleaner.min.cleanable.ratio=1.5"})),
              "--set: log.cleaner.min.cleanable.ratio: 1.5 is too large: from 0 to 1 is needed\n");
}

TEST(Values, OfNumbersAreReadAsJavaReadsThem) {
    EXPECT_EQ(to_number(" +5 "), 5);
    EXPECT_EQ(to_number("-9223372036854775808"), INT64_MIN);
    for (const char* bad : {"", "9223372036854775808", "1.0", "+-1", "1 2", "0x1"}) {
        EXPECT_EQ(to_number(bad), std::nullopt) << bad;
    }
    const Setting* level = find_topic_setting("compression.gzip.level");
    EXPECT_TRUE(check_value(*level, "-1"));
    EXPECT_TRUE(check_value(*level, "9"));
    EXPECT_EQ(check_value(*level, "0").error(), "0 is too small: from 1 to 9, or -1 is needed");
}

TEST(NearestName, CountsASwapAsOne) {
    EXPECT_EQ(nearest_name("num.partitoins", broker_table()), "num.partitions");
    EXPECT_EQ(nearest_name("log.dri", broker_table()), "log.dir");
    EXPECT_EQ(nearest_name("wholly.different", broker_table()), std::nullopt);
    EXPECT_EQ(nearest_name(std::string(100'000, 'a'), broker_table()), std::nullopt);
}

// It could stand in no record of the metadata log and in no answer.
TEST(Values, AreNoLongerThanAString) {
    const Setting& rack = *find_broker_setting("broker.rack");
    EXPECT_TRUE(check_value(rack, std::string(32'767, 'x')));
    EXPECT_FALSE(check_value(rack, std::string(32'768, 'x')));
}

}  // namespace
}  // namespace barnabas::settings
