// Records, and what an image makes of them.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "engine/metadata/bootstrap.h"
#include "engine/metadata/image.h"
#include "engine/records/batch.h"
#include "tests/engine/metadata/random_records.h"

namespace barnabas::metadata {
namespace {

using protocol::ErrorCode;

TEST(Image, ATopicThatIsRemovedTakesItsSettingsAlong) {
    Image image;
    protocol::TopicRecord topic;
    topic.name = "orders";
    topic.topic_id.bytes[0] = 1;
    protocol::ConfigRecord config;
    config.resource_type = 2;
    config.resource_name = "orders";
    config.name = "retention.ms";
    config.value = "1000";
    image.apply(topic);
    image.apply(config);
    EXPECT_EQ(image.settings(Resource::topic, "orders").size(), 1u);
    protocol::RemoveTopicRecord removed;
    removed.topic_id = topic.topic_id;
    image.apply(removed);
    EXPECT_EQ(image.topic("orders"), nullptr);
    EXPECT_EQ(image.topic(topic.topic_id), nullptr);
    EXPECT_TRUE(image.settings(Resource::topic, "orders").empty());
}

TEST(Image, ACopyKeepsItsValueWhenTheOtherGoesOn) {
    Image image;
    protocol::TopicRecord topic;
    topic.name = "orders";
    topic.topic_id.bytes[0] = 1;
    const Image before = image;
    image.apply(topic);
    EXPECT_EQ(before.topic("orders"), nullptr);
    EXPECT_NE(image.topic("orders"), nullptr);
}

TEST(Records, ReadBackAsTheyWereWritten) {
    EXPECT_TRUE(rc::check([] {
        protocol::PartitionRecord record;
        record.partition_id = *rc::gen::arbitrary<std::int32_t>();
        record.replicas = *rc::gen::arbitrary<std::vector<std::int32_t>>();
        record.isr = *rc::gen::arbitrary<std::vector<std::int32_t>>();
        record.leader_epoch = *rc::gen::arbitrary<std::int32_t>();
        const auto back = decode(encode(record));
        RC_ASSERT(back.has_value());
        RC_ASSERT(encode(*back) == encode(record));
    }));
}

// Whatever they hold: what the level has no field for is left out, all else stays.
TEST(Records, AreWrittenInAVersionThatTheirLevelHas) {
    for (std::int16_t level = metadata_version_oldest; level <= metadata_version_level; ++level) {
        RandomRecords stream(static_cast<std::uint64_t>(level));
        int left_out = 0;
        for (int i = 0; i < 2000; ++i) {
            const auto one = as_of(stream.next(), level);
            left_out += !one;
            if (!one) continue;
            const auto back = decode(encode(*one, level));
            ASSERT_TRUE(back.has_value()) << name_of(*one) << " at " << level;
            ASSERT_TRUE(encode(*back) == encode(*one)) << name_of(*one) << " at " << level;
        }
        EXPECT_EQ(left_out > 0, level < 23) << level;
    }
    protocol::RegisterBrokerRecord node;
    node.log_dirs.resize(2);
    node.cordoned_log_dirs.emplace();
    const auto dirs_at = [&](std::int16_t level) {
        return std::get<protocol::RegisterBrokerRecord>(*as_of(node, level)).log_dirs.size();
    };
    EXPECT_EQ(dirs_at(log_directories_since - 1), 0u);
    EXPECT_EQ(dirs_at(log_directories_since), 2u);
    EXPECT_FALSE(as_of(protocol::BeginTransactionRecord(), metadata_transactions_since - 1));
    EXPECT_TRUE(as_of(protocol::BeginTransactionRecord(), metadata_transactions_since));
}

TEST(Records, BytesThatAreNoneAreAnErrorInWords) {
    EXPECT_FALSE(decode(Bytes()).has_value());
    EXPECT_EQ(decode(Bytes::own({1, 99, 0})).error(), "there is no metadata record with key 99");
    const Bytes whole = encode(protocol::TopicRecord());
    for (std::size_t size = 0; size < whole.size(); ++size) {
        EXPECT_FALSE(decode(whole.slice(0, size)).has_value()) << size;
    }
}

TEST(Bootstrap, IsASnapshotOfThreeGoodBatches) {
    const Bytes file = bootstrap_checkpoint(WallTime(std::chrono::milliseconds(1)));
    records::BatchReader batches(file);
    std::vector<bool> is_control;
    Offset next{0};
    while (const auto batch = batches.next()) {
        EXPECT_TRUE(batch->has_good_crc());
        EXPECT_EQ(batch->header.base_offset, next);
        next = batch->header.next_offset();
        is_control.push_back(batch->header.is_control());
    }
    EXPECT_EQ(is_control, (std::vector<bool>{true, false, true}));
    EXPECT_EQ(batches.ending(), records::BatchReader::Ending::whole);
}

}  // namespace
}  // namespace barnabas::metadata
