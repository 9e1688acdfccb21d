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
    std::string printed(LogSink& log) {
        EXPECT_TRUE(log.wait_until_written(std::chrono::seconds(20)));
        return taken();
    }
    void fill() {
        const std::string some(4096, 'x');
        ::fcntl(ends_[1], F_SETFL, O_NONBLOCK);
        while (::write(ends_[1], some.data(), some.size()) > 0) {}
        ::fcntl(ends_[1], F_SETFL, 0);
    }
    std::string taken() {
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
    EXPECT_EQ(printed(log),
              "2026-11-23T04:14:38.123Z warning REFUSED        127.0.0.1:4711  frame of 200 MB is "
              "beyond the limit\n");
}

TEST_F(LogSinkTest, WhatAPeerSaidCannotMakeALineOrSteerATerminal) {
    LogSink log = sink();
    log.write(refused("peer", "client \"x\033[2J\nerror   FAKE\""), at(0));
    EXPECT_TRUE(printed(log).ends_with("client \"x?[2J?error   FAKE\"\n"));
}

TEST_F(LogSinkTest, WhatIsBelowTheSeverityIsNotPrinted) {
    LogSink log = sink();
    log.write({Occurrence::Kind::high_watermark, Severity::debug, "orders-0", "12"}, at(0));
    EXPECT_EQ(printed(log), "");
}

TEST_F(LogSinkTest, ARepeatedSortOfNoteIsCountedInsteadOfPrinted) {
    LogSink log = sink(2);
    for (int peer = 0; peer < 10; ++peer)
        log.write(refused("127.0.0.1:" + std::to_string(peer), "no"), at(peer));
    log.write({Occurrence::Kind::storage, Severity::error, "disk 1", "another sort"}, at(11));
    std::string text = printed(log);
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 3);
    EXPECT_TRUE(log.has_suppressed());
    log.settle(at(500));
    EXPECT_EQ(printed(log), "");
    log.settle(at(1000));
    EXPECT_NE(printed(log).find("#.#.#.#:#  8 more suppressed\n"), std::string::npos);
    EXPECT_FALSE(log.has_suppressed());
    log.write(refused("127.0.0.1:1", "again"), at(1100));
    EXPECT_NE(printed(log).find("again"), std::string::npos);
}

// The descriptor is a pipe that holds a few lines: a writer that waits would wait here for ever.
TEST_F(LogSinkTest, APipeThatNobodyReadsStopsNobodyAndLosesLinesByCount) {
    constexpr std::size_t lines = 20'000;
    fill();
    LogSink log = sink(lines);
    const auto write = [&] {
        for (std::size_t i = 0; i < lines; ++i)
            log.write(refused("peer", std::string(100, 'x')), at(static_cast<int>(i % 900)));
    };
    write();
    EXPECT_FALSE(log.wait_until_written(std::chrono::milliseconds(50)));
    EXPECT_TRUE(log.has_suppressed());
    // Somebody reads again.
    std::string text;
    while (!log.wait_until_written(std::chrono::milliseconds(1))) text += taken();
    log.settle(at(5'000));
    text += printed(log);
    const std::size_t end = text.find(" lines were dropped: nobody took them\n");
    ASSERT_NE(end, std::string::npos);
    const std::size_t begin = text.rfind(' ', end - 1) + 1;
    const auto dropped = std::stoul(text.substr(begin, end - begin));
    const auto printed_lines = std::count(text.begin(), text.end(), '\n');
    EXPECT_EQ(dropped + static_cast<std::size_t>(printed_lines) - 1, lines);
    EXPECT_FALSE(log.has_suppressed());
    write();  // and nobody reads when it ends
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

void die_with_a_full_pipe() {
    int ends[2];
    if (::pipe(ends) != 0 || ::dup2(ends[1], STDERR_FILENO) < 0) return;
    const std::string all(64 * 1024, 'x');
    if (::write(ends[1], all.data(), all.size()) < 0) return;
    fail_a_check();
}

TEST(CrashDeathTest, WhoDiesDoesNotWaitForSomebodyToReadWhy) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_EXIT(die_with_a_full_pipe(), testing::KilledBySignal(SIGABRT), "");
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

// The pass under way was still in memory, and the fatal event with it.
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
