#include "engine/settings/properties.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace barnabas::settings {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

Pairs pairs(std::string_view text) {
    const auto parsed = parse_properties("f", text);
    Pairs all;
    if (!parsed) return {{"problem", parsed.error().print()}};
    for (const Property& one : *parsed) all.emplace_back(one.name, one.value);
    return all;
}

TEST(Properties, AreSeparatedByEqualsColonOrBlanks) {
    EXPECT_EQ(pairs("a=1\nb : 2\nc 3\n  d\t=\t4\ne"),
              (Pairs{{"a", "1"}, {"b", "2"}, {"c", "3"}, {"d", "4"}, {"e", ""}}));
}

// Java takes white space behind a value as part of it; only whoever reads the value trims it.
TEST(Properties, KeepBlanksBehindAValue) { EXPECT_EQ(pairs("a = 1 "), (Pairs{{"a", "1 "}})); }

TEST(Properties, KeepASecondEqualsInTheValue) {
    EXPECT_EQ(pairs("a==b=c"), (Pairs{{"a", "=b=c"}}));
}

TEST(Properties, PassOverCommentsAndEmptyLines) {
    EXPECT_EQ(pairs("# one\n\n  ! two \\\na=1\r\n\r\n#\nb=2#no comment"),
              (Pairs{{"a", "1"}, {"b", "2#no comment"}}));
}

TEST(Properties, GoOnBehindABackslashAtTheEndOfALine) {
    EXPECT_EQ(pairs("list=one,\\\n     two,\\\r\n\tthree\nnext=1"),
              (Pairs{{"list", "one,two,three"}, {"next", "1"}}));
    EXPECT_EQ(pairs("end=here\\"), (Pairs{{"end", "here"}}));
    EXPECT_EQ(pairs("path=C:\\\\\nb=1"), (Pairs{{"path", "C:\\"}, {"b", "1"}}));
}

TEST(Properties, ReadEscapes) {
    EXPECT_EQ(pairs("a\\ b\\=c=\\t\\n\\q\\u0041"), (Pairs{{"a b=c", "\t\nqA"}}));
    EXPECT_EQ(pairs("a=\\u00e4\\ud83d\\ude00"), (Pairs{{"a", "\u00e4\U0001F600"}}));
    EXPECT_EQ(pairs("a=\\ud83dx\\ude00"), (Pairs{{"a", "\ufffdx\ufffd"}}));
}

// Java reads the bytes of a file as Latin-1; so does Kafka, and the same file means the same here.
TEST(Properties, AreLatin1) { EXPECT_EQ(pairs("a=\xe4"), (Pairs{{"a", "\u00e4"}})); }

TEST(Properties, SayWhereABadEscapeStands) {
    EXPECT_EQ(pairs("a=1\nb=\\u12g4\n").front().second,
              "f:2:7: \\u needs four hexadecimal digits; a backslash itself is \\\\");
    EXPECT_EQ(pairs("b=\\u1").front().first, "problem");
}

TEST(Properties, KnowTheirPlaces) {
    const auto parsed = parse_properties("f", "# c\n  name = \\\n   value\nb=2");
    ASSERT_TRUE(parsed.has_value());
    EXPECT_EQ((*parsed)[0].name_at, (Place{"f", 2, 3}));
    EXPECT_EQ((*parsed)[0].value_at, (Place{"f", 3, 4}));
    EXPECT_EQ((*parsed)[1].value_at, (Place{"f", 4, 3}));
}

TEST(Properties, SurviveAnyText) {
    EXPECT_TRUE(rc::check([](const std::vector<std::uint8_t>& bytes) {
        const std::string text(bytes.begin(), bytes.end());
        const auto parsed = parse_properties("f", text);
        RC_ASSERT(!parsed || parsed->size() <= text.size());
    }));
    EXPECT_TRUE(rc::check([] {
        const auto text = *rc::gen::container<std::string>(
            rc::gen::elementOf(std::string("ab=: \t\\\\\\\n\r#!u0fd8")));
        const auto parsed = parse_properties("f", text);
        RC_ASSERT(!parsed || parsed->size() <= text.size());
    }));
}

TEST(Assignment, IsNameEqualsValue) {
    const auto one = parse_assignment("--set", "listeners=A://h:1,B://h:2=x");
    ASSERT_TRUE(one.has_value());
    EXPECT_EQ(one->name, "listeners");
    EXPECT_EQ(one->value, "A://h:1,B://h:2=x");
    EXPECT_EQ(parse_assignment("--set", "num.partitions").error().print(),
              "--set: \"num.partitions\" is not of the form NAME=VALUE");
    EXPECT_FALSE(parse_assignment("--set", "=1").has_value());
}

}  // namespace
}  // namespace barnabas::settings
