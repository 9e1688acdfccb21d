// Messages that are read and written in slices: the result is what one go gives, whatever the
// slices are and wherever what they leave is copied; no slice does more than it may.
#include <gtest/gtest.h>

#include "engine/protocol/frame.h"
#include "engine/protocol/messages/metadata.h"
#include "tests/engine/protocol/typed/typed.h"
#include "tests/engine/protocol/vectors.h"

namespace barnabas::protocol {
namespace {

using Reason = CodecError::Reason;

TEST(Slices, EveryMessageOfKafkasBytesIsTheSameInAnySlices) {
    Random random(5);
    for (const Vector& vector : all_vectors()) {
        const MessageType& type = *find_message(vector.name);
        const auto whole = rewrite(type, vector.bytes, vector.version);
        for (int i = 0; i < 6; ++i) {
            const auto sliced = rewrite_in_slices(type, vector.bytes, vector.version, random);
            ASSERT_TRUE(sliced.has_value()) << vector.name << " " << sliced.error().text();
            EXPECT_EQ(*sliced, *whole) << vector.name << " " << vector.version;
        }
    }
}

TEST(Slices, TornMessagesAreRefusedForTheSameReason) {
    Random random(6);
    for (std::size_t i = 0; i < all_vectors().size(); i += 3) {
        const Vector& vector = all_vectors()[i];
        if (vector.bytes.empty()) continue;
        const MessageType& type = *find_message(vector.name);
        const Bytes torn = Bytes::copy(vector.bytes.slice(0, vector.bytes.size() - 1).view());
        const auto whole = rewrite(type, torn, vector.version);
        const auto sliced = rewrite_in_slices(type, torn, vector.version, random);
        ASSERT_FALSE(sliced.has_value()) << vector.name << " " << vector.version;
        EXPECT_EQ(sliced.error().text(), whole.error().text()) << vector.name << vector.version;
    }
}

MetadataRequest with_names(std::size_t count) {
    MetadataRequest request;
    for (std::size_t i = 0; i < count; ++i)
        request.topics->push_back({.name = "topic-" + std::to_string(i)});
    return request;
}

TEST(Slices, OneReadsAndWritesNoMoreThanItMay) {
    const MetadataRequest request = with_names(50'000);
    const Bytes body = Bytes::own(*encode(request, 9));
    const SliceBytes slice;
    MetadataRequest read;
    Reading reading;
    std::size_t slices = 0;
    for (bool is_done = false; !is_done; ++slices) {
        const std::uint64_t before = reading.memory_bytes;
        const auto some = decode_some(body, 9, slice.read, UINT64_MAX, read, reading);
        ASSERT_TRUE(some.has_value());
        is_done = *some;
        EXPECT_LE(reading.memory_bytes - before, slice.read + 1000);
    }
    EXPECT_GT(slices, 20u);
    EXPECT_EQ(*encode(read, 9), *encode(request, 9));
    MetadataResponse response;
    for (int i = 0; i < 50'000; ++i) response.topics.push_back({.name = std::to_string(i)});
    Framing framing;
    for (bool is_done = false; !is_done;) {
        const std::size_t before = framing.written.size();
        const auto some = frame_some(7, 9, response, slice.written, framing);
        ASSERT_TRUE(some.has_value());
        is_done = *some;
        EXPECT_LE(framing.written.size() - before, slice.written + 1000);
    }
    EXPECT_EQ(framing.written.chain()->flatten(),
              frame_response(7, 9, response)->chain()->flatten());
}

TEST(Slices, WhatAMessageBecomesIsHeldAgainstABound) {
    const Bytes body = Bytes::own(*encode(with_names(10'000), 4));
    MetadataRequest read;
    Reading reading;
    Result<bool, CodecError> some = false;
    while (some && !*some) some = decode_some(body, 4, 4096, 100'000, read, reading);
    ASSERT_FALSE(some.has_value());
    EXPECT_EQ(some.error().reason, Reason::too_much_memory);
    EXPECT_LE(reading.memory_bytes, 100'000u + 4096 + 1000);
}

TEST(Slices, AnArrayOfMoreThanAMillionElementsIsRefused) {
    std::vector<std::uint8_t> bytes(4 + 2 * 1'000'001);
    bytes[0] = 0x00, bytes[1] = 0x0f, bytes[2] = 0x42, bytes[3] = 0x41;
    EXPECT_EQ(decode<MetadataRequest>(Bytes::own(bytes), 0).error().reason,
              Reason::too_many_elements);
    bytes[3] = 0x40;
    bytes.resize(bytes.size() - 2);
    EXPECT_EQ(decode<MetadataRequest>(Bytes::own(bytes), 0)->topics->size(), 1'000'000u);
}

TEST(Slices, MoreThanTenThousandTaggedFieldsAreRefused) {
    const auto with_tags = [](std::uint32_t count) {
        MetadataRequest request;
        for (std::uint32_t i = 0; i < count; ++i)
            request.unknown_tags.push_back({100 + i, Bytes()});
        return Bytes::own(*encode(request, 9));
    };
    EXPECT_TRUE(decode<MetadataRequest>(with_tags(10'000), 9).has_value());
    EXPECT_EQ(decode<MetadataRequest>(with_tags(10'001), 9).error().reason,
              Reason::too_many_elements);
}

// What a request decodes to is kept while it waits: it must not hold its frame.
TEST(Slices, TaggedFieldsOfALaterKafkaAreLeftOutOfWhatABrokerReads) {
    MetadataRequest request = with_names(1);
    request.unknown_tags = {{9, Bytes::copy(std::string_view("later"))}};
    request.topics->front().unknown_tags = request.unknown_tags;
    MetadataRequest read;
    Reading reading;
    EXPECT_TRUE(*decode_some(Bytes::own(*encode(request, 9)), 9, 9999, UINT64_MAX, read, reading));
    EXPECT_TRUE(read.unknown_tags.empty());
    EXPECT_TRUE(read.topics->front().unknown_tags.empty());
}

}  // namespace
}  // namespace barnabas::protocol
