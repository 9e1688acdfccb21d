// A session shows the run and does not disturb it: whichever way a position was reached, it looks
// the same, and at the end the trace hash is that of a run without a window.
#include "gui/session/sim_session.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/gui/session/after.h"
#include "tests/gui/session/echo.h"

namespace barnabas::gui {
namespace {

// All that follows from the position alone.
void expect_same(const Snapshot& a, const Snapshot& b) {
    EXPECT_EQ(a.position, b.position);
    EXPECT_EQ(a.now, b.now);
    EXPECT_EQ(a.hash, b.hash);
    EXPECT_EQ(a.nodes, b.nodes);
    EXPECT_EQ(a.links, b.links);
    EXPECT_EQ(a.messages, b.messages);
    EXPECT_EQ(a.questions, b.questions);
}

TEST(SimSession, StepsForwardsOneEventAtATime) {
    SimSession session{EchoSubject(), echo_info()};
    for (std::uint64_t i = 1; i <= 20; ++i)
        EXPECT_EQ(after(session, command::Step{1})->position, i);
    EXPECT_EQ(session.events().size(), 20);
}

TEST(SimSession, ASteppedBackPositionLooksAsItDid) {
    SimSession session{EchoSubject(), echo_info()};
    std::vector<SnapshotPointer> seen = {session.snapshot()};
    for (int i = 0; i < 700; ++i) seen.push_back(after(session, command::Step{1}));
    for (std::size_t i = 700; i-- > 0;) {
        const SnapshotPointer back = after(session, command::Step{-1});
        expect_same(*back, *seen[i]);
        ASSERT_EQ(back->position, i);
    }
    EXPECT_EQ(after(session, command::Step{-1})->position, 0) << "there is nothing before 0";
}

TEST(SimSession, TheHashIsThatOfARunWithoutASession) {
    SimSession session{EchoSubject(), echo_info()};
    after(session, command::SetSpeed{10'000});
    session.post(command::Play{});
    after(session, command::SeekTime{Instant(300ms)});
    after(session, command::Step{-40});
    after(session, command::Step{7});
    after(session, command::SeekEnd{});
    after(session, command::SeekPosition{123});
    after(session, command::SetSpeed{0.5});
    session.post(command::Play{});
    after(session, command::Pause{});
    const SnapshotPointer end = after(session, command::SeekEnd{});
    EXPECT_TRUE(end->at_end);
    EXPECT_EQ(end->hash, echo_hash());
    EXPECT_NE(end->hash, echo_hash(EchoSubject(8)));
}

RC_GTEST_PROP(SimSession, AnyWalkEndsWhereAStraightOneDoes, ()) {
    SimSession session{EchoSubject(), echo_info()};
    const auto walk = *rc::gen::container<std::vector<std::int64_t>>(rc::gen::inRange(-300, 400));
    for (const std::int64_t events : walk) session.post(command::Step{events});
    const SnapshotPointer there = after(session, command::Step{0});
    SimSession straight{EchoSubject(), echo_info()};
    // Behind its last event the run is over, and the clock may have gone on.
    const SnapshotPointer here = there->at_end
                                     ? after(straight, command::SeekEnd{})
                                     : after(straight, command::SeekPosition{there->position});
    RC_ASSERT(here->hash == there->hash);
    RC_ASSERT(here->messages == there->messages);
    RC_ASSERT(here->nodes == there->nodes);
}

TEST(SimSession, ATimeIsTheLastPositionNotAfterIt) {
    SimSession session{EchoSubject(), echo_info()};
    for (const auto wanted : {150ms, 20ms, 222ms, 0ms, 600ms}) {
        const SnapshotPointer there = after(session, command::SeekTime{Instant(wanted)});
        EXPECT_LE(there->now, Instant(wanted));
        EXPECT_EQ(there->playhead, Instant(wanted));
        ASSERT_GT(session.events().size(), there->position);
        EXPECT_GT(session.events().time(there->position), Instant(wanted));
    }
}

TEST(SimSession, MessagesNameTheirApiBothWays) {
    SimSession session{EchoSubject(), echo_info()};
    bool request = false;
    bool response = false;
    for (int i = 0; i < 40; ++i) {
        for (const MessageView& message : after(session, command::Step{1})->messages) {
            if (message.kind == MessageView::Kind::control) continue;
            EXPECT_EQ(message.name, "Produce");
            EXPECT_LT(message.sent, message.arrives);
            (message.kind == MessageView::Kind::request ? request : response) = true;
        }
    }
    EXPECT_TRUE(request);
    EXPECT_TRUE(response);
    bool named = false;
    for (std::uint64_t i = 0; i < session.events().size(); ++i) {
        const EventRow row = session.events()[i];
        if (row.kind == EventKind::received && row.is_response) {
            EXPECT_EQ(row.api, 0);
            EXPECT_EQ(row.peer, 0);
            EXPECT_LT(row.sent, row.at);
            named = true;
        }
    }
    EXPECT_TRUE(named);
}

TEST(SimSession, FaultsAreBandsFromBeginningToEnd) {
    SimSession session{EchoSubject(), echo_info()};
    const SnapshotPointer held = after(session, command::SeekTime{Instant(240ms)});
    ASSERT_EQ(held->bands.size(), 1);
    EXPECT_EQ(held->bands[0].kind, Band::Kind::clogged);
    EXPECT_EQ(held->bands[0].from, Instant(200ms));
    const SnapshotPointer end = after(session, command::SeekEnd{});
    ASSERT_GE(end->bands.size(), 2);
    EXPECT_TRUE(end->bands[0].until);
    EXPECT_EQ(end->bands[1].kind, Band::Kind::down);
    EXPECT_EQ(end->bands[1].node, 0);
    ASSERT_TRUE(end->bands[1].until);
    EXPECT_GE(*end->bands[1].until - end->bands[1].from, 20ms);
    EXPECT_EQ(after(session, command::SeekPosition{0})->bands, end->bands) << "seen is seen";
}

TEST(SimSession, PlayingMovesTheClockAndPauseStopsIt) {
    SimSession session{EchoSubject(), echo_info()};
    after(session, command::SetSpeed{10'000});
    after(session, command::Play{});
    SnapshotPointer now = session.snapshot();
    while (!now->at_end) now = after(session, command::SetSpeed{10'000});
    EXPECT_FALSE(now->is_playing) << "a run that is over does not play";
    EXPECT_EQ(now->verdict, "every frame came back");
}

}  // namespace
}  // namespace barnabas::gui
