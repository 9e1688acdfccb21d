// Scenarios run: the lessons hold, the same seed is the same run, and a broker that breaks its
// promises is found out.
#include "sim/scenario/run.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "engine/broker/broker.h"
#include "sim/scenario/plan.h"
#include "tests/sim/scenario/runs.h"
#include "tests/support/places.h"

namespace barnabas::scenario {
namespace {

std::string rules_of(const Report& report) {
    std::set<std::string> rules;
    for (const sim::Violation& violation : report.violations) rules.insert(violation.rule);
    std::string all;
    for (const std::string& rule : rules) all += (all.empty() ? "" : " ") + rule;
    return all;
}

std::vector<std::string> lessons() {
    std::vector<std::string> files;
    const std::filesystem::path directory = support::source_path("scenarios");
    for (const auto& entry : std::filesystem::directory_iterator(directory)) {
        if (entry.path().extension() == ".scenario") files.push_back(entry.path().stem().string());
    }
    std::sort(files.begin(), files.end());
    return files;
}

class Lesson : public testing::TestWithParam<std::string> {};

// Every scenario that we ship holds, and is large enough to say something.
TEST_P(Lesson, Holds) {
    const Report report = report_of(lesson_of(GetParam()));
    EXPECT_EQ(report.verdict, Verdict::passed) << report.text();
}

INSTANTIATE_TEST_SUITE_P(Scenarios, Lesson, testing::ValuesIn(lessons()),
                         [](const auto& lesson) { return lesson.param; });

TEST(FailedDirectory, TakesOnlyItsOwnUnderEverySeed) {
    expect_it_holds(lesson_of("a_failed_directory_takes_only_its_own"), 25);
}

constexpr std::string_view failing_directories = R"(
set log.dirs=first,second,third log.roll.ms=1500 log.flush.interval.ms=500
topic orders partitions=4
producer till to orders rate=100/s acks=all delivery.timeout=60s from 1s for 40s
consumer desk of orders from earliest
faults failed directory, kill, crash every 3s from 3s to 40s
run for 65s
expect nothing acknowledged is lost
expect everything sent is acknowledged
expect everything acknowledged is consumed
expect orders-0 unavailable < 10s
)";

TEST(FailedDirectory, MayBeAnyAtAnyTime) {
    expect_it_holds(scenario_of(failing_directories), 10);
}

// Which of them the broker notices is its own affair: nothing is lost by any.
TEST(FailedDirectory, MayFailReadsWritesOrFlushes) {
    for (const Verb verb : {Verb::directory_unreadable, Verb::directory_unwritable,
                            Verb::directory_unflushable}) {
        Scenario scenario = scenario_of(failing_directories);
        scenario.faults.front().kinds = {Fault::kill, Fault::crash};
        for (const char* directory : {"second", "third"}) {
            Action fails{verb, {1, {}}, {}, {}, 0, {}, directory};
            scenario.actions.push_back({10s, fails});
            fails.verb = Verb::directory_healthy;
            scenario.actions.push_back({25s, fails});
        }
        scenario.actions.push_back({25s, {Verb::restart, {1, {}}, {}, {}, 0, {}, {}}});
        expect_it_holds(scenario, 5);
    }
}

constexpr std::string_view some_faults = R"(
cluster seed=3
topic orders partitions=2
producer till to orders rate=50/s from 500ms for 8s
consumer desk of orders from earliest
at 2s kill broker 1
at 3s restart broker 1
at 5s lose power of broker 1
at 6s restart broker 1
faults reset, clog every 1s from 1s to 8s
run for 12s
)";

TEST(Run, IsTheSameForTheSameSeed) {
    const Scenario scenario = scenario_of(some_faults);
    EXPECT_EQ(report_of(scenario).json(), report_of(scenario).json());
    Scenario other = scenario;
    ++other.seed;
    EXPECT_NE(report_of(other).hash, report_of(scenario).hash);
}

TEST(Run, AForkHasTheSameFutureAndNeedsNotItsOriginal) {
    const Scenario faulty = scenario_of(some_faults);
    auto original = std::make_unique<scenario::Run>(scenario::Run::make(faulty).value());
    while (original->world().now() < Instant(5500ms)) ASSERT_TRUE(original->step());
    scenario::Run fork = *original;
    while (original->step()) {}
    const Report whole = original->report();
    original.reset();
    while (fork.step()) {}
    EXPECT_EQ(fork.report().json(), whole.json());
}

TEST(Run, SmallOnesDoNotCount) {
    const Report report = report_of(scenario_of(some_faults));
    EXPECT_EQ(report.verdict, Verdict::too_small) << report.text();
    EXPECT_EQ(report.violation_count, 0u);
}

TEST(Run, SaysWhichSettingIsWrong) {
    const auto run = scenario::Run::make(scenario_of("set num.partitions=many\n"));
    ASSERT_FALSE(run);
    EXPECT_NE(run.error().find("num.partitions"), std::string::npos) << run.error();
}

TEST(Run, APlanIsAScenarioOfItsOwn) {
    Scenario random = scenario_of(
        "faults kill, power loss, crash, pause, reset, cut, clog, full disk, slow disk every 2s "
        "from 1s to 50s\n");
    const auto actions = plan(random);
    EXPECT_GT(actions.size(), 30u);
    EXPECT_TRUE(std::is_sorted(actions.begin(), actions.end(),
                               [](const At& a, const At& b) { return a.time < b.time; }));
    Scenario concrete = random;
    concrete.actions = actions;
    concrete.faults.clear();
    const auto again = parse(print(concrete), "test.scenario");
    ASSERT_TRUE(again) << again.error().text();
    EXPECT_EQ(again->actions, actions);
    EXPECT_EQ(plan(*again), actions);
}

// Brokers that lie: what each asks for is bent on its way out.

// The broker inside, for which `bend` may answer itself.
template <class Lie>
struct Lying {
    broker::Broker broker;
    Lie lie;

    void on(const Event& event, Turn& turn) {
        std::vector<Event> events = lie.hear(event);
        while (!events.empty()) {
            const Event next = events.front();
            events.erase(events.begin());
            std::vector<Effect> effects;
            Turn inner{turn.now, turn.wall, turn.random, effects};
            broker.on(next, inner);
            for (Effect& effect : effects) {
                if (auto answer = lie.bend(effect))
                    events.push_back(*answer);
                else
                    turn.ask(std::move(effect));
            }
        }
    }
    void digest(Hasher& hasher) const { broker.digest(hasher); }
};

template <class Lie>
Machine liar(const settings::BrokerSettings& settings) {
    return Machine(Lying<Lie>{broker::Broker(settings), Lie()});
}

struct Honest {
    std::set<FileId> logs;  // segments of the topic

    std::vector<Event> hear(const Event& event) { return {event}; }
    std::optional<Event> bend(Effect& effect) {
        if (const auto* open = std::get_if<effect::Open>(&effect)) {
            if (open->path.find("/orders-") != std::string::npos && open->path.ends_with(".log")) {
                logs.insert(open->file);
            }
        }
        return std::nullopt;
    }
};

// Says that records are written, and keeps them to itself.
struct WritesNothing : Honest {
    std::optional<Event> bend(Effect& effect) {
        Honest::bend(effect);
        const auto* write = std::get_if<effect::Write>(&effect);
        if (write == nullptr || !logs.contains(write->file)) return std::nullopt;
        return event::StorageDone{.operation = write->operation};
    }
};

// Says that records are flushed, and leaves them in the page cache.
struct FlushesNothing : Honest {
    std::optional<Event> bend(Effect& effect) {
        Honest::bend(effect);
        const auto* flush = std::get_if<effect::Flush>(&effect);
        if (flush == nullptr || !logs.contains(flush->file)) return std::nullopt;
        return event::StorageDone{.operation = flush->operation};
    }
};

// Hears every twentieth produce request twice.
struct HearsTwice : Honest {
    int heard = 0;
    std::vector<Event> hear(const Event& event) {
        const auto* received = std::get_if<event::Received>(&event);
        const bool is_produce = received != nullptr && received->frame.size() > 2 &&
                                received->frame[0] == 0 && received->frame[1] == 0;
        if (is_produce && ++heard % 20 == 0) return {event, event};
        return {event};
    }
};

// Turns one bit of what it writes now and then.
struct WritesWrong : Honest {
    int written = 0;
    std::optional<Event> bend(Effect& effect) {
        Honest::bend(effect);
        auto* write = std::get_if<effect::Write>(&effect);
        if (write == nullptr || !logs.contains(write->file) || ++written % 20 != 0) {
            return std::nullopt;
        }
        const Bytes bytes = write->bytes.flatten();
        std::vector<std::uint8_t> bent(bytes.begin(), bytes.end());
        bent.back() ^= 1;
        write->bytes = Bytes::own(std::move(bent));
        return std::nullopt;
    }
};

// Believes that each segment is shorter than it is when it opens it.
struct ForgetsItsTail : Honest {
    std::set<Token> openings;
    std::vector<Event> hear(const Event& event) {
        const auto* done = std::get_if<event::StorageDone>(&event);
        if (done == nullptr || openings.erase(done->operation) == 0) return {event};
        event::StorageDone shorter = *done;
        shorter.size -= std::min<std::uint64_t>(shorter.size, 100);
        return {shorter};
    }
    std::optional<Event> bend(Effect& effect) {
        Honest::bend(effect);
        const auto* open = std::get_if<effect::Open>(&effect);
        if (open != nullptr && logs.contains(open->file)) openings.insert(open->operation);
        return std::nullopt;
    }
};

// Takes one write to the partition in its second directory for a failed one.
struct BlamesTheDisk : Honest {
    int written = 0;
    std::set<Token> writes;
    std::vector<Event> hear(const Event& event) {
        const auto* done = std::get_if<event::StorageDone>(&event);
        if (done == nullptr || writes.erase(done->operation) == 0) return {event};
        event::StorageDone failed = *done;
        failed.status = StorageStatus::io_error;
        return {failed};
    }
    std::optional<Event> bend(Effect& effect) {
        const auto* open = std::get_if<effect::Open>(&effect);
        if (open != nullptr && open->path.starts_with("second/orders-")) Honest::bend(effect);
        const auto* write = std::get_if<effect::Write>(&effect);
        if (write == nullptr || !logs.contains(write->file)) return std::nullopt;
        if (++written == 50) writes.insert(write->operation);
        return std::nullopt;
    }
};

constexpr std::string_view calm = R"(
topic orders
producer till to orders rate=50/s from 500ms for 8s
consumer desk of orders from earliest
run for 12s
expect nothing acknowledged is lost
)";

constexpr std::string_view killed = R"(
topic orders
producer till to orders rate=50/s from 500ms for 8s
consumer desk of orders from earliest
at 4s kill broker 1
at 5s restart broker 1
run for 12s
expect nothing acknowledged is lost
)";

constexpr std::string_view powerless = R"(
set log.flush.interval.messages=1
topic orders
producer till to orders rate=50/s from 500ms for 8s
at 4s lose power of broker 1
at 5s restart broker 1
run for 12s
expect nothing acknowledged is lost
)";

TEST(Watch, AnHonestBrokerBreaksNoRule) {
    EXPECT_EQ(rules_of(report_of(scenario_of(calm), liar<Honest>)), "");
    EXPECT_EQ(rules_of(report_of(scenario_of(killed), liar<Honest>)), "");
    EXPECT_EQ(rules_of(report_of(scenario_of(powerless), liar<Honest>)), "");
}

TEST(Watch, FindsAcknowledgedRecordsThatWereNeverWritten) {
    const Report report = report_of(scenario_of(calm), liar<WritesNothing>);
    EXPECT_NE(rules_of(report).find("misplaced"), std::string::npos) << report.text();
}

TEST(Watch, FindsFlushesThatDidNotHappen) {
    const Report report = report_of(scenario_of(powerless), liar<FlushesNothing>);
    EXPECT_NE(rules_of(report).find("lost"), std::string::npos) << report.text();
}

TEST(Watch, FindsDoublesThatNoLostReplyExplains) {
    const Report report = report_of(scenario_of(calm), liar<HearsTwice>);
    EXPECT_NE(rules_of(report).find("doubled"), std::string::npos) << report.text();
    ASSERT_TRUE(report.first_bad);
    EXPECT_EQ(report.first_bad->node, "broker 1");
}

TEST(Watch, FindsRecordsThatWereWrittenWrong) {
    const Report report = report_of(scenario_of(calm), liar<WritesWrong>);
    EXPECT_NE(rules_of(report).find("misplaced"), std::string::npos) << report.text();
}

TEST(Watch, FindsADirectoryThatIsOfflineWithoutCause) {
    const std::string text = "set log.dirs=first,second\ntopic orders partitions=2\n" +
                             std::string(calm.substr(calm.find("producer")));
    EXPECT_EQ(rules_of(report_of(scenario_of(text), liar<Honest>)), "");
    EXPECT_EQ(rules_of(report_of(scenario_of(text), liar<BlamesTheDisk>)), "spread");
}

TEST(Watch, FindsARecoveryThatCutsTooMuch) {
    const Report report = report_of(scenario_of(killed), liar<ForgetsItsTail>);
    EXPECT_NE(rules_of(report).find("lost"), std::string::npos) << report.text();
}

// What may go by age is what the broker would let go, whoever says so and whatever its clock says.

constexpr std::string_view aging = R"(
set log.retention.check.interval.ms=500
topic orders segment.ms=1000
producer till to orders rate=50/s from 500ms for 8s
run for 12s
)";

// Rolls and deletes sooner than it was told to.
Machine hasty_broker(const settings::BrokerSettings& given) {
    std::vector<std::string> assignments{"log.retention.ms=2000"};
    for (const auto& [name, value] : given.all_given())
        if (name != "log.retention.ms") assignments.push_back(name + '=' + value);
    return Machine(broker::Broker(settings::parse({.assignments = assignments})->settings));
}

TEST(Retention, IsTheBrokersDefaultWhereTheTopicSaysNothing) {
    const auto with = [](std::string_view line) {
        return scenario_of(std::string(line) + '\n' + std::string(aging));
    };
    EXPECT_EQ(rules_of(report_of(with("set log.retention.ms=2000"))), "");
    EXPECT_EQ(rules_of(report_of(with("set log.retention.bytes=4000"))), "");
    EXPECT_EQ(rules_of(report_of(with("set log.retention.ms=6000"), hasty_broker)), "vanished");
    EXPECT_EQ(rules_of(report_of(with("set log.retention.minutes=1"), hasty_broker)), "vanished");
    EXPECT_EQ(rules_of(report_of(with(""), hasty_broker)), "vanished");
}

TEST(Retention, IsAMatterOfClocksThatAreSet) {
    const std::string hour = "set log.retention.hours=1\n" + std::string(aging);
    for (const char* moment : {"at 6s", "when orders-0 reaches offset 200"}) {
        const std::string step = hour + moment + " step wall clock of broker 1 by ";
        EXPECT_EQ(rules_of(report_of(scenario_of(step + "2min"), hasty_broker)), "vanished");
        const Report report = report_of(scenario_of(step + "60min"));
        EXPECT_EQ(rules_of(report), "");
        EXPECT_LT(report.counts.stored, report.counts.acknowledged) << moment;
    }
}

}  // namespace
}  // namespace barnabas::scenario
