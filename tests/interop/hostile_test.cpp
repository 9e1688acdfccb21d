// Clients that send what they should not, or do not take what they asked for. Each is refused or
// waited for within bounds, and costs nobody else anything.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/interop/broker.h"

namespace barnabas::interop {
namespace {

using support::Frame;
using support::FrameBuilder;
using support::Socket;

constexpr std::int16_t corrupt_message = 2;
constexpr std::int16_t unsupported_version = 35;

std::int64_t now_ms() {
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
}

// One broker for all of them: whatever one left behind, the next meets.
class Hostile : public ::testing::Test {
  protected:
    static void SetUpTestSuite() {
        raise_descriptor_limit();
        broker_ = new Broker;
        Wire wire(broker_->port());
        wire.create_topics("witness");
        support::eventually([&] { return wire.offset("witness", 0, true) == 0; });
    }
    static void TearDownTestSuite() {
        delete broker_;
        broker_ = nullptr;
    }

    void SetUp() override { memory_before_ = broker_->memory(); }
    // Another client is served as ever, and the broker has not grown out of bounds.
    void TearDown() override {
        ASSERT_TRUE(broker_->process().is_running()) << broker_->said();
        expect_served();
        EXPECT_LT(broker_->memory() - memory_before_, memory_growth_max_kib);
    }

    static void expect_served() {
        Wire witness(broker_->port());
        const Bytes batch = support::batch_of(3, 100, now_ms());
        const std::int64_t before = witness.offset("witness", 0, true);
        const auto answer = witness.produce("witness", 0, 1, batch);
        EXPECT_EQ(answer.error, 0);
        EXPECT_EQ(answer.base_offset, before);
        const auto fetched = witness.ask(support::fetch_request("witness", 0, before));
        ASSERT_TRUE(fetched);
        EXPECT_EQ(support::read_fetch_answer(*fetched).records.size(), batch.size());
    }
    // Frames beyond what is read without asking: one of usual size, and one of 90 MB, whose batch
    // is refused for its size when it has come.
    static void expect_large_frames_served(std::uint16_t port) {
        constexpr std::int16_t message_too_large = 10;
        Wire client(port);
        const Bytes usual = support::batch_of(300, 1000, now_ms());
        EXPECT_EQ(client.produce("witness", 0, 1, usual).error, 0);
        const Bytes huge = support::batch_of(90, 1'000'000, now_ms());
        EXPECT_EQ(client.produce("witness", 0, 1, huge).error, message_too_large);
    }
    static Socket dial() { return support::dial_loopback(broker_->port()); }
    static void expect_hung_up_on(ByteView bytes) {
        Socket socket = dial();
        ASSERT_TRUE(socket.send_all(bytes));
        EXPECT_TRUE(socket.is_ended_by_peer());
    }

    static constexpr std::int64_t memory_growth_max_kib = 128 << 10;
    static Broker* broker_;
    std::int64_t memory_before_ = 0;
};
Broker* Hostile::broker_ = nullptr;

std::vector<std::uint8_t> length_prefix(std::int32_t length) {
    std::vector<std::uint8_t> bytes(4);
    store_big(bytes.data(), length);
    return bytes;
}

TEST_F(Hostile, OversizedFrameIsHungUpOn) { expect_hung_up_on(length_prefix(0x7fffffff)); }

TEST_F(Hostile, FrameJustOverTheLimitIsHungUpOn) {
    expect_hung_up_on(length_prefix(100 * 1024 * 1024 + 1));  // socket.request.max.bytes is 100 MiB
}

TEST_F(Hostile, NegativeLengthIsHungUpOn) { expect_hung_up_on(length_prefix(-1)); }

TEST_F(Hostile, TextOfAnotherProtocolIsHungUpOn) {
    expect_hung_up_on(as_bytes("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"));
}

TEST_F(Hostile, FrameWithoutAHeaderIsHungUpOn) {
    auto bytes = length_prefix(3);
    bytes.insert(bytes.end(), {0, 18, 0});
    expect_hung_up_on(bytes);
}

TEST_F(Hostile, UnknownApiIsHungUpOn) { expect_hung_up_on(FrameBuilder(9999, 0).finish()); }

TEST_F(Hostile, UnknownVersionIsHungUpOn) {
    expect_hung_up_on(FrameBuilder(3, 99).count(0).finish());
}

// The one API that answers a version it does not know, so that clients can find a common one.
TEST_F(Hostile, UnknownVersionOfApiVersionsIsAnswered) {
    Wire wire(broker_->port());
    const auto answer = wire.ask(support::api_versions_request(99));
    ASSERT_TRUE(answer);
    support::AnswerReader reader(*answer);
    reader.number<std::int32_t>();
    EXPECT_EQ(reader.number<std::int16_t>(), unsupported_version);
}

TEST_F(Hostile, CountBeyondTheFrameIsHungUpOn) {
    expect_hung_up_on(FrameBuilder(3, 4).number<std::int32_t>(0x7ffffff0).finish());
}

TEST_F(Hostile, FrameCutShortBelowItsFieldsIsHungUpOn) {
    Frame frame = support::produce_request("witness", 0, 1, support::batch_of(1, 100, now_ms()));
    frame.resize(frame.size() / 2);
    store_big(frame.data(), static_cast<std::int32_t>(frame.size() - 4));
    expect_hung_up_on(frame);
}

TEST_F(Hostile, EndInTheMiddleOfAFrameCostsNothing) {
    for (int i = 0; i < 200; ++i) {
        Socket socket = dial();
        socket.send_all(length_prefix(1000));
        socket.send_all(as_bytes("begun"));
        if (i % 2 == 0) socket.reset();
    }
}

// Memory for a frame may be given when its bytes come, not when its length is announced.
TEST_F(Hostile, HalfOpenFramesHoldLittleMemory) {
    std::vector<Socket> sockets;
    for (int i = 0; i < 200; ++i) {
        sockets.push_back(dial());
        ASSERT_TRUE(sockets.back().send_all(length_prefix(50 << 20)));
        ASSERT_TRUE(sockets.back().send_all(as_bytes("begun")));
    }
    expect_served();
    EXPECT_LT(broker_->memory() - memory_before_, memory_growth_max_kib);
}

// Large frames of others are read on, however many were announced and do not come.
TEST_F(Hostile, AnnouncedFramesThatDoNotComeHoldNobodyUp) {
    std::vector<Socket> silent;
    for (int i = 0; i < 6; ++i) {
        silent.push_back(dial());
        ASSERT_TRUE(silent.back().send_all(length_prefix(i < 5 ? 100 << 20 : 12'000'000)));
    }
    expect_served();
    expect_large_frames_served(broker_->port());
    EXPECT_LT(broker_->memory() - memory_before_, memory_growth_max_kib);
}

// The same where all memory that there may be is taken by frames of which a part has come, and
// more comes byte by byte: they are given up for those that wait.
TEST_F(Hostile, FramesThatComeByteByByteHoldNobodyUp) {
    Broker small({"queued.max.request.bytes=4000000"});
    Wire(small.port()).create_topics("witness");
    Wire first(small.port());
    ASSERT_TRUE(support::eventually([&] { return first.offset("witness", 0, true) == 0; }));
    const std::vector<std::uint8_t> part(2'500'000, 'x');
    std::vector<Socket> slow;
    for (int i = 0; i < 4; ++i) {
        slow.push_back(support::dial_loopback(small.port()));
        ASSERT_TRUE(slow.back().send_all(length_prefix(50 << 20)));
        slow.back().send_all(part, support::Milliseconds(200));
    }
    std::atomic<bool> is_over = false;
    std::thread drip([&] {
        while (!is_over)
            for (Socket& socket : slow) socket.send_all(as_bytes("x"), support::Milliseconds(10));
    });
    for (int i = 0; i < 3; ++i) expect_large_frames_served(small.port());
    is_over = true;
    drip.join();
}

TEST_F(Hostile, BytesOneByOneAreAFrameAllTheSame) {
    Wire wire(broker_->port());
    const Frame request = support::api_versions_request();
    for (const std::uint8_t& byte : request) ASSERT_TRUE(wire.socket().send_all({&byte, 1}));
    EXPECT_TRUE(wire.answer());
}

TEST_F(Hostile, RandomBytesInsideFramesAreSurvived) {
    std::uint64_t state = 7;
    for (int i = 0; i < 500; ++i) {
        FrameBuilder frame(static_cast<std::int16_t>(i % 76), static_cast<std::int16_t>(i % 14));
        for (int left = 0; left < 40; ++left) {
            state = state * 6364136223846793005ull + 1442695040888963407ull;
            frame.number(static_cast<std::int8_t>(state >> 56));
        }
        Socket socket = dial();
        ASSERT_TRUE(socket.send_all(frame.finish()));
    }
}

TEST_F(Hostile, BatchWithABadCrcIsNotStored) {
    Wire wire(broker_->port());
    const std::int64_t before = wire.offset("witness", 0, true);
    const Bytes good = support::batch_of(3, 100, now_ms());
    std::vector<std::uint8_t> batch(good.begin(), good.end());
    batch.back() ^= 1;
    EXPECT_EQ(wire.produce("witness", 0, 1, batch).error, corrupt_message);
    EXPECT_EQ(wire.offset("witness", 0, true), before);
}

// Its CRC is right, so only a walk over the records finds it.
TEST_F(Hostile, BatchWithBrokenRecordsIsNotStored) {
    Wire wire(broker_->port());
    const std::int64_t before = wire.offset("witness", 0, true);
    const Bytes good = support::batch_of(3, 100, now_ms());
    std::vector<std::uint8_t> batch(good.begin(), good.end());
    batch[records::batch_head_bytes] = 0x7f;  // the first record's length
    store_big(batch.data() + 17, records::crc_of(batch));
    EXPECT_NE(wire.produce("witness", 0, 1, batch).error, 0);
    EXPECT_EQ(wire.offset("witness", 0, true), before);
}

// Without an answer a client notices only by the connection's end that its records are gone.
TEST_F(Hostile, BadBatchWithoutAnAnswerEndsTheConnection) {
    const Bytes good = support::batch_of(3, 100, now_ms());
    std::vector<std::uint8_t> batch(good.begin(), good.end());
    batch.back() ^= 1;
    expect_hung_up_on(support::produce_request("witness", 0, 0, batch));
}

// What a client does not take waits in the broker up to a bound; then its requests wait instead.
TEST_F(Hostile, ClientThatNeverReadsIsBounded) {
    Wire(broker_->port()).create_topics("unread");
    Wire filler(broker_->port());
    const Bytes batch = support::batch_of(250, 1000, now_ms());
    ASSERT_TRUE(support::eventually([&] { return filler.offset("unread", 0, true) >= 0; }));
    for (int i = 0; i < 40; ++i) {
        ASSERT_EQ(filler.produce("unread", 0, 1, batch).error, 0);
    }
    const std::int64_t memory = broker_->memory();
    std::vector<Socket> sockets;
    for (int i = 0; i < 20; ++i) {
        sockets.push_back(dial());
        const Frame fetch =
            support::fetch_request("unread", 0, 0, {.wait_max_ms = 0, .bytes_max = 8 << 20});
        for (int k = 0; k < 50; ++k) {
            if (!sockets.back().send_all(fetch, support::Milliseconds(20))) break;
        }
    }
    expect_served();
    EXPECT_LT(broker_->memory() - memory, memory_growth_max_kib);
}

// As the one above, with answers that are made in memory instead of a file.
TEST_F(Hostile, ClientThatNeverReadsSmallAnswersIsBounded) {
    std::vector<Frame> requests(10'000, support::api_versions_request());
    std::vector<std::uint8_t> all;
    for (const Frame& request : requests) all.insert(all.end(), request.begin(), request.end());
    std::vector<Socket> sockets;
    for (int i = 0; i < 20; ++i) {
        sockets.push_back(dial());
        for (int k = 0; k < 20; ++k) {
            if (!sockets.back().send_all(all, support::Milliseconds(20))) break;
        }
    }
    expect_served();
    EXPECT_LT(broker_->memory() - memory_before_, memory_growth_max_kib);
}

// Each answer is much larger than its request.
TEST_F(Hostile, ClientThatNeverReadsLargeAnswersToSmallRequestsIsBounded) {
    Wire(broker_->port()).create_topics("wide", 1, 1000);
    const Frame request =
        FrameBuilder(3, 4).number<std::int32_t>(-1).number<std::int8_t>(0).finish();
    ASSERT_TRUE(support::eventually([&] {
        const auto answer = Wire(broker_->port()).ask(request);
        return answer && answer->size() > 20'000;
    }));
    std::vector<std::uint8_t> all;
    while (all.size() < (2u << 20)) all.insert(all.end(), request.begin(), request.end());
    std::vector<Socket> sockets;
    for (int i = 0; i < 20; ++i) {
        sockets.push_back(dial());
        sockets.back().send_all(all, support::Milliseconds(20));
    }
    expect_served();
    EXPECT_LT(broker_->memory() - memory_before_, memory_growth_max_kib);
}

// As Apache Kafka, which reads no further frame of a connection before it has answered the last.
TEST_F(Hostile, WhatCameBeforeGarbageIsAnswered) {
    const Bytes batch = support::batch_of(1, 100, now_ms());
    for (const Frame& bad :
         {length_prefix(-1), length_prefix(0x7fffffff), FrameBuilder(9999, 0).finish(),
          FrameBuilder(3, 99).count(0).finish()}) {
        Wire wire(broker_->port());
        Frame both = support::produce_request("witness", 0, 1, batch);
        both.insert(both.end(), bad.begin(), bad.end());
        ASSERT_TRUE(wire.socket().send_all(both));
        const auto answer = wire.answer();
        ASSERT_TRUE(answer) << bad.size();
        EXPECT_EQ(support::read_produce_answer(*answer).error, 0);
        EXPECT_TRUE(wire.socket().is_ended_by_peer());
    }
}

TEST_F(Hostile, TenThousandIdleConnectionsLeaveRoomForOthers) {
    const std::size_t count = std::min<std::size_t>(10'000, raise_descriptor_limit() - 200);
    std::vector<Socket> sockets;
    for (std::size_t i = 0; i < count; ++i) {
        sockets.push_back(dial());
        ASSERT_TRUE(sockets.back()) << "connection " << i;
    }
    expect_served();
    // Each of them may still become a client.
    ASSERT_TRUE(sockets.back().send_all(support::api_versions_request()));
    EXPECT_TRUE(sockets.back().read(4));
    EXPECT_LT(broker_->memory() - memory_before_, memory_growth_max_kib);
}

}  // namespace
}  // namespace barnabas::interop
