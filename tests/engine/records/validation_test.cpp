// What a leader takes from producers, clause by clause as Apache Kafka's LogValidator and what is
// called before it (ProduceRequest.validateRecords, UnifiedLog) decide it.
#include "engine/records/validate.h"

#include <gtest/gtest.h>

#include "engine/protocol/frame.h"
#include "engine/protocol/messages/produce.h"
#include "tests/engine/protocol/vectors.h"
#include "tests/engine/records/changed_batches.h"

namespace barnabas::records {
namespace {

Rules rules_of_append_time() {
    Rules rules = rules_at_now();
    rules.timestamp_type = TimestampType::log_append_time;
    return rules;
}

Prepared three_records_from(Producer producer = {}, Compression compression = {}) {
    BatchBuilder builder(producer, compression);
    for (const std::int64_t later : {0, 5, 3})
        builder.add(now + later, as_bytes("key"), as_bytes("value"));
    return builder.finish();
}

Bytes with(auto change, const Prepared& batch = three_records_from()) {
    return changed(batch, [&](BatchHeader& header, auto&) { change(header); });
}

Batch stored(const Prepared& prepared) {
    BatchReader reader(stamp(prepared, Offset(7), LeaderEpoch(1)).flatten());
    const auto batch = reader.next();
    CHECK(batch);
    return *batch;
}

// To Kafka there is no batch in them.
TEST(Validation, AnyCutOffBatchIsAnInvalidRecord) {
    const Bytes whole = three_records_from().batch;
    for (std::size_t size = 0; size < whole.size(); ++size) {
        EXPECT_EQ(refused_as(Bytes::copy(whole.slice(0, size).view())), RefusedAs::invalid_record)
            << size;
    }
}

TEST(Validation, WhatIsNoLengthAndNoMagicIsCorrupt) {
    for (const std::int32_t length : {INT32_MIN, -1, 0, 13, 48}) {
        EXPECT_EQ(refused_as(with([=](BatchHeader& header) { header.length = length; })),
                  RefusedAs::corrupt_message)
            << length;
    }
    for (const std::int8_t magic : {-128, -1, 3, 127}) {
        EXPECT_EQ(refused_as(with([=](BatchHeader& header) { header.magic = magic; })),
                  RefusedAs::corrupt_message)
            << static_cast<int>(magic);
    }
    for (const std::int8_t magic : {0, 1}) {
        EXPECT_EQ(refused_as(with([=](BatchHeader& header) { header.magic = magic; })),
                  RefusedAs::invalid_record);
    }
}

// Each batch has two faults: the one that is looked for first is told.
TEST(Validation, FaultsAreToldInKafkasOrder) {
    Rules rules = rules_at_now();
    rules.produce_version = 6;
    rules.batch_bytes_max = 80;
    const auto shifted = [](BatchHeader& header) {
        header.base_offset = Offset(1);
        header.attributes |= static_cast<std::int16_t>(Codec::zstd);
    };
    EXPECT_EQ(refused_as(with(shifted), rules), RefusedAs::unsupported_compression_type);
    rules.produce_version = 7;
    EXPECT_EQ(refused_as(with(shifted), rules), RefusedAs::invalid_record);
    const Bytes good = three_records_from().batch;
    std::vector<std::uint8_t> bytes(good.begin(), good.end());
    bytes.back() ^= 1;
    const Bytes bad_crc = Bytes::own(std::move(bytes));
    EXPECT_EQ(refused_as(bad_crc, rules), RefusedAs::message_too_large);
    EXPECT_EQ(refused_as(bad_crc), RefusedAs::corrupt_message);
}

// Where the topic has CreateTime Kafka looks at the batch's one timestamp, and stores CreateTime.
TEST(Validation, ABatchThatClaimsAppendTimeIsMadeCreateTime) {
    const auto claiming = [](std::int64_t timestamp) {
        return with([=](BatchHeader& header) {
            header.attributes |= BatchHeader::log_append_time_bit;
            header.max_timestamp = timestamp;
        });
    };
    const auto taken = validate_produce(claiming(now + 9), rules_at_now());
    ASSERT_TRUE(taken) << taken.error().message;
    const Batch batch = stored(*taken);
    EXPECT_TRUE(batch.has_good_crc());
    EXPECT_EQ(batch.header.timestamp_type(), TimestampType::create_time);
    EXPECT_EQ(batch.header.max_timestamp, now + 9);

    for (const auto& [timestamp, rules] :
         {std::pair(now + 4'000'000, rules_at_now()), std::pair(no_timestamp, rules_at_now()),
          std::pair(now, rules_of_append_time())}) {
        const auto refused = validate_produce(claiming(timestamp), rules);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().as, RefusedAs::invalid_timestamp);
        EXPECT_EQ(refused.error().record_errors.size(), 3u);
    }
}

// One word for all records: a single bad timestamp decides it, however late it comes.
TEST(Validation, KeysAreLookedAtBeforeTimestampsAndTimestampsNameTheError) {
    Rules rules = rules_at_now();
    rules.are_keys_required = true;
    BatchBuilder builder;
    builder.add(now + 4'000'000, std::nullopt, as_bytes("no key, and too late"));
    const auto keyless = validate_produce(builder.finish().batch, rules);
    ASSERT_FALSE(keyless);
    EXPECT_EQ(keyless.error().as, RefusedAs::invalid_record);
    ASSERT_EQ(keyless.error().record_errors.size(), 1u);
    EXPECT_NE(keyless.error().record_errors[0].message.find("key"), std::string::npos);

    for (int i = 0; i < 5000; ++i) builder.add(now, std::nullopt, as_bytes("no key"));
    builder.add(now + 4'000'000, as_bytes("k"), as_bytes("too late"));
    const auto mixed = validate_produce(builder.finish().batch, rules);
    ASSERT_FALSE(mixed);
    EXPECT_EQ(mixed.error().as, RefusedAs::invalid_timestamp);
    EXPECT_EQ(mixed.error().record_errors.size(), 1000u);  // so that an answer stays small
}

// What a batch is unpacked to is as large as any other batch may be, no larger.
TEST(Validation, ABatchThatGrowsBeyondTheBoundWhenItIsMadeAnewIsRefused) {
    BatchBuilder builder({}, Compression{.codec = Codec::gzip});
    builder.add(now, as_bytes("key"), as_bytes(std::string(10'000, 'x')));
    const Prepared small = builder.finish();
    Rules rules = rules_at_now();
    rules.batch_bytes_max = 5000;
    ASSERT_TRUE(validate_produce(small.batch, rules));
    rules.compression = Compression{};
    EXPECT_EQ(refused_as(small.batch, rules), RefusedAs::message_too_large);
    rules.batch_bytes_max = 20'000;
    EXPECT_TRUE(validate_produce(small.batch, rules));
}

// A topic's compression.type makes a batch anew, of the same producer.
TEST(Validation, WhatIsMadeAnewKeepsItsProducerAndTransaction) {
    const Producer producer{ProducerId(9), ProducerEpoch(3), 41, true};
    for (const Codec from : {Codec::none, Codec::lz4}) {
        const Prepared sent = three_records_from(producer, {.codec = from});
        for (const Codec to : {Codec::none, Codec::gzip, Codec::snappy, Codec::lz4, Codec::zstd}) {
            for (Rules rules : {rules_at_now(), rules_of_append_time()}) {
                rules.compression = Compression{.codec = to};
                const auto prepared = validate_produce(sent.batch, rules);
                ASSERT_TRUE(prepared) << prepared.error().message;
                const Batch batch = stored(*prepared);
                EXPECT_TRUE(batch.has_good_crc());
                EXPECT_EQ(batch.header.codec(), to);
                EXPECT_EQ(batch.header.producer_id, producer.id);
                EXPECT_EQ(batch.header.producer_epoch, producer.epoch);
                EXPECT_EQ(batch.header.base_sequence, producer.base_sequence);
                EXPECT_TRUE(batch.header.is_transactional());
                EXPECT_EQ(batch.header.timestamp_type(), rules.timestamp_type);
                EXPECT_EQ(batch.header.record_count, 3);
            }
        }
    }
}

// Compaction leaves the horizon in the place of the base timestamp; deltas count from it.
TEST(Validation, ADeleteHorizonStandsInThePlaceOfTheBaseTimestamp) {
    const Bytes bytes = with([](BatchHeader& header) {
        header.attributes |= BatchHeader::delete_horizon_bit;
        header.base_timestamp = now + 1000;
    });
    BatchReader reader(bytes);
    const auto batch = reader.next();
    ASSERT_TRUE(batch);
    EXPECT_TRUE(batch->has_good_crc());
    EXPECT_TRUE(batch->header.has_delete_horizon());
    EXPECT_FALSE(batch->header.is_control() || batch->header.is_transactional());
    EXPECT_EQ(batch->header.codec(), Codec::none);
    RecordReader records(batch->header, batch->records());
    EXPECT_EQ(records.next()->timestamp, now + 1000);
    EXPECT_EQ(records.next()->timestamp, now + 1005);
}

// As captured: every codec of librdkafka, and the Java client's transactional batches.
TEST(Validation, BatchesOfRealClientsAreTakenAsTheyCame) {
    std::size_t of_codec[5] = {};
    std::size_t transactional = 0;
    for (const auto* conversation : {"kcat-barnabas", "kcat-kafka", "java-kafka"}) {
        std::ifstream file(protocol::data_path("captured/" + std::string(conversation) + ".tsv"));
        for (std::string line; std::getline(file, line);) {
            if (!line.starts_with("request\tProduce\t")) continue;
            const Bytes frame = protocol::from_hex(protocol::split_tabs(line)[3]);
            std::size_t at = 4;
            const auto header = protocol::decode_header(frame, at);
            ASSERT_TRUE(header);
            const auto request =
                protocol::decode_at<protocol::ProduceRequest>(frame, at, header->api_version);
            ASSERT_TRUE(request);
            const Bytes batch = request->topic_data[0].partition_data[0].records.bytes();
            Rules rules = rules_at_now();
            rules.timestamp_after_max = INT64_MAX;
            const auto prepared = validate_produce(batch, rules);
            ASSERT_TRUE(prepared) << prepared.error().message << "\n" << line;
            EXPECT_FALSE(prepared->head_changed);
            EXPECT_EQ(prepared->batch.data(), batch.data());
            ++of_codec[static_cast<std::size_t>(*prepared->header.codec())];
            transactional += prepared->header.is_transactional();
        }
    }
    for (const std::size_t count : of_codec) EXPECT_GT(count, 0u);
    EXPECT_GT(transactional, 0u);
}

}  // namespace
}  // namespace barnabas::records
