#include "engine/protocol/stored.h"

#include <gtest/gtest.h>

#include "engine/protocol/messages/group_records.h"
#include "engine/protocol/messages/metadata_records.h"
#include "engine/protocol/messages/quorum_records.h"
#include "engine/protocol/messages/transaction_records.h"
#include "tests/engine/protocol/vectors.h"

namespace barnabas::protocol {
namespace {

TEST(Stored, MetadataRecordsStandBehindFrameKeyAndVersion) {
    const FeatureLevelRecord record{.name = "metadata.version", .feature_level = 30};
    const Bytes value = *encode_metadata(record, 0);
    EXPECT_EQ(to_hex(value), "010c0011" + to_hex(as_bytes("metadata.version")) + "001e00");
    const auto frame = read_metadata_frame(value);
    ASSERT_TRUE(frame.has_value());
    EXPECT_EQ(frame->key, FeatureLevelRecord::format.key);
    EXPECT_EQ(decode_metadata<FeatureLevelRecord>(value, *frame)->feature_level, 30);
}

TEST(Stored, ForeignMetadataFramesAreRefused) {
    EXPECT_EQ(read_metadata_frame(from_hex("020c0000")).error().reason,
              CodecError::Reason::bad_frame);
    EXPECT_EQ(read_metadata_frame(from_hex("010c")).error().reason, CodecError::Reason::ends_early);
    EXPECT_EQ(read_metadata_frame(from_hex("01ffffffff0f00")).error().reason,
              CodecError::Reason::bad_frame);
    const Bytes behind = from_hex("01140000ff");  // a NoOpRecord and one byte more
    EXPECT_EQ(decode_metadata<NoOpRecord>(behind, *read_metadata_frame(behind)).error().reason,
              CodecError::Reason::left_over);
}

TEST(Stored, CoordinatorKeysSayWhichRecordItIs) {
    const Bytes key = *encode_coordinator_key(OffsetCommitKey{"g", "t", 7});
    EXPECT_EQ(to_hex(key), "000100016700017400000007");
    EXPECT_EQ(leading_number(key), OffsetCommitKey::format.key);
    EXPECT_EQ(decode_coordinator_key<OffsetCommitKey>(key)->partition, 7);
    EXPECT_EQ(leading_number(from_hex("00")), std::nullopt);
}

TEST(Stored, CoordinatorValuesSayTheirVersion) {
    const OffsetCommitValue value{.offset = 5, .leader_epoch = 2, .metadata = "m"};
    const Bytes stored = *encode_versioned(value, 3);
    EXPECT_EQ(to_hex(stored), "000300000000000000050000000200016d0000000000000000");
    EXPECT_EQ(decode_versioned<OffsetCommitValue>(stored)->leader_epoch, 2);
    EXPECT_EQ(decode_versioned<OffsetCommitValue>(from_hex("0063")).error().reason,
              CodecError::Reason::unsupported_version);
}

// Kafka writes it while transaction.version is 0.
TEST(Stored, TransactionStateOfVersionZeroHasNoTaggedFields) {
    TransactionLogValue value{.producer_id = 1, .producer_epoch = 2, .transaction_timeout_ms = 3};
    value.transaction_status = 4;
    value.transaction_last_update_timestamp_ms = 5;
    value.transaction_start_timestamp_ms = 6;
    value.transaction_partitions->push_back({.topic = "t", .partition_ids = {7}});
    const std::string body =
        "000000000000000100020000000304000000010001740000000100000007000000000000000500000000000000"
        "06";
    EXPECT_EQ(to_hex(*encode(value, 0)), body);
    EXPECT_EQ(decode<TransactionLogValue>(from_hex(body), 0)->previous_producer_id, -1);
    value.previous_producer_id = 9;
    EXPECT_EQ(encode(value, 0).error().reason, CodecError::Reason::not_in_version);
}

TEST(Stored, ControlRecordsSayTheirTypeInTheKey) {
    EXPECT_EQ(to_hex(encode_control_key(ControlType::commit)), "00000001");
    EXPECT_EQ(decode_control_key(from_hex("00000002")), ControlType::leader_change);
    EXPECT_FALSE(decode_control_key(from_hex("000000")).has_value());
    EXPECT_FALSE(decode_control_key(from_hex("ffff0000")).has_value());
    const LeaderChangeMessage message{.version = 1, .leader_id = 3};
    const auto change = decode_control_value<LeaderChangeMessage>(Bytes::own(*encode(message, 1)));
    ASSERT_TRUE(change.has_value());
    EXPECT_EQ(change->leader_id, 3);
}

}  // namespace
}  // namespace barnabas::protocol
