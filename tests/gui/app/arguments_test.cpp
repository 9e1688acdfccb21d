// The command line: what it takes, and that each mistake is told in one line.
#include "gui/app/arguments.h"

#include <gtest/gtest.h>

namespace barnabas::gui {
namespace {

TEST(Arguments, APictureOfAnInstant) {
    const auto read = parse_arguments({"a.scenario", "--screenshot", "b.png", "--until", "12.5s",
                                       "--size=1280x720", "--theme", "dark", "--seed", "9"});
    ASSERT_TRUE(read) << read.error();
    EXPECT_EQ(read->scenario, "a.scenario");
    EXPECT_EQ(read->screenshot, "b.png");
    EXPECT_EQ(read->until, 12'500ms);
    EXPECT_EQ(read->size, QSize(1280, 720));
    EXPECT_EQ(read->theme, ThemeName::dark);
    EXPECT_EQ(read->seed, 9);
}

TEST(Arguments, TimesInEveryUnit) {
    const std::pair<const char*, Duration> times[] = {
        {"0s", 0s}, {"3us", 3us}, {"200ms", 200ms}, {"0.25s", 250ms}, {"2min", 120s}};
    for (const auto& [text, time] : times) {
        const auto read = parse_arguments({"--until", text});
        ASSERT_TRUE(read) << read.error();
        EXPECT_EQ(read->until, time) << text;
    }
}

TEST(Arguments, MistakesAreToldInOneLine) {
    const std::pair<QStringList, const char*> mistakes[] = {
        {{"--until", "soon"}, "--until wants a time such as 12.5s or 200ms, not 'soon'"},
        {{"--until", "-1.5s"}, "--until wants a time such as 12.5s or 200ms, not '-1.5s'"},
        {{"--size", "big"}, "--size wants WIDTHxHEIGHT from 640x400 to 8192x8192, not 'big'"},
        {{"--size", "10x10"}, "--size wants WIDTHxHEIGHT from 640x400 to 8192x8192, not '10x10'"},
        {{"--theme", "pink"}, "--theme wants light or dark, not 'pink'"},
        {{"--seed", "many"}, "--seed wants a number, not 'many'"},
        {{"--colour", "red"}, "there is no option --colour; see barnabas-gui --help"},
        {{"--until"}, "--until wants a value; see barnabas-gui --help"},
        {{"a", "b"}, "one scenario at a time: both 'a' and 'b' were named"},
        {{"a", "--screenshot", "b.gif"},
         "--screenshot writes PNG: name the file something.png, not 'b.gif'"},
        {{"--screenshot", "b.png"}, "--screenshot needs a scenario to show"}};
    for (const auto& [words, expected] : mistakes) {
        const auto read = parse_arguments(words);
        ASSERT_FALSE(read) << expected;
        EXPECT_EQ(read.error(), expected);
    }
}

TEST(Arguments, HelpNamesEveryOptionKeyAndExitCode) {
    for (const char* word : {"--seed", "--until", "--span", "--select", "--screenshot", "--size",
                             "--theme", "Space", "Home", "Exit code"})
        EXPECT_NE(usage().find(word), std::string::npos) << word;
}

}  // namespace
}  // namespace barnabas::gui
