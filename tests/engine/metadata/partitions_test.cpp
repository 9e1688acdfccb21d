// The rows of partitions: what goes in comes out, flat or wide, and how much they take.
#include "engine/metadata/partitions.h"

#include <gtest/gtest.h>

#include "engine/base/random.h"
#include "engine/metadata/image.h"
#include "tests/support/counting_allocator.h"

namespace barnabas::metadata {
namespace {

std::vector<NodeId> some_of(const std::vector<NodeId>& nodes, Random& dice) {
    std::vector<NodeId> some;
    for (const NodeId node : nodes)
        if (dice.below(2) == 0) some.push_back(node);
    return some;
}

PartitionRow any_row(Random& dice) {
    PartitionRow row;
    const std::uint64_t replicas = dice.below(6);
    for (std::uint64_t i = 0; i < replicas; ++i)
        row.replicas.push_back(NodeId(static_cast<std::int32_t>(10 * i + dice.below(10))));
    row.isr = some_of(row.replicas, dice);
    row.elr = some_of(row.replicas, dice);
    if (!row.replicas.empty() && dice.below(3) > 0) row.leader = row.replicas.front();
    if (dice.below(9) == 0) row.leader = NodeId(77);
    row.leader_epoch = LeaderEpoch(static_cast<std::int32_t>(dice.below(1000)));
    row.partition_epoch = PartitionEpoch(static_cast<std::int32_t>(dice.below(1000)));
    for (std::uint64_t i = 0; i < replicas; ++i) {
        Uuid directory;
        directory.bytes[0] = static_cast<std::uint8_t>(dice.below(20));
        row.directories.push_back(directory);
    }
    row.recovery_state = static_cast<std::int8_t>(dice.below(2));
    if (dice.below(5) == 0) row.removing = {NodeId(5)};
    if (dice.below(5) == 0) row.last_known_elr = {NodeId(6)};
    return row;
}

TEST(Partitions, GiveBackWhatTheyWereGivenFlatOrWide) {
    Random dice(4);
    DirectoryTable directories;
    Partitions partitions;
    std::map<PartitionIndex, PartitionRow> model;
    for (int i = 0; i < 3000; ++i) {
        const PartitionIndex index(static_cast<std::int32_t>(dice.below(200)));
        const PartitionRow row = any_row(dice);
        partitions.set(index, row, directories);
        model[index] = row;
    }
    ASSERT_EQ(partitions.size(), model.size());
    auto at = model.begin();
    for (const auto& [index, row] : partitions) {
        EXPECT_EQ(index, at->first);
        EXPECT_TRUE(row == at->second) << index.value();
        EXPECT_TRUE(*partitions.find(index) == row);
        ++at;
    }
    EXPECT_FALSE(partitions.find(PartitionIndex(200)));
}

Image image_of_topics(int topics, int partitions) {
    Image image;
    Random dice(1);
    std::vector<Uuid> directories;
    for (int i = 0; i < 30; ++i) directories.push_back(Uuid::draw(dice));
    for (int i = 0; i < topics; ++i) {
        protocol::TopicRecord topic;
        topic.name = "topic-" + std::to_string(i);
        topic.topic_id = Uuid::draw(dice);
        image.apply(topic);
        for (int j = 0; j < partitions; ++j) {
            protocol::PartitionRecord row;
            row.topic_id = topic.topic_id;
            row.partition_id = j;
            for (int copy = 0; copy < 3; ++copy) {
                row.replicas.push_back((i + j + copy) % 30);
                row.directories.push_back(directories[static_cast<std::size_t>((j + copy) % 30)]);
            }
            row.isr = row.replicas;
            row.leader = row.replicas.front();
            row.leader_epoch = 0;
            image.apply(row);
        }
    }
    return image;
}

TEST(Image, TakesAtMostSixtyFourBytesForAPartition) {
    constexpr int topics = 20, partitions = 500;
    const std::size_t before = Allocated::held();
    const Image image = image_of_topics(topics, partitions);
    const std::size_t taken = Allocated::held() - before;
    EXPECT_LE(taken / (topics * partitions), 64u) << taken;
    EXPECT_EQ(image.partition("topic-7", PartitionIndex(499))->replicas.size(), 3u);
}

// What a change costs does not hang on how much there is.
TEST(Image, ACopySharesAllButTheChunksThatChange) {
    const Image image = image_of_topics(20, 500);
    const std::size_t before = Allocated::held();
    Image copy = image;
    protocol::PartitionChangeRecord change;
    change.topic_id = image.topic("topic-7")->id;
    change.partition_id = 250;
    change.leader = 8;
    copy.apply(change);
    EXPECT_LT(Allocated::held() - before, 16u << 10);
    EXPECT_EQ(copy.partition("topic-7", PartitionIndex(250))->leader_epoch, LeaderEpoch(1));
    EXPECT_EQ(image.partition("topic-7", PartitionIndex(250))->leader_epoch, LeaderEpoch(0));
}

}  // namespace
}  // namespace barnabas::metadata
