// The keys of a compaction, in bounded memory.
#include "engine/log/offset_map.h"

#include <gtest/gtest.h>

#include <map>

#include "engine/base/random.h"

namespace barnabas::log {
namespace {

Hash128 key(std::uint64_t number) { return hash_of(as_bytes(std::to_string(number))); }

TEST(OffsetMap, KeepsTheLaterOffsetOfAKeyInWhateverOrderTheyCome) {
    OffsetMap map(1000, 1'000'000, 1000);
    EXPECT_TRUE(map.put(key(1), Offset(5)));
    EXPECT_TRUE(map.put(key(1), Offset(3)));
    EXPECT_EQ(map.find(key(1)), Offset(5));
    EXPECT_EQ(map.find(key(2)), std::nullopt);
    EXPECT_EQ(map.size(), 1u);
}

TEST(OffsetMap, IsFullAtItsLoadAndTakesKnownKeysStill) {
    OffsetMap map(100 * OffsetMap::entry_bytes, 500'000, UINT32_MAX);
    EXPECT_EQ(map.keys_max(), 50u);
    for (std::uint64_t i = 0; i < 50; ++i) ASSERT_TRUE(map.put(key(i), Offset(1)));
    EXPECT_FALSE(map.put(key(50), Offset(1)));
    EXPECT_TRUE(map.put(key(49), Offset(2)));
    EXPECT_EQ(map.find(key(49)), Offset(2));
    EXPECT_EQ(map.find(key(50)), std::nullopt);
}

TEST(OffsetMap, TakesOneKeyAtLeast) {
    OffsetMap map(0, 0, 0);
    EXPECT_TRUE(map.put(key(1), Offset(1)));
    EXPECT_FALSE(map.put(key(2), Offset(2)));
}

TEST(OffsetMap, ALargeOneAgreesWithAMap) {
    OffsetMap map(100'000 * OffsetMap::entry_bytes, 900'000, UINT32_MAX);
    std::map<std::uint64_t, Offset> model;
    Random random(3);
    while (model.size() < 85'000) {
        const std::uint64_t number = random.below(200'000);
        const Offset offset(static_cast<std::int64_t>(random.below(1'000'000)));
        ASSERT_TRUE(map.put(key(number), offset));
        const auto [at, is_new] = model.emplace(number, offset);
        at->second = std::max(at->second, offset);
    }
    ASSERT_EQ(map.size(), model.size());
    for (const auto& [number, offset] : model) ASSERT_EQ(map.find(key(number)), offset);
}

}  // namespace
}  // namespace barnabas::log
