// A broker that breaks its promises is found out, and named by the right rule.
#include "engine/records/batch.h"
#include "tests/sim/scenario/liars.h"

namespace barnabas::scenario {
namespace {

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
    EXPECT_EQ(report.violations.at(0).rule, "undurable") << report.text();
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
    const Report report = report_of(scenario_of(text), liar<BlamesTheDisk>);
    EXPECT_EQ(report.violations.at(0).rule, "alarmed") << report.text();
    EXPECT_NE(rules_of(report).find("spread"), std::string::npos) << report.text();
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
    return Machine(node::Node(settings::parse({.assignments = assignments})->settings));
}

TEST(Retention, IsTheBrokersDefaultWhereTheTopicSaysNothing) {
    const auto with = [](std::string_view line) {
        return scenario_of(std::string(line) + '\n' + std::string(aging));
    };
    EXPECT_EQ(rules_of(report_of(with("set log.retention.ms=2000"))), "");
    EXPECT_EQ(rules_of(report_of(with("set log.retention.bytes=4000"))), "");
    for (const char* longer : {"set log.retention.ms=6000", "set log.retention.minutes=1", ""})
        EXPECT_EQ(rules_of(report_of(with(longer), hasty_broker)), "early vanished") << longer;
}

TEST(Retention, IsAMatterOfClocksThatAreSet) {
    const std::string hour = "set log.retention.hours=1\n" + std::string(aging);
    for (const char* moment : {"at 6s", "when orders-0 reaches offset 200"}) {
        const std::string step = hour + moment + " step wall clock of broker 1 by ";
        EXPECT_EQ(rules_of(report_of(scenario_of(step + "2min"), hasty_broker)), "early vanished");
        const Report report = report_of(scenario_of(step + "60min"));
        EXPECT_EQ(rules_of(report), "");
        EXPECT_LT(report.counts.stored, report.counts.acknowledged) << moment;
    }
}

// What clients wait for, and what brokers do by themselves.

// Lets go of what it has to send so long after it was asked to.
struct Sluggish {
    node::Node broker;
    std::vector<std::pair<Instant, Effect>> held = {};

    void on(const Event& event, Turn& turn) {
        std::vector<Effect> effects;
        Turn inner{turn.now, turn.wall, turn.random, effects};
        broker.on(event, inner);
        for (Effect& effect : effects) {
            const bool waits = turn.now > Instant(5s) &&
                               (std::holds_alternative<effect::Send>(effect) ||
                                std::holds_alternative<effect::SendFile>(effect));
            if (waits)
                held.emplace_back(turn.now + 300ms, std::move(effect));
            else
                turn.ask(std::move(effect));
        }
        while (!held.empty() && held.front().first <= turn.now) {
            turn.ask(std::move(held.front().second));
            held.erase(held.begin());
        }
    }
    void digest(Hasher& hasher) const { broker.digest(hasher); }
};

// Answers nothing to every hundredth request.
struct Forgetful : Honest {
    int answers = 0;
    std::optional<Event> bend(Effect& effect) {
        const bool is_answer = std::holds_alternative<effect::Send>(effect);
        if (!is_answer || ++answers % 100 != 0) return std::nullopt;
        return event::Drained{std::get<effect::Send>(effect).connection, 0};
    }
};

// Takes a failed flush for one that was done.
struct BelievesInFlushes : Honest {
    std::set<Token> flushes;
    std::vector<Event> hear(const Event& event) {
        const auto* done = std::get_if<event::StorageDone>(&event);
        if (done == nullptr || flushes.erase(done->operation) == 0) return {event};
        event::StorageDone good = *done;
        good.status = StorageStatus::ok;
        return {good};
    }
    std::optional<Event> bend(Effect& effect) {
        if (const auto* flush = std::get_if<effect::Flush>(&effect))
            flushes.insert(flush->operation);
        return std::nullopt;
    }
};

// Ends by itself, whatever its storage.
struct Quitter {
    node::Node broker;
    void on(const Event& event, Turn& turn) {
        broker.on(event, turn);
        if (turn.now > Instant(6s) && turn.now < Instant(7s)) turn.ask(effect::Exit{1});
    }
    void digest(Hasher& hasher) const { broker.digest(hasher); }
};

// Changes the head of every tenth batch that it writes, and makes its CRC fit.
template <auto change>
struct BendsHeads : Honest {
    int written = 0;
    std::optional<Event> bend(Effect& effect) {
        Honest::bend(effect);
        auto* write = std::get_if<effect::Write>(&effect);
        if (write == nullptr || !logs.contains(write->file) || ++written % 10 != 0) {
            return std::nullopt;
        }
        const Bytes bytes = write->bytes.flatten();
        std::vector<std::uint8_t> bent(bytes.begin(), bytes.end());
        auto header = *records::BatchHeader::parse(bent);
        change(header);
        header.store(bent.data());
        header.crc = records::crc_of(ByteView(bent).first(header.size()));
        header.store(bent.data());
        write->bytes = Bytes::own(std::move(bent));
        return std::nullopt;
    }
};

constexpr std::string_view long_calm = R"(
topic orders
producer till to orders rate=50/s from 500ms for 28s
consumer desk of orders from earliest
run for 30s
)";

constexpr auto an_hour_later = [](records::BatchHeader& header) {
    header.base_timestamp += 3'600'000;
    header.max_timestamp += 3'600'000;
};
constexpr auto of_a_later_epoch = [](records::BatchHeader& header) {
    header.leader_epoch = LeaderEpoch(1000);
};
constexpr auto one_sequence_later = [](records::BatchHeader& header) { ++header.base_sequence; };

TEST(Stored, FindsWhatIsNotAsItWasGiven) {
    const auto first_broken = [](std::string_view text, Run::BrokerMaker maker) {
        const Report report = report_of(scenario_of(text), maker);
        return report.violations.empty() ? std::string() : report.violations[0].rule;
    };
    EXPECT_EQ(first_broken(calm, liar<BendsHeads<an_hour_later>>), "altered");
    EXPECT_EQ(first_broken(calm, liar<BendsHeads<of_a_later_epoch>>), "epoch");
    std::string idempotent(calm);
    idempotent.replace(idempotent.find("from 500ms"), 0, "acks=all idempotent ");
    EXPECT_EQ(first_broken(idempotent, liar<Honest>), "");
    EXPECT_EQ(first_broken(idempotent, liar<BendsHeads<one_sequence_later>>), "sequence");
}

TEST(Progress, FindsAnswersThatComeLate) {
    EXPECT_EQ(rules_of(report_of(scenario_of(long_calm))), "");
    const Report report = report_of(scenario_of(long_calm), [](const auto& settings) {
        return Machine(Sluggish{node::Node(settings)});
    });
    EXPECT_EQ(report.violations.at(0).rule, "late") << report.text();
}

TEST(Progress, TellsForHowLongNobodyWasAcknowledged) {
    const auto unavailable = [](const char* bound) {
        return rules_of(report_of(scenario_of(std::string(killed) + "expect orders-0 unavailable " +
                                              bound)));
    };
    EXPECT_EQ(unavailable("< 3s"), "");
    EXPECT_EQ(unavailable("< 900ms"), "unavailable");
    EXPECT_EQ(unavailable("> 900ms"), "");
    EXPECT_EQ(unavailable("> 3s"), "available");
}

TEST(Explained, FindsRepliesThatAreLostWithoutAFault) {
    const Report report = report_of(scenario_of(long_calm), liar<Forgetful>);
    EXPECT_NE(rules_of(report).find("unexplained"), std::string::npos) << report.text();
}

TEST(Exits, FindsABrokerThatEndsByItself) {
    const std::string text = std::string(long_calm) + "at 10s restart broker 1\n";
    const Report report = report_of(scenario_of(text), [](const auto& settings) {
        return Machine(Quitter{node::Node(settings)});
    });
    EXPECT_EQ(report.violations.at(0).rule, "exited") << report.text();
}

TEST(Exits, SaysWhichFaultEndedABroker) {
    const Report report = report_of(scenario_of(std::string(long_calm) +
                                                "at 2s disk of broker 1 broken\n"
                                                "at 10s disk of broker 1 healthy\n"
                                                "at 10s restart broker 1\n"));
    EXPECT_EQ(rules_of(report), "");
    ASSERT_EQ(report.ends.size(), 1u) << report.text();
    EXPECT_NE(report.ends[0].find("the disk of broker 1 failed at 2.000s"), std::string::npos);
    EXPECT_NE(report.text().find(report.ends[0]), std::string::npos);
}

// Leaves what it should replace as it is: checkpoints, epochs, snapshots.
struct ReplacesNothing : Honest {
    std::optional<Event> bend(Effect& effect) {
        const auto* rename = std::get_if<effect::Rename>(&effect);
        if (rename == nullptr || rename->path.find("checkpoint") == std::string::npos) {
            return std::nullopt;
        }
        return event::StorageDone{.operation = rename->operation};
    }
};

TEST(Structure, FindsCheckpointsThatAreNotWritten) {
    const std::string text =
        "set log.flush.offset.checkpoint.interval.ms=1000 log.roll.ms=1500\n" +
        std::string(long_calm);
    EXPECT_EQ(rules_of(report_of(scenario_of(text), liar<Honest>)), "");
    const std::string rules = rules_of(report_of(scenario_of(text), liar<ReplacesNothing>));
    EXPECT_NE(rules.find("stale"), std::string::npos) << rules;
}

// Another value of a setting than it was told.
Machine otherwise_set(const settings::BrokerSettings& given, const std::string& name,
                      const std::string& value) {
    std::vector<std::string> assignments{name + '=' + value};
    for (const auto& [one, told] : given.all_given())
        if (one != name) assignments.push_back(one + '=' + told);
    return Machine(node::Node(settings::parse({.assignments = assignments})->settings));
}

TEST(Liveness, FindsFilesThatNobodyUses) {
    const std::string text =
        "set log.retention.check.interval.ms=500 log.roll.ms=1500\n" + std::string(long_calm);
    EXPECT_EQ(rules_of(report_of(scenario_of(text), liar<Honest>)), "");
    const Report report = report_of(scenario_of(text), [](const auto& settings) {
        return otherwise_set(settings, "log.retention.check.interval.ms", "1000000");
    });
    EXPECT_EQ(rules_of(report), "piled") << report.text();
}

template <int bytes>
Machine sized_broker(const settings::BrokerSettings& given) {
    return otherwise_set(given, "log.retention.bytes", std::to_string(bytes));
}

TEST(Retention, BySizeIsExact) {
    const std::string text =
        "set log.retention.bytes=20000 log.retention.check.interval.ms=500 log.roll.ms=1000\n"
        "topic orders\nproducer till to orders rate=50/s from 500ms for 18s\nrun for 20s\n";
    EXPECT_EQ(rules_of(report_of(scenario_of(text), sized_broker<20'000>)), "");
    EXPECT_EQ(rules_of(report_of(scenario_of(text), sized_broker<10'000>)), "early");
    EXPECT_EQ(rules_of(report_of(scenario_of(text), sized_broker<-1>)), "hoarded");
}

TEST(Durable, FindsFlushesThatFailedAndCountAsDone) {
    const std::string text =
        "set log.dirs=first,second log.flush.interval.messages=1\n"
        "topic orders partitions=2\n"
        "producer till to orders rate=50/s from 500ms for 8s\n"
        "at 4s directory second of broker 1 fails flushes\nrun for 12s\n";
    EXPECT_EQ(rules_of(report_of(scenario_of(text), liar<Honest>)), "");
    const Report report = report_of(scenario_of(text), liar<BelievesInFlushes>);
    EXPECT_EQ(report.violations.at(0).rule, "undurable") << report.text();
}

TEST(Expectations, ThatExactlyTheUnflushedIsLostNeedsAPowerLoss) {
    const std::string expect = "expect exactly the unflushed is lost\n";
    EXPECT_EQ(rules_of(report_of(scenario_of(std::string(killed) + expect))), "unjudged");
    const std::string lost = std::string(powerless.substr(0, powerless.find("expect"))) + expect;
    EXPECT_EQ(rules_of(report_of(scenario_of(lost))), "");
}

// Rot: what it made unreadable is lost, whatever it hit; and nothing else is wrong.
TEST(Ledger, KnowsWhatAFlippedBitTakes) {
    Scenario scenario = scenario_of(R"(
topic orders
producer till to orders rate=200/s from 500ms for 8s
consumer desk of orders from earliest
at 6s flip a bit in orders-0 of broker 1
run for 12s
)");
    for (scenario.seed = 1; scenario.seed <= support::taken_seeds(12); ++scenario.seed) {
        const Report report = report_of(scenario);
        EXPECT_EQ(report.violation_count, 0u) << report.text();
        EXPECT_LE(report.counts.lost_foreseen, 3u) << report.text();
        EXPECT_EQ(report.counts.acknowledged, 1600u);
    }
}

TEST(Ledger, ReadsWhatTheBrokerCompressed) {
    for (const char* codec : {"gzip", "lz4", "zstd", "snappy"}) {
        const Report report = report_of(scenario_of(
            "topic orders compression.type=" + std::string(codec) +
            "\nproducer till to orders rate=50/s from 500ms for 8s\n"
            "consumer desk of orders from earliest\nrun for 12s\n"
            "expect everything acknowledged is consumed\n"));
        EXPECT_EQ(report.violation_count, 0u) << report.text();
        EXPECT_EQ(report.counts.consumed, 400u) << codec;
    }
}

}  // namespace
}  // namespace barnabas::scenario
