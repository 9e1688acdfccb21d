// What compaction may take, and what the ledger says when it takes more.
#include <gtest/gtest.h>

#include "sim/checkers/ledger.h"
#include "tests/sim/checkers/orders.h"

namespace barnabas::sim {
namespace {

using Kind = client::Fate::Kind;

constexpr std::uint64_t count = 12;
constexpr std::uint64_t keys = 3;

class CompactedLedgerTest : public testing::Test {
  protected:
    using Numbers = std::set<std::uint64_t>;

    void SetUp() override {
        ledger.add_compacted("orders");
        ledger.add_producer("till", "orders", 1);
        ledger.add_keys("till", keys);
        ledger.given("till", count);
        std::map<std::uint64_t, std::uint64_t> last;
        for (std::uint64_t n = 0; n < count; ++n) {
            ledger.stored(orders, at(n), Stamp{"till", n});
            ledger.fate("till", {Kind::acknowledged, n, orders, at(n), {}, {}});
            last[key_number(n, keys)] = n;
        }
        for (const auto& [key, number] : last) kept.insert(number);
        ledger.seen("desk", "orders", {Seen::Kind::reset, orders.partition, at(0), {}});
    }
    static Offset at(std::uint64_t number) { return Offset(static_cast<std::int64_t>(number)); }
    static std::vector<Stamped> stand(const Numbers& numbers) {
        std::vector<Stamped> all;
        for (const std::uint64_t n : numbers) all.push_back({at(n), Stamp{"till", n}});
        return all;
    }
    void compact(const Numbers& numbers) {
        ledger.rewritten(orders, at(0), at(count), stand(numbers));
    }
    void see(std::uint64_t n) {
        ledger.seen("desk", "orders",
                    {Seen::Kind::record, orders.partition, at(n), Stamp{"till", n}});
    }
    std::string broken() const {
        return ledger.violations().empty() ? "" : ledger.violations().front().rule;
    }

    Ledger ledger;
    Numbers kept;  // the last of each key
};

TEST_F(CompactedLedgerTest, WhatWasOvertakenMayGoAndComeBack) {
    compact(kept);
    EXPECT_EQ(ledger.counts().stored, kept.size());
    for (const std::uint64_t n : kept) see(n);
    Numbers more = kept;
    more.insert(0);
    compact(more);  // a crash came before the swap counted
    ledger.expect_all_consumed();
    EXPECT_EQ(broken(), "");
    EXPECT_EQ(ledger.counts().stored, more.size());
    EXPECT_EQ(ledger.counts().lost, 0u);
}

TEST_F(CompactedLedgerTest, TheEndMayBeBehindAGap) {
    ledger.add_consumer("desk", "orders", 1, true);
    see(0);
    ASSERT_FALSE(kept.contains(1));
    ledger.expect_ends_reached();
    EXPECT_EQ(broken(), "unfinished");
    const auto violations = ledger.violation_count();
    compact(kept);
    for (const std::uint64_t n : kept) see(n);
    ledger.expect_ends_reached();
    ledger.expect_all_consumed();
    EXPECT_EQ(ledger.violation_count(), violations);
}

TEST_F(CompactedLedgerTest, TheLastOfEachKeyIsConsumed) {
    compact(kept);
    for (const std::uint64_t n : kept)
        if (n != *kept.begin()) see(n);
    ledger.expect_all_consumed();
    EXPECT_EQ(ledger.violations().back().rule, "unconsumed");
}

TEST_F(CompactedLedgerTest, TheLastOfAKeyStays) {
    kept.erase(kept.begin());
    compact(kept);
    EXPECT_EQ(broken(), "forgotten");
    EXPECT_EQ(ledger.counts().lost, 1u);
}

TEST_F(CompactedLedgerTest, AnOffsetKeepsItsRecord) {
    auto left = stand(kept);
    left.front().stamp->number = 0;
    ASSERT_NE(left.front().offset, at(0));
    ledger.rewritten(orders, at(0), at(count), left);
    EXPECT_EQ(broken(), "contradicted");
}

TEST_F(CompactedLedgerTest, WhatOvertakesMustBeFlushed) {
    compact(kept);
    kept.erase(count - 1);
    ledger.shaken(orders, at(0), at(count - 1), stand(kept));
    EXPECT_EQ(broken(), "forgotten");
}

TEST_F(CompactedLedgerTest, PowerLossTakesWhatWasNotFlushedFromTheMiddleToo) {
    Numbers left;
    for (std::uint64_t n = 0; n < count; ++n)
        if (n != 8) left.insert(n);
    ledger.shaken(orders, at(8), at(count), stand(left));
    EXPECT_EQ(broken(), "");
    EXPECT_EQ(ledger.counts().lost_foreseen, 1u);
}

TEST_F(CompactedLedgerTest, AConsumerSkipsOnlyWhatIsNotThere) {
    see(0);
    see(2);
    EXPECT_EQ(broken(), "skipped");
}

TEST_F(CompactedLedgerTest, OtherTopicsAreNotRewritten) {
    ledger.rewritten({"others", PartitionIndex(0)}, at(0), at(3), {});
    EXPECT_EQ(broken(), "vanished");
}

}  // namespace
}  // namespace barnabas::sim
