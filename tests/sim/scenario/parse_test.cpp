// The grammar: what a scenario says is what runs, and a mistake is named where it stands.
#include "sim/scenario/parse.h"

#include <gtest/gtest.h>

#include "sim/faults/kinds.h"
#include "sim/scenario/words.h"

namespace barnabas::scenario {
namespace {

constexpr std::string_view whole = R"(# A broker dies.
# Nothing may be lost.

cluster brokers=3 seed=7
set log.flush.interval.messages=1 log.dirs=one,two
without torn_tails_are_cut
network latency=200us..2ms bandwidth=10MB/s
disk flush=1ms..3ms queue=1
topic orders partitions=2 replicas=3 min.insync.replicas=2
producer till to orders rate=200/s acks=1 size=1KB linger=3ms in.flight=1 from 1s for 20s  # fast
producer once to orders idempotent from 2.5s rate=10/s for 3s acks=all
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
at 16s for 1.5s cut others off from any broker
at 17s drop 0.25% of packets between all clients and broker 1
at 18s set retention.ms=1000 of topic orders
faults kill, failed directory, reset every 5s from 20s to 50s
faults each of one-way clog, torn turn every 5s lasting 1s..20s from 20s to 50s
when orders-0 reaches offset 500, 3s  kill broker 1
when broker 2 dies  for 3s cut till from broker 1
run for 70s
expect nothing acknowledged is lost
expect orders-1 unavailable < 2s
expect orders-0 answers KAFKA_STORAGE_ERROR
)";

void expect_actions(const std::vector<At>& actions) {
    ASSERT_EQ(actions.size(), 13u);
    const auto fault = [&](std::size_t at) { return std::get<Fault>(actions[at].action); };
    EXPECT_EQ(actions[0], (At{5s, Fault{.kind = FaultKind::kill, .who = Selector::broker(1)}}));
    EXPECT_EQ(actions[1], (At{7s, Treatment{sim::Remedy::restart, Selector::broker(1)}}));
    EXPECT_EQ(fault(3).kind, FaultKind::one_way_clog);
    EXPECT_EQ(fault(3).whom, Selector{Selector::Kind::others});
    EXPECT_EQ(fault(5).number, 17);
    EXPECT_EQ(fault(7).number, -200);
    EXPECT_EQ(fault(8).number, 20);
    EXPECT_EQ(fault(9).directory, "two");
    EXPECT_EQ(actions[9].length, std::nullopt);
    EXPECT_EQ(actions[10].length, Duration(1500ms));
    EXPECT_EQ(fault(10).whom, Selector{Selector::Kind::any_broker});
    EXPECT_EQ(fault(11).who, Selector{Selector::Kind::all_clients});
    EXPECT_EQ(fault(11).number, 2'500) << "of a million";
    const Wish wish = std::get<Wish>(actions[12].action);
    EXPECT_EQ(wish.kind, Wish::Kind::set_topic);
    EXPECT_EQ(wish.setting, (std::pair<std::string, std::string>("retention.ms", "1000")));
}

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
    EXPECT_EQ(scenario->medium.flush_most, Duration(3ms));
    EXPECT_EQ(scenario->medium.queue, 1u);
    ASSERT_EQ(scenario->producers.size(), 2u);
    EXPECT_TRUE(scenario->producers[1].is_idempotent);
    EXPECT_EQ(scenario->producers[1].from, Duration(2500ms));
    EXPECT_EQ(scenario->producers[1].rate, 10u);
    EXPECT_EQ(scenario->producers[0].rate, 200u);
    EXPECT_EQ(scenario->producers[0].size, 1000u);
    EXPECT_EQ(scenario->producers[0].acks, client::Acks::leader);
    EXPECT_EQ(scenario->producers[0].from, Duration(1s));
    ASSERT_EQ(scenario->consumers.size(), 1u);
    EXPECT_EQ(scenario->consumers[0].from, client::Start::latest);
    expect_actions(scenario->actions);
    EXPECT_EQ(scenario->log_directories(), (std::vector<std::string>{"one", "two"}));
    ASSERT_EQ(scenario->faults.size(), 2u);
    EXPECT_EQ(scenario->faults[0].kinds,
              (std::vector{FaultKind::kill, FaultKind::failed_directory, FaultKind::reset}));
    EXPECT_FALSE(scenario->faults[0].is_each);
    EXPECT_TRUE(scenario->faults[1].is_each);
    EXPECT_EQ(scenario->faults[1].lasting, std::pair(Duration(1s), Duration(20s)));
    ASSERT_EQ(scenario->expectations.size(), 3u);
    EXPECT_EQ(scenario->expectations[0].kind, Expectation::nothing_acknowledged_is_lost);
    EXPECT_EQ(scenario->expectations[1],
              (Expectation{Expectation::unavailable_less, {"orders", PartitionIndex(1)}, 0, 2s}));
    EXPECT_EQ(scenario->expectations[2].error, protocol::ErrorCode::kafka_storage_error);
    ASSERT_EQ(scenario->whens.size(), 2u);
    EXPECT_EQ(scenario->whens[0].delay, Duration(3s));
    EXPECT_EQ(scenario->whens[0].condition.number, 500);
    EXPECT_EQ(scenario->whens[1].condition.kind, Condition::Kind::dies);
    EXPECT_EQ(scenario->whens[1].length, Duration(3s));
}

// A shrunk failure is written as a scenario: the text must mean the same when it is read again.
TEST(Scenario, PrintedReadsBackTheSame) {
    const auto scenario = parse(whole, "f");
    ASSERT_TRUE(scenario);
    const auto again = parse(print(*scenario), "f");
    ASSERT_TRUE(again) << again.error().text() << '\n' << print(*scenario);
    EXPECT_EQ(*again, *scenario);
}

// A sentence of that form.
std::string filled(std::string_view form) {
    constexpr std::pair<std::string_view, std::string_view> values[] = {
        {"WHOM", "till"},      {"WHO", "broker 1"},    {"PARTITION", "a-b-3"}, {"COUNT", "12"},
        {"PPM", "-12"},        {"PERCENT", "0.5%"},    {"TIME", "1.5s"},       {"TOPIC", "a"},
        {"DIRECTORY", "d/2"},  {"SETTING", "x.y=3,4"}, {"ERROR", "UNKNOWN_TOPIC_ID"},
        {"[one-way]", "one-way"}, {"[off]", "off"}};
    std::string text(form);
    for (const auto& [blank, value] : values) {
        const std::size_t at = text.find(blank);
        if (at != std::string::npos) text.replace(at, blank.size(), value);
    }
    return text;
}

std::string written_again(std::string_view text, auto read) {
    Line line(text, "f", 1);
    const auto value = read(line);
    EXPECT_TRUE(value) << value.error().text();
    EXPECT_TRUE(line.at_end());
    return value ? write(*value) : std::string();
}

TEST(Scenario, EverySentenceOfTheTablesReadsBack) {
    for (const Sentence& sentence : action_sentences()) {
        const std::string text = filled(sentence.form);
        EXPECT_EQ(written_again(text, read_action), text);
    }
    for (const Sentence& sentence : expectation_sentences()) {
        const std::string text = filled(sentence.form);
        EXPECT_EQ(written_again(text, read_expectation), text);
    }
    for (const Sentence& sentence : condition_sentences()) {
        const std::string text = filled(sentence.form);
        EXPECT_EQ(written_again(text, read_condition), text);
    }
    for (const Sentence& name : fault_names()) {
        Line line(name.form, "f", 1);
        EXPECT_EQ(sim::row_of(read_fault_name(line).value()).name, name.form);
    }
}

TEST(Scenario, SmallWordsMayBeLeftOut) {
    EXPECT_EQ(written_again("cut till from broker 1", read_action),
              "cut till off from broker 1");
    EXPECT_EQ(written_again("clog broker 1 to till", read_action),
              "clog one-way broker 1 to till");
}

// The tables are read word by word without going back.
TEST(Scenario, NoSentenceIsTheBeginningOfAnother) {
    for (const auto& table : {action_sentences(), expectation_sentences(), fault_names()}) {
        for (const Sentence& a : table) {
            for (const Sentence& b : table) {
                const bool begins = b.form.starts_with(std::string(a.form) + ' ');
                EXPECT_TRUE(&a == &b || (!begins && a.form != b.form)) << a.form;
            }
        }
    }
}

TEST(Scenario, TimesMayHaveAPointAndAreWrittenShort) {
    EXPECT_EQ(read_duration("36.5s"), Duration(36500ms));
    EXPECT_EQ(read_duration("0.25ms"), Duration(250us));
    EXPECT_EQ(read_duration("1.0000000001s"), std::nullopt) << "no clock is so fine";
    EXPECT_EQ(read_duration("1.s"), std::nullopt);
    EXPECT_EQ(read_duration(".5s"), std::nullopt);
    EXPECT_EQ(write_duration(48465909us), "48.465909s");
    EXPECT_EQ(write_duration(1500us), "1.5ms");
    EXPECT_EQ(write_duration(120s), "120s");
    EXPECT_EQ(write_duration(Duration(0)), "0s");
}

TEST(Scenario, AllMistakesAreNamedAtOnceWithWhatWasMeant) {
    const auto scenario = parse("topic orders\n"
                                "producer till to ordres\n"
                                "at 5s kil broker 1\n"
                                "consumer desk of orders from earlyest\n"
                                "at 6s pause tilt\n"
                                "run for 60s\n",
                                "f");
    ASSERT_FALSE(scenario);
    EXPECT_EQ(scenario.error().text().find("f:2:18: expected a topic that stands above, found "
                                           "\"ordres\"; did you mean \"orders\"?\nf:3:7: "),
              0u)
        << scenario.error().text();
    ASSERT_EQ(scenario.error().all.size(), 4u) << scenario.error().text();
    EXPECT_EQ(scenario.error().all[1].meant, "kill");
    EXPECT_EQ(scenario.error().all[2].meant, "earliest");
    EXPECT_EQ(scenario.error().all[3].meant, "till");
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
              "f:1:1: expected \"cluster\", \"set\", \"without\", \"network\", \"disk\", "
              "\"topic\", \"producer\", \"consumer\", \"at\", \"when\", \"faults\", \"run\" or "
              "\"expect\", "
              "found \"clutser\"; did you mean \"cluster\"?"},
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
        Wrong{"topic a\nproducer till into a",
              "f:2:15: expected \"to\", found \"into\"; did you mean \"to\"?"},
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
        Wrong{"at 5s lose powder of broker 1",
              "f:1:12: expected \"power\", found \"powder\"; did you mean \"power\"?"},
        Wrong{"at 5s disk of broker 1 empty",
              "f:1:24: expected \"full\", \"slow\", \"broken\" or \"healthy\", found \"empty\""},
        Wrong{"at 5s directory data of broker 1 fails often",
              "f:1:40: expected \"reads\", \"writes\" or \"flushes\", found \"often\""},
        Wrong{"at 5s for 2s heal",
              "f:1:7: expected no \"for\" before what does not last, found \"for\""},
        Wrong{"at 5s kill leader of orders-0",
              "f:1:12: expected whom one node can tell: \"broker\" and its number, \"any broker\", "
              "a client's name, \"all clients\" or \"others\" (leaders, controller, racks and "
              "minorities come with the cluster), found \"leader\""},
        Wrong{"at 5s kill others",
              "f:1:7: expected a broker or a client by its name, found \"kill\""},
        Wrong{"topic a\nproducer rack to a",
              "f:2:10: expected a name that means nobody else, found \"rack\""},
        Wrong{"topic a\nconsumer c of a\nat 5s lose power of c",
              "f:3:7: expected a fault that befalls clients, or a broker, found \"lose\""},
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
        Wrong{"expect nothing acknowledged is found",
              "f:1:32: expected \"lost\", found \"found\""},
        Wrong{"expect a-0 unavailable < 2s",
              "f:1:8: expected a partition of a topic that stands above, found \"a-0\""},
        Wrong{"when leader(a-0) changes, 3s heal",
              "f:1:6: expected a condition of one broker such as \"broker 1 restarts\" or "
              "\"orders-0 reaches offset 100\" (leader(...) has its meaning in a cluster that "
              "replicates), found \"leader(a-0)\""},
        Wrong{"when broker 2 dies heal", "f:1:6: expected a broker from 1 to 1, found \"broker\""},
        Wrong{"topic a\nwhen a-0 reaches offset 5 delete records of a-0 before 3",
              "f:2:27: expected anything but what the admin asks for: that takes \"at\" and its "
              "time, found \"delete\""},
        Wrong{"run for 99999999999999999s",
              "f:1:9: expected a duration such as 5s, 200ms or 10us, found "
              "\"99999999999999999s\""}));

}  // namespace
}  // namespace barnabas::scenario
