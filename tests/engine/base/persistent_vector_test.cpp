// The long run of values that copies share.
#include "engine/base/persistent_vector.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "engine/base/random.h"
#include "tests/support/counting_allocator.h"

namespace barnabas {
namespace {

constexpr std::size_t chunk_values = 32;

// Counts how often values were copied.
struct Counted {
    static inline std::size_t copies = 0;

    Counted(std::int64_t from = 0) : number(from) {}  // NOLINT: a number is one
    Counted(const Counted& other) : number(other.number) { ++copies; }
    Counted(Counted&& other) noexcept = default;
    Counted& operator=(const Counted& other) {
        number = other.number;
        ++copies;
        return *this;
    }
    Counted& operator=(Counted&& other) noexcept = default;
    ~Counted() = default;

    std::int64_t number;
};

template <class T>
PersistentVector<T> numbers_below(std::int64_t count) {
    PersistentVector<T> all;
    for (std::int64_t i = 0; i < count; ++i) all.push_back(T(i));
    return all;
}

std::vector<std::int64_t> values_of(const PersistentVector<std::int64_t>& all) {
    return {all.begin(), all.end()};
}

// A pair of each, and copies of it, go through the same changes; all stay alike to the end.
TEST(PersistentVector, IsWhatAVectorIsWhateverIsDoneToItsCopies) {
    struct Twin {
        PersistentVector<std::int64_t> ours;
        std::vector<std::int64_t> plain;
    };
    Random random(7);
    std::vector<Twin> twins(4);
    for (int step = 0; step < 6'000; ++step) {
        Twin& one = twins[random.below(twins.size())];
        const auto number = static_cast<std::int64_t>(random.next() >> 1);
        const std::size_t size = one.plain.size();
        switch (random.below(8)) {
            case 0: one = twins[random.below(twins.size())]; break;
            case 1:
                if (size > 0) one.ours.pop_back(), one.plain.pop_back();
                break;
            case 2:
                if (size > 0) {
                    const std::size_t at = random.below(size);
                    one.ours.edit(at) = one.plain[at] = number;
                }
                break;
            case 3:
                if (random.below(20) == 0) {
                    const std::size_t wanted = random.below(2 * size + 3'000);
                    one.ours.resize(wanted, number);
                    one.plain.resize(wanted, number);
                }
                break;
            default:
                one.ours.push_back(number);
                one.plain.push_back(number);
        }
        ASSERT_EQ(one.ours.size(), one.plain.size());
        if (!one.plain.empty()) {
            const std::size_t at = random.below(one.plain.size());
            ASSERT_EQ(one.ours[at], one.plain[at]);
            ASSERT_EQ(one.ours.back(), one.plain.back());
        }
    }
    for (const Twin& one : twins) EXPECT_EQ(values_of(one.ours), one.plain);
}

TEST(PersistentVector, IsSearchedAsAVectorIs) {
    const auto all = numbers_below<std::int64_t>(5'000);
    const auto found = std::lower_bound(all.begin(), all.end(), 4'321);
    EXPECT_EQ(found - all.begin(), 4'321);
}

// However long the run was: a world forks often.
TEST(PersistentVector, IsCopiedWithoutAnAllocation) {
    const auto all = numbers_below<Counted>(200'000);
    Counted::copies = 0;
    const std::size_t before = Allocated::times();
    const auto fork = all;  // NOLINT: the copy is what is looked at
    EXPECT_EQ(Allocated::times(), before);
    EXPECT_EQ(Counted::copies, 0u);
    EXPECT_EQ(fork.size(), all.size());
}

TEST(PersistentVector, CopiesOneChunkAtTheFirstChangeAfterACopy) {
    for (const std::int64_t count : {100, 10'000, 200'000}) {
        const auto all = numbers_below<Counted>(count);
        for (const std::size_t at : {std::size_t{0}, all.size() / 2, all.size() - 1}) {
            auto fork = all;
            Counted::copies = 0;
            fork.edit(at).number = -1;
            EXPECT_LE(Counted::copies, chunk_values) << at << " of " << count;
            EXPECT_EQ(all[at].number, static_cast<std::int64_t>(at));
        }
        auto longer = all;
        Counted::copies = 0;
        longer.push_back(Counted(-1));
        EXPECT_LE(Counted::copies, chunk_values) << count;
    }
}

TEST(PersistentVector, ChangesInPlaceWhatIsItsOwn) {
    auto all = numbers_below<Counted>(10'000);
    Counted::copies = 0;
    for (std::size_t i = 0; i < all.size(); ++i) all.edit(i).number = 0;
    EXPECT_EQ(Counted::copies, 0u);
}

TEST(PersistentVector, IsEmptyWhenItWasMovedFrom) {
    auto all = numbers_below<std::int64_t>(1'000);
    const auto moved = std::move(all);
    EXPECT_EQ(moved.size(), 1'000u);
    EXPECT_TRUE(all.empty());  // NOLINT: that is the claim
    all.push_back(5);
    EXPECT_EQ(all.back(), 5);
}

}  // namespace
}  // namespace barnabas
