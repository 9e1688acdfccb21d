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

// As Apache Kafka 4.4.0 was asked: what is cut off counts as nothing, wherever it is cut.
TEST(Validation, LessThanABatchBehindTheBatchIsDropped) {
    const Prepared batch = three_records_from();
    const auto followed_by = [&](ByteView tail) {
        std::vector<std::uint8_t> bytes(batch.batch.begin(), batch.batch.end());
        bytes.insert(bytes.end(), tail.begin(), tail.end());
        return Bytes::own(std::move(bytes));
    };
    const auto is_dropped = [&](ByteView tail) {
        const auto prepared = validate_produce(followed_by(tail), rules_at_now());
        return prepared && prepared->batch == batch.batch;
    };
    const std::vector<std::uint8_t> zeros(61);
    for (const std::size_t size : {1, 5, 11}) EXPECT_TRUE(is_dropped(ByteView(zeros).first(size)));
    for (const std::size_t size : {12, 17, 61})
        EXPECT_EQ(refused_as(followed_by(ByteView(zeros).first(size))), RefusedAs::corrupt_message);
    for (std::size_t size = 0; size < batch.batch.size(); ++size)
        EXPECT_TRUE(is_dropped(batch.batch.slice(0, size))) << size;
    EXPECT_EQ(refused_as(followed_by(batch.batch)), RefusedAs::invalid_record);
    const Bytes of_magic_3 = with([](BatchHeader& header) { header.magic = 3; }, batch);
    EXPECT_TRUE(is_dropped(of_magic_3.slice(0, 16)));
    EXPECT_EQ(refused_as(followed_by(of_magic_3.slice(0, 17))), RefusedAs::corrupt_message);
    const Bytes of_magic_1 = with([](BatchHeader& header) { header.magic = 1; }, batch);
    EXPECT_TRUE(is_dropped(of_magic_1.slice(0, 20)));
    EXPECT_EQ(refused_as(followed_by(of_magic_1)), RefusedAs::invalid_record);
}

// Kafka bounds what one record unpacks to, and no record that came unpacked.
TEST(Validation, ACompressedRecordIsNoLargerThanItMayUnpackTo) {
    for (const Codec codec : {Codec::gzip, Codec::snappy, Codec::lz4, Codec::zstd, Codec::none}) {
        BatchBuilder builder({}, Compression{.codec = codec});
        for (int i = 0; i < 10; ++i)
            builder.add(now, as_bytes("k"), as_bytes(std::string(92, 'x')));
        const Bytes batch = builder.finish().batch;  // each record has 100 bytes behind its length
        Rules rules = rules_at_now();
        rules.record_bytes_max = 100;
        EXPECT_TRUE(validate_produce(batch, rules));
        rules.record_bytes_max = 99;
        if (codec == Codec::none) {
            EXPECT_TRUE(validate_produce(batch, rules));
        } else {
            EXPECT_EQ(refused_as(batch, rules), RefusedAs::invalid_record);
        }
    }
}

Prepared bomb(Codec codec, std::size_t megabytes) {
    BatchBuilder builder({}, Compression{.codec = codec});
    for (std::size_t i = 0; i < megabytes; ++i)
        builder.add(now, as_bytes("k"), as_bytes(std::string(1 << 20, 'x')));
    return builder.finish();
}

TEST(Validation, ACheckStopsWhereItsEffortEndsWhateverABatchUnpacksTo) {
    for (const Codec codec : {Codec::gzip, Codec::snappy, Codec::lz4, Codec::zstd}) {
        const Bytes batch = bomb(codec, 2).batch;
        Effort little(512 << 10);
        EXPECT_FALSE(validate_within(batch, rules_at_now(), little));
        EXPECT_EQ(little.left(), 0u) << "what was unpacked in vain counts";
        Effort much(8 << 20);
        const auto validated = validate_within(batch, rules_at_now(), much);
        ASSERT_TRUE(validated && *validated);
        EXPECT_LT(much.left(), 6u << 20);
    }
}

TEST(Validation, TinyRecordsAndMakingABatchAnewCostEffortToo) {
    BatchBuilder builder;
    for (int i = 0; i < 100'000; ++i) builder.add(now, std::nullopt, std::nullopt);
    const Bytes tiny = builder.finish().batch;
    Effort effort(320 << 10);
    EXPECT_FALSE(validate_within(tiny, rules_at_now(), effort));

    builder.add(now, as_bytes("k"), as_bytes(std::string(40'000, 'x')));
    const Bytes large = builder.finish().batch;
    Rules rules = rules_at_now();
    EXPECT_TRUE(validate_within(large, rules, effort));
    rules.compression = Compression{.codec = Codec::zstd};
    EXPECT_FALSE(validate_within(large, rules, effort));
}

// As the broker uses it: what a thread computed reads back as what the check says.
TEST(Validation, AsAJobItSaysTheSame) {
    Rules strict = rules_at_now();
    strict.are_keys_required = true;
    strict.timestamp_before_max = strict.timestamp_after_max = 3;
    strict.batch_bytes_max = 3 << 20;
    Rules anew = rules_of_append_time();
    anew.compression = Compression{Codec::gzip, {.gzip = 9, .lz4 = 3, .zstd = -5}, {}};
    std::vector<Bytes> batches = {Bytes(),
                                  three_records_from().batch,
                                  three_records_from({ProducerId(7), {}, 5, true}).batch,
                                  three_records_from({}, {.codec = Codec::lz4}).batch,
                                  bomb(Codec::zstd, 1).batch};
    std::vector<std::uint8_t> trailed(batches[1].begin(), batches[1].end());
    trailed.resize(trailed.size() + 5);
    batches.push_back(Bytes::own(trailed));
    trailed[80] ^= 1;
    batches.push_back(Bytes::own(trailed));
    for (const Rules& rules : {rules_at_now(), strict, anew}) {
        for (const Bytes& batch : batches) {
            const Bytes terms = validation_terms(rules, Effort::without_end());
            const auto read = read_validation(compute_validation(terms, batch), batch);
            const Validated expected = validate_produce(batch, rules);
            ASSERT_TRUE(read);
            ASSERT_EQ(read->has_value(), expected.has_value());
            if (expected) {
                EXPECT_EQ((*read)->header, expected->header);
                EXPECT_EQ((*read)->batch, expected->batch);
                EXPECT_EQ((*read)->head_changed, expected->head_changed);
            } else {
                EXPECT_EQ(read->error().as, expected.error().as);
                EXPECT_EQ(read->error().message, expected.error().message);
                EXPECT_EQ(read->error().record_errors, expected.error().record_errors);
            }
        }
    }
    const Bytes terms = validation_terms(rules_at_now(), Effort(1000));
    EXPECT_FALSE(read_validation(compute_validation(terms, batches[4]), batches[4]));
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
