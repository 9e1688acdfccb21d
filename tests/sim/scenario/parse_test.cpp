// The grammar: what a scenario says is what runs, and a mistake is named where it stands.
#include "sim/scenario/parse.h"

#include <gtest/gtest.h>

namespace barnabas::scenario {
namespace {

constexpr std::string_view whole = R"(# A broker dies.
# Nothing may be lost.

cluster brokers=3 seed=7
set log.flush.interval.messages=1 log.dirs=one,two
without torn_tails_are_cut
network latency=200us..2ms bandwidth=10MB/s
topic orders partitions=2 replicas=3 min.insync.replicas=2
producer till to orders rate=200/s acks=1 size=1KB linger=3ms in.flight=1 from 1s for 20s  # fast
consumer desk of orders from latest
at 5s  kill broker 1
at 7s  restart broker 1
at 8s  cut till from broker 2
at 9s  clog broker 1 to others
at 10s heal
at 11s crash broker 2 after 17 effects
at 12s flip a bit in orders-1 of broker 3
at 13s drift broker 1 by -200 ppm
at 14s disk of broker 1 slow 20 times
at 15s directory two of broker 2 fails writes
faults kill, failed directory, reset every 5s from 20s to 50s
when orders-0 reaches offset 500, 3s  kill broker 1
when broker 2 dies  cut till from broker 1
run for 70s
expect nothing acknowledged is lost
expect orders-1 unavailable < 2s
expect orders-0 answers KAFKA_STORAGE_ERROR
)";

TEST(Scenario, SaysWhatItReads) {
    const auto scenario = parse(whole, "whole.scenario");
    ASSERT_TRUE(scenario) << scenario.error().text();
    EXPECT_EQ(scenario->purpose, "A broker dies.\nNothing may be lost.");
    EXPECT_EQ(scenario->brokers, 3);
    EXPECT_EQ(scenario->seed, 7u);
    EXPECT_EQ(scenario->length, Duration(70s));
    EXPECT_EQ(scenario->network.latency_least, Duration(200us));
    EXPECT_EQ(scenario->network.bandwidth, 10'000'000u);
    EXPECT_FALSE(scenario->guards.has(Guard::torn_tails_are_cut));
    EXPECT_TRUE(scenario->guards.has(Guard::holes_are_cut));
    ASSERT_EQ(scenario->topics.size(), 1u);
    EXPECT_EQ(scenario->topics[0].settings, (Settings{{"min.insync.replicas", "2"}}));
    ASSERT_EQ(scenario->producers.size(), 1u);
    EXPECT_EQ(scenario->producers[0].rate, 200u);
    EXPECT_EQ(scenario->producers[0].size, 1000u);
    EXPECT_EQ(scenario->producers[0].acks, client::Acks::leader);
    EXPECT_EQ(scenario->producers[0].from, Duration(1s));
    ASSERT_EQ(scenario->consumers.size(), 1u);
    EXPECT_EQ(scenario->consumers[0].from, client::Start::latest);
    ASSERT_EQ(scenario->actions.size(), 10u);
    EXPECT_EQ(scenario->actions[0], (At{5s, {Verb::kill, {1, {}}, {}, {}, 0, {}}}));
    EXPECT_EQ(scenario->actions[3].action.whom, Party());
    EXPECT_EQ(scenario->actions[5].action.number, 17);
    EXPECT_EQ(scenario->actions[7].action.number, -200);
    EXPECT_EQ(scenario->actions[8].action.number, 20);
    EXPECT_EQ(scenario->actions[9].action.directory, "two");
    EXPECT_EQ(scenario->log_directories(), (std::vector<std::string>{"one", "two"}));
    ASSERT_EQ(scenario->faults.size(), 1u);
    EXPECT_EQ(scenario->faults[0].kinds,
              (std::vector{Fault::kill, Fault::failed_directory, Fault::reset}));
    ASSERT_EQ(scenario->expectations.size(), 3u);
    EXPECT_EQ(scenario->expectations[0].kind, Expectation::nothing_acknowledged_is_lost);
    EXPECT_EQ(scenario->expectations[1],
              (Expectation{Expectation::unavailable_less, {"orders", PartitionIndex(1)}, 0, 2s}));
    EXPECT_EQ(scenario->expectations[2].error, protocol::ErrorCode::kafka_storage_error);
    ASSERT_EQ(scenario->whens.size(), 2u);
    EXPECT_EQ(scenario->whens[0].delay, Duration(3s));
    EXPECT_EQ(scenario->whens[0].condition.number, 500);
    EXPECT_EQ(scenario->whens[1].condition.kind, Condition::Kind::dies);
}

// A shrunk failure is written as a scenario: the text must mean the same when it is read again.
TEST(Scenario, PrintedReadsBackTheSame) {
    const auto scenario = parse(whole, "f");
    ASSERT_TRUE(scenario);
    const auto again = parse(print(*scenario), "f");
    ASSERT_TRUE(again) << again.error().text() << '\n' << print(*scenario);
    EXPECT_EQ(*again, *scenario);
}

TEST(Scenario, EverySentenceOfTheTablesReadsBack) {
    for (const Sentence& sentence : action_sentences()) {
        Action action{sentence.verb, {1, {}}, {0, "till"}, {}, 0, {}};
        const std::string form(sentence.form);
        if (form.find("WHOM") == std::string::npos) action.whom = {};
        if (form.find("WHO") == std::string::npos) action.who = {};
        if (form.find("PARTITION") != std::string::npos) {
            action.partition = {"a-b", PartitionIndex(3)};
        }
        if (form.find("COUNT") != std::string::npos) action.number = 12;
        if (form.find("PPM") != std::string::npos) action.number = -12;
        if (form.find("TIME") != std::string::npos) action.time = 1500ms;
        if (form.find("DIRECTORY") != std::string::npos) action.directory = "disks/2";
        const std::string text = write(action);
        Line line(text, "f", 1);
        const auto read = read_action(line);
        ASSERT_TRUE(read) << read.error().text();
        EXPECT_EQ(*read, action) << text;
        EXPECT_TRUE(line.at_end());
    }
    for (const ExpectationSentence& sentence : expectation_sentences()) {
        Expectation expectation{sentence.kind, {}, 0, {}};
        const std::string form(sentence.form);
        if (form.find("PARTITION") != std::string::npos) {
            expectation.partition = {"a-b", PartitionIndex(3)};
        }
        if (form.find("COUNT") != std::string::npos) expectation.number = 12;
        if (form.find("TIME") != std::string::npos) expectation.time = 1500ms;
        if (form.find("ERROR") != std::string::npos) {
            expectation.error = protocol::ErrorCode::unknown_topic_id;
        }
        const std::string text = write(expectation);
        Line line(text, "f", 1);
        EXPECT_EQ(read_expectation(line).value(), expectation) << text;
    }
    for (const ConditionSentence& sentence : condition_sentences()) {
        Condition condition{sentence.kind, {}, {}, 0, {}};
        const std::string form(sentence.form);
        if (form.find("WHO") != std::string::npos) condition.who.broker = 1;
        if (form.find("PARTITION") != std::string::npos) {
            condition.partition = {"a-b", PartitionIndex(3)};
        }
        if (form.find("COUNT") != std::string::npos) condition.number = 12;
        if (form.find("TOPIC") != std::string::npos) condition.topic = "a";
        const std::string text = write(condition);
        Line line(text, "f", 1);
        EXPECT_EQ(read_condition(line).value(), condition) << text;
    }
    for (const FaultWord& word : fault_words()) {
        Line line(write(word.fault), "f", 1);
        EXPECT_EQ(read_fault(line).value(), word.fault);
    }
}

// The tables are read word by word without going back.
TEST(Scenario, NoSentenceIsTheBeginningOfAnother) {
    const auto starts = [](std::string_view a, std::string_view b) {
        return b.starts_with(std::string(a) + ' ') || a == b;
    };
    for (const Sentence& a : action_sentences()) {
        for (const Sentence& b : action_sentences()) {
            EXPECT_TRUE(&a == &b || !starts(a.form, b.form)) << a.form;
        }
    }
    for (const ExpectationSentence& a : expectation_sentences()) {
        for (const ExpectationSentence& b : expectation_sentences()) {
            EXPECT_TRUE(&a == &b || !starts(a.form, b.form)) << a.form;
        }
    }
}

struct Wrong {
    std::string_view text;
    std::string_view message;
};

class Mistakes : public testing::TestWithParam<Wrong> {};

TEST_P(Mistakes, AreNamedWhereTheyStand) {
    const auto scenario = parse(GetParam().text, "f");
    ASSERT_FALSE(scenario) << GetParam().text;
    EXPECT_EQ(scenario.error().text(), GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    Scenario, Mistakes,
    testing::Values(
        Wrong{"clutser",
              "f:1:1: expected \"cluster\", \"set\", \"without\", \"network\", \"topic\", "
              "\"producer\", \"consumer\", \"at\", \"when\", \"faults\", \"run\" or "
              "\"expect\", "
              "found \"clutser\""},
        Wrong{"\ncluster brokers=0", "f:2:9: expected a number from 1 to 300, found \"brokers=0\""},
        Wrong{"cluster brokers=2 x", "f:1:19: expected the end of the line, found \"x\""},
        Wrong{"cluster size=2", "f:1:9: expected brokers=N or seed=N, found \"size=2\""},
        Wrong{"set ", "f:1:4: expected name=value, found the end"},
        Wrong{"without luck",
              "f:1:9: expected a guard (barnabas sim guards names them), found \"luck\""},
        Wrong{"topic a/b", "f:1:7: expected the topic's name, found \"a/b\""},
        Wrong{"topic a\ntopic a", "f:2:7: expected a topic that does not stand above, found \"a\""},
        Wrong{"producer till to orders",
              "f:1:18: expected a topic that stands above, found \"orders\""},
        Wrong{"topic a\nproducer till into a", "f:2:15: expected \"to\", found \"into\""},
        Wrong{"topic a\nproducer till to a rate=5",
              "f:2:20: expected a rate such as 200/s, found \"rate=5\""},
        Wrong{"topic a\nproducer till to a for ever",
              "f:2:24: expected a duration such as 5s, 200ms or 10us, found \"ever\""},
        Wrong{"topic a\nconsumer x of a\nconsumer x of a",
              "f:3:10: expected a name that nobody else has, found \"x\""},
        Wrong{"at 5 kill broker 1",
              "f:1:4: expected a duration such as 5s, 200ms or 10us, found \"5\""},
        Wrong{"at 5s kill broker",
              "f:1:18: expected the number of a broker, from 1, found the end"},
        Wrong{"at 5s kill broker 2", "f:1:7: expected a broker from 1 to 1, found \"kill\""},
        Wrong{"at 5s lose powder of broker 1", "f:1:12: expected \"power\", found \"powder\""},
        Wrong{"at 5s disk of broker 1 empty",
              "f:1:24: expected \"full\", \"slow\", \"broken\" or \"healthy\", found \"empty\""},
        Wrong{"at 5s directory data of broker 1 fails often",
              "f:1:40: expected \"reads\", \"writes\" or \"flushes\", found \"often\""},
        Wrong{"at 5s directory two of broker 1 broken",
              "f:1:7: expected a directory of log.dirs as set above, found \"directory\""},
        Wrong{"faults failed directory every 5s from 5s to 9s",
              "f:1:15: expected two or more log.dirs above, of which one may fail, found "
              "\"directory\""},
        Wrong{"topic a\nexpect a-0 answers KAFKA_STORAGE",
              "f:2:20: expected an error by Kafka's name, such as KAFKA_STORAGE_ERROR, found "
              "\"KAFKA_STORAGE\""},
        Wrong{"at 5s cut till from broker 1",
              "f:1:7: expected a client that stands above, not \"till\", found \"cut\""},
        Wrong{"at 5s flip a bit in a-0 of broker 1",
              "f:1:7: expected a partition of a topic that stands above, found \"flip\""},
        Wrong{"at 5s drift broker 1 by fast ppm",
              "f:1:25: expected parts per million from -100000 to 100000, found \"fast\""},
        Wrong{"faults kill reset every 5s from 5s to 9s",
              "f:1:13: expected \"every\", found \"reset\""},
        Wrong{"faults kill every 5s from 9s to 5s",
              "f:1:33: expected a time after the first, found \"5s\""},
        Wrong{"expect nothing acknowledged is found", "f:1:32: expected \"lost\", found \"found\""},
        Wrong{"expect a-0 unavailable < 2s",
              "f:1:8: expected a partition of a topic that stands above, found \"a-0\""},
        Wrong{"when leader(a-0) changes, 3s heal",
              "f:1:6: expected a condition of one broker such as \"broker 1 restarts\" or "
              "\"orders-0 reaches offset 100\" (leader(...) has its meaning in a cluster that "
              "replicates), found \"leader(a-0)\""},
        Wrong{"when broker 2 dies heal", "f:1:6: expected a broker from 1 to 1, found \"broker\""},
        Wrong{"topic a\nwhen a-0 reaches offset 5 delete records of a-0 before 3",
              "f:2:27: expected anything but a deletion: that takes \"at\" and its time, found "
              "\"delete\""},
        Wrong{"run for 99999999999999999s",
              "f:1:9: expected a duration such as 5s, 200ms or 10us, found "
              "\"99999999999999999s\""}));

}  // namespace
}  // namespace barnabas::scenario
