// The world speaks: what a driver tells a machine, one event a turn.
//
// Order. Events of one connection come in the order in which they happened; so do StorageDone
// events of one file. Nothing is ordered across connections and files.
//
// Framing. A driver cuts a connection's bytes at Kafka's int32 length prefix. Received carries one
// frame without its prefix. A negative prefix is announced by Arriving, with a length above
// INT32_MAX, and never read: whether there are answers to send before the end is the machine's
// matter.
//
// Credit. A connection starts with none: until the machine admits bytes, the first frame is
// announced by Arriving and nothing is allocated for it. A frame of n bytes uses up n of credit
// when it comes as Received. A frame that the credit does not cover is announced by Arriving. As
// far as the credit goes that is admitted from then on, its bytes are read; when that is used up
// before the frame is whole, it is announced again: so many bytes of it have come.
#pragma once

#include <variant>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/time.h"
#include "engine/runtime/ids.h"

namespace barnabas {

// Why a connection ended.
enum class Reason : std::uint8_t {
    closed,       // the peer closed it
    reset,        // broken off
    refused,      // nobody listens there
    unreachable,  // no way there, or the name does not resolve
    timed_out,    // no answer while dialling
    hung_up,      // the machine asked for it; the last event of the connection all the same
};

enum class StorageStatus : std::uint8_t {
    ok,
    not_found,
    exists,
    no_space,       // nothing was written, or a part of it: the machine truncates before it goes on
    io_error,       // the medium failed
    access_denied,  // that file may not be used so
    locked,         // another process holds the directory
    read_only,      // the medium takes no writes, or none any more
    foreign,        // no file of ours has that name: a directory, or one larger than any of ours
    shortage,       // of descriptors or memory. Only LockDirectory is answered so: see effect.h
};

// More than one file is in doubt: all that lie on the same medium.
constexpr bool is_of_medium(StorageStatus status) {
    return status == StorageStatus::io_error || status == StorageStatus::read_only;
}

enum class EntryKind : std::uint8_t { file, directory, other };

struct DirectoryEntry {
    std::string name;
    EntryKind kind = EntryKind::file;
    std::uint64_t size = 0;

    static void describe(auto& field, auto& self) {
        field("name", self.name);
        field("kind", self.kind);
        field("size", self.size);
    }
    friend auto operator<=>(const DirectoryEntry&, const DirectoryEntry&) = default;
};

enum class Order : std::uint8_t { shut_down };

namespace event {

// The first event of a machine's life; after a crash the next life begins with it again.
struct Started {
    static void describe(auto&, auto&) {}
};

// The answer to Listen. With port 0 asked for, `at` has the port that was found.
struct Listening {
    ListenerId listener;
    Endpoint at;
    bool open = false;
    std::string error;  // why not, in words
    static void describe(auto& field, auto& self) {
        field("listener", self.listener);
        field("at", self.at);
        field("open", self.open);
        field("error", self.error);
    }
};

// A connection is there: accepted on `listener`, or dialled (then listener is 0).
struct Connected {
    ConnectionId connection;
    ListenerId listener;
    Endpoint local;
    Endpoint remote;
    Principal principal;  // as far as the driver knows: who proved to be somebody in the transport
    static void describe(auto& field, auto& self) {
        field("connection", self.connection);
        field("listener", self.listener);
        field("local", self.local);
        field("remote", self.remote);
        field("principal", self.principal);
    }
};

// The next frame has `length` bytes, more than the credit; told again when that was used up.
struct Arriving {
    ConnectionId connection;
    std::uint32_t length = 0;
    static void describe(auto& field, auto& self) {
        field("connection", self.connection);
        field("length", self.length);
    }
};

struct Received {
    ConnectionId connection;
    Bytes frame;
    static void describe(auto& field, auto& self) {
        field("connection", self.connection);
        field("frame", self.frame);
    }
};

// The peer does not take what is sent as fast as it comes: so many bytes still wait. Told when a
// pass first leaves some, then whenever the number has halved, at last with 0.
struct Drained {
    ConnectionId connection;
    std::uint64_t bytes_left = 0;
    std::uint64_t memory_left = 0;  // of them, those that do not lie in a file
    static void describe(auto& field, auto& self) {
        field("connection", self.connection);
        field("bytes_left", self.bytes_left);
        field("memory_left", self.memory_left);
    }
};

// The last event of a connection, whoever ended it. For a Dial that failed it is the only one.
struct Disconnected {
    ConnectionId connection;
    Reason reason = Reason::closed;
    static void describe(auto& field, auto& self) {
        field("connection", self.connection);
        field("reason", self.reason);
    }
};

struct TimerFired {
    Token timer;
    static void describe(auto& field, auto& self) { field("timer", self.timer); }
};

// The answer to every storage effect, in the order of the effects of one file.
struct StorageDone {
    Token operation;
    StorageStatus status = StorageStatus::ok;
    Bytes bytes;             // Read: what is there; shorter than asked at the end of the file
    std::uint64_t size = 0;  // Open: the file's size in bytes
    std::vector<DirectoryEntry> entries;  // List: sorted by name
    static void describe(auto& field, auto& self) {
        field("operation", self.operation);
        field("status", self.status);
        field("bytes", self.bytes);
        field("size", self.size);
        field("entries", self.entries);
    }
};

// The next turn of a long job that asked for it with Continue.
struct Continued {
    Token job;
    static void describe(auto& field, auto& self) { field("job", self.job); }
};

// The answer to Compute: what the machine's function returned.
struct Computed {
    Token job;
    Bytes result;
    static void describe(auto& field, auto& self) {
        field("job", self.job);
        field("result", self.result);
    }
};

struct Operator {
    Order order = Order::shut_down;
    static void describe(auto& field, auto& self) { field("order", self.order); }
};

}  // namespace event

using Event = std::variant<event::Started, event::Listening, event::Connected, event::Arriving,
                           event::Received, event::Drained, event::Disconnected, event::TimerFired,
                           event::StorageDone, event::Continued, event::Operator, event::Computed>;

}  // namespace barnabas
