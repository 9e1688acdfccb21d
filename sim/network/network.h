// The simulated network: hosts, links, listeners and connections as one copyable value.
//
// Bytes travel as streams: order is kept within one direction of a connection, and latency, drawn
// per chunk, permutes everything else. A bounded window lies between sender and reader, so that
// whoever does not read makes the other wait.
//
// Sans-IO like the engine: a call changes the state and leaves, in dues() and marks(), what is to
// happen later and which nodes have something to hear. The caller (the world) takes both out after
// each call. The event itself is made by take(), when its node's turn has come, so that a Pause or
// a HangUp overtakes what has not been told.
#pragma once

#include <boost/container/flat_map.hpp>
#include <optional>
#include <string>
#include <vector>

#include "engine/runtime/effect.h"
#include "sim/network/connection.h"

namespace barnabas::sim {

struct NetworkOptions {
    Latency latency;
    Latency loopback{.least = 5us, .spread = 10us, .slow_per_million = 0, .slow = Duration(0)};
    std::uint64_t bytes_per_second = 1'250'000'000;
    std::uint64_t window = 256 << 10;  // bytes that a sender may be ahead of the reader
    Duration dial_timeout = 10s;
    Duration give_up = 60s;  // a sender that gets nothing through ends the connection with reset
    Duration retransmit = 200ms;  // how late, at most, a healed stream comes to life again
};

// Later: give it back to Network::on_due at that instant.
struct Due {
    enum class Kind : std::uint8_t { arrival, window, give_up };
    Instant at;
    Kind kind = Kind::arrival;
    std::uint8_t side = 0;
    std::uint32_t slot = 0;
    std::uint32_t generation = 0;
    std::uint32_t hold = 0;
};

// A node has something to hear: give it to Network::take in the node's turn.
struct Mark {
    enum class Kind : std::uint8_t { connected, readable, drained, disconnected };
    NodeIndex node;
    Kind kind = Kind::readable;
    std::uint8_t side = 0;
    std::uint32_t slot = 0;
    std::uint32_t generation = 0;
    std::uint64_t bytes_left = 0;
};

// Bytes under way, for readers outside.
struct InFlight {
    std::uint32_t connection = 0;  // the slot: see ConnectionView
    NodeIndex from;
    NodeIndex to;
    Chunk::Kind kind = Chunk::Kind::data;
    Chain bytes;
    Instant sent;
    Instant arrives;       // when nothing comes between
    bool is_held = false;  // a cut or a clog stands between
};

struct ConnectionView {
    std::uint32_t slot = 0;
    std::array<NodeIndex, 2> nodes;   // [0] dialled
    std::array<ConnectionId, 2> ids;  // the names that the two machines have for it
    std::array<Side::State, 2> states;
    std::array<std::uint64_t, 2> waiting;    // bytes with the sender, [i] sent by nodes[i]
    std::array<std::uint64_t, 2> in_flight;  // bytes on the way
    std::array<std::uint64_t, 2> unread;     // bytes that arrived and were not read
};

class Network {
  public:
    Network(const NetworkOptions& options, std::uint64_t seed);
    // Compiled once, not in every file that holds one: much state by value.
    Network(const Network& other);
    Network(Network&& other) noexcept;
    Network& operator=(const Network& other);
    Network& operator=(Network&& other) noexcept;
    ~Network();

    // Hosts are numbered in the order in which they are added. `address` and `name` are unique.
    NodeIndex add_host(std::string name, std::string address);

    // What a node asks for. `at` is when its turn ends and its bytes depart.
    event::Listening listen(NodeIndex node, const effect::Listen& wanted);
    void unlisten(NodeIndex node, ListenerId listener);
    void dial(NodeIndex node, const effect::Dial& wanted, Instant at);
    void admit(NodeIndex node, const effect::Admit& wanted);
    void pause(NodeIndex node, ConnectionId connection);
    void resume(NodeIndex node, ConnectionId connection);
    void hang_up(NodeIndex node, ConnectionId connection, Instant at);
    void send(NodeIndex node, ConnectionId connection, const Chain& bytes, Instant at);
    // Bytes that stand in line here and are on a disk yet. `promise` is not 0, and given back once.
    void promise(NodeIndex node, ConnectionId connection, std::uint64_t promise,
                 std::uint64_t length);
    // Fewer bytes than promised break the connection off.
    void fulfil(NodeIndex node, ConnectionId connection, std::uint64_t promise, const Chain& bytes,
                Instant at);
    // The connection cannot keep its promises any more: both sides hear reset.
    void break_off(NodeIndex node, ConnectionId connection, Instant at);
    // After the last effect of a turn: tells who has bytes waiting.
    void end_pass();

    void on_due(const Due& due, Instant now);
    // The event that a mark stands for; nothing when it was overtaken.
    std::optional<Event> take(const Mark& mark, Instant now);

    // The process behind a node came or went; its connections end as the kernel ends them.
    void process_started(NodeIndex node, Instant now);
    void process_gone(NodeIndex node, Instant now);
    // The host fell silent: its peers hear nothing.
    void power_gone(NodeIndex node);

    // Faults. A direction is from -> to.
    void block(NodeIndex from, NodeIndex to, bool is_cut, bool is_clogged, Instant now);
    void reset(std::uint32_t slot);
    void reset_between(NodeIndex one, NodeIndex other);
    void set_refusing(NodeIndex node, bool refusing) {
        hosts_[node.value()].is_refusing = refusing;
    }
    bool is_refusing(NodeIndex node) const { return hosts_[node.value()].is_refusing; }
    Link& link(NodeIndex from, NodeIndex to) {
        return links_[from.value() * hosts_.size() + to.value()];
    }
    const Link& link(NodeIndex from, NodeIndex to) const {
        return links_[from.value() * hosts_.size() + to.value()];
    }

    std::vector<Due>& dues() { return dues_; }
    std::vector<Mark>& marks() { return marks_; }

    // For readers outside.
    std::vector<InFlight> in_flight() const;
    std::vector<ConnectionView> connections() const;
    const std::string& name_of(NodeIndex node) const { return hosts_[node.value()].name; }
    const std::string& address_of(NodeIndex node) const { return hosts_[node.value()].address; }

  private:
    enum class Power : std::uint8_t { on, process_down, off };
    struct Place {
        std::uint32_t slot = 0;
        std::uint8_t side = 0;
    };
    struct Host {
        std::string name;
        std::string address;
        Power power = Power::process_down;
        bool is_refusing = false;
        std::uint64_t accepted = 0;        // the last accepted connection's number
        std::uint16_t ephemeral = 40'000;  // the last port given out
        boost::container::flat_map<std::uint16_t, ListenerId> listeners;
        boost::container::flat_map<ConnectionId, Place> connections;
    };

    std::optional<NodeIndex> resolve(NodeIndex from, const std::string& host) const;
    std::uint16_t next_port(Host& host);
    Place* find(NodeIndex node, ConnectionId connection);
    std::uint32_t new_slot();
    void free_if_over(std::uint32_t slot);

    void launch(std::uint32_t slot, int side, Chunk::Kind kind, Chain bytes, Instant at);
    void schedule(std::uint32_t slot, int side, Instant at);
    void pump(std::uint32_t slot, int side, Instant at);
    void tell_drained(std::uint32_t slot, int side);
    void on_arrival(const Due& due, Instant now);
    void on_window(const Due& due, Instant now);
    void on_give_up(const Due& due, Instant now);
    Random dice_for(Stream& stream) const;
    void hold(std::uint32_t slot, int side, Instant now);
    void release(std::uint32_t slot, int side, Duration most, Instant now);
    void release_window(std::uint32_t slot, int side, Duration most, Instant now);
    void deliver(std::uint32_t slot, int side, const Chunk& chunk, Instant now);
    void greet(std::uint32_t slot, Instant now);
    std::optional<Event> read(std::uint32_t slot, int side, Instant now);
    void settle_window(std::uint32_t slot, int receiver, Instant now);
    void mark(std::uint32_t slot, int side, Mark::Kind kind, std::uint64_t bytes_left = 0);
    void mark_readable(std::uint32_t slot, int side);
    void close(std::uint32_t slot, int side, Reason reason);
    Event finish(std::uint32_t slot, int side);
    void drop_waiting(Stream& stream);

    NetworkOptions options_;
    std::uint64_t seed_;
    std::vector<Host> hosts_;
    std::vector<Link> links_;  // [from * hosts + to]
    boost::container::flat_map<std::string, NodeIndex> names_;
    std::vector<Connection> connections_;
    std::vector<std::uint32_t> free_slots_;
    std::vector<Place> touched_;  // sent in this pass and left bytes waiting
    std::vector<Due> dues_;
    std::vector<Mark> marks_;
};

}  // namespace barnabas::sim
