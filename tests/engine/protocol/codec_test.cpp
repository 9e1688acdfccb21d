#include "engine/protocol/codec.h"

#include <gtest/gtest.h>

#include "engine/protocol/messages/api_versions.h"
#include "engine/protocol/messages/delete_topics.h"
#include "engine/protocol/messages/fetch.h"
#include "engine/protocol/messages/metadata.h"
#include "engine/protocol/messages/metadata_records.h"
#include "engine/protocol/messages/produce.h"
#include "tests/engine/protocol/vectors.h"

namespace barnabas::protocol {
namespace {

using Reason = CodecError::Reason;

template <class M>
void expect_kafkas_bytes(std::string_view name) {
    int seen = 0;
    for (const Vector& vector : all_vectors()) {
        if (vector.name != name) continue;
        ++seen;
        const auto message = decode<M>(vector.bytes, vector.version);
        ASSERT_TRUE(message.has_value()) << name << vector.version << message.error().text();
        const auto again = encode(*message, vector.version);
        ASSERT_TRUE(again.has_value()) << name << vector.version << again.error().text();
        EXPECT_EQ(to_hex(*again), to_hex(vector.bytes)) << name << " " << vector.version;
        const auto gathered = encode_gathered(*message, vector.version);
        EXPECT_EQ(gathered->chain()->flatten(), vector.bytes) << name << " " << vector.version;
    }
    EXPECT_GT(seen, 0) << name;
}

TEST(Codec, TypedMessagesComeBackAsKafkasBytes) {
    expect_kafkas_bytes<ProduceRequest>("ProduceRequest");
    expect_kafkas_bytes<FetchResponse>("FetchResponse");
    expect_kafkas_bytes<MetadataResponse>("MetadataResponse");
    expect_kafkas_bytes<PartitionChangeRecord>("PartitionChangeRecord");
}

TEST(Codec, VersionsThatDoNotExistAreRefused) {
    for (const std::int16_t version : {-1, 0, 2, 14, 32767}) {
        EXPECT_EQ(encode(ProduceRequest{}, version).error().reason, Reason::unsupported_version);
        EXPECT_EQ(decode<ProduceRequest>(Bytes(), version).error().reason,
                  Reason::unsupported_version);
    }
}

// A request for ids must not silently become one for nothing.
TEST(Codec, ValuesThatAVersionCannotCarryAreRefusedAndNamed) {
    DeleteTopicsRequest by_id;
    by_id.topics.push_back({.topic_id = {{1}}});
    EXPECT_TRUE(encode(by_id, 6).has_value());
    const auto refused = encode(by_id, 5);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().reason, Reason::not_in_version);
    EXPECT_EQ(refused.error().field, "Topics");

    FetchRequest fetch{.replica_id = 3};  // versions 15 and later carry it elsewhere
    EXPECT_TRUE(encode(fetch, 14).has_value());
    EXPECT_EQ(encode(fetch, 15).error().field, "ReplicaId");
}

TEST(Codec, IgnorableValuesAreDroppedWithoutAWord) {
    DeleteTopicsRequest by_name;
    by_name.topic_names = {"orders"};
    EXPECT_EQ(*encode(by_name, 6), *encode(DeleteTopicsRequest{}, 6));
    ProduceResponse response;
    response.throttle_time_ms = 9;
    EXPECT_TRUE(encode(response, 3).has_value());
}

TEST(Codec, NullStandsOnlyWhereTheVersionAllowsIt) {
    MetadataRequest all_topics{.topics = std::nullopt};
    EXPECT_TRUE(encode(all_topics, 1).has_value());
    EXPECT_EQ(encode(all_topics, 0).error().reason, Reason::null_not_allowed);
    EXPECT_EQ(decode<MetadataRequest>(from_hex("ffffffff"), 0).error().reason,
              Reason::null_not_allowed);
    EXPECT_FALSE(decode<MetadataRequest>(from_hex("ffffffff"), 1)->topics.has_value());
}

TEST(Codec, TroubleIsNamedByItsPlace) {
    MetadataRequest request;
    request.topics->push_back({.name = "fine"});
    request.topics->push_back({.name = std::string(40000, 'x')});
    const auto too_long = encode(request, 4);
    ASSERT_FALSE(too_long.has_value());
    EXPECT_EQ(too_long.error().reason, Reason::bad_length);
    EXPECT_EQ(too_long.error().field, "Topics[1].Name");
    const auto torn = decode<MetadataRequest>(from_hex("00000002000161000262"), 1);
    ASSERT_FALSE(torn.has_value());
    EXPECT_EQ(torn.error().reason, Reason::ends_early);
    EXPECT_EQ(torn.error().field, "Topics[1].Name");
    EXPECT_EQ(torn.error().at, 9u);
}

TEST(Codec, CountsAreHeldAgainstTheBytesLeft) {
    EXPECT_EQ(decode<MetadataRequest>(from_hex("7fffffff"), 0).error().reason, Reason::ends_early);
    EXPECT_EQ(decode<MetadataRequest>(from_hex("ffffffff0f"), 9).error().reason,
              Reason::bad_length);
    EXPECT_EQ(decode<MetadataRequest>(from_hex("ffffffffff0f"), 9).error().reason,
              Reason::bad_varint);
}

TEST(Codec, BytesBehindAMessageAreAnErrorUnlessTheCallerGoesOn) {
    const Bytes two = from_hex("0000000000000000");
    EXPECT_EQ(decode<MetadataRequest>(two, 0).error().reason, Reason::left_over);
    std::size_t at = 0;
    EXPECT_TRUE(decode_at<MetadataRequest>(two, at, 0).has_value());
    EXPECT_EQ(at, 4u);
    EXPECT_TRUE(decode_at<MetadataRequest>(two, at, 0).has_value());
    EXPECT_EQ(at, 8u);
}

// Tagged fields: in ascending order, each exactly as long as it says; what is unknown is kept.
TEST(Codec, TaggedFieldsAreReadStrictlyAndTheUnknownKept) {
    const auto read = [](std::string_view tags) {
        return decode<BeginTransactionRecord>(from_hex(tags), 0);
    };
    EXPECT_EQ(read("0100010261").error().reason, Reason::ends_early);
    EXPECT_EQ(read("010003026161").error().reason, Reason::bad_tag_size);
    EXPECT_EQ(read("0207000500").error().reason, Reason::tags_out_of_order);
    EXPECT_EQ(read("0207000700").error().reason, Reason::tags_out_of_order);
    EXPECT_EQ(read("0107ff").error().reason, Reason::ends_early);
    EXPECT_EQ(read("ff01").error().reason, Reason::ends_early);

    const auto later = read("02000202610703abcdef");
    ASSERT_TRUE(later.has_value());
    EXPECT_EQ(later->name, "a");
    ASSERT_EQ(later->unknown_tags.size(), 1u);
    EXPECT_EQ(later->unknown_tags[0].tag, 7u);
    EXPECT_EQ(to_hex(*encode(*later, 0)), "02000202610703abcdef");
}

TEST(Codec, UnknownTagsMustNotTakeTheNumberOfAField) {
    BeginTransactionRecord record{.name = "a"};
    record.unknown_tags = {{0, Bytes()}};
    EXPECT_EQ(encode(record, 0).error().reason, Reason::tags_out_of_order);
    record.unknown_tags = {{9, Bytes()}, {9, Bytes()}};
    EXPECT_EQ(encode(record, 0).error().reason, Reason::tags_out_of_order);
}

// Kafka writes tags by their number, not in the order of the description.
TEST(Codec, TaggedFieldsAscendWhateverOrderTheyAreDescribedIn) {
    PartitionChangeRecord record{.partition_id = 1};
    record.eligible_leader_replicas = std::vector<std::int32_t>{};
    record.directories = std::vector<Uuid>{};
    record.unknown_tags = {{7000, Bytes()}};
    const std::string hex = to_hex(*encode(record, 2));
    EXPECT_EQ(hex, "00000001" + std::string(32, '0') + "03060101080101d83600");
}

// Longer than one byte can say: the size is put in front of what was written already.
TEST(Codec, LongTaggedFieldsCarryTheirWholeSize) {
    for (const std::size_t length : {125u, 126u, 127u, 128u, 20000u}) {
        const BeginTransactionRecord record{.name = std::string(length, 'n')};
        const auto bytes = encode(record, 0);
        ASSERT_TRUE(bytes.has_value());
        EXPECT_EQ(decode<BeginTransactionRecord>(Bytes::own(*bytes), 0)->name, record.name);
    }
}

TEST(Codec, AVersionWithoutTaggedFieldsRefusesUnknownOnes) {
    MetadataRequest request;
    request.unknown_tags = {{5, Bytes()}};
    EXPECT_EQ(encode(request, 8).error().reason, Reason::not_in_version);
    EXPECT_TRUE(encode(request, 9).has_value());
}

TEST(Codec, RecordsInPiecesAreWrittenInOrder) {
    Chain chain(Bytes::copy(std::string_view("head")));
    chain.push(Bytes::copy(std::string_view("tail")));
    ProduceRequest request;
    auto& topic = request.topic_data.emplace_back(ProduceRequest::TopicProduceData{.name = "t"});
    topic.partition_data.push_back({.index = 1, .records = chain});
    const auto flat = encode(request, 3);
    EXPECT_EQ(encode_gathered(request, 3)->chain()->flatten(), Bytes::own(*flat));
    const auto again = decode<ProduceRequest>(Bytes::own(*flat), 3);
    EXPECT_EQ(again->topic_data[0].partition_data[0].records.bytes().text(), "headtail");
}

}  // namespace
}  // namespace barnabas::protocol
