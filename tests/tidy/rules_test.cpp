// Each rule bites, and leaves alone what is right.
#include <gtest/gtest.h>

#include "tests/tidy/tidy.h"

namespace barnabas::tidy {
namespace {

// What is said of one file with that path and text.
std::string said(const std::string& path, const std::string& text) {
    return print(inspect({{path, text}}));
}

// Whether a rule bites at that line, saying those words.
testing::AssertionResult bites(const std::string& path, const std::string& text, int line,
                               std::string_view words) {
    const std::string all = said(path, text);
    const std::string begin = path + ':' + std::to_string(line) + ": ";
    if (all.find(begin) != std::string::npos && all.find(words) != std::string::npos) {
        return testing::AssertionSuccess();
    }
    return testing::AssertionFailure() << "wanted \"" << begin << "..." << words << "\", got\n"
                                       << all;
}

std::string include(std::string_view path) { return "#include \"" + std::string(path) + "\"\n"; }

TEST(Arrows, CarryThrough) {
    EXPECT_EQ(said("engine/quorum/a.cpp", include("engine/settings/table.h")), "");
    EXPECT_EQ(said("engine/broker/a.cpp", include("engine/log/log.h")), "");
    EXPECT_EQ(said("sim/world/a.cpp", include("engine/broker/broker.h")), "");
    EXPECT_EQ(said("gui/app/a.cpp", include("sim/scenario/scenario.h")), "");
}

TEST(Arrows, KeepTheRolesOfANodeApart) {
    EXPECT_TRUE(bites("engine/broker/a.cpp", include("engine/controller/topics.h"), 1,
                      "engine/broker has no arrow to engine/controller"));
    EXPECT_TRUE(bites("engine/broker/a.cpp", include("engine/quorum/metadata_log.h"), 1,
                      "engine/broker has no arrow to engine/quorum"));
    EXPECT_TRUE(bites("engine/controller/a.cpp", include("engine/broker/broker.h"), 1, "no arrow"));
    EXPECT_EQ(said("engine/node/a.cpp", include("engine/controller/topics.h")), "");
    const std::string message = include("engine/protocol/messages/fetch.h");
    EXPECT_TRUE(bites("engine/node/node.h", message, 1, "passes messages on"));
    EXPECT_EQ(said("engine/node/a.cpp", message), "");
}

TEST(Arrows, DoNotGoBack) {
    EXPECT_TRUE(bites("engine/log/a.cpp", "\n" + include("engine/broker/broker.h"), 2,
                      "engine/log has no arrow to engine/broker"));
    EXPECT_TRUE(bites("engine/base/a.cpp", include("engine/protocol/types.h"), 1, "no arrow"));
    EXPECT_TRUE(bites("engine/broker/a.cpp", include("sim/world/world.h"), 1, "no arrow"));
    EXPECT_TRUE(bites("engine/groups/a.cpp", include("engine/log/log.h"), 1, "no arrow"));
    EXPECT_TRUE(bites("sim/world/a.cpp", include("engine/host/host.h"), 1, "no arrow"));
    EXPECT_TRUE(bites("sim/scenario/a.cpp", include("gui/store/store.h"), 1, "no arrow"));
}

TEST(Arrows, FromApiFilesLeadToNoLogAndNoPartition) {
    constexpr auto fetch = "engine/broker/api/fetch.cpp";
    EXPECT_EQ(said(fetch, include("engine/replication/question.h")), "");
    EXPECT_TRUE(bites(fetch, include("engine/log/lookup.h"), 1, "ask by partition"));
    EXPECT_TRUE(bites(fetch, include("engine/replication/partition.h"), 1, "ask by partition"));
    EXPECT_TRUE(bites(fetch, "\nlog::FileRange range;\n", 2, "ask: partitions.ask()"));
    EXPECT_EQ(said("engine/broker/broker.cpp", "log::FileRange range;\n"), "");
}

TEST(Arrows, ToMetadataMayBeToTheImageOnly) {
    EXPECT_EQ(said("engine/groups/a.cpp", include("engine/metadata/image.h")), "");
    EXPECT_TRUE(bites("engine/groups/a.cpp", include("engine/metadata/record.h"), 1,
                      "sees only engine/metadata/image"));
    EXPECT_EQ(said("engine/broker/a.cpp", include("engine/metadata/record.h")), "");
}

TEST(Arrows, LetOnlyTheLiveSessionReachTheHost) {
    EXPECT_EQ(said("gui/session/live.cpp", include("engine/host/host.h")), "");
    EXPECT_TRUE(bites("gui/views/a.cpp", include("engine/host/host.h"), 1, "no arrow"));
}

TEST(Arrows, GoFromTheTopOfTheTree) {
    EXPECT_TRUE(bites("engine/log/a.cpp", include("segment.h"), 1, "path from the top"));
    EXPECT_TRUE(bites("engine/log/a.cpp", include("tests/support/x.h"), 1, "its tests"));
}

TEST(Arrows, KeepPartsInTheirRoom) {
    EXPECT_TRUE(bites("engine/log/a.cpp", "#include <boost/asio.hpp>\n", 1, "engine/host's"));
    EXPECT_EQ(said("engine/host/a.cpp", "#include <boost/asio.hpp>\n#include <thread>\n"), "");
    EXPECT_TRUE(bites("sim/world/a.cpp", "#include <QWidget>\n", 1, "Qt is gui's"));
    EXPECT_TRUE(bites("sim/world/a.cpp", "#include <fstream>\n", 1, "the real world"));
    EXPECT_TRUE(bites("engine/log/a.cpp", "#include <sys/stat.h>\n", 1, "the real world"));
    EXPECT_EQ(said("engine/log/a.cpp", "#include <vector>\n"), "");
}

TEST(Words, AreBannedInPureRoomsOnly) {
    const std::string now = "auto t = std::chrono::system_clock::now();\n";
    EXPECT_EQ(said("engine/log/segment.cpp", now),
              "engine/log/segment.cpp:1: system_clock is banned here; use turn.now or turn.wall\n");
    EXPECT_TRUE(bites("sim/world/a.cpp", now, 1, "system_clock"));
    EXPECT_EQ(said("engine/host/a.cpp", now), "");
    EXPECT_EQ(said("engine/protocol/a.cpp", "double quota;\n"), "");
    EXPECT_EQ(said("sim/program/a.cpp", now), "");
}

TEST(Words, HaveEachOfThemItsBite) {
    for (const char* line :
         {"steady_clock::now();", "std::thread t;", "std::mutex m;", "int i = rand();",
          "std::random_device d;", "std::function<void()> f;", "long n;", "unsigned long n;",
          "float f;", "double d;", "throw 1;", "std::unordered_map<int, int> m;",
          "std::hash<int> h;", "static int count = 0;", "static std::string s;",
          "inline static int n{};", "thread_local int n;", "co_await x;", "std::atomic<int> a;"}) {
        EXPECT_TRUE(bites("engine/log/a.cpp", std::string("void f() {\n") + line + "\n}\n", 2,
                          "banned here"));
    }
    EXPECT_TRUE(bites("gui/app/a.cpp", "co_return;\n", 1, "GCC 12"));
    EXPECT_TRUE(bites("engine/host/a.cpp", "co_await x;\n", 1, "GCC 12"));
}

TEST(Words, LeaveAloneWhatOnlyLooksLikeThem) {
    for (const char* line :
         {"// long ago, a double of std::thread", "auto s = \"long double\";", "/* throw */",
          "int operand = along;", "static const int n = 0;", "static constexpr int n = 0;",
          "static void describe(auto&);", "static_assert(true);", "std::int64_t n = 1'000L;",
          "auto s = R\"(throw\nlong)\";", "char c = '\"'; int n; // long",
          "static Random make(int seed = 0);", "return static_cast<int>(n);"}) {
        EXPECT_EQ(said("engine/log/a.cpp", std::string(line) + "\n"), "") << line;
    }
}

TEST(Words, MayBeAllowedByAReasonInTheLine) {
    EXPECT_EQ(said("sim/world/a.cpp", "std::unordered_map<int, int> m;  // lookup only\n"), "");
    EXPECT_EQ(said("sim/world/a.cpp", "double value;  // no decision\n"), "");
    EXPECT_TRUE(bites("sim/world/a.cpp", "long n;  // lookup only\n", 1, "long is banned"));
}

TEST(Words, OfWaitingAndSkippingAreBannedInTests) {
    const std::string path = "tests/engine/log/a_test.cpp";
    EXPECT_TRUE(bites(path, "std::this_thread::sleep_for(1s);\n", 1, "wait for the thing"));
    EXPECT_TRUE(bites(path, "GTEST_SKIP();\n", 1, "a test runs"));
    EXPECT_TRUE(bites(path, "    rc::check([] {\n", 1, "EXPECT_TRUE"));
    EXPECT_EQ(said(path, "    EXPECT_TRUE(rc::check([] {\n"), "");
    EXPECT_TRUE(bites(path, "TEST(Log, DISABLED_Works) {}\n", 1, "a test runs"));
    EXPECT_TRUE(bites("tests/interop/go.sh", "sleep 1\n", 1, "wait for the thing"));
    EXPECT_EQ(said("tests/interop/go.sh", "true # no sleep\n"), "");
    EXPECT_EQ(said("tests/interop/go.sh", "sleep 1  # polls a foreign process\n"), "");
    EXPECT_EQ(said("tests/bench/load.cpp", "sleep_until(next);\n"), "");
    EXPECT_EQ(said("scenarios/demo", "#!/bin/bash\nsleep 1\n"), "");
}

TEST(Words, ThatPutOffAreBannedEverywhere) {
    const std::string later =
        "TO"
        "DO";
    EXPECT_TRUE(bites("engine/log/a.cpp", "// " + later + " later\n", 1, "do it now"));
    EXPECT_TRUE(bites("README.md", later + "\n", 1, "do it now"));
    EXPECT_TRUE(bites("tests/run",
                      "#!/bin/bash\n# FIX"
                      "ME\n",
                      2, "do it now"));
    EXPECT_EQ(said("engine/log/a.cpp", "int METHO" + later + "S;\n"), "");
}

TEST(Words, OfOneMachineAreBannedEverywhere) {
    EXPECT_TRUE(bites("tests/engine/log/a.cpp",
                      "auto p = \"/ho"
                      "me/me/x\";\n",
                      1, "own path"));
    EXPECT_TRUE(bites("CMakeLists.txt",
                      "# /ro"
                      "ot/x\n",
                      1, "own path"));
    EXPECT_TRUE(bites("tests/run",
                      "#!/bin/bash\ncurl pypi"
                      ".org\n",
                      2, "download"));
}

std::string lines(int count, const std::string& line) {
    std::string all;
    for (int i = 0; i < count; ++i) all += line + '\n';
    return all;
}

TEST(Sizes, OfFilesHaveABound) {
    EXPECT_EQ(said("engine/log/a.cpp", lines(600, "int a;")), "");
    EXPECT_TRUE(bites("engine/log/a.cpp", lines(601, "int a;"), 601, "has 601 lines"));
    EXPECT_EQ(said("tests/engine/log/data/a.txt", lines(2000, "a")), "");
}

TEST(Sizes, OfLinesAreCountedInCharacters) {
    EXPECT_EQ(said("engine/log/a.cpp", "// " + std::string(97, 'a') + "\n"), "");
    EXPECT_TRUE(bites("engine/log/a.cpp", "// " + std::string(98, 'a') + "\n", 1, "101 columns"));
    std::string wide = "// ";
    for (int i = 0; i < 97; ++i) wide += "\xc3\xa4";
    EXPECT_EQ(said("engine/log/a.cpp", wide + "\n"), "");
}

std::string function(const std::string& head, int body) {
    return head + " {\n" + lines(body, "    a;") + "}\n";
}

TEST(Sizes, OfFunctionsHaveABound) {
    EXPECT_EQ(said("engine/log/a.cpp", function("void f()", 60)), "");
    for (const char* head :
         {"void f()", "auto Log::f(int a = 0) const noexcept -> int", "TEST(Log, Works)",
          "Log::Log(int a) : a_{a}, b_(a)", "bool operator==(const A& a, const B& b)",
          "template <class T>\nvoid f(T t)", "auto f = [](int a)",
          "namespace x {\nstruct A {\n  void f()"}) {
        EXPECT_NE(said("engine/log/a.cpp", function(head, 61)).find("has 61 lines"),
                  std::string::npos)
            << head;
    }
}

TEST(Sizes, OfTablesAndTypesAreNotThoseOfFunctions) {
    EXPECT_EQ(said("engine/log/a.cpp", function("constexpr Row rows[] =", 100) + ";\n"), "");
    EXPECT_EQ(said("engine/rpc/a.cpp", function("struct A", 100) + ";\n"), "");
    EXPECT_EQ(said("engine/log/a.cpp", function("namespace a", 100)), "");
    const std::string brace_in_text = "void f() {\n  g(\"{\", '{');  // {\n}\n";
    EXPECT_EQ(said("engine/log/a.cpp", brace_in_text + lines(100, "int a;")), "");
}

TEST(Places, AreRooms) {
    EXPECT_TRUE(bites("engine/utils/a.cpp", "", 1, "in no room"));
    EXPECT_TRUE(bites("engine/a.cpp", "", 1, "in no room"));
    EXPECT_TRUE(bites("engine/log/notes.txt", "", 1, "holds .h and .cpp"));
    EXPECT_TRUE(bites("docs", "", 1, "lies at the top"));
    EXPECT_TRUE(bites("Makefile", "", 1, "lies at the top"));
    EXPECT_TRUE(bites("tests/misc/a.cpp", "", 1, "mirror the rooms"));
    EXPECT_TRUE(bites("scenarios/notes.txt", "", 1, "holds *.scenario"));
    for (const char* path : {"CMakeLists.txt", "README.md", ".ci/run", "tests/run",
                             "tests/engine/log/a.cpp", "tests/bench/RESULTS.md", "gui/app/a.svg"}) {
        EXPECT_EQ(said(path, ""), "") << path;
    }
}

TEST(Places, OfHeadersOpenWithTheirPurpose) {
    EXPECT_EQ(said("engine/log/a.h", "// A log.\n#pragma once\n"), "");
    EXPECT_TRUE(bites("engine/log/a.h", "#pragma once\n", 1, "opens with a comment"));
    EXPECT_TRUE(bites("engine/log/a.h", "// A log.\n", 1, "#pragma once"));
}

TEST(Places, OfScenariosOpenWithWhatTheyTeach) {
    EXPECT_TRUE(bites("scenarios/a.scenario", "cluster brokers=1\n", 1, "what it teaches"));
    EXPECT_TRUE(bites("scenarios/a.scenario", "# short\ncluster\n", 1, "what it teaches"));
    EXPECT_EQ(
        said("scenarios/a.scenario",
             "# The leader is cut off while a producer waits\n# for all replicas.\ncluster\n"),
        "");
}

const Tree one_long = {{"engine/log/a.cpp", "long n;\nlong m;\n"}};

TEST(Exceptions, NeedAReasonAndAUse) {
    EXPECT_EQ(print(tidy(one_long, "# c\nengine/log/a.cpp\tword\tlong\tKafka says so\n", "")), "");
    EXPECT_NE(print(tidy(one_long, "engine/log/a.cpp\tword\tlong\t\n", "")), "");
    EXPECT_EQ(print(tidy({}, "engine/log/a.cpp\tword\tlong\tKafka says so\n", "")),
              "tests/tidy/exceptions.tsv:1: nothing needs this entry; take it out\n");
}

TEST(Ratchet, OnlyShrinks) {
    EXPECT_EQ(print(tidy(one_long, "", "engine/log/a.cpp\tword\t2\n")), "");
    EXPECT_EQ(print(tidy(one_long, "", "engine/log/a.cpp\tword\t3\n")),
              "tests/tidy/ratchet.tsv:1: engine/log/a.cpp got better: write 2, not 3\n");
    EXPECT_NE(print(tidy(one_long, "", "engine/log/a.cpp\tword\t1\n")).find("got worse"),
              std::string::npos);
    EXPECT_EQ(print(tidy({}, "", "engine/log/a.cpp\tword\t1\n")),
              "tests/tidy/ratchet.tsv:1: engine/log/a.cpp is clean; take the entry out\n");
    const Tree big = {{"engine/log/a.cpp", lines(700, "int a;")}};
    EXPECT_EQ(print(tidy(big, "", "engine/log/a.cpp\tfile-size\t700\n")), "");
}

// A class with so many data members and functions.
std::string class_of(int data, int functions) {
    std::string text = "class Large {\n  public:\n    Large(const Large& other);\n    ~Large();\n";
    for (int i = 0; i < functions; ++i)
        text += "    int f" + std::to_string(i) +
                "(int a = 1) const { if (a) { g(); } return 2; }\n";
    text += "    struct Row {\n        int a = 0;\n    };\n    using Rows = int;\n  private:\n";
    for (int i = 0; i < data; ++i) text += "    int d" + std::to_string(i) + "_{};\n";
    return text + "};\n";
}

TEST(ClassSize, CountsWhatAClassDeclaresItself) {
    EXPECT_EQ(said("engine/log/large.cpp", class_of(20, 25)), "");
    EXPECT_TRUE(bites("engine/log/large.cpp", class_of(20, 26), 1, "Large has 46 declarations"));
    EXPECT_TRUE(bites("engine/log/large.cpp", class_of(21, 25), 1, "find its parts"));
    EXPECT_EQ(said("engine/host/large.cpp", class_of(100, 0)), "");
}

}  // namespace
}  // namespace barnabas::tidy
