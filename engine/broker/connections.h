// The connections of a broker: credit in, answers out in the order of the requests.
//
// A request may be answered at any time; its answer leaves when those before it on the same
// connection have left. Until a request is answered its frame counts against the connection's
// credit and the node's budget, so that memory stays bounded whatever clients send:
//   - a connection has `credit_bytes` for small frames; what is larger is admitted one by one while
//     the connection has less than `pending_bytes_max` unanswered and the node is within its
//     budget;
//   - a connection that waits for budget is served in its turn, when answers free some;
//   - a peer that does not take its answers is paused until it does.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/hash.h"
#include "engine/runtime/event.h"
#include "engine/runtime/turn.h"

namespace barnabas::broker {

// Where an answer goes: the n-th request of a connection.
struct Address {
    ConnectionId connection;
    std::uint64_t sequence = 0;
    friend auto operator<=>(const Address&, const Address&) = default;
};

struct FileRange {
    FileId file;
    std::uint64_t position = 0;
    std::uint32_t length = 0;
};

// The bytes of an answer, length prefix included, some of which may still lie in a file.
// An answer without pieces keeps its place in the order and sends nothing (acks=0).
using Answer = std::vector<std::variant<Bytes, FileRange>>;

struct Limits {
    std::uint32_t frame_bytes_max = 100u << 20;   // socket.request.max.bytes
    std::uint64_t budget_bytes = 512u << 20;      // of frames of all connections, unanswered
    std::uint64_t pending_bytes_max = 32u << 20;  // of frames of one connection, unanswered
    std::uint64_t backlog_bytes_max = 1u << 20;   // of answers that one peer has not taken
    static constexpr std::uint64_t credit_bytes = 64u << 10;
};

class Connections {
  public:
    explicit Connections(Limits limits) : limits_(limits) {}

    void on_connected(const event::Connected& connected, Turn& turn);
    // Refuses a frame above the limit with a note, and hangs up.
    void on_arriving(const event::Arriving& arriving, Turn& turn);
    // The address of the frame's answer; nothing when the connection is being hung up.
    std::optional<Address> on_received(const event::Received& received);
    void on_drained(const event::Drained& drained, Turn& turn);
    void on_disconnected(const event::Disconnected& gone, Turn& turn);

    // Each address is answered once; for a connection that is gone nothing happens.
    void answer(Address address, Answer answer, Turn& turn);
    // Breaks the connection off: Kafka's answer where there is none. Says why in a note.
    void hang_up(ConnectionId connection, const std::string& why, Turn& turn);
    void hang_up_all(Turn& turn);

    // The files of which answers hold ranges that have not left yet: those before them are not
    // there. Ascending.
    std::vector<FileId> promised_files() const;

    bool has(ConnectionId connection) const { return rows_.contains(connection); }
    std::size_t size() const { return rows_.size(); }
    // The address that the client came in on, and its own. Needs: has(connection).
    const Endpoint& local(ConnectionId connection) const { return rows_.at(connection).local; }
    const Endpoint& remote(ConnectionId connection) const { return rows_.at(connection).remote; }
    ListenerId listener(ConnectionId connection) const { return rows_.at(connection).listener; }

    void digest(Hasher& hasher) const;

  private:
    struct Slot {
        std::uint32_t frame_bytes = 0;
        bool is_budgeted = false;  // admitted by itself, not out of the connection's credit
        bool is_answered = false;
        Answer answer;
    };
    struct Row {
        ListenerId listener;
        Endpoint local;
        Endpoint remote;
        std::deque<Slot> slots;             // unanswered, or waiting for those before them
        std::uint64_t first_sequence = 0;   // of slots.front()
        std::uint64_t pending_bytes = 0;    // of the frames of `slots`
        std::uint32_t announced_bytes = 0;  // a frame that waits to be admitted
        std::uint32_t admitted_bytes = 0;   // a frame that was admitted and is on its way
        bool is_paused = false;
        bool is_hung_up = false;
    };

    bool may_admit(const Row& row) const;
    void admit(ConnectionId connection, Row& row, Turn& turn);
    static void put(ConnectionId connection, Answer answer, Chain& chain, Turn& turn);
    void send_ready(ConnectionId connection, Row& row, Turn& turn);
    void give_back(std::uint64_t budget_bytes, Turn& turn);

    Limits limits_;
    std::map<ConnectionId, Row> rows_;
    std::deque<ConnectionId> waiting_;  // for budget, oldest first
    std::uint64_t budget_used_ = 0;
};

}  // namespace barnabas::broker
