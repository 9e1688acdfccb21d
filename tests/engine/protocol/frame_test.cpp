#include "engine/protocol/frame.h"

#include <gtest/gtest.h>

#include "engine/protocol/messages/api_versions.h"
#include "engine/protocol/messages/fetch.h"
#include "engine/protocol/messages/metadata.h"
#include "engine/protocol/messages/produce.h"
#include "tests/engine/protocol/vectors.h"

namespace barnabas::protocol {
namespace {

Bytes without_length(const Bytes& frame) {
    EXPECT_EQ(load_big<std::int32_t>(frame.data()) + 4, static_cast<std::int32_t>(frame.size()));
    return frame.from(4);
}

TEST(Frame, HeaderFollowsTheVersionOfTheApi) {
    RequestHeader header{.api_version = 8, .correlation_id = 7, .client_id = "me"};
    const Bytes plain = frame_request(header, MetadataRequest{})->flatten();
    EXPECT_EQ(to_hex(plain.slice(4, 12)), "000300080000000700026d65");
    header.api_version = 9;  // the first flexible one: tagged fields behind a client id as before
    const Bytes flexible = frame_request(header, MetadataRequest{})->flatten();
    EXPECT_EQ(to_hex(flexible.slice(4, 13)), "000300090000000700026d6500");

    for (const Bytes& frame : {plain, flexible}) {
        const Bytes body = without_length(frame);
        std::size_t at = 0;
        const auto read = decode_header(body, at);
        ASSERT_TRUE(read.has_value());
        EXPECT_EQ(read->api_key, ApiKey::metadata);
        EXPECT_EQ(read->correlation_id, 7);
        EXPECT_EQ(read->client_id, "me");
        EXPECT_TRUE(decode_at<MetadataRequest>(body, at, read->api_version).has_value());
        EXPECT_EQ(at, body.size());
    }
}

// The answer to ApiVersions is read before the client knows what the broker can do.
TEST(Frame, ResponseToApiVersionsNeverHasTaggedFieldsInItsHeader) {
    const auto versions = frame_response(5, 3, ApiVersionsResponse{});
    EXPECT_EQ(to_hex(versions->chain()->flatten()), "0000000c000000050000010000000000");
    const auto metadata = frame_response(5, 9, MetadataResponse{});
    EXPECT_EQ(to_hex(metadata->chain()->flatten().slice(4, 5)), "0000000500");
}

// What cannot be served is still known well enough to be answered or logged.
TEST(Frame, UnknownApiAndVersionSayWhoAsked) {
    std::size_t at = 0;
    const auto version = decode_header(from_hex("0012006300000009ffff"), at);
    ASSERT_FALSE(version.has_value());
    EXPECT_EQ(version.error().error.reason, CodecError::Reason::unsupported_version);
    EXPECT_EQ(version.error().header.api_key, ApiKey::api_versions);
    EXPECT_EQ(version.error().header.api_version, 99);
    EXPECT_EQ(version.error().header.correlation_id, 9);
    const auto key = decode_header(from_hex("7fff000000000009ffff"), at);
    ASSERT_FALSE(key.has_value());
    EXPECT_EQ(key.error().error.reason, CodecError::Reason::unknown_api);
    const auto removed = decode_header(from_hex("0004000000000009ffff"), at);
    ASSERT_FALSE(removed.has_value());
    EXPECT_EQ(removed.error().error.reason, CodecError::Reason::unsupported_version);
    const auto torn = decode_header(from_hex("00120003000000"), at);
    ASSERT_FALSE(torn.has_value());
    EXPECT_EQ(torn.error().error.reason, CodecError::Reason::ends_early);
    EXPECT_EQ(at, 0u);
}

// A fetched range is never touched: the frame says where it belongs and how long it is.
TEST(Frame, ExternalRecordsAreCountedAndStandInTheirPlace) {
    FetchResponse response;
    auto& topic =
        response.responses.emplace_back(FetchResponse::FetchableTopicResponse{.topic = "t"});
    topic.partitions.push_back({.partition_index = 0, .records = External{42, 1000}});
    topic.partitions.push_back(
        {.partition_index = 1, .records = Bytes::copy(std::string_view("abc"))});
    topic.partitions.push_back({.partition_index = 2});
    const auto frame = frame_response(1, 12, response);
    ASSERT_TRUE(frame.has_value());
    ASSERT_EQ(frame->pieces().size(), 5u);
    EXPECT_EQ(std::get<External>(frame->pieces()[1]), (External{42, 1000}));
    const Bytes head = std::get<Bytes>(frame->pieces()[0]);
    EXPECT_EQ(load_big<std::int32_t>(head.data()) + 4u, frame->size());
    EXPECT_FALSE(encode(response, 12).has_value());

    // With bytes in its place the same frame reads back.
    Chain whole;
    for (const auto& piece : frame->pieces()) {
        const bool own = std::holds_alternative<Bytes>(piece);
        whole.push(own ? std::get<Bytes>(piece) : Bytes::own(std::vector<std::uint8_t>(1000, 'x')));
    }
    const Bytes body = without_length(whole.flatten());
    std::size_t at = 0;
    ASSERT_TRUE(decode_response_header(body, at, ApiKey::fetch, 12).has_value());
    const auto read = decode_at<FetchResponse>(body, at, 12);
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->responses[0].partitions[0].records.size(), 1000u);
    EXPECT_EQ(read->responses[0].partitions[1].records.bytes().text(), "abc");
    EXPECT_TRUE(read->responses[0].partitions[2].records.is_null());
}

// The length in front has 31 bits: one that is cut off to them would garble all that follows.
TEST(Frame, OneThatIsLongerThanItsLengthCanTellIsRefused) {
    FetchResponse response;
    auto& topic = response.responses.emplace_back();
    topic.partitions.push_back({.partition_index = 0, .records = External{1, 1u << 30}});
    EXPECT_TRUE(frame_response(1, 12, response).has_value());
    topic.partitions.push_back({.partition_index = 1, .records = External{2, 1u << 30}});
    const auto frame = frame_response(1, 12, response);
    ASSERT_FALSE(frame.has_value());
    EXPECT_EQ(frame.error().reason, CodecError::Reason::bad_length);
}

TEST(Frame, ProducedRecordsAreASliceOfTheFrame) {
    ProduceRequest request;
    auto& topic = request.topic_data.emplace_back(ProduceRequest::TopicProduceData{.name = "t"});
    topic.partition_data.push_back({.index = 3, .records = Bytes::copy(std::string_view("batch"))});
    const Bytes frame = frame_request({.api_version = 9}, request)->flatten();
    std::size_t at = 4;
    ASSERT_TRUE(decode_header(frame, at).has_value());
    const auto read = decode_at<ProduceRequest>(frame, at, 9);
    const Bytes records = read->topic_data[0].partition_data[0].records.bytes();
    EXPECT_EQ(records.text(), "batch");
    EXPECT_GE(records.data(), frame.data());
    EXPECT_LE(records.end(), frame.end());
}

}  // namespace
}  // namespace barnabas::protocol
