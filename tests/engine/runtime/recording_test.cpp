// A recording reads back, survives a cut tail, and finds the first turn that goes another way.
#include "engine/runtime/recording.h"

#include <gtest/gtest.h>

#include "engine/runtime/visit.h"

namespace barnabas {
namespace {

// Draws a die at each event, and from event `odd_from` on asks for something else.
struct Dicer {
    std::uint64_t odd_from = UINT64_MAX;
    std::uint64_t events = 0;

    void on(const Event& event, Turn& turn) {
        ++events;
        const std::uint64_t die = turn.random(Concern::workload).below(6);
        turn.ask(effect::ArmTimer{Token(die), turn.now + std::chrono::milliseconds(die)});
        if (const auto* received = std::get_if<event::Received>(&event))
            turn.ask(effect::Send{received->connection, Chain(received->frame)});
        if (events >= odd_from) turn.ask(effect::Exit{1});
    }
    void digest(Hasher& hasher) const { hasher.add(events); }
};

constexpr std::uint64_t seed = 11;

std::vector<std::uint8_t> record(std::uint64_t turns) {
    std::vector<std::uint8_t> out;
    write_header(out, {seed, "dicer"});
    Dicer dicer;
    Randoms random(seed);
    for (std::uint64_t i = 0; i < turns; ++i) {
        Event event = event::Received{ConnectionId(i), Bytes::copy(std::to_string(i))};
        if (i == 0) event = event::Started{};
        const Instant now{Duration(1000 * i)};
        const WallTime wall{WallTime::duration(i)};
        write_turn_begin(out, event, now, wall);
        std::vector<Effect> effects;
        Turn turn{now, wall, random, effects};
        dicer.on(event, turn);
        write_turn_end(out, effects);
    }
    return out;
}

Recording open(std::vector<std::uint8_t> bytes) {
    auto recording = Recording::open(Bytes::own(std::move(bytes)));
    EXPECT_TRUE(recording) << (recording ? "" : recording.error());
    return *recording;
}

TEST(Recording, ReadsBackWhatWasWritten) {
    Recording recording = open(record(3));
    EXPECT_EQ(recording.header().seed, seed);
    EXPECT_EQ(recording.header().setup, "dicer");
    for (std::uint64_t i = 0; i < 3; ++i) {
        const auto turn = recording.next();
        ASSERT_TRUE(turn && *turn);
        EXPECT_EQ((*turn)->now, Instant(Duration(1000 * i)));
        EXPECT_EQ((*turn)->wall, WallTime(WallTime::duration(i)));
        EXPECT_TRUE((*turn)->effects);
        EXPECT_EQ(name_of((*turn)->event), i == 0 ? "Started" : "Received");
    }
    const auto end = recording.next();
    ASSERT_TRUE(end);
    EXPECT_FALSE(*end);
    EXPECT_EQ(recording.tail(), 0u);
}

TEST(Recording, WhatIsNoRecordingIsSaidInWords) {
    EXPECT_FALSE(Recording::open(Bytes()));
    EXPECT_FALSE(Recording::open(Bytes::copy("something else altogether, and long")));
    std::vector<std::uint8_t> bytes = record(1);
    bytes[10] ^= 1;
    EXPECT_EQ(Recording::open(Bytes::own(bytes)).error(), "the recording's header is damaged");
    bytes.resize(20);
    EXPECT_FALSE(Recording::open(Bytes::own(bytes)));
}

TEST(Replay, OfTheSameMachineIsEqual) {
    Replay replay(open(record(50)), Dicer{});
    const Replay::Report& report = replay.finish();
    EXPECT_EQ(report.turns, 50u);
    EXPECT_FALSE(report.difference);
    EXPECT_FALSE(report.ended_in_turn);
    EXPECT_EQ(report.tail, 0u);
    EXPECT_EQ(report.error, "");
    EXPECT_EQ(replay.machine().as<Dicer>()->events, 50u);
}

TEST(Replay, NamesTheFirstTurnThatGoesAnotherWay) {
    Replay replay(open(record(50)), Dicer{.odd_from = 7});
    const Replay::Report& report = replay.finish();
    ASSERT_TRUE(report.difference);
    EXPECT_EQ(report.turns, 7u);
    EXPECT_EQ(report.difference->turn, 7u);
    EXPECT_EQ(report.difference->event, "Received connection=6 frame=1 bytes");
    ASSERT_EQ(report.difference->effects.size(), 3u);
    EXPECT_EQ(report.difference->effects.back(), "Exit code=1");
    EXPECT_FALSE(replay.step());
}

// Cut anywhere, a recording still tells every turn that is whole.
TEST(Replay, ACutTailCostsOnlyTheTurnsBehindTheCut) {
    const std::vector<std::uint8_t> whole = record(5);
    const std::size_t header = record(0).size();
    std::uint64_t turns_before = 0;
    for (std::size_t size = header; size < whole.size(); ++size) {
        Replay replay(open({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)}),
                      Dicer{});
        const Replay::Report& report = replay.finish();
        EXPECT_EQ(report.error, "");
        EXPECT_FALSE(report.difference);
        EXPECT_GE(report.turns, turns_before);
        turns_before = report.turns;
    }
    EXPECT_EQ(turns_before, 5u);
}

TEST(Replay, AFlippedByteEndsTheRecordingThere) {
    std::vector<std::uint8_t> bytes = record(5);
    bytes[record(2).size() + 20] ^= 0x40;
    Replay replay(open(bytes), Dicer{});
    EXPECT_EQ(replay.finish().turns, 2u);
    EXPECT_GT(replay.report().tail, 0u);
}

// Draws a secret at each event, which no seed tells.
struct Keeper {
    void on(const Event&, Turn& turn) {
        turn.ask(effect::ArmTimer{Token(turn.random(Concern::secret).next()), turn.now});
    }
    void digest(Hasher&) const {}
};

TEST(Replay, KnowsTheSecretsOfItsNode) {
    std::vector<std::uint8_t> out;
    write_header(out, {seed, "keeper"});
    Randoms random(seed);
    std::vector<Token> drawn;
    for (std::uint64_t i = 1; i <= 3; ++i) {
        random.feed_secret({i, i, i, i});
        write_secret(out, {i, i, i, i});
        write_turn_begin(out, event::Started{}, Instant(), WallTime());
        std::vector<Effect> effects;
        Turn turn{Instant(), WallTime(), random, effects};
        EXPECT_FALSE(random.is_secret_used());
        Keeper().on(event::Started{}, turn);
        EXPECT_TRUE(random.is_secret_used());
        drawn.push_back(std::get<effect::ArmTimer>(effects.front()).timer);
        write_turn_end(out, effects);
    }
    EXPECT_NE(drawn[0], drawn[1]);
    Replay replay(open(out), Keeper{});
    const Replay::Report& report = replay.finish();
    EXPECT_EQ(report.turns, 3u);
    EXPECT_FALSE(report.difference);
    EXPECT_EQ(report.error, "");
}

// The event is written before its turn runs: what kills a machine is in the recording.
TEST(Replay, TheTurnThatKilledTheMachineIsTheLastOne) {
    std::vector<std::uint8_t> bytes = record(3);
    write_turn_begin(bytes, event::TimerFired{Token(1)}, Instant(), WallTime());
    Replay replay(open(bytes), Dicer{});
    EXPECT_EQ(replay.finish().turns, 4u);
    EXPECT_TRUE(replay.report().ended_in_turn);
}

}  // namespace
}  // namespace barnabas
