// Every rule bites: a good history passes, and each bad one is named.
#include "sim/checkers/ledger.h"

#include <gtest/gtest.h>

#include "tests/sim/checkers/orders.h"

namespace barnabas::sim {
namespace {

using Kind = client::Fate::Kind;

class LedgerTest : public testing::Test {
  protected:
    void SetUp() override {
        ledger.add_producer("till", "orders", 1);
        ledger.given("till", 5);
    }
    void fate(std::uint64_t number, Kind kind, std::int64_t offset = -1) {
        ledger.fate("till", {kind, number, orders, Offset(offset), {}, {}});
    }
    void stored(std::int64_t offset, std::uint64_t number) {
        ledger.stored(orders, Offset(offset), Stamp{"till", number});
    }
    void saw(std::int64_t offset, std::uint64_t number) {
        ledger.seen("desk", "orders",
                    {Seen::Kind::record, orders.partition, Offset(offset), Stamp{"till", number}});
    }
    void reset(std::int64_t offset) {
        ledger.seen("desk", "orders",
                    {Seen::Kind::reset, orders.partition, Offset(offset), std::nullopt});
    }
    void high_watermark(std::int64_t offset) {
        ledger.seen("desk", "orders",
                    {Seen::Kind::high_watermark, orders.partition, Offset(offset), std::nullopt});
    }
    // The rules that were broken, in order.
    std::string broken() const {
        std::string rules;
        for (const Violation& violation : ledger.violations()) {
            if (!rules.empty()) rules += ' ';
            rules += violation.rule;
        }
        return rules;
    }

    Ledger ledger;
};

TEST_F(LedgerTest, AGoodHistoryBreaksNoRule) {
    reset(0);
    stored(0, 0);
    fate(0, Kind::acknowledged, 0);
    stored(1, 1);
    high_watermark(2);
    saw(0, 0);
    saw(1, 1);
    fate(1, Kind::lost_reply);
    stored(2, 1);
    fate(1, Kind::acknowledged, 2);
    fate(2, Kind::failed);
    saw(2, 1);
    ledger.expect_all_consumed();
    EXPECT_EQ(broken(), "");
    EXPECT_EQ(ledger.counts(), (Counts{.given = 5,
                                       .acknowledged = 2,
                                       .failed = 1,
                                       .unknown = 0,
                                       .consumed = 2,
                                       .doubles = 1,
                                       .lost_foreseen = 0,
                                       .lost = 0,
                                       .stored = 3}));
}

TEST_F(LedgerTest, OnlyWhatIsOldOrDeletedGoesFromTheStart) {
    for (std::uint64_t i = 0; i < 4; ++i) stored(static_cast<std::int64_t>(i), i);
    ledger.deletion_asked(orders, Offset(2));
    ledger.begins(orders, Offset(2));
    EXPECT_EQ(broken(), "");
    ledger.move_to(Instant(9s));
    ledger.add_retention("orders", 10s);
    ledger.begins(orders, Offset(3));
    EXPECT_EQ(broken(), "vanished");
    ledger.move_to(Instant(10s));
    ledger.begins(orders, Offset(4));
    EXPECT_EQ(broken(), "vanished");
    EXPECT_EQ(ledger.counts().stored, 0u);
}

TEST_F(LedgerTest, WhatWasDeletedNeedsNoReader) {
    stored(0, 0);
    fate(0, Kind::acknowledged, 0);
    ledger.deletion_asked(orders, Offset(1));
    ledger.expect_all_consumed();
    EXPECT_EQ(broken(), "");
}

// The answer may have been lost with the deletion, or without it.
TEST_F(LedgerTest, ADeletionThatWasNotAnsweredMayBeDoneOrNot) {
    for (std::uint64_t i = 0; i < 4; ++i) stored(static_cast<std::int64_t>(i), i);
    reset(0);
    ledger.deletion_asked(orders, Offset(2));
    ledger.move_to(Instant(60s));
    saw(0, 0);
    reset(2);
    saw(2, 2);
    EXPECT_EQ(broken(), "");
    EXPECT_EQ(ledger.must_start(orders, 0s), Offset(0));
}

TEST_F(LedgerTest, ADeletionThatWasAnsweredIsDone) {
    for (std::uint64_t i = 0; i < 4; ++i) stored(static_cast<std::int64_t>(i), i);
    ledger.deletion_asked(orders, Offset(2));
    ledger.deletion_answered(orders, Offset(2), Offset(2));
    ledger.move_to(Instant(5s));
    reset(0);
    saw(0, 0);
    EXPECT_EQ(broken(), "") << "it may have been on its way";
    ledger.move_to(Instant(11s));
    EXPECT_EQ(ledger.must_start(orders, 10s), Offset(2));
    saw(1, 1);
    EXPECT_EQ(broken(), "undeleted");
    reset(1);
    EXPECT_EQ(broken(), "undeleted undeleted");
    reset(2);
    EXPECT_EQ(broken(), "undeleted undeleted");
}

TEST_F(LedgerTest, AnAnswerThatNamesAnEarlierStartIsNone) {
    ledger.deletion_asked(orders, Offset(2));
    ledger.deletion_answered(orders, Offset(2), Offset(1));
    EXPECT_EQ(broken(), "undeleted");
}

TEST_F(LedgerTest, ABrokerThatDiesMayForgetADeletion) {
    ledger.deletion_asked(orders, Offset(2));
    ledger.deletion_answered(orders, Offset(2), Offset(2));
    ledger.move_to(Instant(60s));
    ledger.delay_deletions();
    EXPECT_EQ(ledger.must_start(orders, 1s), Offset(0));
    ledger.move_to(Instant(62s));
    EXPECT_EQ(ledger.must_start(orders, 1s), Offset(2));
    ledger.forget_deletions();
    EXPECT_EQ(ledger.must_start(orders, 1s), Offset(0));
    ledger.deletion_asked(orders, Offset(3));
    ledger.forget_deletions();
    ledger.deletion_answered(orders, Offset(3), Offset(3));  // by the one that died
    ledger.move_to(Instant(99s));
    EXPECT_EQ(ledger.must_start(orders, 1s), Offset(0));
}

TEST_F(LedgerTest, WhoWantsAllIsNotSetPastWhatStands) {
    for (std::uint64_t i = 0; i < 4; ++i) stored(static_cast<std::int64_t>(i), i);
    reset(3);
    EXPECT_EQ(broken(), "") << "it asked for the latest, for all that is known";
    ledger.add_consumer("desk", "orders", 1, true);
    reset(0);
    reset(2);
    EXPECT_EQ(broken(), "skipped");
    ledger.deletion_asked(orders, Offset(3));
    reset(3);
    EXPECT_EQ(broken(), "skipped");
    ledger.add_retention("orders", 10s);
    ledger.move_to(Instant(10s));
    reset(4);
    EXPECT_EQ(broken(), "skipped");
}

TEST_F(LedgerTest, AConsumerThatIsNotAtTheEndIsUnfinished) {
    ledger.add_consumer("desk", "orders", 1, true);
    ledger.expect_ends_reached();
    stored(0, 0);
    stored(1, 1);
    reset(0);
    saw(0, 0);
    EXPECT_EQ(broken(), "");
    ledger.expect_ends_reached();
    EXPECT_EQ(broken(), "unfinished");
    saw(1, 1);
    ledger.expect_ends_reached();
    EXPECT_EQ(broken(), "unfinished");
}

TEST_F(LedgerTest, CountsWhatOneCutTakesAndHowOldThatIs) {
    for (std::uint64_t i = 0; i < 3; ++i) stored(static_cast<std::int64_t>(i), i);
    fate(0, Kind::acknowledged, 0);
    ledger.move_to(Instant(2s));
    fate(1, Kind::acknowledged, 1);
    ledger.move_to(Instant(3s));
    ledger.cut(orders, Offset(1), true);
    fate(2, Kind::acknowledged, 2);
    EXPECT_EQ(ledger.counts().lost_at_once, 2u) << "one whose answer was on its way";
    EXPECT_EQ(ledger.counts().lost_age, Duration(1s));
    EXPECT_EQ(broken(), "");
}

TEST_F(LedgerTest, AValueThatNobodyGaveIsInvented) {
    stored(0, 9);
    ledger.stored(orders, Offset(1), std::nullopt);
    ledger.stored(orders, Offset(2), Stamp{"nobody", 0});
    EXPECT_EQ(broken(), "invented invented invented");
}

TEST_F(LedgerTest, AValueInAnotherPartitionIsInvented) {
    ledger.stored({"orders", PartitionIndex(1)}, Offset(0), Stamp{"till", 0});
    EXPECT_EQ(broken(), "invented");
}

TEST_F(LedgerTest, AGapInALogIsNoticed) {
    stored(0, 0);
    stored(2, 1);
    EXPECT_EQ(broken(), "dense");
}

TEST_F(LedgerTest, AnAcknowledgementBeforeTheRecordStandsIsNoticed) {
    fate(0, Kind::acknowledged, 0);
    EXPECT_EQ(broken(), "misplaced");
}

TEST_F(LedgerTest, AnAcknowledgementWithAnotherOffsetIsNoticed) {
    stored(0, 0);
    stored(1, 1);
    fate(1, Kind::acknowledged, 0);
    EXPECT_EQ(broken(), "misplaced");
}

TEST_F(LedgerTest, ARecordThatFailedForSureMayNotStand) {
    stored(0, 0);
    fate(0, Kind::failed);
    fate(1, Kind::failed);
    stored(1, 1);
    EXPECT_EQ(broken(), "revoked revoked");
}

TEST_F(LedgerTest, ADoubleNeedsALostReply) {
    stored(0, 0);
    stored(1, 0);
    EXPECT_EQ(broken(), "doubled");
}

TEST_F(LedgerTest, OneLostReplyExplainsOneDoubleOnly) {
    stored(0, 0);
    fate(0, Kind::lost_reply);
    stored(1, 0);
    EXPECT_EQ(broken(), "");
    stored(2, 0);
    EXPECT_EQ(broken(), "doubled");
}

TEST_F(LedgerTest, AnAcknowledgedRecordMayNotGo) {
    stored(0, 0);
    stored(1, 1);
    fate(0, Kind::acknowledged, 0);
    ledger.cut(orders, Offset(1), false);  // nobody was promised record 1
    EXPECT_EQ(broken(), "");
    ledger.cut(orders, Offset(0), false);
    EXPECT_EQ(broken(), "lost");
    EXPECT_EQ(ledger.counts().lost, 1u);
}

TEST_F(LedgerTest, ARecordThatAConsumerSawMayNotGo) {
    reset(0);
    stored(0, 0);
    saw(0, 0);
    ledger.cut(orders, Offset(0), false);
    EXPECT_EQ(broken(), "lost");
}

TEST_F(LedgerTest, AForeseenCutIsCountedAndAllowed) {
    reset(0);
    stored(0, 0);
    stored(1, 1);
    fate(0, Kind::acknowledged, 0);
    ledger.cut(orders, Offset(0), true);
    EXPECT_EQ(ledger.counts().lost_foreseen, 1u);
    fate(1, Kind::acknowledged, 1);  // the answer was on its way already
    EXPECT_EQ(ledger.counts().lost_foreseen, 2u);
    saw(0, 0);  // and so was this one
    stored(0, 2);
    ledger.expect_all_consumed();
    EXPECT_EQ(broken(), "");
}

TEST_F(LedgerTest, AConsumerMustSeeWhatStands) {
    reset(0);
    stored(0, 0);
    saw(0, 1);
    EXPECT_EQ(broken(), "contradicted");
}

TEST_F(LedgerTest, AConsumerMustNotSkipNorGoBack) {
    for (std::int64_t i = 0; i < 4; ++i) stored(i, static_cast<std::uint64_t>(i));
    reset(0);
    saw(0, 0);
    saw(2, 2);
    EXPECT_EQ(broken(), "skipped");
    saw(1, 1);
    EXPECT_EQ(broken(), "skipped skipped");
    reset(0);
    saw(0, 0);
    EXPECT_EQ(broken(), "skipped skipped");
}

TEST_F(LedgerTest, TheHighWatermarkMayNotRecede) {
    high_watermark(3);
    high_watermark(2);
    EXPECT_EQ(broken(), "receded");
}

TEST_F(LedgerTest, AForeseenCutLetsTheHighWatermarkRecedeOnce) {
    for (std::uint64_t i = 0; i < 3; ++i) stored(static_cast<std::int64_t>(i), i);
    high_watermark(3);
    ledger.cut(orders, Offset(2), true);
    high_watermark(2);
    EXPECT_EQ(broken(), "");
    high_watermark(1);
    EXPECT_EQ(broken(), "receded");
}

TEST_F(LedgerTest, ACutLetsTheHighWatermarkRecedeToWhereItLeftTheEnd) {
    for (std::uint64_t i = 0; i < 3; ++i) stored(static_cast<std::int64_t>(i), i);
    high_watermark(3);
    ledger.cut(orders, Offset(2), true);
    high_watermark(1);
    EXPECT_EQ(broken(), "receded");
}

TEST_F(LedgerTest, WhatWasAcknowledgedMustBeConsumedInTheEnd) {
    stored(0, 0);
    fate(0, Kind::acknowledged, 0);
    ledger.expect_all_consumed();
    EXPECT_EQ(broken(), "unconsumed");
}

TEST_F(LedgerTest, WhatWasGivenMustBeAcknowledgedInTheEnd) {
    for (std::uint64_t i = 0; i < 4; ++i) {
        stored(static_cast<std::int64_t>(i), i);
        fate(i, Kind::acknowledged, static_cast<std::int64_t>(i));
    }
    ledger.expect_all_settled();
    EXPECT_EQ(broken(), "unsettled");
}

// The values themselves: every byte counts.
TEST(Stamp, IsReadBackOnlyFromTheVeryValue) {
    const Stamp stamp{"till", 17};
    const Bytes value = value_of(stamp, 100);
    EXPECT_EQ(value.size(), 100u);
    EXPECT_EQ(stamp_of(value), stamp);
    for (std::size_t i = 0; i < value.size(); ++i) {
        std::vector<std::uint8_t> bent(value.begin(), value.end());
        bent[i] ^= 1;
        EXPECT_NE(stamp_of(bent), stamp) << i;
    }
    EXPECT_EQ(stamp_of(value_of(stamp, 0)), stamp);
    EXPECT_EQ(stamp_of(as_bytes("")), std::nullopt);
    EXPECT_EQ(stamp_of(as_bytes("till x")), std::nullopt);
}

}  // namespace
}  // namespace barnabas::sim
