#include "engine/protocol/error_text.h"

#include <gtest/gtest.h>

namespace barnabas::protocol {
namespace {

TEST(ErrorText, IsKeptAsFarAsItFits) {
    EXPECT_EQ(error_text(""), "");
    const std::string full(error_text_bytes_max, 'x');
    EXPECT_EQ(error_text(full), full);
    EXPECT_EQ(error_text(full + 'x'), full.substr(3) + "...");
}

TEST(ErrorText, IsCutBetweenTwoCharacters) {
    for (const std::string character : {"\u00fc", "\u20ac", "\U0001f984"}) {
        for (std::size_t before = 0; before < character.size(); ++before) {
            std::string text(before, 'x');
            while (text.size() <= error_text_bytes_max) text += character;
            const std::string cut = error_text(text);
            EXPECT_LE(cut.size(), error_text_bytes_max);
            EXPECT_GT(cut.size(), error_text_bytes_max - character.size());
            ASSERT_TRUE(cut.ends_with("..."));
            EXPECT_EQ((cut.size() - 3 - before) % character.size(), 0u);
            EXPECT_TRUE(text.starts_with(cut.substr(0, cut.size() - 3)));
        }
    }
}

TEST(ErrorText, ThatIsNoUtf8IsCutAllTheSame) {
    EXPECT_EQ(error_text(std::string(40'000, '\xbf')).size(), error_text_bytes_max);
    EXPECT_EQ(error_text(std::string(40'000, '\xff')).size(), error_text_bytes_max);
}

}  // namespace
}  // namespace barnabas::protocol
