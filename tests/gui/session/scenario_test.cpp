// Scenarios in a session: what opens, what does not and where, and that the run is not disturbed.
#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "gui/session/open_scenario.h"
#include "sim/scenario/parse.h"
#include "sim/scenario/run.h"
#include "tests/gui/session/after.h"

namespace barnabas::gui {
namespace {

constexpr std::string_view lesson =
    "# A broker is killed while a producer waits.\n"
    "cluster brokers=1 seed=5\n"
    "topic orders partitions=2\n"
    "producer till to orders rate=100/s acks=all for 4s\n"
    "consumer desk of orders from earliest\n"
    "at 2s kill broker 1\n"
    "at 2500ms restart broker 1\n"
    "run for 6s\n"
    "expect nothing acknowledged is lost\n";

struct File {
    explicit File(std::string_view text)
        : path(std::filesystem::temp_directory_path() /
               ("barnabas-gui-" + std::to_string(::getpid()) + ".scenario")) {
        std::ofstream(path) << text;
    }
    ~File() { std::filesystem::remove(path); }
    std::filesystem::path path;
};

TEST(Scenario, TheHashWithASessionIsTheOneWithout) {
    auto run = scenario::Run::make(*scenario::parse(lesson, "lesson"));
    ASSERT_TRUE(run);
    while (run->step()) continue;

    const File file(lesson);
    auto session = open_scenario(file.path.string());
    ASSERT_TRUE(session);
    (*session)->post(command::SetSpeed{1'000});
    (*session)->post(command::Play{});
    after(**session, command::SeekTime{Instant(2'200ms)});
    after(**session, command::Step{-500});
    after(**session, command::Step{123});
    const SnapshotPointer end = after(**session, command::SeekEnd{});
    EXPECT_TRUE(end->at_end);
    EXPECT_EQ(end->hash, run->report().hash);
    EXPECT_EQ(end->position, run->position());
    EXPECT_TRUE(end->verdict_is_good) << end->verdict;
}

TEST(Scenario, NodesHaveRolesAndFacts) {
    const File file(lesson);
    auto session = open_scenario(file.path.string());
    ASSERT_TRUE(session);
    const SessionInfo& info = (*session)->info();
    const SnapshotPointer there = after(**session, command::SeekTime{Instant(1'900ms)});
    ASSERT_EQ(there->nodes.size(), info.nodes.size());
    std::size_t told = 0;
    for (std::size_t i = 0; i < info.nodes.size(); ++i) {
        EXPECT_FALSE(there->nodes[i].facts.empty()) << info.nodes[i].name;
        if (info.nodes[i].role == Role::broker || info.nodes[i].role == Role::producer ||
            info.nodes[i].role == Role::consumer)
            ++told;
    }
    EXPECT_EQ(told, 3);
    EXPECT_EQ(info.planned.size(), 2);
    EXPECT_EQ(info.length, 6s);
    EXPECT_EQ(info.purpose, "A broker is killed while a producer waits.");
    const SnapshotPointer down = after(**session, command::SeekTime{Instant(2'200ms)});
    ASSERT_FALSE(down->bands.empty());
    EXPECT_EQ(down->bands[0].kind, Band::Kind::down);
    EXPECT_EQ(down->bands[0].from, Instant(2s));
}

TEST(Scenario, MessagesAreNamedByTheirApi) {
    const File file(lesson);
    auto session = open_scenario(file.path.string());
    ASSERT_TRUE(session);
    after(**session, command::SeekTime{Instant(1s)});
    std::set<std::string> names;
    for (std::uint64_t row = 0; row < (*session)->events().size(); ++row) {
        const EventRow event = (*session)->events()[row];
        if (event.kind != EventKind::received) continue;
        EXPECT_NE(event.api, no_api) << row;
        names.insert(std::to_string(event.api) + (event.is_response ? " response" : " request"));
    }
    for (const char* name : {"0 request", "0 response", "1 request", "1 response", "3 request"})
        EXPECT_TRUE(names.contains(name)) << name;
}

TEST(Scenario, AnotherSeedIsAnotherRun) {
    const File file(lesson);
    auto one = open_scenario(file.path.string(), 1);
    auto two = open_scenario(file.path.string(), 2);
    ASSERT_TRUE(one && two);
    EXPECT_EQ((*one)->info().seed, 1);
    EXPECT_NE(after(**one, command::SeekTime{Instant(1s)})->hash,
              after(**two, command::SeekTime{Instant(1s)})->hash);
}

TEST(Scenario, AMistakeIsToldWithFileLineAndColumn) {
    const File file("# A lesson.\ncluster brokers=1\nproducer till to nowhere rate=1/s\n");
    const auto session = open_scenario(file.path.string());
    ASSERT_FALSE(session);
    EXPECT_EQ(session.error().line, 3);
    EXPECT_GT(session.error().column, 1);
    EXPECT_TRUE(session.error().message.starts_with(file.path.string() + ":3:"))
        << session.error().message;
    EXPECT_NE(session.error().text.find("nowhere"), std::string::npos);
}

TEST(Scenario, AFileThatIsNotThereSaysSo) {
    const auto missing = open_scenario("nowhere/at/all.scenario");
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().message, "nowhere/at/all.scenario: there is no such file");
    const auto directory = open_scenario(std::filesystem::temp_directory_path().string());
    ASSERT_FALSE(directory);
    EXPECT_NE(directory.error().message.find("no file that could hold"), std::string::npos);
}

}  // namespace
}  // namespace barnabas::gui
