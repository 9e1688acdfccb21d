// Small files as a whole.
#include "engine/runtime/whole_file.h"

#include <gtest/gtest.h>

namespace barnabas {
namespace {

TEST(ReadFile, OneThatIsLargerThanAnyOfOursIsForeignAndIsNotRead) {
    for (const bool is_too_large : {false, true}) {
        Randoms randoms(1);
        std::vector<Effect> effects;
        Turn turn{Instant{}, WallTime{}, randoms, effects};
        ReadFile file(Token(1), FileId(2), "a");
        file.start(turn);
        file.on({Token(1), StorageStatus::ok, {}, ReadFile::size_max + is_too_large, {}}, turn);
        EXPECT_EQ(file.is_done(), is_too_large);
        if (!is_too_large) continue;
        EXPECT_EQ(file.status(), StorageStatus::foreign);
        EXPECT_TRUE(std::holds_alternative<effect::Close>(effects.back()));
    }
}

}  // namespace
}  // namespace barnabas
