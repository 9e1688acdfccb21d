// Connections in a world keep the promises of the door, and links can be made to suffer.
#include <gtest/gtest.h>

#include "tests/sim/world/puppet.h"

namespace barnabas::sim {
namespace {

const Latency one_second{.least = 1s, .spread = 0s, .slow_per_million = 0, .slow = 0s};

std::string frames_of(const Puppet& puppet) {
    std::string text;
    for (const auto& received : puppet.all<event::Received>())
        text += std::string(received.frame.text()) + ".";
    return text;
}

TEST(WorldNetwork, BothSidesHearOfAConnectionAndItsEnd) {
    Stage stage({}, {.acts = {{sends(1, "last words"), effect::HangUp{dialled(1)}}}});
    stage.act(stage.right);
    stage.run(1s);
    EXPECT_EQ(stage.at(stage.left).story(), "Started Listening Connected Received Disconnected");
    EXPECT_EQ(stage.at(stage.right).story(), "Started Connected Operator Disconnected");
    EXPECT_EQ(frames_of(stage.at(stage.left)), "last words.");
    EXPECT_EQ(stage.at(stage.left).all<event::Disconnected>()[0].reason, Reason::closed);
    EXPECT_EQ(stage.at(stage.right).all<event::Disconnected>()[0].reason, Reason::hung_up);
    const auto accepted = stage.at(stage.left).all<event::Connected>()[0];
    EXPECT_EQ(accepted.listener, ListenerId(1));
    EXPECT_EQ(accepted.local, (Endpoint{"10.0.0.1", 9092}));
    EXPECT_EQ(accepted.remote, stage.at(stage.right).all<event::Connected>()[0].local);
    EXPECT_TRUE(stage.world.connections().empty());
}

TEST(WorldNetwork, WhoeverDialsWronglyHearsWhy) {
    Stage stage({}, {.at_start = {effect::Dial{dialled(2), {"10.9.9.9", 9092}},
                                  effect::Dial{dialled(3), {"10.0.0.1", 1}},
                                  effect::Dial{dialled(4), {"left", 9092}}}});
    const auto ends = stage.at(stage.right).all<event::Disconnected>();
    ASSERT_EQ(ends.size(), 2u);
    EXPECT_EQ(ends[0].connection, dialled(2));
    EXPECT_EQ(ends[0].reason, Reason::unreachable);
    EXPECT_EQ(ends[1].connection, dialled(3));
    EXPECT_EQ(ends[1].reason, Reason::refused);
    EXPECT_EQ(stage.at(stage.right).all<event::Connected>().size(), 2u) << "a name will do as well";
}

TEST(WorldNetwork, ListenersAreRefusedWhatIsTakenOrForeign) {
    Stage stage({.at_start = {effect::Listen{ListenerId(2), {"", 9092}},
                              effect::Listen{ListenerId(3), {"10.0.0.2", 1000}},
                              effect::Listen{ListenerId(4), {"10.0.0.1", 0}}},
                 .acts = {{effect::Unlisten{ListenerId(1)}}}},
                {.acts = {{effect::Dial{dialled(2), {"10.0.0.1", 9092}}}}});
    const auto answers = stage.at(stage.left).all<event::Listening>();
    ASSERT_EQ(answers.size(), 4u);
    EXPECT_TRUE(answers[0].open);
    EXPECT_EQ(answers[1].error, "address already in use");
    EXPECT_EQ(answers[2].error, "cannot assign requested address");
    EXPECT_TRUE(answers[3].open);
    EXPECT_NE(answers[3].at.port, 0);
    stage.act(stage.left);
    stage.run(1s);
    stage.act(stage.right);
    stage.run(1s);
    EXPECT_EQ(stage.at(stage.right).all<event::Disconnected>()[0].reason, Reason::refused);
}

TEST(WorldNetwork, AFrameBeyondTheCreditIsAnnouncedAndAgainWhenMoreIsUsedUp) {
    Stage stage({.acts = {{effect::Admit{ConnectionId(1), 4}}, {effect::Admit{ConnectionId(1), 1}}},
                 .credit = 0},
                {.acts = {{sends(1, "hello"), sends(1, "again")}}});
    stage.act(stage.right);
    stage.run(1s);
    EXPECT_EQ(stage.at(stage.left).all<event::Arriving>().size(), 1u);
    EXPECT_EQ(stage.at(stage.left).all<event::Arriving>()[0].length, 5u);
    stage.act(stage.left);
    stage.run(1s);
    EXPECT_EQ(stage.at(stage.left).all<event::Received>().size(), 0u);
    EXPECT_EQ(stage.at(stage.left).all<event::Arriving>().size(), 2u);
    stage.act(stage.left);
    stage.run(1s);
    EXPECT_EQ(frames_of(stage.at(stage.left)), "hello.");
    EXPECT_EQ(stage.at(stage.left).all<event::Arriving>().size(), 3u) << "the next frame";
}

TEST(WorldNetwork, APausedConnectionTellsNothing) {
    Stage stage({.acts = {{effect::Pause{ConnectionId(1)}}, {effect::Resume{ConnectionId(1)}}}},
                {.acts = {{sends(1, "hello")}}});
    stage.act(stage.left);
    stage.run(1ms);
    stage.act(stage.right);
    stage.run(1s);
    EXPECT_EQ(frames_of(stage.at(stage.left)), "");
    stage.act(stage.left);
    stage.run(1s);
    EXPECT_EQ(frames_of(stage.at(stage.left)), "hello.");
}

TEST(WorldNetwork, ANegativePrefixIsAnnouncedAndNeverRead) {
    const Chain garbage(Bytes::own({0xff, 0xff, 0xff, 0xff, 1, 2, 3}));
    Stage stage({.credit = UINT64_MAX}, {.acts = {{effect::Send{dialled(1), garbage}}}});
    stage.act(stage.right);
    stage.run(1s);
    ASSERT_EQ(stage.at(stage.left).all<event::Arriving>().size(), 1u);
    EXPECT_EQ(stage.at(stage.left).all<event::Arriving>()[0].length, UINT32_MAX);
}

// More than the window holds comes in pieces: what is read of it takes up no window.
TEST(WorldNetwork, AFrameLargerThanTheWindowComesPieceByPiece) {
    const std::string large(1 << 20, 'x');
    std::vector<std::vector<Effect>> pieces(4, {effect::Admit{ConnectionId(1), 256 << 10}});
    Stage stage({.acts = pieces, .credit = 0}, {.acts = {{sends(1, large)}}});
    stage.act(stage.right);
    stage.run(1s);
    for (std::size_t piece = 1; piece <= pieces.size(); ++piece) {
        EXPECT_EQ(stage.at(stage.left).all<event::Arriving>().size(), piece);
        stage.act(stage.left);
        stage.run(1s);
    }
    ASSERT_EQ(stage.at(stage.left).all<event::Received>().size(), 1u);
    EXPECT_EQ(stage.at(stage.left).all<event::Received>()[0].frame.text(), large);
}

// A reader that does not read must make the sender wait, and the sender must hear of it.
TEST(WorldNetwork, TheSenderHearsHowMuchStillWaits) {
    const std::string large(1 << 20, 'x');
    Stage stage({.acts = {{effect::Admit{ConnectionId(1), 1 << 20}}}, .credit = 0},
                {.acts = {{sends(1, large)}}});
    stage.act(stage.right);
    stage.run(10s);
    ASSERT_EQ(stage.at(stage.right).all<event::Drained>().size(), 1u);
    const std::uint64_t waits = stage.at(stage.right).all<event::Drained>()[0].bytes_left;
    EXPECT_EQ(waits, (1u << 20) + 4 - (256u << 10));
    EXPECT_EQ(stage.world.connections()[0].unread[0], 256u << 10);
    EXPECT_EQ(stage.world.connections()[0].waiting[0], waits);
    stage.act(stage.left);
    stage.run(10s);
    EXPECT_EQ(stage.at(stage.left).all<event::Received>()[0].frame.text(), large);
    const auto drained = stage.at(stage.right).all<event::Drained>();
    for (std::size_t i = 1; i < drained.size(); ++i)
        EXPECT_LE(drained[i].bytes_left, drained[i - 1].bytes_left / 2);
    EXPECT_EQ(drained.back().bytes_left, 0u);
}

TEST(WorldNetwork, OrderIsKeptWithinAConnectionAndNotAcross) {
    const auto orders = [](std::uint64_t seed) {
        Stage stage({},
                    {.at_start = {effect::Dial{dialled(2), {"10.0.0.1", 9092}}},
                     .acts = {{sends(1, "a"), sends(2, "b"), sends(1, "c"), sends(2, "d")}}},
                    {.seed = seed});
        stage.act(stage.right);
        stage.run(1s);
        return frames_of(stage.at(stage.left));
    };
    std::set<std::string> seen;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        const std::string order = orders(seed);
        EXPECT_LT(order.find('a'), order.find('c'));
        EXPECT_LT(order.find('b'), order.find('d'));
        seen.insert(order);
    }
    EXPECT_EQ(seen.size(), 6u) << "every order that the door allows";
}

TEST(WorldNetwork, LatencyAndBandwidthTakeTheirTime) {
    Stage stage({}, {.acts = {{sends(1, "far")}, {sends(1, std::string(1'000'000, 'x'))}}});
    stage.world.set_latency(stage.right, stage.left, one_second);
    const Instant start = stage.world.now();
    stage.act(stage.right);
    stage.run(10s);
    const Duration took = stage.at(stage.left).times<event::Received>()[0] - start;
    EXPECT_GE(took, 1s);
    EXPECT_LT(took, 1s + 1ms);
    stage.world.set_bandwidth(stage.right, stage.left, 100'000);
    const Instant again = stage.world.now();
    stage.act(stage.right);
    stage.run(60s);
    const Duration slow = stage.at(stage.left).times<event::Received>()[1] - again;
    EXPECT_GE(slow, 10s);
    EXPECT_LT(slow, 20s) << "windows add round trips";
}

TEST(WorldNetwork, ACutThatHealsLosesNothing) {
    Stage stage({}, {.acts = {{sends(1, "a")}, {sends(1, "b")}}});
    stage.world.cut(stage.right, stage.left);
    stage.act(stage.right);
    stage.run(10s);
    stage.act(stage.right);
    stage.run(10s);
    EXPECT_EQ(frames_of(stage.at(stage.left)), "");
    ASSERT_FALSE(stage.world.in_flight().empty());
    EXPECT_TRUE(stage.world.in_flight()[0].is_held);
    stage.world.heal(stage.right, stage.left);
    stage.run(1s);
    EXPECT_EQ(frames_of(stage.at(stage.left)), "a.b.");
    EXPECT_TRUE(stage.at(stage.right).all<event::Disconnected>().empty());
}

TEST(WorldNetwork, ACutGoesOneWay) {
    Stage stage({.acts = {{answers(1, "answer")}}}, {.acts = {{sends(1, "question")}}});
    stage.world.cut(stage.left, stage.right);
    stage.act(stage.right);
    stage.act(stage.left);
    stage.run(1s);
    EXPECT_EQ(frames_of(stage.at(stage.left)), "question.");
    EXPECT_EQ(frames_of(stage.at(stage.right)), "");
}

TEST(WorldNetwork, ACutThatLastsIsGivenUpBySenderAndDialler) {
    Stage stage({}, {.acts = {{sends(1, "a")}, {effect::Dial{dialled(2), {"10.0.0.1", 9092}}}}});
    stage.world.cut(stage.right, stage.left);
    stage.act(stage.right);
    stage.run(59s);
    EXPECT_TRUE(stage.at(stage.right).all<event::Disconnected>().empty());
    stage.run(2s);
    ASSERT_EQ(stage.at(stage.right).all<event::Disconnected>().size(), 1u);
    EXPECT_EQ(stage.at(stage.right).all<event::Disconnected>()[0].reason, Reason::reset);
    stage.act(stage.right);
    stage.run(11s);
    ASSERT_EQ(stage.at(stage.right).all<event::Disconnected>().size(), 2u);
    EXPECT_EQ(stage.at(stage.right).all<event::Disconnected>()[1].reason, Reason::timed_out);
    EXPECT_TRUE(stage.at(stage.left).all<event::Disconnected>().empty()) << "half open";
    stage.world.heal_all();
    stage.run(1s);
    EXPECT_EQ(stage.at(stage.left).all<event::Disconnected>()[0].reason, Reason::reset);
}

// What a clog holds back is never given up, and comes all at once.
TEST(WorldNetwork, AClogReleasesABurst) {
    Stage stage({}, {.acts = {{sends(1, "a")}, {sends(1, "b")}, {sends(1, "c")}}});
    stage.world.clog(stage.right, stage.left);
    for (int i = 0; i < 3; ++i) {
        stage.act(stage.right);
        stage.run(100s);
    }
    EXPECT_EQ(frames_of(stage.at(stage.left)), "");
    stage.world.heal(stage.right, stage.left);
    stage.run(1s);
    EXPECT_EQ(frames_of(stage.at(stage.left)), "a.b.c.");
    const auto times = stage.at(stage.left).times<event::Received>();
    EXPECT_LT(times[2] - times[0], 10us);
}

TEST(WorldNetwork, ABrokenConnectionIsHeardOfByBoth) {
    Stage stage({}, {.at_start = {effect::Dial{dialled(2), {"10.0.0.1", 9092}}}});
    ASSERT_EQ(stage.world.connections().size(), 2u);
    stage.world.reset(stage.world.connections()[0].slot);
    stage.run(1s);
    EXPECT_EQ(stage.at(stage.left).all<event::Disconnected>().size(), 1u);
    EXPECT_EQ(stage.at(stage.right).all<event::Disconnected>().size(), 1u);
    stage.world.reset_between(stage.left, stage.right);
    stage.run(1s);
    for (const NodeIndex node : {stage.left, stage.right}) {
        const auto ends = stage.at(node).all<event::Disconnected>();
        ASSERT_EQ(ends.size(), 2u);
        EXPECT_EQ(ends[0].reason, Reason::reset);
        EXPECT_EQ(ends[1].reason, Reason::reset);
    }
    EXPECT_TRUE(stage.world.connections().empty());
}

// A clog on top of a cut: what it holds back may be given up, until the cut heals.
TEST(WorldNetwork, ACutThatTurnsIntoAClogIsNotGivenUp) {
    Stage stage({}, {.acts = {{sends(1, "a")}}});
    stage.world.cut(stage.right, stage.left);
    stage.act(stage.right);
    stage.run(30s);
    stage.world.clog(stage.right, stage.left);
    stage.world.cut(stage.right, stage.left, false);
    stage.run(100s);
    EXPECT_TRUE(stage.at(stage.right).all<event::Disconnected>().empty());
    stage.world.cut(stage.right, stage.left);
    stage.run(61s);
    EXPECT_EQ(stage.at(stage.right).all<event::Disconnected>().size(), 1u);
}

TEST(WorldNetwork, LostPacketsComeLateAndInOrder) {
    std::vector<std::vector<Effect>> acts;
    for (int i = 0; i < 100; ++i) acts.push_back({sends(1, std::to_string(i))});
    Stage stage({}, {.acts = acts});
    stage.world.lose_packets(stage.right, stage.left, 200'000);
    std::string expected;
    for (int i = 0; i < 100; ++i) {
        stage.act(stage.right);
        expected += std::to_string(i) + '.';
        stage.run(10ms);
    }
    stage.run(60s);
    EXPECT_EQ(frames_of(stage.at(stage.left)), expected);
    const auto times = stage.at(stage.left).times<event::Received>();
    EXPECT_GT(times[99] - times[0], 1000ms) << "some were sent again";
}

TEST(WorldNetwork, AConnectionBreaksAtAPacketNowAndThen) {
    Pair pair = echo_pair(4, {.frames = 200});
    pair.world.break_at_packets(pair.client, pair.server, 100'000);
    pair.world.run_until(Instant(100s));
    EXPECT_EQ(pair.asker().received, 200u);
    EXPECT_EQ(pair.asker().wrong, 0u);
    ASSERT_GT(pair.asker().ends.size(), 5u);
    EXPECT_EQ(pair.asker().ends[0], Reason::reset);
}

TEST(WorldNetwork, ADelayLastsUntilItIsTakenBack) {
    Stage stage({}, {.acts = {{sends(1, "a")}, {sends(1, "b")}}});
    stage.world.delay(stage.right, stage.left, 3s);
    stage.act(stage.right);
    stage.run(2900ms);
    EXPECT_EQ(frames_of(stage.at(stage.left)), "");
    stage.run(200ms);
    EXPECT_EQ(frames_of(stage.at(stage.left)), "a.");
    stage.world.delay(stage.right, stage.left, Duration(0));
    stage.act(stage.right);
    stage.run(100ms);
    EXPECT_EQ(frames_of(stage.at(stage.left)), "a.b.");
}

// What happens on one way is drawn for that way alone: a fault can be left out of a run, and the
// rest of it stays as it was.
TEST(WorldNetwork, APacketShiftsNoLatencyOfOtherWays) {
    const auto arrivals = [](std::uint64_t frames_of_other) {
        World world({.seed = 9});
        const NodeIndex server = world.add_node({"server", Machine(EchoServer{}), "10.0.0.1"});
        const NodeIndex client = world.add_node({"client", Machine(EchoClient{}), "10.0.0.2"});
        const NodeIndex other = world.add_node(
            {"other", Machine(EchoClient{.frames = frames_of_other}), "10.0.0.3"});
        for (const NodeIndex node : {server, client, other}) world.start(node);
        world.run_until(Instant(10s));
        return world.machine(client).as<EchoClient>()->came;
    };
    const auto alone = arrivals(1);
    const auto beside = arrivals(50);
    ASSERT_EQ(alone.size(), beside.size());
    for (std::size_t i = 0; i < alone.size(); ++i)
        EXPECT_LT(std::chrono::abs(alone[i] - beside[i]), 50us) << "but for turns in the server";
}

TEST(WorldNetwork, ANodeThatRefusesCanBeDialledAgainLater) {
    Pair pair = echo_pair(4, {.frames = 5});
    pair.world.refuse(pair.server);
    pair.world.run_until(Instant(1s));
    EXPECT_EQ(pair.asker().received, 0u);
    ASSERT_GT(pair.asker().ends.size(), 3u);
    for (const Reason reason : pair.asker().ends) EXPECT_EQ(reason, Reason::refused);
    pair.world.heal_all();
    pair.world.run_until(Instant(2s));
    EXPECT_EQ(pair.asker().received, 5u);
}

}  // namespace
}  // namespace barnabas::sim
