// Compaction of logs with transactions: what was aborted goes and overtakes nothing.
#include <gtest/gtest.h>

#include "tests/support/keyed_log.h"

namespace barnabas::log {
namespace {

using tests::day_ms;
using tests::KeyedLog;
using tests::names_with;
using tests::text_of;

TEST(Cleaner, RecordsOfAbortedTransactionsGoAtOnceAndTheirMarkersAfterTheirHorizon) {
    KeyedLog keyed;
    keyed.bench.open();
    const ProducerId till(7);
    const ProducerId desk(8);
    keyed.write("a=0");
    keyed.append_in_transaction(till, {{"a", "aborted"}});
    keyed.append_in_transaction(desk, {{"b", "committed"}});
    keyed.end_transaction(till, false);
    keyed.end_transaction(desk, true);
    keyed.roll();
    const auto index = keyed.bench.disk.bytes("data/orders-0/00000000000000000000.txnindex");
    ASSERT_EQ(index.size(), transaction_entry_bytes);
    // Of an active producer the last batch would stay, for the sake of its sequence.
    keyed.bench.wall += std::chrono::milliseconds(day_ms);
    Turn turn = keyed.bench.turn();
    keyed.bench.log.expire_producers(turn);

    ASSERT_TRUE(keyed.clean());
    EXPECT_EQ(text_of(keyed.read()), "0:a=0 2:b=committed");
    ASSERT_GE(keyed.heads.size(), 4u);
    EXPECT_TRUE(keyed.heads[2].is_control());
    EXPECT_FALSE(keyed.heads[2].has_delete_horizon());  // its records were there until now
    // Readers that are under way still skip them by the index.
    EXPECT_EQ(keyed.bench.disk.bytes("data/orders-0/00000000000000000000.txnindex"), index);

    keyed.roll();
    ASSERT_TRUE(keyed.clean());
    keyed.read();
    EXPECT_TRUE(keyed.heads[2].has_delete_horizon());   // the aborted transaction has nothing left
    EXPECT_FALSE(keyed.heads[3].has_delete_horizon());  // b is there still
    EXPECT_FALSE(keyed.bench.disk.has("data/orders-0/00000000000000000000.txnindex"));

    keyed.bench.wall += std::chrono::milliseconds(day_ms);
    keyed.roll();
    ASSERT_TRUE(keyed.clean());
    keyed.read();
    EXPECT_EQ(
        std::ranges::count_if(keyed.heads, [](const auto& head) { return head.is_control(); }), 1);
}

// Where the marker stands, and with it what the log knows of the abort, is not cleaned yet: in the
// active segment, or in a sealed one behind a transaction that is open.
TEST(Cleaner, AnAbortedRecordOvertakesNothingThoughItsMarkerIsBehindWhatIsCleaned) {
    constexpr ProducerId till{7};
    constexpr ProducerId desk{8};
    for (const bool is_marker_sealed : {false, true}) {
        KeyedLog keyed;
        keyed.bench.open();
        keyed.write("a=0");
        keyed.append_in_transaction(till, {{"a", "aborted"}});
        keyed.roll();
        if (is_marker_sealed) keyed.append_in_transaction(desk, {{"b", "open"}});
        keyed.end_transaction(till, false);
        if (is_marker_sealed) keyed.roll();
        ASSERT_TRUE(keyed.clean());
        ASSERT_EQ(keyed.result->trouble, Cleaner::Trouble::none);
        EXPECT_EQ(text_of(keyed.read()).substr(0, 5), "0:a=0") << is_marker_sealed;
        EXPECT_EQ(keyed.heads.at(0).record_count, 1);
    }
}

// An aborted record that is taken for a committed one would overtake what it must not.
TEST(Cleaner, ADamagedTransactionIndexStopsItAndNothingIsChanged) {
    const std::string index = "data/orders-0/00000000000000000000.txnindex";
    using Harm = void (*)(tests::FakeDisk& disk, const std::string& path);
    constexpr Harm harms[] = {
        [](auto& disk, auto& path) { disk.bytes(path)[0] ^= 1; },      // version
        [](auto& disk, auto& path) { disk.bytes(path)[10] ^= 0x80; },  // where it begins
        [](auto& disk, auto& path) { disk.bytes(path)[25] ^= 0xff; },  // its marker
        [](auto& disk, auto& path) { disk.bytes(path).resize(transaction_entry_bytes + 1); },
        [](auto& disk, auto& path) { disk.bytes(path).clear(); },
        [](auto& disk, auto& path) { disk.remove(path); },
    };
    for (std::size_t harm = 0; harm < std::size(harms); ++harm) {
        KeyedLog keyed;
        keyed.bench.open();
        keyed.write("a=0");
        for (int i = 0; i < 2; ++i) {
            keyed.append_in_transaction(ProducerId(7), {{"a", "aborted"}});
            keyed.end_transaction(ProducerId(7), false);
        }
        keyed.roll();
        const auto before = keyed.bench.disk.bytes("data/orders-0/00000000000000000000.log");
        harms[harm](keyed.bench.disk, index);
        ASSERT_TRUE(keyed.clean());
        ASSERT_TRUE(keyed.result) << harm;
        EXPECT_EQ(keyed.result->trouble, Cleaner::Trouble::corrupt) << harm;
        EXPECT_EQ(keyed.bench.log.state(), PartitionLog::State::open) << harm;
        EXPECT_NE(keyed.bench.notes.back().find("00000000000000000000.txnindex"),
                  std::string::npos);
        EXPECT_TRUE(keyed.bench.disk.bytes("data/orders-0/00000000000000000000.log") == before);
    }
}

// While a segment is swapped in its files have other names than before and after.
TEST(Cleaner, AReaderOfCommittedRecordsIsAnsweredAtAnyMomentOfACleaning) {
    KeyedLog keyed;
    keyed.bench.open();
    for (int i = 0; i < 6; ++i) {
        keyed.write("a=" + std::to_string(i));
        keyed.append_in_transaction(ProducerId(7), {{"a", "aborted"}});
        keyed.end_transaction(ProducerId(7), false);
    }
    keyed.roll();
    const std::vector<AbortedTransaction> expected = keyed.bench.aborted(Offset(0), Offset(18));
    ASSERT_EQ(expected.size(), 6u);
    keyed.begin_cleaning();
    std::uint64_t asked = 0;
    std::vector<Found> found;
    bool was_swapping = false;
    while (keyed.bench.log.is_cleaning()) {
        Turn turn = keyed.bench.turn();
        const auto at_once =
            keyed.bench.log.find_aborted(Offset(0), Offset(18), LookupId(++asked), turn);
        ASSERT_FALSE(at_once);
        keyed.step_cleaning();
        for (const Found& one : keyed.bench.log.take_found()) found.push_back(one);
        was_swapping |= !names_with(keyed, ".txnindex.swap").empty();
    }
    keyed.bench.run();
    for (const Found& one : keyed.bench.log.take_found()) found.push_back(one);
    EXPECT_TRUE(was_swapping);
    EXPECT_EQ(found.size(), asked);
    for (const Found& one : found) {
        const auto* aborted = std::get_if<std::vector<AbortedTransaction>>(&one.what);
        ASSERT_NE(aborted, nullptr);
        EXPECT_EQ(*aborted, expected);
    }
}

}  // namespace
}  // namespace barnabas::log
