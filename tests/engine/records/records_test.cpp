// Batches: what is built is what is read; what a producer may not send is refused.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "tests/engine/records/changed_batches.h"

namespace barnabas::records {
namespace {

ByteView text(std::string_view value) { return as_bytes(value); }

Prepared three_records() {
    BatchBuilder builder;
    builder.add(now, text("a"), text("one"));
    const HeaderView headers[] = {{text("h"), text("x")}, {text("null"), std::nullopt}};
    builder.add(now + 5, text("b"), std::nullopt, headers);
    builder.add(now + 3, std::nullopt, text("three"));
    return builder.finish();
}

TEST(Records, ABuiltBatchReadsBackWithKeysValuesAndHeaders) {
    const Prepared built = three_records();
    ASSERT_TRUE(validate_produce(built.batch, rules_at_now()));
    RecordReader reader(built.header, built.batch.view().subspan(batch_head_bytes));
    const auto first = reader.next();
    ASSERT_TRUE(first);
    EXPECT_EQ(as_text(*first->key), "a");
    EXPECT_EQ(as_text(*first->value), "one");
    const auto second = reader.next();
    ASSERT_TRUE(second);
    EXPECT_FALSE(second->value);
    EXPECT_EQ(second->timestamp, now + 5);
    HeaderReader headers(*second);
    EXPECT_EQ(as_text(*headers.next()->value), "x");
    EXPECT_FALSE(headers.next()->value);
    EXPECT_FALSE(headers.next());
    const auto third = reader.next();
    ASSERT_TRUE(third);
    EXPECT_FALSE(third->key);
    EXPECT_EQ(third->offset, Offset(2));
    EXPECT_FALSE(reader.next());
    EXPECT_TRUE(reader.is_good());
}

TEST(Records, StampingSharesTheProducersBytesAndKeepsTheCrc) {
    const Prepared prepared = *validate_produce(three_records().batch, rules_at_now());
    const Chain chain = stamp(prepared, Offset(1000), LeaderEpoch(7));
    ASSERT_EQ(chain.pieces().size(), 2u);
    EXPECT_EQ(chain.pieces()[1].data(), prepared.batch.data() + stamped_bytes);
    BatchReader reader(chain.flatten());
    const auto batch = reader.next();
    ASSERT_TRUE(batch);
    EXPECT_TRUE(batch->has_good_crc());
    EXPECT_EQ(batch->header.base_offset, Offset(1000));
    EXPECT_EQ(batch->header.last_offset(), Offset(1002));
    EXPECT_EQ(batch->header.leader_epoch, LeaderEpoch(7));
}

TEST(Records, LogAppendTimeIsTheBrokersAndHasItsOwnCrc) {
    Rules rules = rules_at_now();
    rules.timestamp_type = TimestampType::log_append_time;
    rules.now += std::chrono::hours(24 * 365);
    const auto prepared = validate_produce(three_records().batch, rules);
    ASSERT_TRUE(prepared);
    BatchReader reader(stamp(*prepared, Offset(5), LeaderEpoch(0)).flatten());
    const auto batch = reader.next();
    ASSERT_TRUE(batch);
    EXPECT_TRUE(batch->has_good_crc());
    EXPECT_EQ(batch->header.max_timestamp, rules.now.time_since_epoch().count());
    RecordReader records(batch->header, batch->records());
    EXPECT_EQ(records.next()->timestamp, rules.now.time_since_epoch().count());
}

// Kafka puts such a head right rather than refuse it.
TEST(Records, AWrongMaxTimestampIsPutRight) {
    const Bytes wrong =
        changed(three_records(), [](BatchHeader& header, auto&) { header.max_timestamp = 17; });
    const auto prepared = validate_produce(wrong, rules_at_now());
    ASSERT_TRUE(prepared);
    EXPECT_TRUE(prepared->head_changed);
    BatchReader reader(stamp(*prepared, Offset(0), LeaderEpoch(0)).flatten());
    const auto batch = reader.next();
    EXPECT_TRUE(batch->has_good_crc());
    EXPECT_EQ(batch->header.max_timestamp, now + 5);
}

TEST(Records, HeadsThatAProducerMayNotSendAreRefused) {
    const auto with = [](auto change) { return changed(three_records(), change); };
    using H = BatchHeader;
    EXPECT_EQ(refused_as(Bytes{}), RefusedAs::invalid_record);
    EXPECT_EQ(refused_as(with([](H& h, auto&) { h.magic = 1; })), RefusedAs::invalid_record);
    EXPECT_EQ(refused_as(with([](H& h, auto&) { h.length += 1; })), RefusedAs::invalid_record);
    EXPECT_EQ(refused_as(with([](H& h, auto&) { h.length = -1; })), RefusedAs::corrupt_message);
    EXPECT_EQ(refused_as(with([](H& h, auto&) { h.base_offset = Offset(1); })),
              RefusedAs::invalid_record);
    EXPECT_EQ(refused_as(with([](H& h, auto&) { h.record_count = 2; })), RefusedAs::invalid_record);
    EXPECT_EQ(refused_as(with([](H& h, auto&) { h.record_count = 0; })), RefusedAs::invalid_record);
    EXPECT_EQ(refused_as(with([](H& h, auto&) { h.record_count = 4, h.last_offset_delta = 3; })),
              RefusedAs::invalid_record);
    EXPECT_EQ(refused_as(with([](H& h, auto&) { h.attributes |= H::control_bit; })),
              RefusedAs::invalid_record);
    EXPECT_EQ(refused_as(with([](H& h, auto&) { h.producer_id = ProducerId(9); })),
              RefusedAs::invalid_record);
    EXPECT_EQ(refused_as(with([](H& h, auto&) { h.attributes |= 7; })), RefusedAs::invalid_record);
    Rules old = rules_at_now();
    old.produce_version = 6;
    EXPECT_EQ(refused_as(with([](H& h, auto&) { h.attributes |= 4; }), old),
              RefusedAs::unsupported_compression_type);
    Rules small = rules_at_now();
    small.batch_bytes_max = 80;
    EXPECT_EQ(refused_as(three_records().batch, small), RefusedAs::message_too_large);
    EXPECT_EQ(refused_as(changed(
                  three_records(), [](H&, auto& bytes) { bytes.back() ^= 1; }, false)),
              RefusedAs::corrupt_message);
}

TEST(Records, TwoBatchesForOnePartitionAreRefused) {
    Chain two(three_records().batch);
    two.push(three_records().batch);
    EXPECT_EQ(refused_as(two.flatten()), RefusedAs::invalid_record);
}

// A good CRC does not make broken records good: what a log holds, every consumer must be able to
// read.
TEST(Records, EveryByteOfTheRecordsThatBreaksTheirShapeIsFoundByTheWalk) {
    const Prepared built = three_records();
    for (std::size_t at = batch_head_bytes; at < built.batch.size(); ++at) {
        const Bytes broken = changed(built, [&](BatchHeader&, auto& bytes) { bytes[at] ^= 0x10; });
        const auto result = validate_produce(broken, rules_at_now());
        RecordReader reader(*BatchHeader::parse(broken), broken.view().subspan(batch_head_bytes));
        std::int32_t expected = 0;
        bool is_whole = true;
        while (const auto record = reader.next()) is_whole &= record->offset == Offset(expected++);
        is_whole &= reader.is_good();
        const bool is_accepted = result || !result.error().record_errors.empty();
        EXPECT_EQ(is_accepted, is_whole) << "byte " << at;
    }
}

TEST(Records, ACompactedTopicNamesEachRecordWithoutAKey) {
    Rules rules = rules_at_now();
    rules.are_keys_required = true;
    const auto result = validate_produce(three_records().batch, rules);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().as, RefusedAs::invalid_record);
    ASSERT_EQ(result.error().record_errors.size(), 1u);
    EXPECT_EQ(result.error().record_errors[0].batch_index, 2);
}

TEST(Records, TimestampsOutsideTheLimitsAreNamedAndNoTimestampIsLetThrough) {
    BatchBuilder builder;
    builder.add(now, text("k"), text("v"));
    builder.add(now + 3'600'001, text("k"), text("v"));
    builder.add(no_timestamp, text("k"), text("v"));
    builder.add(now - 11, text("k"), text("v"));
    Rules rules = rules_at_now();
    rules.timestamp_before_max = 10;
    const auto result = validate_produce(builder.finish().batch, rules);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().as, RefusedAs::invalid_timestamp);
    ASSERT_EQ(result.error().record_errors.size(), 2u);
    EXPECT_EQ(result.error().record_errors[0].batch_index, 1);
    EXPECT_EQ(result.error().record_errors[1].batch_index, 3);
}

TEST(Records, MarkersAreControlBatchesOfTheirProducer) {
    const Prepared marker = end_transaction_marker(true, 3, now, ProducerId(4), ProducerEpoch(1));
    BatchReader reader(marker.batch);
    const auto batch = reader.next();
    ASSERT_TRUE(batch);
    EXPECT_TRUE(batch->has_good_crc());
    EXPECT_TRUE(batch->header.is_control());
    EXPECT_TRUE(batch->header.is_transactional());
    EXPECT_EQ(batch->header.base_sequence, no_sequence);
    RecordReader records(batch->header, batch->records());
    EXPECT_EQ(control_type_of(*records.next()), ControlType::commit);
}

TEST(Records, SequencesOfABuilderGoOnFromBatchToBatch) {
    BatchBuilder builder(Producer{ProducerId(1), ProducerEpoch(0), INT32_MAX - 1, false});
    for (int i = 0; i < 3; ++i) builder.add(now, text("k"), text("v"));
    EXPECT_EQ(builder.finish().header.base_sequence, INT32_MAX - 1);
    builder.add(now, text("k"), text("v"));
    EXPECT_EQ(builder.finish().header.base_sequence, 1);
}

TEST(Records, ARunIsCutIntoItsBatchesAndATornTailIsSaid) {
    Chain run(three_records().batch);
    run.push(three_records().batch);
    const Bytes whole = run.flatten();
    for (std::size_t cut = 0; cut <= whole.size(); ++cut) {
        BatchReader reader(whole.slice(0, cut));
        std::size_t count = 0;
        while (reader.next()) ++count;
        EXPECT_EQ(count, cut / (whole.size() / 2));
        EXPECT_EQ(reader.ending() == BatchReader::Ending::whole, cut % (whole.size() / 2) == 0);
    }
}

TEST(Records, WhateverIsBuiltIsAcceptedAndReadsBack) {
    EXPECT_TRUE(rc::check([] {
        using Entry = std::tuple<std::uint32_t, rc::Maybe<std::string>, rc::Maybe<std::string>,
                                 std::vector<std::pair<std::string, rc::Maybe<std::string>>>>;
        const auto view = [](const rc::Maybe<std::string>& value) {
            return value ? OptionalView(as_bytes(*value)) : std::nullopt;
        };
        const auto entries = *rc::gen::nonEmpty<std::vector<Entry>>();
        BatchBuilder builder;
        for (const auto& [age, key, value, headers] : entries) {
            std::vector<HeaderView> views;
            for (const auto& [name, content] : headers)
                views.push_back({as_bytes(name), view(content)});
            builder.add(now - age, view(key), view(value), views);
        }
        const auto prepared = validate_produce(builder.finish().batch, rules_at_now());
        RC_ASSERT(prepared.has_value());
        RecordReader reader(prepared->header, prepared->batch.view().subspan(batch_head_bytes));
        for (const auto& [age, key, value, headers] : entries) {
            const auto record = reader.next();
            RC_ASSERT(record.has_value());
            RC_ASSERT(record->timestamp == now - age);
            RC_ASSERT(record->key.has_value() == static_cast<bool>(key));
            if (key) RC_ASSERT(as_text(*record->key) == *key);
            if (value) RC_ASSERT(as_text(*record->value) == *value);
            HeaderReader read(*record);
            for (const auto& header : headers) RC_ASSERT(as_text(read.next()->key) == header.first);
        }
        RC_ASSERT(!reader.next() && reader.is_good());
    }));
}

}  // namespace
}  // namespace barnabas::records
