// What a person reads: notes as lines, and the report of a crash.
#include "engine/host/log_sink.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>

#include "engine/base/check.h"
#include "engine/host/crash.h"
#include "engine/host/recorder.h"
#include "tests/engine/host/running_host.h"

namespace barnabas::host {
namespace {

class LogSinkTest : public testing::Test {
  protected:
    LogSinkTest() {
        EXPECT_EQ(::pipe(ends_), 0);
        ::fcntl(ends_[0], F_SETFL, O_NONBLOCK);
    }
    ~LogSinkTest() override {
        ::close(ends_[0]);
        ::close(ends_[1]);
    }
    LogSink sink(std::uint32_t lines_per_second = 100) {
        return LogSink({ends_[1], Severity::info, lines_per_second});
    }
    std::string printed() {
        std::string text(64 * 1024, '\0');
        const ssize_t count = ::read(ends_[0], text.data(), text.size());
        text.resize(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
        return text;
    }
    static WallTime at(int milliseconds) {
        return WallTime(std::chrono::milliseconds(1'795'407'278'000 + milliseconds));
    }
    static Occurrence refused(std::string subject, std::string text) {
        return {Occurrence::Kind::refused, Severity::warning, std::move(subject), std::move(text)};
    }

  private:
    int ends_[2];
};

TEST_F(LogSinkTest, ANoteIsOneLineWithTimeSeverityKindSubjectAndText) {
    LogSink log = sink();
    log.write(refused("127.0.0.1:4711", "frame of 200 MB is beyond the limit"), at(123));
    EXPECT_EQ(printed(),
              "2026-11-23T04:14:38.123Z warning REFUSED        127.0.0.1:4711  frame of 200 MB is "
              "beyond the limit\n");
}

TEST_F(LogSinkTest, WhatAPeerSaidCannotMakeALineOrSteerATerminal) {
    LogSink log = sink();
    log.write(refused("peer", "client \"x\033[2J\nerror   FAKE\""), at(0));
    EXPECT_TRUE(printed().ends_with("client \"x?[2J?error   FAKE\"\n"));
}

TEST_F(LogSinkTest, WhatIsBelowTheSeverityIsNotPrinted) {
    LogSink log = sink();
    log.write({Occurrence::Kind::high_watermark, Severity::debug, "orders-0", "12"}, at(0));
    EXPECT_EQ(printed(), "");
}

TEST_F(LogSinkTest, ARepeatedSortOfNoteIsCountedInsteadOfPrinted) {
    LogSink log = sink(2);
    for (int peer = 0; peer < 10; ++peer)
        log.write(refused("127.0.0.1:" + std::to_string(peer), "no"), at(peer));
    log.write({Occurrence::Kind::storage, Severity::error, "disk 1", "another sort"}, at(11));
    std::string text = printed();
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 3);
    EXPECT_TRUE(log.has_suppressed());
    log.settle(at(500));
    EXPECT_EQ(printed(), "");
    log.settle(at(1000));
    EXPECT_NE(printed().find("#.#.#.#:#  8 more suppressed\n"), std::string::npos);
    EXPECT_FALSE(log.has_suppressed());
    log.write(refused("127.0.0.1:1", "again"), at(1100));
    EXPECT_NE(printed().find("again"), std::string::npos);
}

void fail_a_check() {
    report_crashes();
    for (int i = 0; i < 70; ++i)
        remember_note({Occurrence::Kind::role, Severity::info, "quorum", std::to_string(i)});
    CHECK(1 + 1 == 3);
}

TEST(CrashDeathTest, AFailedCheckSaysVersionCheckAndTheLastNotes) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_EXIT(fail_a_check(), testing::KilledBySignal(SIGABRT),
                "barnabas [0-9.]+ stopped: .*log_sink_test.cpp:[0-9]+: CHECK failed: 1 \\+ 1 == 3");
    EXPECT_EXIT(fail_a_check(), testing::KilledBySignal(SIGABRT), "info ROLE quorum  69\n");
    EXPECT_EXIT(fail_a_check(), testing::KilledBySignal(SIGABRT),
                "oldest first:\n  info ROLE quorum  6\n");
}

void access_bad_memory() {
    report_crashes();
    remember_note({Occurrence::Kind::role, Severity::info, "quorum", "the last one"});
    ::raise(SIGSEGV);
}

TEST(CrashDeathTest, ABadMemoryAccessSaysTheSameAndDiesOfItsSignal) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_EXIT(access_bad_memory(), testing::KilledBySignal(SIGSEGV),
                "stopped: SIGSEGV.*\n.*\n  info ROLE quorum  the last one\n");
}

struct Suicidal {
    void on(const Event& event, Turn& turn) {
        if (std::holds_alternative<event::Started>(event))
            turn.ask(effect::ArmTimer{Token(666), turn.now});
        CHECK(!std::holds_alternative<event::TimerFired>(event));
    }
    void digest(Hasher&) const {}
};

void die_while_recording(const std::string& path) {
    report_crashes();
    Options options = quiet();
    options.record = path;
    Host(Suicidal{}, options).run();
}

// The recording's last second was still in memory, and the fatal event with it.
TEST(CrashDeathTest, TheRecordingOfACrashEndsWithTheEventThatCausedIt) {
    GTEST_FLAG_SET(death_test_style, "fast");
    TestDirectory directory;
    EXPECT_EXIT(die_while_recording(directory / "run"), testing::KilledBySignal(SIGABRT),
                "CHECK failed");
    auto recording = open_recording(directory / "run");
    ASSERT_TRUE(recording) << recording.error();
    const auto first = recording->next();
    ASSERT_TRUE(first && *first && (*first)->effects);
    const auto last = recording->next();
    ASSERT_TRUE(last && *last);
    EXPECT_TRUE(std::holds_alternative<event::TimerFired>((*last)->event));
    EXPECT_FALSE((*last)->effects);
    EXPECT_EQ(recording->tail(), 0u);
}

}  // namespace
}  // namespace barnabas::host
