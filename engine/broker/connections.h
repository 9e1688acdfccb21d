// The connections of a broker: credit in, answers out in the order of the requests.
//
// A request may be answered at any time; its answer leaves when those before it on the same
// connection have left. What clients make the node hold is counted and bounded (the README says
// how, under Limits):
//   - a connection has `credit_bytes` for small frames, and as much for answers that it has not
//     taken: neither is counted, both are there for each connection;
//   - larger frames are admitted piece by piece while the node holds less than its bound, else they
//     wait in line (see admissions.h). Whose bytes do not come while others wait is broken off;
//   - what a request holds beyond its frame is charged to it by who works on it, until its answer;
//   - answers count until the peer takes them. A peer that has not taken `backlog_bytes_max` is
//     paused until it does, and what it has asked already waits; above the bound, the peer with
//     most of them is broken off;
//   - small requests are put off when all that is still above the bound, with the frames that may
//     run beyond it, or takes the room that the next of those frames needs.
#pragma once

#include <boost/container/small_vector.hpp>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/hash.h"
#include "engine/broker/admissions.h"
#include "engine/runtime/event.h"
#include "engine/runtime/turn.h"

namespace barnabas::broker {

struct FileRange {
    FileId file;
    std::uint64_t position = 0;
    std::uint32_t length = 0;
};

// The bytes of an answer, length prefix included, some of which may still lie in a file.
// An answer without pieces keeps its place in the order and sends nothing (acks=0).
// Of nearly all, the pieces take no allocation.
using Answer = boost::container::small_vector<std::variant<Bytes, FileRange>, 3>;
using Ranges = std::vector<FileRange>;

struct Limits {
    std::uint32_t frame_bytes_max = 100u << 20;   // socket.request.max.bytes
    std::uint64_t held_bytes_max = 512u << 20;    // of all connections: queued.max.request.bytes
    std::uint64_t pending_bytes_max = 32u << 20;  // of frames of one connection, unanswered
    std::uint64_t backlog_bytes_max = 1u << 20;   // of answers that one peer has not taken
    static constexpr std::uint64_t credit_bytes = 64u << 10;
    std::uint32_t connections_max = INT32_MAX;         // max.connections
    std::uint32_t connections_per_ip_max = INT32_MAX;  // max.connections.per.ip
    // A piece of a frame has so long to come while others wait: from two to three looks.
    static constexpr std::uint64_t looks_max = 3;
    static constexpr Duration look_interval = std::chrono::milliseconds(500);
};

class Connections {
  public:
    explicit Connections(Limits limits) : limits_(limits), admissions_(limits.held_bytes_max) {}

    // From now on: what is beyond a new bound stays, and nothing is added to it.
    void set_limits(Limits limits);

    void on_connected(const event::Connected& connected, Turn& turn);
    // Refuses a frame above the limit with a note, and hangs up behind what came before it.
    void on_arriving(const event::Arriving& arriving, Turn& turn);
    // The address of the frame's answer; nothing when the connection is being hung up.
    std::optional<Address> on_received(const event::Received& received);
    // The request is to be put off: it holds nothing yet, and the node too much.
    bool is_too_much_for(Address address) const;
    // Keeps the frame, and takes no further one of that connection, until it is taken up again:
    // when there is room, the one that was put off first.
    void put_off(Address address, Bytes frame, Turn& turn);
    struct PutOff {
        Address address;
        Bytes frame;
    };
    std::optional<PutOff> take_up(Turn& turn);
    bool has_put_off() const { return !put_off_.empty(); }
    void on_drained(const event::Drained& drained, Turn& turn);
    void on_disconnected(const event::Disconnected& gone, Turn& turn);
    void on_patience_due(Turn& turn);  // TimerFired{names::patience_due}
    void on_sent_due(Turn& turn);      // Continued{names::sent_due}

    // Each address is answered once; for a connection that is gone nothing happens.
    void answer(Address address, Answer answer, Turn& turn);
    // The request holds so many bytes more, besides its frame, until it is answered.
    void charge(Address address, std::uint64_t bytes);

    // Clients make the node hold as much as they may.
    bool is_full() const;
    // Its peer has not taken so many answers that no more are made for it until it does.
    bool is_behind(ConnectionId connection) const {
        const auto found = rows_.find(connection);
        return found != rows_.end() && found->second.is_behind;
    }
    // Those that were behind and no longer are, since it was last asked.
    std::vector<ConnectionId> take_caught_up() { return std::exchange(caught_up_, {}); }
    bool has_caught_up() const { return !caught_up_.empty(); }
    // No answer reaches it any more.
    bool is_hung_up(ConnectionId connection) const {
        const auto found = rows_.find(connection);
        return found == rows_.end() || found->second.is_hung_up;
    }

    // Kafka's answer where there is none: sends the answers to all requests before this one, then
    // hangs up. Takes no more of the connection's frames. Says why in a note.
    void hang_up(Address from, const std::string& why, Turn& turn);
    void hang_up_all(Turn& turn);

    // The files of which answers hold ranges that have not left yet: those before them are not
    // there. Ascending.
    std::vector<FileId> promised_files() const;

    bool has(ConnectionId connection) const { return rows_.contains(connection); }
    std::size_t size() const { return rows_.size(); }
    std::uint64_t held_bytes() const { return admissions_.held(); }
    // The address that the client came in on, and its own. Needs: has(connection).
    const Endpoint& local(ConnectionId connection) const { return rows_.at(connection).local; }
    const Endpoint& remote(ConnectionId connection) const { return rows_.at(connection).remote; }
    ListenerId listener(ConnectionId connection) const { return rows_.at(connection).listener; }
    const Principal& principal(ConnectionId connection) const {
        return rows_.at(connection).principal;
    }

    void digest(Hasher& hasher) const;

  private:
    struct Slot {
        std::uint32_t frame_bytes = 0;
        std::uint32_t credit_bytes = 0;  // of the frame, out of the connection's credit
        std::uint64_t held_bytes = 0;    // that are counted: frame and charges, then the answer
        bool is_answered = false;
        Answer answer;
    };
    // A frame that was announced and is not whole.
    struct Incoming {
        enum class Waits : std::uint8_t {
            nothing,      // no frame is announced
            own_answers,  // for the connection's own requests before it
            room,         // in line
            bytes,        // for the piece that was admitted last
        };
        Waits waits = Waits::nothing;
        std::uint32_t length = 0;
        std::uint32_t admitted = 0;  // beside the credit
        std::uint64_t place = 0;     // in line
        std::uint64_t look = 0;      // after which its last piece was admitted
    };
    // What was sent and the peer may not have taken.
    struct Outgoing {
        std::uint64_t left_bytes = 0;  // what is known of, in files too
        std::uint64_t left_memory = 0;
        std::uint64_t old_bytes = 0;  // in memory, sent before the last look and not known of yet
        std::uint64_t new_bytes = 0;  // in memory, sent since
        std::uint64_t counted = 0;
        std::uint32_t looks = 0;
        bool is_watched = false;
        std::uint64_t memory() const { return left_memory + old_bytes + new_bytes; }
    };
    struct Row {
        ListenerId listener;
        Principal principal;  // who speaks on it
        Endpoint local;
        Endpoint remote;
        std::deque<Slot> slots;           // unanswered, or waiting for those before them
        std::uint64_t first_sequence = 0;  // of slots.front()
        std::uint64_t pending_bytes = 0;   // of the frames of `slots`
        Incoming incoming;
        Outgoing outgoing;
        Bytes put_off;  // the frame of the last request
        bool is_behind = false;  // with its answers
        bool is_paused = false;
        std::optional<std::uint64_t> end;  // the first request that is not answered any more
        bool is_hung_up = false;
        std::uint64_t leaving_bytes = 0;  // held when it was broken off
    };
    using Rows = std::map<ConnectionId, Row>;

    bool is_one_too_many(const std::string& host) const;
    void begin_frame(ConnectionId connection, Row& row, Turn& turn);
    void line_up(ConnectionId connection, Row& row, Turn& turn);
    void admit_piece(ConnectionId connection, Row& row, Turn& turn);
    void admit_waiting(Turn& turn);
    std::uint64_t held_bytes_most() const;
    bool may_run(const Incoming& frame) const;
    bool is_blocked(Admissions::Line line) const;
    void leave_line(Row& row);
    bool is_stalled(const Row& row) const;
    void make_room(Admissions::Line line, Turn& turn);
    void relieve(Turn& turn);
    void break_off(Rows::value_type& entry, const std::string& why, Turn& turn);

    static void put(ConnectionId connection, Answer answer, Chain& chain, Turn& turn);
    void send_ready(ConnectionId connection, Row& row, Turn& turn);
    void watch(ConnectionId connection, Row& row, Turn& turn);
    void look_later(Turn& turn);
    void recount(ConnectionId connection, Row& row, Turn& turn);
    static void pause_or_resume(ConnectionId connection, Row& row, Turn& turn);
    void end_if_due(ConnectionId connection, Row& row, Turn& turn);

    Limits limits_;
    Rows rows_;
    Admissions admissions_;
    std::map<std::string, std::uint32_t> per_ip_;  // where there is a limit
    std::vector<ConnectionId> watched_;            // for what their peers have taken
    std::vector<ConnectionId> caught_up_;
    std::deque<ConnectionId> put_off_;             // with a request, oldest first
    std::uint64_t leaving_bytes_ = 0;    // held by connections that were broken off
    std::uint64_t looks_ = 0;            // for frames whose bytes do not come
    std::uint64_t waited_since_ = 0;     // this look, without a break
    bool is_patience_armed_ = false;
    bool is_look_asked_ = false;  // for what peers have taken
};

}  // namespace barnabas::broker
