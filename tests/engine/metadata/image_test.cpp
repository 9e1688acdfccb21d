// An image keeps all that the records said: what it gives back as records makes it again.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <set>

#include "engine/metadata/dump.h"
#include "engine/metadata/transaction.h"
#include "tests/engine/metadata/random_records.h"

namespace barnabas::metadata {
namespace {

Hash128 digest_of(const Image& image) {
    Hasher hasher;
    image.digest(hasher);
    return hasher.value();
}

Image image_of(std::uint64_t seed, int records) {
    RandomRecords stream(seed);
    Image image;
    for (int i = 0; i < records; ++i) image.apply(stream.next());
    return image;
}

TEST(Dump, MakesAnEqualImageWhateverTheSlice) {
    EXPECT_TRUE(rc::check([](std::uint64_t seed) {
        const Image image = image_of(seed, *rc::gen::inRange(0, 400));
        Dump dump(image);
        Image again;
        const auto slice = *rc::gen::inRange<std::size_t>(1, 50);
        for (auto records = dump.next(slice); !records.empty(); records = dump.next(slice)) {
            for (const Record& record : records) again.apply(*decode(encode(record)));
        }
        RC_ASSERT(again == image);
        RC_ASSERT(digest_of(again) == digest_of(image));
    }));
}

TEST(Dump, BeginsWithTheMetadataVersionAndGivesNoRecordTwice) {
    const Image image = image_of(3, 2000);
    Dump dump(image);
    std::set<std::string> seen;
    std::vector<Record> first = dump.next(1);
    ASSERT_FALSE(first.empty());
    EXPECT_EQ(std::get<protocol::FeatureLevelRecord>(first.front()).name, "metadata.version");
    for (auto records = std::move(first); !records.empty(); records = dump.next(7)) {
        for (const Record& record : records) {
            EXPECT_TRUE(seen.insert(std::string(encode(record).text())).second) << name_of(record);
        }
    }
    EXPECT_GT(seen.size(), 60u);
}

// One record of each type that says something: without its handler the image would not change.
TEST(Image, EveryKindOfRecordLeavesItsMark) {
    std::set<std::string_view> changed;
    RandomRecords stream(1);
    Image image;
    for (int i = 0; i < 4000; ++i) {
        const Record record = stream.next();
        const Hash128 before = digest_of(image);
        image.apply(record);
        if (digest_of(image) != before) changed.insert(name_of(record));
    }
    // Of 26: a move from ZooKeeper, a NoOp, and a transaction's three ends change nothing.
    EXPECT_EQ(changed.size(), 21u);
    EXPECT_FALSE(changed.contains("NoOpRecord"));
}

TEST(Image, SecretsAndRulesThatNobodyReadsYetAreKept) {
    Image image;
    protocol::UserScramCredentialRecord alice;
    alice.name = "alice";
    alice.mechanism = 1;
    alice.iterations = 4096;
    image.apply(alice);
    EXPECT_EQ(image.security().credentials.at({"alice", 1}).iterations, 4096);
    protocol::RemoveUserScramCredentialRecord gone;
    gone.name = "alice";
    gone.mechanism = 1;
    image.apply(gone);
    EXPECT_TRUE(image.security().credentials.empty());
    protocol::ProducerIdsRecord block;
    block.next_producer_id = 2000;
    image.apply(block);
    EXPECT_EQ(image.next_producer_id(), ProducerId(2000));
}

protocol::TopicRecord topic_record(std::uint8_t number) {
    protocol::TopicRecord topic;
    topic.name = "topic" + std::to_string(number);
    topic.topic_id.bytes[0] = number;
    return topic;
}

TEST(Transaction, TakesEffectAtItsEndAndNotBefore) {
    Transaction transaction;
    EXPECT_EQ(transaction.take(topic_record(1))->size(), 1u);
    EXPECT_TRUE(transaction.take(protocol::BeginTransactionRecord())->empty());
    EXPECT_TRUE(transaction.take(topic_record(2))->empty());
    EXPECT_TRUE(transaction.take(topic_record(3))->empty());
    EXPECT_TRUE(transaction.is_open());
    EXPECT_EQ(transaction.take(protocol::EndTransactionRecord())->size(), 2u);
    EXPECT_FALSE(transaction.is_open());
}

TEST(Transaction, LeavesNothingWhenItIsAborted) {
    Transaction transaction;
    ASSERT_TRUE(transaction.take(protocol::BeginTransactionRecord()));
    ASSERT_TRUE(transaction.take(topic_record(2)));
    EXPECT_TRUE(transaction.take(protocol::AbortTransactionRecord())->empty());
    EXPECT_EQ(transaction.take(topic_record(3))->size(), 1u);
}

TEST(Transaction, WhatDoesNotBelongThereIsAnErrorInWords) {
    Transaction transaction;
    EXPECT_FALSE(transaction.take(protocol::EndTransactionRecord()));
    EXPECT_FALSE(transaction.take(protocol::AbortTransactionRecord()));
    ASSERT_TRUE(transaction.take(protocol::BeginTransactionRecord()));
    EXPECT_FALSE(transaction.take(protocol::BeginTransactionRecord()));
}

}  // namespace
}  // namespace barnabas::metadata
