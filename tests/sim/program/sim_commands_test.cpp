// The commands of the simulator: exit codes, and what they print.
#include "sim/program/sim_commands.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <filesystem>
#include <fstream>

#include "tests/support/places.h"

namespace barnabas::program {
namespace {

struct Ended {
    int code = -1;
    std::string out;
    std::string error;
};

class SimCommands : public testing::Test {
  protected:
    void SetUp() override {
        directory = std::filesystem::path(testing::TempDir()) /
                    ("sim_commands_" + std::to_string(::getpid()));
        std::filesystem::create_directories(directory);
    }
    void TearDown() override { std::filesystem::remove_all(directory); }

    std::string file(const std::string& text) {
        const auto path = directory / "one.scenario";
        std::ofstream(path) << text;
        return path.string();
    }
    static Ended run(std::vector<std::string> words) {
        CLI::App app;
        cli::Run chosen;
        add_sim_commands(app, chosen);
        std::reverse(words.begin(), words.end());
        testing::internal::CaptureStdout();
        testing::internal::CaptureStderr();
        app.parse(words);
        Ended ended;
        ended.code = chosen();
        ended.out = testing::internal::GetCapturedStdout();
        ended.error = testing::internal::GetCapturedStderr();
        return ended;
    }

    std::filesystem::path directory;
    const std::string small =
        "topic orders\nproducer till to orders rate=20/s from 500ms for 2s\n"
        "at 1s reset till from broker 1\nrun for 5s\n";
};

TEST_F(SimCommands, RunSaysWhatItCameTo) {
    const Ended ended = run({"sim", "run", file(small), "--seed", "9"});
    EXPECT_EQ(ended.code, 3) << "too small to count" << ended.error;
    EXPECT_NE(ended.out.find("seed 9"), std::string::npos) << ended.out;
    EXPECT_NE(ended.out.find("40 acknowledged"), std::string::npos) << ended.out;
}

// Others read this: names, types, and the same bytes each time.
TEST_F(SimCommands, RunSpeaksJson) {
    const std::string path = file(small);
    const Ended ended = run({"sim", "run", path, "--seed", "9", "--json"});
    EXPECT_EQ(ended.code, 3);
    const auto report = boost::json::parse(ended.out).as_object();
    EXPECT_EQ(report.at("seed").as_int64(), 9);
    EXPECT_GT(report.at("events").as_int64(), 100);
    EXPECT_EQ(report.at("hash").as_string().size(), 32u);
    EXPECT_EQ(report.at("verdict").as_string(), "too small");
    EXPECT_EQ(report.at("faults").as_object().at("reset").as_int64(), 1);
    EXPECT_EQ(run({"sim", "run", path, "--seed", "9", "--json"}).out, ended.out);
}

TEST_F(SimCommands, AViolationIsOne) {
    const Ended ended = run({"sim", "run", file(small + "expect something is lost\n")});
    EXPECT_EQ(ended.code, 1);
    EXPECT_NE(ended.out.find("violated"), std::string::npos) << ended.out;
    EXPECT_NE(ended.out.find("again: barnabas sim run"), std::string::npos) << ended.out;
}

TEST_F(SimCommands, ABadLineIsTwoAndNamesItsPlace) {
    const std::string path = file("topic orders\nproducer till to ordres\n");
    const Ended ended = run({"sim", "run", path});
    EXPECT_EQ(ended.code, 2);
    EXPECT_NE(ended.error.find(path + ":2:18: expected a topic that stands above"),
              std::string::npos)
        << ended.error;
}

TEST_F(SimCommands, ABadSettingIsTwo) {
    const Ended ended = run({"sim", "check", file("set num.partitions=-5\n")});
    EXPECT_EQ(ended.code, 2);
    EXPECT_NE(ended.error.find("num.partitions"), std::string::npos) << ended.error;
}

TEST_F(SimCommands, AFileThatIsNotThereIsTwo) {
    EXPECT_EQ(run({"sim", "run", (directory / "none").string()}).code, 2);
}

TEST_F(SimCommands, CheckComparesTwoProcesses) {
    const Ended ended = run(
        {"sim", "check", file(small), "--seed", "9", "--program", support::build_path("barnabas")});
    EXPECT_EQ(ended.code, 3) << ended.error;
    EXPECT_NE(ended.out.find("is the same in two processes"), std::string::npos) << ended.out;
}

// Determinism broken on purpose: in a process whose memory is filled, another bit of the run is
// taken. The first step that differs is found, not the end of the run.
TEST_F(SimCommands, CheckFindsTheFirstStepThatDiffers) {
    const auto other = directory / "other.scenario";
    std::ofstream(other) << small + "at 3s reset till from broker 1\n";
    const auto script = directory / "undetermined";
    std::ofstream(script) << "#!/usr/bin/env bash\n"
                             "words=(\"$@\")\n"
                             "[[ -z $MALLOC_PERTURB_ ]] || words[2]='" +
                                 other.string() + "'\nexec '" + support::build_path("barnabas") +
                                 "' \"${words[@]}\"\n";
    std::filesystem::permissions(script, std::filesystem::perms::owner_all);
    const Ended ended =
        run({"sim", "check", file(small), "--seed", "9", "--program", script.string()});
    EXPECT_EQ(ended.code, 1) << ended.error;
    EXPECT_NE(ended.out.find("differs between two processes"), std::string::npos) << ended.out;
    EXPECT_NE(ended.out.find("other: 3000000000ns"), std::string::npos) << ended.out;
}

TEST_F(SimCommands, SwarmRunsManySeeds) {
    const Ended ended = run({"sim", "swarm", file(small), "--seeds", "3", "--first", "4",
                             "--program", support::build_path("barnabas")});
    EXPECT_EQ(ended.code, 3) << "too small to count" << ended.error;
    EXPECT_NE(ended.out.find("of 3 seeds"), std::string::npos) << ended.out;
}

TEST_F(SimCommands, SwarmWithoutAFileDrawsEachSeedAndGoesOnWhereItWasCutOff) {
    const std::string results = (directory / "results").string();
    const std::vector<std::string> words{"sim",       "swarm",  "--seeds",   "3",
                                         "--from",    "4",      "--jobs",    "2",
                                         "--resume",  results,  "--program",
                                         support::build_path("barnabas")};
    const Ended ended = run(words);
    EXPECT_EQ(ended.code, 0) << ended.out << ended.error;
    EXPECT_NE(ended.out.find("swarm:4: "), std::string::npos) << ended.out;
    EXPECT_NE(ended.out.find("swarm:4 to 6: "), std::string::npos) << ended.out;
    // Of three lines the last is cut off: its seed is run again, the others are not.
    std::filesystem::resize_file(results, std::filesystem::file_size(results) - 20);
    EXPECT_EQ(run(words).out.substr(0, 200), ended.out.substr(0, 200));
    std::ofstream(results) << "{}\n";
    EXPECT_EQ(run(words).code, 2) << "no results of ours";
}

TEST_F(SimCommands, WhatASeedDrawsIsAScenarioThatRunsByItself) {
    const Ended drawn = run({"sim", "run", "swarm:4"});
    const Ended printed = run({"sim", "print", "swarm:4"});
    EXPECT_EQ(printed.code, 0);
    const Ended again = run({"sim", "run", file(printed.out)});
    const auto hash_in = [](const std::string& text) {
        return text.substr(text.find("trace hash "), 11 + 32);
    };
    EXPECT_EQ(hash_in(again.out), hash_in(drawn.out));
    EXPECT_EQ(run({"sim", "run", "swarm:x"}).code, 2);
}

TEST_F(SimCommands, SwarmOfGuardsSaysHowManySeedsEachTakes) {
    const Ended ended = run({"sim", "swarm", "--guards", "--seeds", "1", "--program",
                             support::build_path("barnabas")});
    EXPECT_EQ(ended.code, 1) << "one seed is too few";
    EXPECT_NE(ended.out.find("metadata_is_flushed"), std::string::npos) << ended.out;
}

// What the seed places is spelt out, and runs as the same scenario.
TEST_F(SimCommands, PrintSpellsOutRandomFaults) {
    const Ended ended = run({"sim", "print", file(small + "faults kill every 1s from 1s to 4s\n")});
    EXPECT_EQ(ended.code, 0);
    EXPECT_NE(ended.out.find("ms kill broker 1"), std::string::npos) << ended.out;
    EXPECT_EQ(ended.out.find("faults"), std::string::npos) << ended.out;
}

TEST_F(SimCommands, WordsListsEverySentence) {
    const Ended ended = run({"sim", "words"});
    EXPECT_EQ(ended.code, 0);
    for (const char* form : {"directory DIRECTORY of WHO fails reads", "WHO restarts",
                             "failed directory", "PARTITION answers ERROR"}) {
        EXPECT_NE(ended.out.find(std::string("\n    ") + form), std::string::npos) << form;
    }
}

}  // namespace
}  // namespace barnabas::program
