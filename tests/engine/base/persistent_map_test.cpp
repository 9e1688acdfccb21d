// A map in chunks is a sorted map, whatever is done to it, and a copy keeps its value.
#include "engine/base/persistent_map.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <map>

namespace barnabas {
namespace {

using Map = PersistentMap<int, int>;

std::map<int, int> rows_of(const Map& map) {
    std::map<int, int> rows;
    for (const auto& [key, value] : map) rows.emplace(key, value);
    return rows;
}

TEST(PersistentMap, IsASortedMapAndItsCopiesKeepTheirValues) {
    const bool holds = rc::check([] {
        Map map;
        std::map<int, int> model;
        std::vector<std::pair<Map, std::map<int, int>>> copies;
        const auto count = *rc::gen::inRange(0, 600);
        for (int i = 0; i < count; ++i) {
            const int key = *rc::gen::inRange(0, 300);
            switch (*rc::gen::inRange(0, 5)) {
                case 0:
                    map.erase(key);
                    model.erase(key);
                    break;
                case 1:
                    if (!model.contains(key)) break;
                    map.edit(key) = i;
                    model[key] = i;
                    break;
                case 2:
                    if (copies.size() < 4) copies.emplace_back(map, model);
                    break;
                default:
                    map.insert_or_assign(key, i);
                    model.insert_or_assign(key, i);
            }
            const auto lower = map.lower_bound(key);
            const auto upper = map.upper_bound(key);
            RC_ASSERT((lower == map.end()) == (model.lower_bound(key) == model.end()));
            RC_ASSERT((lower == map.end() || lower->first == model.lower_bound(key)->first));
            RC_ASSERT((upper == map.end() || upper->first == model.upper_bound(key)->first));
            RC_ASSERT(map.contains(key) == model.contains(key));
        }
        RC_ASSERT(rows_of(map) == model);
        RC_ASSERT(map.size() == model.size());
        for (const auto& [copy, then] : copies) RC_ASSERT(rows_of(copy) == then);
    });
    EXPECT_TRUE(holds);
}

TEST(PersistentMap, EqualRowsAreEqualHoweverTheyCame) {
    Map up, down;
    for (int i = 0; i < 1000; ++i) {
        up.insert_or_assign(i, 1);
        down.insert_or_assign(999 - i, 1);
    }
    EXPECT_TRUE(up == down);
    down.edit(500) = 2;
    EXPECT_FALSE(up == down);
}

}  // namespace
}  // namespace barnabas
