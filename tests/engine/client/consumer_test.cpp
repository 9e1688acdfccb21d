// Every record once and in order, from where the consumer was told to begin.
#include "engine/client/consumer.h"

#include <gtest/gtest.h>

#include "engine/records/build.h"
#include "tests/support/fake_broker.h"
#include "tests/support/stage.h"

namespace barnabas::client {
namespace {

using protocol::ErrorCode;
using support::FakeBroker;

const TopicPartition orders{"orders", PartitionIndex(0)};

ConsumerOptions consumer_options() {
    ConsumerOptions options;
    options.cluster.bootstrap = {{"10.0.0.1", 9092}};
    options.cluster.client_id = "desk";
    options.cluster.request_timeout = 1s;
    return options;
}

class ConsumerTest : public testing::Test {
  protected:
    void make(const ConsumerOptions& options, std::optional<Offset> from = std::nullopt) {
        stage = std::make_unique<support::Stage<Consumer>>(Consumer(options));
        talk = std::make_unique<support::Talk<Consumer>>(*stage, broker);
        stage->tell(event::Started{});
        stage->turn([&](Consumer& consumer, Turn& turn) { consumer.assign(orders, from, turn); });
    }
    // One batch with a record for each letter.
    void append(std::string_view letters) {
        auto& log = broker.log("orders", 0);
        records::BatchBuilder builder;
        for (const char& letter : letters) {
            builder.add(1000, std::nullopt, as_bytes(std::string_view(&letter, 1)));
        }
        const Chain chain = records::stamp(builder.finish(), log.end, LeaderEpoch(0));
        log.batches.push_back(chain.flatten());
        log.end = log.end + static_cast<std::int64_t>(letters.size());
    }
    std::string taken() {
        std::string text;
        for (const Delivered& one : stage->machine.take()) {
            EXPECT_EQ(one.offset, expected_next);
            expected_next = one.offset + 1;
            text += one.value->text();
        }
        return text;
    }

    FakeBroker broker;
    std::unique_ptr<support::Stage<Consumer>> stage;
    std::unique_ptr<support::Talk<Consumer>> talk;
    Offset expected_next{0};
};

TEST_F(ConsumerTest, ReadsFromTheEarliest) {
    append("abc");
    append("de");
    make(consumer_options());
    talk->pass(1s);
    EXPECT_EQ(taken(), "abcde");
    append("f");
    talk->pass(1s);
    EXPECT_EQ(taken(), "f");
    EXPECT_EQ(stage->machine.position(orders), Offset(6));
    EXPECT_EQ(stage->machine.high_watermark(orders), Offset(6));
}

TEST_F(ConsumerTest, ReadsFromTheLatest) {
    append("abc");
    auto late = consumer_options();
    late.reset = Start::latest;
    make(late);
    talk->pass(1s);
    EXPECT_EQ(taken(), "");
    append("d");
    talk->pass(1s);
    expected_next = Offset(3);
    EXPECT_EQ(taken(), "d");
}

// A batch comes whole; what stands before the position is not given out.
TEST_F(ConsumerTest, BeginsInTheMiddleOfABatch) {
    append("abcde");
    make(consumer_options(), Offset(3));
    expected_next = Offset(3);
    talk->pass(1s);
    EXPECT_EQ(taken(), "de");
}

TEST_F(ConsumerTest, BeginsAnewWhenItsPositionIsGone) {
    append("ab");
    make(consumer_options(), Offset(9));
    talk->pass(1s);
    EXPECT_EQ(taken(), "ab");
    const auto& resets = stage->machine.resets();
    ASSERT_EQ(resets.size(), 2u);
    EXPECT_EQ(resets[1].from, Offset(9));
    EXPECT_EQ(resets[1].to, Offset(0));
}

TEST_F(ConsumerTest, ABatchWhoseCrcDoesNotHoldIsNotGivenOut) {
    append("ab");
    append("cd");
    auto& batches = broker.log("orders", 0).batches;
    const Bytes whole = batches[1];
    std::vector<std::uint8_t> bent(whole.begin(), whole.end());
    bent.back() ^= 1;
    batches[1] = Bytes::own(bent);
    make(consumer_options());
    talk->pass(1s);
    EXPECT_EQ(taken(), "ab");
    EXPECT_GT(stage->machine.corrupt_batches(), 0u);
    batches[1] = whole;
    talk->pass(3s);
    EXPECT_EQ(taken(), "cd");
}

TEST_F(ConsumerTest, ErrorsOfAPartitionAreWaitedOut) {
    append("ab");
    broker.fetch_errors = {ErrorCode::not_leader_or_follower, ErrorCode::kafka_storage_error,
                           ErrorCode::unknown_topic_id};
    make(consumer_options());
    talk->pass(3s);
    EXPECT_EQ(taken(), "ab");
}

TEST_F(ConsumerTest, GoesOnWhereItWasAfterALostConnection) {
    append("ab");
    make(consumer_options());
    talk->pass(1s);
    EXPECT_EQ(taken(), "ab");
    const ConnectionId line = dialled(std::uint64_t{1} << 32);  // to the broker itself
    stage->tell(event::Disconnected{line, Reason::reset});
    append("cd");
    talk->pass(1s);
    EXPECT_EQ(taken(), "cd");
}

TEST_F(ConsumerTest, SeveralPartitionsShareAFetch) {
    broker.partitions = 3;
    append("ab");
    make(consumer_options());
    stage->turn([&](Consumer& consumer, Turn& turn) {
        consumer.assign({"orders", PartitionIndex(1)}, std::nullopt, turn);
        consumer.assign({"orders", PartitionIndex(2)}, std::nullopt, turn);
    });
    talk->pass(1s);
    EXPECT_EQ(taken(), "ab");
    EXPECT_EQ(stage->machine.position({"orders", PartitionIndex(2)}), Offset(0));
}

}  // namespace
}  // namespace barnabas::client
