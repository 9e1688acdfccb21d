// What a log accepts of producers: Kafka's rules, case by case.
#include "engine/log/producer_states.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "engine/base/random.h"
#include "engine/log/producer_snapshot.h"
#include "engine/records/build.h"
#include "tests/support/kafka_directory.h"

namespace barnabas::log {
namespace {

using records::BatchHeader;

constexpr ProducerId till{7};

BatchHeader data(std::int16_t epoch, std::int32_t sequence, std::int32_t count = 1,
                 bool is_transactional = false) {
    BatchHeader header;
    header.producer_id = till;
    header.producer_epoch = ProducerEpoch(epoch);
    header.base_sequence = sequence;
    header.last_offset_delta = count - 1;
    header.record_count = count;
    header.max_timestamp = 1000;
    if (is_transactional) header.attributes |= BatchHeader::transactional_bit;
    return header;
}

// A log's states, and where it ends.
struct Bench {
    ProducerStates states;
    Offset end{};
    std::vector<ProducerStates::Undo> undos;
    std::vector<AbortedTransaction> aborted;

    std::optional<ProducerFault> check(const BatchHeader& header,
                                       Origin origin = Origin::client) const {
        return states.check(header, std::nullopt, origin);
    }
    void put(BatchHeader header, std::optional<EndOfTransaction> marker = std::nullopt) {
        header.base_offset = end;
        auto applied = states.apply(header, marker);
        undos.push_back(applied.undo);
        if (applied.aborted) aborted.push_back(*applied.aborted);
        end = header.next_offset();
    }
    void end_transaction(ProducerId id, std::int16_t epoch, EndOfTransaction marker) {
        BatchHeader header = data(epoch, records::no_sequence, 1, true);
        header.producer_id = id;
        header.attributes |= BatchHeader::control_bit;
        put(header, marker);
    }
};

TEST(ProducerStates, SequencesFollowOneAnother) {
    Bench bench;
    bench.put(data(0, 0, 3));
    EXPECT_FALSE(bench.check(data(0, 3)));
    EXPECT_EQ(bench.check(data(0, 4)), ProducerFault::out_of_order);
    EXPECT_EQ(bench.check(data(0, 2)), ProducerFault::out_of_order);
    EXPECT_EQ(bench.check(data(0, 0)), ProducerFault::out_of_order);
}

TEST(ProducerStates, ARetryOfOneOfTheLastFiveBatchesIsRecognized) {
    Bench bench;
    for (int i = 0; i < 6; ++i) bench.put(data(0, 2 * i, 2));
    EXPECT_EQ(bench.states.find_duplicate(data(0, 0, 2)), nullptr);  // the sixth from the end
    for (int i = 1; i < 6; ++i) {
        const auto* found = bench.states.find_duplicate(data(0, 2 * i, 2));
        ASSERT_NE(found, nullptr) << i;
        EXPECT_EQ(found->first(), Offset(2 * i));
        EXPECT_EQ(found->timestamp, 1000);
    }
    // The same first sequence, yet another batch; and the same one of another epoch.
    EXPECT_EQ(bench.states.find_duplicate(data(0, 10, 1)), nullptr);
    EXPECT_EQ(bench.states.find_duplicate(data(1, 10, 2)), nullptr);
}

TEST(ProducerStates, SequencesGoOnAtZeroBehindTheLargest) {
    Bench bench;
    bench.put(data(0, INT32_MAX - 1, 2));
    EXPECT_FALSE(bench.check(data(0, 0)));
    EXPECT_EQ(bench.check(data(0, 1)), ProducerFault::out_of_order);
    bench.put(data(0, 0));
    Bench inside;
    inside.put(data(0, INT32_MAX - 1, 4));  // MAX-1, MAX, 0, 1
    EXPECT_FALSE(inside.check(data(0, 2)));
    ASSERT_NE(inside.states.find_duplicate(data(0, INT32_MAX - 1, 4)), nullptr);
    EXPECT_EQ(sequence_minus(1, 3), INT32_MAX - 1);
}

TEST(ProducerStates, AnUnknownProducerMayBeginAnywhere) {
    Bench bench;
    EXPECT_FALSE(bench.check(data(3, 4711)));
}

TEST(ProducerStates, ALaterEpochBeginsAtZeroAndFencesTheEarlierOne) {
    Bench bench;
    bench.put(data(1, 0, 3));
    EXPECT_EQ(bench.check(data(2, 3)), ProducerFault::out_of_order);
    EXPECT_FALSE(bench.check(data(2, 0)));
    EXPECT_EQ(bench.check(data(0, 3)), ProducerFault::fenced);
    bench.put(data(2, 0));
    EXPECT_EQ(bench.check(data(1, 3)), ProducerFault::fenced);
    // Batches of the earlier epoch are no duplicates any more.
    EXPECT_EQ(bench.states.find_duplicate(data(1, 0, 3)), nullptr);
    EXPECT_EQ(bench.states.find(till)->batch_count, 1);
}

TEST(ProducerStates, CoordinatorsHaveNoSequencesAndReplicasAreNotChecked) {
    Bench bench;
    bench.put(data(1, 0, 3));
    EXPECT_FALSE(bench.check(data(1, records::no_sequence), Origin::coordinator));
    EXPECT_EQ(bench.check(data(0, records::no_sequence), Origin::coordinator),
              ProducerFault::fenced);
    EXPECT_FALSE(bench.check(data(0, 99), Origin::replica));
}

TEST(ProducerStates, WithinATransactionEveryBatchIsTransactional) {
    Bench bench;
    bench.put(data(0, 0, 1, true));
    EXPECT_EQ(bench.check(data(0, 1)), ProducerFault::not_transactional);
    EXPECT_FALSE(bench.check(data(0, 1, 1, true)));
}

TEST(ProducerStates, AMarkerOfAnEarlierCoordinatorIsFenced) {
    Bench bench;
    bench.put(data(0, 0, 1, true));
    bench.end_transaction(till, 0, {true, 5});
    BatchHeader marker = data(0, records::no_sequence, 1, true);
    marker.attributes |= BatchHeader::control_bit;
    const auto check = [&](std::int32_t epoch, Origin origin) {
        return bench.states.check(marker, EndOfTransaction{true, epoch}, origin);
    };
    EXPECT_EQ(check(4, Origin::coordinator), ProducerFault::coordinator_is_fenced);
    EXPECT_FALSE(check(4, Origin::replica));
    EXPECT_FALSE(check(5, Origin::coordinator));
}

TEST(ProducerStates, TheLastStableOffsetWaitsForTheOldestTransactionAndForItsMarkersReplication) {
    Bench bench;
    BatchHeader other = data(0, 0, 10, true);
    other.producer_id = ProducerId(8);
    bench.put(data(0, 0, 10, true));  // 0 to 9
    bench.put(other);                 // 10 to 19
    EXPECT_EQ(bench.states.first_unstable(bench.end), Offset(0));
    bench.end_transaction(till, 0, {false, 0});  // at 20
    ASSERT_EQ(bench.aborted.size(), 1u);
    EXPECT_EQ(bench.aborted[0], (AbortedTransaction{till, Offset(0), Offset(20), Offset(10)}));
    EXPECT_EQ(bench.states.first_unstable(Offset(20)), Offset(0));   // the marker is not replicated
    EXPECT_EQ(bench.states.first_unstable(Offset(21)), Offset(10));  // now it is
    bench.end_transaction(ProducerId(8), 0, {true, 0});
    EXPECT_EQ(bench.aborted.size(), 1u);
    bench.states.settle(Offset(21));
    EXPECT_EQ(bench.states.first_unstable(Offset(21)), Offset(10));
    EXPECT_FALSE(bench.states.first_unstable(Offset(22)));
    bench.states.settle(Offset(22));
    EXPECT_FALSE(bench.states.first_unstable(Offset(0)));
}

TEST(ProducerStates, AMarkerWithoutATransactionMovesEpochsAndNothingElse) {
    Bench bench;
    bench.end_transaction(till, 3, {false, 9});
    EXPECT_TRUE(bench.aborted.empty());
    EXPECT_FALSE(bench.states.first_unstable(Offset(0)));
    EXPECT_EQ(bench.check(data(2, 0)), ProducerFault::fenced);
    EXPECT_FALSE(bench.check(data(3, 0)));
    EXPECT_EQ(bench.check(data(3, 1)), ProducerFault::out_of_order);
}

TEST(ProducerStates, WhoHasBeenSilentForLongIsForgottenUnlessATransactionIsOpen) {
    Bench bench;
    bench.put(data(0, 0));
    BatchHeader open = data(0, 0, 1, true);
    open.producer_id = ProducerId(8);
    bench.put(open);
    bench.states.expire(1000 + 499, 500);
    EXPECT_EQ(bench.states.producers().size(), 2u);
    bench.states.expire(1000 + 500, 500);
    EXPECT_EQ(bench.states.find(till), nullptr);
    EXPECT_NE(bench.states.find(ProducerId(8)), nullptr);
}

TEST(ProducerStates, MarkersAreReadOutOfTheirBatches) {
    const records::Prepared commit =
        records::end_transaction_marker(true, 12, 1000, till, ProducerEpoch(4));
    const auto end = end_of_transaction_in(commit.header, commit.batch);
    ASSERT_TRUE(end);
    EXPECT_TRUE(end->is_commit);
    EXPECT_EQ(end->coordinator_epoch, 12);
    const records::Prepared other =
        records::control_batch(records::ControlType::leader_change, {}, 1000);
    EXPECT_FALSE(end_of_transaction_in(other.header, other.batch));
}

// Any run of batches and markers of a few producers, undone from any point on: as if the rest had
// never been.
TEST(ProducerStates, UndoneBatchesLeaveNothingBehind) {
    EXPECT_TRUE(rc::check([](std::uint64_t seed) {
        Random random(seed);
        Bench bench;
        std::vector<ProducerStates> before;
        for (int i = 0; i < 40; ++i) {
            before.push_back(bench.states);
            const ProducerId id(static_cast<std::int64_t>(random.below(3)));
            const auto epoch = static_cast<std::int16_t>(random.below(3));
            if (random.below(3) == 0) {
                bench.end_transaction(id, epoch, {random.below(2) == 0, 1});
            } else {
                BatchHeader header = data(epoch, i, 1 + i % 3, random.below(2) == 0);
                header.producer_id = id;
                bench.put(header);
            }
        }
        while (!before.empty()) {
            bench.states.undo(bench.undos.back());
            bench.undos.pop_back();
            RC_ASSERT(bench.states == before.back());
            before.pop_back();
        }
    }));
}

TEST(ProducerSnapshot, KafkasSnapshotsAreReadAndWrittenBackByteForByte) {
    const tests::KafkaDirectory kafka;
    int compared = 0;
    for (const std::string partition :
         {"transactional-0", "transactional-1", "idempotent-0", "codec-none-0", "segments-0"}) {
        for (const std::string& name : kafka.names("clean/" + partition)) {
            if (!name.ends_with(".snapshot")) continue;
            const Bytes file = Bytes::own(kafka.bytes("clean/" + partition + '/' + name));
            const auto states = decode_snapshot(file);
            ASSERT_TRUE(states) << states.error();
            // Kafka writes producers in the order of a hash table: the same entries, then.
            EXPECT_EQ(encode_snapshot(*states).size(), file.size()) << name;
            EXPECT_EQ(decode_snapshot(encode_snapshot(*states)), states);
            if (states->producers().size() < 2) {
                EXPECT_EQ(encode_snapshot(*states), file);
            }
            ++compared;
        }
    }
    EXPECT_EQ(compared, 9);
    EXPECT_EQ(encode_snapshot({}).size(), empty_snapshot_bytes);
}

TEST(ProducerSnapshot, EveryFlippedBitAndEveryCutIsNoticed) {
    Bench bench;
    bench.put(data(0, 0, 3, true));
    const Bytes good = encode_snapshot(bench.states);
    for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
        std::vector<std::uint8_t> bad(good.begin(), good.end());
        bad[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
        EXPECT_FALSE(decode_snapshot(Bytes::own(bad))) << bit;
    }
    for (std::size_t size = 0; size < good.size(); ++size)
        EXPECT_FALSE(decode_snapshot(good.slice(0, size))) << size;
}

TEST(TransactionIndex, HasKafkasBytes) {
    const tests::KafkaDirectory kafka;
    const auto file = kafka.bytes("clean/transactional-0/00000000000000000005.txnindex");
    ASSERT_EQ(file.size(), 2 * transaction_entry_bytes);
    std::vector<std::uint8_t> again;
    for (std::size_t at = 0; at < file.size(); at += transaction_entry_bytes) {
        const auto entry = load_transaction_entry(file.data() + at);
        ASSERT_TRUE(entry);
        put_transaction_entry(again, *entry);
    }
    EXPECT_EQ(again, file);
}

TEST(TransactionIndex, EntriesAreWrittenWhenTheirMarkersAreAndTakenBackWithThem) {
    TransactionIndex index;
    for (std::int64_t i = 0; i < 10; ++i)
        index.add({till, Offset(10 * i), Offset(10 * i + 9), Offset(10 * i + 10)});
    EXPECT_EQ(index.ask(Offset(29)).size(), 2 * transaction_entry_bytes);
    index.settle(true);
    EXPECT_EQ(index.file_bytes(), 2 * transaction_entry_bytes);
    index.cut_end(Offset(59));
    EXPECT_EQ(index.ask(Offset(1000)).size(), 3 * transaction_entry_bytes);
    index.settle(false);
    EXPECT_FALSE(index.is_written());
    EXPECT_EQ(index.ask(Offset(1000)).size(), 3 * transaction_entry_bytes);
}

TEST(TransactionIndex, GivesAReaderWhatOverlapsItsRange) {
    TransactionIndex index;
    for (std::int64_t i = 0; i < 10; ++i)
        index.add({till, Offset(10 * i), Offset(10 * i + 9), Offset(10 * i + 10)});
    AbortedCollector collector(Offset(29), Offset(41));
    EXPECT_TRUE(index.collect(collector));
    EXPECT_TRUE(collector.is_complete());
    const auto found = collector.take_found();
    ASSERT_EQ(found.size(), 3u);  // those at 20, 30 and 40
    EXPECT_EQ(found[0].first, Offset(20));
    EXPECT_EQ(found[2].first, Offset(40));
}

TEST(TransactionIndex, KeepsABoundedNumberInMemoryAndSaysWhenThatIsNotEnough) {
    TransactionIndex index;
    for (std::int64_t i = 0; i < 10'000; ++i) {
        index.add({till, Offset(i), Offset(i), Offset(i + 1)});
        index.ask(Offset(i + 1));
        index.settle(true);
    }
    AbortedCollector old(Offset(100), Offset(101));
    EXPECT_FALSE(index.collect(old));
    AbortedCollector recent(Offset(9990), Offset(9995));
    EXPECT_TRUE(index.collect(recent));
    EXPECT_EQ(recent.take_found().size(), 5u);
    EXPECT_EQ(index.file_bytes(), 10'000 * transaction_entry_bytes);
}

}  // namespace
}  // namespace barnabas::log
