// The host as a whole: timers, endings, long jobs, recording.
#include "engine/host/host.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <time.h>

#include <csignal>

#include "engine/host/recorder.h"
#include "engine/host/timers.h"
#include "tests/engine/host/running_host.h"

namespace barnabas::host {
namespace {

using Lines = std::vector<std::string>;

TEST(Timers, FireInOrderOfDeadlineThenOfArming) {
    Timers timers;
    const auto at = [](int milliseconds) {
        return Instant(std::chrono::milliseconds(milliseconds));
    };
    timers.arm(Token(1), at(30));
    timers.arm(Token(2), at(10));
    timers.arm(Token(3), at(10));
    timers.arm(Token(4), at(20));
    timers.disarm(Token(4));
    timers.arm(Token(1), at(5));  // replaces the deadline
    timers.arm(Token(2), at(40));
    EXPECT_EQ(timers.next(), at(5));
    EXPECT_EQ(timers.take_due(at(4)), std::nullopt);
    EXPECT_EQ(timers.take_due(at(30)), Token(1));
    EXPECT_EQ(timers.take_due(at(30)), Token(3));
    EXPECT_EQ(timers.take_due(at(30)), std::nullopt);
    EXPECT_EQ(timers.take_due(at(40)), Token(2));
    EXPECT_EQ(timers.next(), std::nullopt);
}

TEST(Timers, ATimerThatIsArmedAgainAndAgainTakesNoMoreRoom) {
    Timers timers;
    for (int i = 0; i < 100'000; ++i) timers.arm(Token(1), Instant(Duration(i)));
    EXPECT_EQ(timers.take_due(Instant(Duration(99'998))), std::nullopt);
    EXPECT_EQ(timers.take_due(Instant(Duration(99'999))), Token(1));
}

TEST(Host, EndsWithTheCodeTheMachineAsksFor) {
    TestMachine machine{.rest = [](const Event& event, Turn& turn, Probe&) {
        if (std::holds_alternative<event::Started>(event)) {
            turn.ask(effect::Exit{7});
            turn.ask(effect::Note{{Occurrence::Kind::stopped, Severity::error, "", "too late"}});
        }
    }};
    EXPECT_EQ(Host(machine, quiet()).run(), 7);
}

TEST(Host, WhatWasAskedBeforeTheExitIsDone) {
    TestDirectory directory;
    const std::string path = directory / "a";
    TestMachine machine{.rest = [path](const Event& event, Turn& turn, Probe&) {
        if (const auto* connected = std::get_if<event::Connected>(&event))
            turn.ask(effect::Admit{connected->connection, 100});
        const auto* received = std::get_if<event::Received>(&event);
        if (!received) return;
        const FileId file(1);
        turn.ask(effect::Send{received->connection, Chain(Bytes::copy("farewell"))});
        turn.ask(effect::Open{Token(1), file, path, OpenMode::create});
        turn.ask(effect::Write{Token(2), file, 0, Chain(Bytes::copy("written"))});
        turn.ask(effect::Flush{Token(3), file});
        turn.ask(effect::Exit{0});
    }};
    RunningHost host(machine);
    Client client(host.port());
    client.send(framed("end"));
    EXPECT_EQ(client.receive(8), "farewell");
    EXPECT_TRUE(client.is_ended());
    EXPECT_EQ(host.join(), 0);
    EXPECT_EQ(std::filesystem::file_size(path), 7u);
}

TEST(Host, ATimerFiresNotBeforeItsDeadline) {
    Instant deadline;
    TestMachine machine{.rest = [deadline](const Event& event, Turn& turn, Probe& probe) mutable {
        if (std::holds_alternative<event::Started>(event)) {
            deadline = turn.now + std::chrono::milliseconds(3);
            turn.ask(effect::ArmTimer{Token(2), turn.now + std::chrono::hours(1)});
            turn.ask(effect::ArmTimer{Token(1), deadline});
        }
        if (!std::holds_alternative<event::TimerFired>(event)) return;
        probe.say(turn.now >= deadline ? "in time" : "too early");
        turn.ask(effect::Exit{0});
    }};
    const auto probe = machine.probe;
    EXPECT_EQ(Host(machine, quiet()).run(), 0);
    EXPECT_EQ(probe->wait_for_lines(1), Lines{"in time"});
}

// The job asks for a next turn for ever; a client is served all the same.
TEST(Host, ALongJobLeavesRoomForEverythingElse) {
    TestMachine machine = echo_machine();
    machine.rest = [echo = machine.rest](const Event& event, Turn& turn, Probe& probe) {
        echo(event, turn, probe);
        if (std::holds_alternative<event::Started>(event) ||
            std::holds_alternative<event::Continued>(event))
            turn.ask(effect::Continue{Token(1)});
    };
    RunningHost host(machine);
    Client client(host.port());
    for (int i = 0; i < 10; ++i) {
        client.send(framed("hello"));
        EXPECT_EQ(client.receive_frame(), "hello");
    }
}

// Computes sums, and tells a client that it is there while a long one runs.
struct Sums {
    std::shared_ptr<Probe> probe = std::make_shared<Probe>();
    std::string heard = {};

    void on(const Event& event, Turn& turn) {
        if (std::holds_alternative<event::Started>(event)) {
            turn.ask(effect::Compute{Token(1), endless, effect::Load::heavy, {}, {}});
            turn.ask(effect::Compute{Token(2), 0, effect::Load::light, Bytes::copy("+"),
                                     Bytes::copy("abc")});
            turn.ask(effect::Compute{Token(3), 0, effect::Load::light, Bytes::copy("-"),
                                     Bytes::copy("de")});
        }
        const auto* computed = std::get_if<event::Computed>(&event);
        if (!computed) return;
        heard += std::to_string(computed->job.value()) + std::string(computed->result.text()) + ' ';
        if (computed->job == Token(3)) release.set_value();  // nothing has waited for the long one
        if (computed->job == Token(1)) {
            probe->say(heard);
            turn.ask(effect::Exit{0});
        }
    }
    void digest(Hasher&) const {}

    static constexpr std::uint32_t endless = 1;
    static inline std::promise<void> release;
    static Bytes compute(const effect::Compute& job) {
        if (job.what == endless)
            return Bytes::copy(release.get_future().wait_for(std::chrono::seconds(20)) ==
                                       std::future_status::ready
                                   ? "ends"
                                   : "waited in vain");
        return Bytes::copy(std::string(job.input.text()) + std::string(job.terms.text()));
    }
};

TEST(Host, AComputationOfSecondsHoldsUpNeitherTheLoopNorShortOnes) {
    Sums sums;
    const auto probe = sums.probe;
    EXPECT_EQ(Host(sums, quiet()).run(), 0);
    EXPECT_EQ(probe->wait_for_lines(1), Lines{"2abc+ 3de- 1ends "});
}

// Fails once for want of memory, as long as a computation does not ask for less.
struct Hungry {
    std::shared_ptr<Probe> probe = std::make_shared<Probe>();

    void on(const Event& event, Turn& turn) {
        if (std::holds_alternative<event::Started>(event))
            turn.ask(effect::Compute{Token(1), 0, effect::Load::light, {}, {}});
        const auto* computed = std::get_if<event::Computed>(&event);
        if (!computed) return;
        probe->say(std::string(computed->result.text()));
        turn.ask(effect::Exit{0});
    }
    void digest(Hasher&) const {}

    static inline std::atomic<int> attempts = 0;
    static Bytes compute(const effect::Compute&) {
        if (++attempts == 1) throw std::bad_alloc();
        return Bytes::copy("done");
    }
};

TEST(Host, AComputationThatFindsNoMemoryIsBegunAgain) {
    Hungry hungry;
    const auto probe = hungry.probe;
    EXPECT_EQ(Host(hungry, quiet()).run(), 0);
    EXPECT_EQ(probe->wait_for_lines(1), Lines{"done"});
    EXPECT_EQ(Hungry::attempts, 2);
}

TEST(Host, SigtermIsTheOperatorsOrderToShutDown) {
    TestMachine machine{.rest = [](const Event& event, Turn&, Probe&) {
        if (std::holds_alternative<event::Listening>(event)) ::kill(::getpid(), SIGTERM);
    }};
    Options options = quiet();
    options.handle_signals = true;
    EXPECT_EQ(Host(machine, options).run(), 0);
}

TEST(Host, OneSeedGivesOneSequenceOfDice) {
    const auto drawn = [](std::optional<std::uint64_t> seed) {
        TestMachine machine{.rest = [](const Event& event, Turn& turn, Probe& probe) {
            if (!std::holds_alternative<event::Started>(event)) return;
            probe.say(std::to_string(turn.random(Concern::election).next()));
            turn.ask(effect::Exit{0});
        }};
        Options options = quiet();
        options.seed = seed;
        const auto probe = machine.probe;
        Host(machine, options).run();
        return probe->wait_for_lines(1);
    };
    EXPECT_EQ(drawn(3), drawn(3));
    EXPECT_NE(drawn(3), drawn(4));
    EXPECT_NE(drawn({}), drawn({}));
}

// What came of one turn tells nothing of the next: each that draws leaves fresh secrets behind it.
TEST(Host, SecretsComeFromTheSystemAndNotFromTheSeed) {
    const auto drawn = [](std::optional<std::uint64_t> seed) {
        TestMachine machine{.rest = [](const Event& event, Turn& turn, Probe& probe) {
            probe.say(std::to_string(turn.random(Concern::secret).next()));
            if (std::holds_alternative<event::Started>(event)) turn.ask(effect::Continue{Token(1)});
            if (std::holds_alternative<event::Continued>(event)) turn.ask(effect::Exit{0});
        }};
        Options options = quiet();
        options.seed = seed;
        const auto probe = machine.probe;
        Host(machine, options).run();
        return probe->wait_for_lines(2).at(0);
    };
    EXPECT_EQ(drawn(3), drawn(3));
    EXPECT_NE(drawn({}), drawn({}));
    Randoms randoms(3);
    randoms.feed_secret({1, 2, 3, 4});
    EXPECT_FALSE(randoms.is_secret_used());
    randoms(Concern::secret).next();
    EXPECT_TRUE(randoms.is_secret_used());
}

TEST(Host, SaysWhichEventMadeTheLongestTurnOfItsThread) {
    TestMachine machine{.rest = [](const Event& event, Turn& turn, Probe&) {
        if (std::holds_alternative<event::Started>(event)) turn.ask(effect::Continue{Token(1)});
        if (!std::holds_alternative<event::Continued>(event)) return;
        turn.ask(effect::Exit{0});
        timespec begin{}, now{};
        ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begin);
        do ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
        while ((now.tv_sec - begin.tv_sec) * 1'000'000'000 + now.tv_nsec - begin.tv_nsec <
               20'000'000);
    }};
    Options options = quiet();
    options.count_times = true;
    Host host(machine, options);
    EXPECT_EQ(host.run(), 0);
    EXPECT_EQ(host.times().longest_turn_event, "Continued");
    EXPECT_GE(host.times().longest_turn, std::chrono::milliseconds(20));
    EXPECT_GE(host.times().longest_pass, host.times().longest_turn);
    EXPECT_GE(host.times().turns, 2u);
    EXPECT_NE(text_of(host.times()).find("ms (Continued), longest pass "), std::string::npos);
}

// Answers with a die and the time, so that a replay has to have both.
struct Clerk {
    bool is_changed = false;
    std::uint64_t frames = 0;
    std::shared_ptr<Probe> probe;

    void on(const Event& event, Turn& turn) {
        if (std::holds_alternative<event::Started>(event))
            turn.ask(effect::Listen{ListenerId(1), {"127.0.0.1", 0}});
        const auto* listening = std::get_if<event::Listening>(&event);
        if (listening && probe) probe->set_port(listening->at.port);
        if (const auto* connected = std::get_if<event::Connected>(&event))
            turn.ask(effect::Admit{connected->connection, 1 << 20});
        if (std::holds_alternative<event::Operator>(event)) turn.ask(effect::Exit{0});
        const auto* received = std::get_if<event::Received>(&event);
        if (!received) return;
        ++frames;
        std::string answer = std::to_string(turn.random(Concern::workload).next()) + " " +
                             std::to_string(turn.wall.time_since_epoch().count()) + " " +
                             std::to_string(turn.now.time_since_epoch().count());
        if (is_changed && frames == 3) answer += "!";
        turn.ask(effect::Send{received->connection, Chain(Bytes::copy(framed(answer)))});
    }
    void digest(Hasher& hasher) const { hasher.add(frames); }
};

void record_clerk(const std::string& path) {
    Clerk clerk{.probe = std::make_shared<Probe>()};
    const auto probe = clerk.probe;
    Options options = quiet();
    options.record = path;
    options.record_setup = "clerk";
    Host host(std::move(clerk), options);
    std::thread thread([&] { EXPECT_EQ(host.run(), 0); });
    {
        Client client(probe->wait_for_port());
        for (int i = 0; i < 5; ++i) {
            client.send(framed("what do you say?"));
            EXPECT_FALSE(client.receive_frame().empty());
        }
    }
    host.shut_down();
    thread.join();
}

TEST(Recorder, AReplayOfWhatAHostDidIsEqual) {
    TestDirectory directory;
    record_clerk(directory / "run");
    auto recording = open_recording(directory / "run");
    ASSERT_TRUE(recording) << recording.error();
    EXPECT_EQ(recording->header().setup, "clerk");
    Replay replay(*recording, Clerk{});
    const Replay::Report& report = replay.finish();
    EXPECT_GE(report.turns, 9u);  // started, listening, connected, five frames, shut down
    EXPECT_FALSE(report.difference) << report.difference->event;
    EXPECT_EQ(report.tail, 0u);
    EXPECT_EQ(replay.machine().as<Clerk>()->frames, 5u);
}

// In a process of its own, which says its port and is killed.
pid_t begin_recording_clerk(const std::string& path, std::uint16_t& port) {
    int ends[2];
    EXPECT_EQ(::pipe(ends), 0);
    const pid_t other = ::fork();
    if (other == 0) {
        Clerk clerk{.probe = std::make_shared<Probe>()};
        const auto probe = clerk.probe;
        Options options = quiet();
        options.record = path;
        Host host(std::move(clerk), options);
        std::thread thread([&] { host.run(); });
        const std::uint16_t found = probe->wait_for_port();
        if (::write(ends[1], &found, sizeof found) < 0) ::_exit(1);
        thread.join();
    }
    EXPECT_EQ(::read(ends[0], &port, sizeof port), static_cast<ssize_t>(sizeof port));
    for (const int end : ends) ::close(end);
    return other;
}

TEST(Recorder, AProcessThatIsKilledLeavesAllThatAPeerHasHeardOf) {
    TestDirectory directory;
    std::uint16_t port = 0;
    const pid_t other = begin_recording_clerk(directory / "run", port);
    Client client(port);
    for (int i = 0; i < 5; ++i) {
        client.send(framed("what do you say?"));
        EXPECT_FALSE(client.receive_frame().empty());
    }
    ::kill(other, SIGKILL);
    ::waitpid(other, nullptr, 0);
    auto recording = open_recording(directory / "run");
    ASSERT_TRUE(recording) << recording.error();
    Replay replay(*recording, Clerk{});
    const Replay::Report& report = replay.finish();
    EXPECT_FALSE(report.difference);
    EXPECT_EQ(report.error, "");
    EXPECT_EQ(replay.machine().as<Clerk>()->frames, 5u);
}

TEST(Recorder, AMachineThatHasChangedIsCaughtAtTheTurnWhereItShows) {
    TestDirectory directory;
    record_clerk(directory / "run");
    auto recording = open_recording(directory / "run");
    ASSERT_TRUE(recording) << recording.error();
    Replay replay(*recording, Clerk{.is_changed = true});
    const Replay::Report& report = replay.finish();
    ASSERT_TRUE(report.difference);
    EXPECT_EQ(replay.machine().as<Clerk>()->frames, 3u);
    EXPECT_EQ(report.difference->event, "Received connection=1 frame=16 bytes");
    EXPECT_EQ(report.difference->turn, report.turns);
}

TEST(Recorder, AFileThatCannotBeWrittenIsSaidBeforeAnythingRuns) {
    Options options = quiet();
    options.record = "/nowhere/at/all";
    EXPECT_EQ(Host(echo_machine(), options).run(), 1);
    EXPECT_FALSE(open_recording("/nowhere/at/all"));
}

}  // namespace
}  // namespace barnabas::host
