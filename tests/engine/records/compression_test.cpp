// Codecs: what is packed unpacks, what is no packed data is an error, and bombs are bounded.
#include "engine/records/compression.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "tests/engine/records/changed_batches.h"

namespace barnabas::records {
namespace {

constexpr Compression all[] = {
    {Codec::gzip, {}, {}},
    {Codec::snappy, {}, SnappyFraming::raw},
    {Codec::snappy, {}, SnappyFraming::java},
    {Codec::lz4, {}, {}},
    {Codec::zstd, {}, {}},
    {Codec::gzip, {.gzip = 1}, {}},
    {Codec::gzip, {.gzip = 9}, {}},
    {Codec::lz4, {.lz4 = 1}, {}},
    {Codec::lz4, {.lz4 = 17}, {}},
    {Codec::zstd, {.zstd = -131072}, {}},
    {Codec::zstd, {.zstd = 19}, {}},
};

Bytes zeros(std::size_t size) { return Bytes::own(std::vector<std::uint8_t>(size)); }

TEST(Compression, WhatIsPackedUnpacksToTheSame) {
    EXPECT_TRUE(rc::check([] {
        auto text = *rc::gen::arbitrary<std::vector<std::uint8_t>>();
        text.insert(text.end(), *rc::gen::inRange<std::size_t>(1, 200'000), 'x');
        for (const Compression& how : all) {
            const auto plain = unpack(how.codec, pack(text, how));
            RC_ASSERT(plain.has_value());
            RC_ASSERT(*plain == Bytes::copy(ByteView(text)));
        }
    }));
}

TEST(Compression, BombsStopAtTheBound) {
    const Bytes bomb = zeros(10'000'000);
    for (const Compression& how : all) {
        const Bytes packed = pack(bomb, how);
        EXPECT_FALSE(unpack(how.codec, packed, 9'999'999));
        EXPECT_TRUE(unpack(how.codec, packed, 10'000'000));
    }
}

// A snappy head that promises 4 GiB in a few bytes must not be believed.
TEST(Compression, APromisedSizeIsNotAllocated) {
    const std::vector<std::uint8_t> liar = {0xff, 0xff, 0xff, 0xff, 0x0f, 0x00, 'x'};
    EXPECT_FALSE(unpack(Codec::snappy, liar, SIZE_MAX));
}

TEST(Compression, CutOffOrChangedDataIsAnErrorOrAValueNeverMore) {
    std::vector<std::uint8_t> plain;
    for (int i = 0; i < 3000; ++i) plain.push_back(static_cast<std::uint8_t>(i * i / 7));
    for (const Compression& how : all) {
        const Bytes packed = pack(plain, how);
        for (std::size_t size = 0; size < packed.size(); size += 1 + size / 16) {
            const auto result = unpack(how.codec, packed.slice(0, size), 1 << 20);
            EXPECT_TRUE(!result || result->size() < plain.size());
        }
        for (std::size_t at = 0; at < packed.size(); at += 1 + at / 16) {
            std::vector<std::uint8_t> changed(packed.begin(), packed.end());
            changed[at] ^= 0x24;
            const auto result = unpack(how.codec, changed, 1 << 20);
            EXPECT_TRUE(!result || result->size() <= 1 << 20);
        }
    }
}

Prepared built(const Compression& how, int count = 50) {
    BatchBuilder builder(Producer{}, how);
    for (int i = 0; i < count; ++i)
        builder.add(now + i, std::nullopt, as_bytes("value " + std::to_string(i)));
    return builder.finish();
}

TEST(Compression, ACompressedBatchIsWalkedAndKeptAsItCame) {
    Rules rules{.now = WallTime(std::chrono::milliseconds(now))};
    for (const Compression& how : all) {
        const Prepared batch = built(how);
        const auto prepared = validate_produce(batch.batch, rules);
        ASSERT_TRUE(prepared) << prepared.error().message;
        EXPECT_EQ(prepared->batch.data(), batch.batch.data());
        EXPECT_FALSE(prepared->head_changed);
        rules.are_keys_required = true;
        EXPECT_EQ(validate_produce(batch.batch, rules).error().record_errors.size(), 50u);
        rules.are_keys_required = false;
        rules.unpacked_bytes_max = 100;
        EXPECT_FALSE(validate_produce(batch.batch, rules));
        rules.unpacked_bytes_max = unpacked_bytes_max;
    }
}

TEST(Compression, CompressionTypeOfATopicIsGivenToABatchOfAnother) {
    Rules rules{.now = WallTime(std::chrono::milliseconds(now))};
    for (const Compression& from : all) {
        for (const Codec to : {Codec::none, Codec::gzip, Codec::zstd}) {
            rules.compression = Compression{to, {}, {}};
            const Prepared batch = built(from);
            const auto prepared = validate_produce(batch.batch, rules);
            ASSERT_TRUE(prepared);
            EXPECT_EQ(prepared->header.codec(), to);
            BatchReader reader(stamp(*prepared, Offset(7), LeaderEpoch(1)).flatten());
            const auto stored = reader.next();
            ASSERT_TRUE(stored);
            EXPECT_TRUE(stored->has_good_crc());
            EXPECT_EQ(*plain_records(*stored), *plain_records({batch.header, batch.batch}));
        }
    }
}

// Apache Kafka rebuilds such batches of old clients rather than refuse them.
TEST(Compression, OffsetDeltasThatDoNotCountAreMadeRight) {
    const Prepared good = built({Codec::none, {}, {}}, 3);
    std::vector<std::uint8_t> plain(good.batch.begin() + batch_head_bytes, good.batch.end());
    plain[3] = 8;  // the first record's delta: 4
    const Prepared wrong = make_batch(good.header, plain, {Codec::lz4, {}, {}});
    const Rules rules{.now = WallTime(std::chrono::milliseconds(now))};
    const auto prepared = validate_produce(wrong.batch, rules);
    ASSERT_TRUE(prepared) << prepared.error().message;
    EXPECT_EQ(prepared->header.codec(), Codec::lz4);
    EXPECT_EQ(*plain_records({prepared->header, prepared->batch}), good.batch.from(61));
    EXPECT_FALSE(validate_produce(make_batch(good.header, plain, {}).batch, rules));
}

}  // namespace
}  // namespace barnabas::records
