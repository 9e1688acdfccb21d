// Faults that overlap: what stands is what all of them together make of it.
#include "sim/faults/active.h"

#include <gtest/gtest.h>

#include "tests/sim/world/machines.h"

namespace barnabas::sim {
namespace {

struct Counting final : Witness {
    std::uint64_t deeds = 0;
    std::uint64_t harms = 0;
    void before_harm(NodeIndex) override { ++harms; }
    void after_deed() override { ++deeds; }
};

// A broker that echoes and two clients that ask it, with the faults that befall them.
struct Scenery {
    World world{{.seed = 3}};
    NodeIndex broker = world.add_node({"broker 1", Machine(EchoServer{}), "10.0.0.1"});
    NodeIndex till = world.add_node({"till", Machine(EchoClient{}), "10.0.0.2"});
    NodeIndex desk = world.add_node({"desk", Machine(EchoClient{}), "10.0.0.3"});
    ActiveFaults faults{{{broker}, {till, desk}}};
    Counting witness;

    Scenery() {
        for (const NodeIndex node : {broker, till, desk}) world.start(node);
        world.run_until(Instant(100ms));
    }
    FaultId begin(const Fault& fault) { return *faults.begin(fault, 5, world, witness); }
    void end(FaultId id) { faults.end(id, world, witness); }
    void apply(Remedy remedy, const Selector& who = Selector::broker(1)) {
        faults.apply(remedy, who, {}, 5, world, witness);
    }
    void run(Duration time) { world.run_until(world.now() + time); }
    std::uint64_t count(Deed::Kind kind) const {
        return world.deeds()[static_cast<std::size_t>(kind)];
    }
};

Fault cut(Selector who, Selector whom) {
    return {.kind = FaultKind::cut, .who = std::move(who), .whom = std::move(whom)};
}

TEST(ActiveFaults, TheEndOfOneCutLeavesTheOther) {
    Scenery scenery;
    const auto first = scenery.begin(cut(Selector::client("till"), Selector::broker(1)));
    const auto second = scenery.begin(cut(Selector::broker(1), {Selector::Kind::others}));
    const World& world = scenery.world;
    scenery.end(first);
    EXPECT_TRUE(world.link(scenery.till, scenery.broker).cut);
    EXPECT_TRUE(world.link(scenery.broker, scenery.desk).cut);
    EXPECT_FALSE(world.link(scenery.till, scenery.desk).cut);
    scenery.end(second);
    EXPECT_FALSE(world.link(scenery.till, scenery.broker).cut);
    EXPECT_FALSE(world.link(scenery.broker, scenery.desk).cut);
    EXPECT_TRUE(scenery.faults.all().empty());
}

TEST(ActiveFaults, OneWayIsOneWay) {
    Scenery scenery;
    Fault clog{.kind = FaultKind::one_way_clog,
               .who = Selector::broker(1),
               .whom = Selector::client("till")};
    scenery.begin(clog);
    EXPECT_TRUE(scenery.world.link(scenery.broker, scenery.till).clogged);
    EXPECT_FALSE(scenery.world.link(scenery.till, scenery.broker).clogged);
}

TEST(ActiveFaults, DelaysAddUpAndOfLossesTheWorstCounts) {
    Scenery scenery;
    const auto on_way = [](FaultKind kind, std::int64_t number, Duration time) {
        return Fault{.kind = kind,
                     .who = Selector::client("till"),
                     .whom = Selector::broker(1),
                     .number = number,
                     .time = time};
    };
    const auto delay = scenery.begin(on_way(FaultKind::delay, 0, 200ms));
    scenery.begin(on_way(FaultKind::one_way_delay, 0, 300ms));
    const auto loss = scenery.begin(on_way(FaultKind::packet_loss, 50'000, {}));
    scenery.begin(on_way(FaultKind::packet_loss, 10'000, {}));
    const Link& there = scenery.world.link(scenery.till, scenery.broker);
    const Link& back = scenery.world.link(scenery.broker, scenery.till);
    EXPECT_EQ(there.delay, Duration(500ms));
    EXPECT_EQ(back.delay, Duration(200ms));
    EXPECT_EQ(back.lost_per_million, 50'000u);
    scenery.end(delay);
    scenery.end(loss);
    EXPECT_EQ(there.delay, Duration(300ms));
    EXPECT_EQ(there.lost_per_million, 10'000u);
    scenery.apply(Remedy::heal);
    EXPECT_FALSE(there.is_harmed());
    EXPECT_TRUE(scenery.faults.all().empty());
}

// Who was killed and lost power comes back when both are over, whichever ends last.
TEST(ActiveFaults, AProcessStaysDownAsLongAsAnythingKeepsItDown) {
    Scenery scenery;
    const auto kill =
        scenery.begin({.kind = FaultKind::kill, .who = Selector::broker(1)});
    const auto power =
        scenery.begin({.kind = FaultKind::power_loss, .who = Selector::broker(1)});
    EXPECT_EQ(scenery.witness.harms, 1u) << "told before what was not flushed went";
    scenery.end(kill);
    EXPECT_EQ(scenery.world.state(scenery.broker), NodeState::powered_off);
    scenery.end(power);
    EXPECT_EQ(scenery.world.state(scenery.broker), NodeState::running);
    EXPECT_EQ(scenery.count(Deed::Kind::restart), 1u);
}

TEST(ActiveFaults, ARemedyEndsWhatIsActiveAndTheEndThatWasToComeDoesNothing) {
    Scenery scenery;
    const auto kill =
        scenery.begin({.kind = FaultKind::kill, .who = Selector::broker(1)});
    scenery.apply(Remedy::restart);
    EXPECT_EQ(scenery.world.state(scenery.broker), NodeState::running);
    scenery.world.crash(scenery.broker);
    scenery.end(kill);
    EXPECT_EQ(scenery.world.state(scenery.broker), NodeState::crashed);
}

TEST(ActiveFaults, OfSlownessTheWorstCountsAndPausesEndWithTheLast) {
    Scenery scenery;
    const auto slow = [](std::int64_t times) {
        return Fault{
            .kind = FaultKind::slow_node, .who = Selector::broker(1), .number = times};
    };
    const auto worst = scenery.begin(slow(100));
    scenery.begin(slow(10));
    EXPECT_EQ(scenery.world.slowness(scenery.broker), 100u);
    scenery.end(worst);
    EXPECT_EQ(scenery.world.slowness(scenery.broker), 10u);
    const Fault pause{.kind = FaultKind::pause, .who = {Selector::Kind::all_clients}};
    const auto first = scenery.begin(pause);
    const auto second =
        scenery.begin({.kind = FaultKind::pause, .who = Selector::client("till")});
    scenery.end(first);
    EXPECT_EQ(scenery.world.state(scenery.till), NodeState::paused);
    EXPECT_EQ(scenery.world.state(scenery.desk), NodeState::running);
    scenery.end(second);
    EXPECT_EQ(scenery.world.state(scenery.till), NodeState::running);
}

TEST(ActiveFaults, OfADiskEachEndsByItself) {
    Scenery scenery;
    const auto storage = [](FaultKind kind, std::string directory = {}) {
        return Fault{.kind = kind,
                     .who = Selector::broker(1),
                     .number = 20,
                     .directory = std::move(directory)};
    };
    const Disk& disk = scenery.world.disk(scenery.broker);
    const auto full = scenery.begin(storage(FaultKind::full_disk));
    const auto slow = scenery.begin(storage(FaultKind::slow_disk));
    const auto reads = scenery.begin(storage(FaultKind::failing_reads, "data"));
    const auto all = scenery.begin(storage(FaultKind::failed_directory, "data"));
    scenery.end(full);
    EXPECT_FALSE(disk.has_limit());
    EXPECT_EQ(disk.slowness(), 20u);
    scenery.end(all);
    EXPECT_TRUE(disk.is_failing("data")) << "reads fail still";
    scenery.end(reads);
    EXPECT_FALSE(disk.is_failing("data"));
    scenery.end(slow);
    EXPECT_EQ(disk.slowness(), 1u);
}

TEST(ActiveFaults, AnyBrokerIsDrawnFromTheSeedOfTheFault) {
    std::set<std::uint32_t> hit;
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        World world({.seed = 1});
        Roles roles;
        for (int i = 0; i < 3; ++i) {
            const std::string name = "broker " + std::to_string(i + 1);
            roles.brokers.push_back(world.add_node(
                {name, Machine(EchoServer{}), "10.0.0." + std::to_string(i + 1)}));
            world.start(roles.brokers.back());
        }
        ActiveFaults faults(roles);
        Counting witness;
        faults.begin({.kind = FaultKind::pause, .who = {Selector::Kind::any_broker}}, seed, world,
                     witness);
        for (const NodeIndex node : roles.brokers)
            if (world.state(node) == NodeState::paused) hit.insert(node.value());
    }
    EXPECT_EQ(hit.size(), 3u);
}

TEST(FaultKinds, EachHasItsOwnNameSentenceAndDeed) {
    std::set<std::string_view> names, forms;
    for (const FaultRow& row : fault_kinds()) {
        names.insert(row.name);
        forms.insert(row.form);
        EXPECT_EQ(&row_of(row.kind), &row);
        ASSERT_NE(row_of(row.deed), nullptr);
        EXPECT_EQ(row_of(row.deed)->forgives, row.forgives) << "one deed, one excuse: " << row.name;
        EXPECT_EQ(row_of(row.deed)->ending, row.ending) << row.name;
        EXPECT_FALSE(row.meaning.empty() || row.befell.empty()) << row.name;
    }
    EXPECT_EQ(names.size(), fault_kinds().size());
    EXPECT_EQ(forms.size(), fault_kinds().size());
}

}  // namespace
}  // namespace barnabas::sim
