// A simulated world: nodes, clock, network, disks, agenda and trace as one copyable value.
//
// A copy is a fork: both have the same future until one of them is told otherwise, and neither
// needs the other to live. The same seed and the same calls give the same trace hash, in every
// build, by every compiler. Nothing in it is a pointer, a function or a clock of the machine that
// it runs on.
//
// Use: add the nodes, start them, then step. Faults are calls between steps. Read last() after
// each step; the readers at the end change nothing.
//
//     World world({.seed = 7});
//     NodeIndex server = world.add_node({"server", Machine(Server{}), "10.0.0.1"});
//     world.start(server);
//     while (world.now() < end && world.step()) look(world.last());
//
// Time. A turn happens at one instant and keeps its node busy for its service time; what the turn
// asked for departs at the end of that. Events that come meanwhile wait, in order.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/base/hash.h"
#include "engine/runtime/machine.h"
#include "sim/network/network.h"
#include "sim/world/agenda.h"
#include "sim/world/happening.h"
#include "sim/world/node.h"
#include "sim/world/stop.h"

namespace barnabas::sim {

struct WorldOptions {
    std::uint64_t seed = 1;
    NetworkOptions network = {};
    Guards guards = {};                                                 // of every machine
    WallTime wall_start{std::chrono::milliseconds(1'767'225'600'000)};  // 2026-01-01
};

struct NodeOptions {
    std::string name;
    Machine machine;      // each life of the node begins with a copy of it
    std::string address;  // "10.0.0.1"; dialled by address or name, "localhost" is oneself
    ServiceTime service = {};
    DiskOptions disk = {};
};

class World {
  public:
    explicit World(const WorldOptions& options);
    // Compiled once, not in every file that holds one: much state by value.
    World(const World& other);
    World(World&& other) noexcept;
    World& operator=(const World& other);
    World& operator=(World&& other) noexcept;
    ~World();

    NodeIndex add_node(NodeOptions options);

    // The next machine event. False when nothing is left to happen, or the world has stopped.
    bool step();
    // The same, if it comes at or before `limit`; else false, and the clock stands at `limit`.
    bool step_until(Instant limit);
    // All that happens up to and including `limit`; then the clock stands there.
    void run_until(Instant limit);

    Instant now() const { return now_; }
    std::optional<Instant> next_at() const;  // no event comes before; one need not come then
    std::uint64_t seed() const { return options_.seed; }
    std::uint64_t events() const { return events_; }
    Hash128 trace_hash() const;  // of all that happened so far
    Hash128 final_hash() const;  // the same, and the state of every node
    const std::optional<Stop>& stopped() const { return stop_; }

    // What the last step, or the last deed below, did.
    const Happening& last() const { return last_; }
    // How often each kind of deed was done.
    const DeedCounts& deeds() const { return deeds_; }

    // Deeds. Each does nothing to a node whose state does not fit, and is then not counted.
    void start(NodeIndex node);
    void restart(NodeIndex node);  // also of a node that is up: it crashes first
    // The same, and this life and later ones begin with that machine.
    void restart(NodeIndex node, Machine machine);
    void crash(NodeIndex node);    // SIGKILL
    void lose_power(NodeIndex node, Unflushed fate = Unflushed::seeded);
    // The node dies when so many more effects of its turns have been carried out. When it is of
    // power loss, Happening::lost of that step shows its disk as it was.
    void crash_after_effects(NodeIndex node, std::uint64_t effects, Death death = Death::crash);
    void spare(NodeIndex node);  // takes that back
    void pause(NodeIndex node);
    void resume(NodeIndex node);
    void set_drift(NodeIndex node, std::int64_t millionths);
    void step_wall(NodeIndex node, Duration by);
    void slow_node(NodeIndex node, std::uint32_t times);  // 1: as it was
    void order(NodeIndex node, Order order);

    void cut(NodeIndex from, NodeIndex to, bool is_cut = true);
    void clog(NodeIndex from, NodeIndex to, bool is_clogged = true);
    void delay(NodeIndex from, NodeIndex to, Duration more);                     // 0: as it was
    void lose_packets(NodeIndex from, NodeIndex to, std::uint32_t per_million);  // 0: none
    void break_at_packets(NodeIndex from, NodeIndex to, std::uint32_t per_million);
    void heal(NodeIndex from, NodeIndex to);  // ends all of the above
    void heal_all();  // every link, and who refused refuses no longer
    void set_latency(NodeIndex from, NodeIndex to, const Latency& latency);
    void set_bandwidth(NodeIndex from, NodeIndex to, std::uint64_t bytes_per_second);
    void reset(std::uint32_t connection);  // ConnectionView::slot
    void reset_between(NodeIndex one, NodeIndex other);
    void refuse(NodeIndex node, bool refusing = true);

    void fill_disk(NodeIndex node, std::uint64_t capacity);  // no room beyond so many bytes
    void slow_disk(NodeIndex node, std::uint32_t times);     // 1: as it was
    void fail_disk(NodeIndex node, std::uint64_t nth);       // the n-th operation from now on
    void break_disk(NodeIndex node, bool is_broken = true);  // every operation from now on
    void free_disk(NodeIndex node);                          // has room again
    // Operations of that kind in this directory and below it, from now on.
    void fail_directory(NodeIndex node, const std::string& path, Failing what);
    void mend_directory(NodeIndex node, const std::string& path);
    // These bytes of a file cannot be read. Needs: the file is there.
    void spoil(NodeIndex node, const std::string& path, std::uint64_t from, std::uint64_t to);
    void mend_spoiled(NodeIndex node, const std::string& path, std::uint64_t from,
                      std::uint64_t to);
    void mend_disk(NodeIndex node);  // ends all of the above
    void flip_bit(NodeIndex node, const std::string& path, std::uint64_t byte, unsigned bit = 0);
    void lock_by_other(NodeIndex node, const std::string& path);  // someone else's lock
    void unlock_by_other(NodeIndex node, const std::string& path);

    // Readers.
    std::size_t nodes() const { return nodes_.size(); }
    const std::string& name(NodeIndex node) const { return network_.name_of(node); }
    const std::string& address(NodeIndex node) const { return network_.address_of(node); }
    std::optional<NodeIndex> find(const std::string& name) const;
    const Machine& machine(NodeIndex node) const { return at(node).machine; }
    const Disk& disk(NodeIndex node) const { return at(node).disk; }
    NodeState state(NodeIndex node) const { return at(node).state; }
    int exit_code(NodeIndex node) const { return at(node).exit_code; }
    std::uint32_t life(NodeIndex node) const { return at(node).life; }
    std::uint64_t events_of(NodeIndex node) const { return at(node).events; }
    Instant busy_until(NodeIndex node) const { return at(node).busy_until; }
    std::uint32_t slowness(NodeIndex node) const { return at(node).slowness; }
    std::int64_t drift(NodeIndex node) const { return at(node).clock.drift(); }
    bool is_doomed(NodeIndex node) const { return at(node).doom.has_value(); }
    bool is_refusing(NodeIndex node) const { return network_.is_refusing(node); }
    std::size_t waiting_events(NodeIndex node) const { return at(node).inbox.size(); }
    Instant local_now(NodeIndex node) const { return at(node).clock.now(now_); }
    WallTime wall(NodeIndex node) const { return at(node).clock.wall(now_, options_.wall_start); }
    const Link& link(NodeIndex from, NodeIndex to) const { return network_.link(from, to); }
    std::vector<InFlight> in_flight() const { return network_.in_flight(); }
    std::vector<ConnectionView> connections() const { return network_.connections(); }

  private:
    friend struct Carrier;  // carries out one turn's effects (effects.cpp)

    Node& at(NodeIndex node) { return nodes_[node.value()]; }
    const Node& at(NodeIndex node) const { return nodes_[node.value()]; }

    bool advance(Instant limit);
    bool happen(const Item& item);
    bool take_turn(NodeIndex index);
    std::optional<Event> next_event(Node& node);
    std::optional<Event> fire(Node& node, Token token);
    void run_machine(NodeIndex index, Event event);
    void carry_out(NodeIndex index);
    void on_timer(const Item& item);
    void on_storage(const Item& item);
    std::uint32_t submit(NodeIndex index, const Effect& wanted, Instant when);
    void on_computed(const Item& item);
    void deliver_later(NodeIndex index, event::Computed answer, std::uint64_t bytes, Instant when);
    void queue_timer(NodeIndex index, Token token, Timer& timer);
    void make_ready(NodeIndex index, const Ready& ready);
    void prepare(NodeIndex index, Event event);
    void plan_turn(NodeIndex index);
    void put_turn(NodeIndex index, Instant when);
    void collect();  // what the network left to do
    void settle();   // after a deed: the same, and nothing runs at once
    void count(const Deed& deed);
    void end_life(NodeIndex index, NodeState state, Unflushed fate = Unflushed::seeded);
    void begin_life(NodeIndex index);
    void die(NodeIndex index, Death death);
    void record(const Deed& deed);
    void record_link(Deed::Kind kind, NodeIndex from, NodeIndex to, std::int64_t amount);
    void stop_at(NodeIndex index, const CheckStopped& check);

    WorldOptions options_;
    Random seeds_;
    Instant now_;
    std::uint64_t events_ = 0;
    Agenda agenda_;
    Network network_;
    std::vector<Node> nodes_;
    Hasher trace_;
    Happening last_;
    DeedCounts deeds_{};
    std::optional<Stop> stop_;
    std::optional<NodeIndex> direct_;  // free, with a turn due now: needs no item on the agenda
};

}  // namespace barnabas::sim
