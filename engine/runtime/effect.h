// The engine asks: what a machine wants done, in the order in which it asked.
//
// A driver keeps that order for each connection and for each file, and for nothing across them. It
// may carry out any prefix of a turn's effects and then lose the node: SIGKILL and power loss come
// between any two. Every storage effect is answered by one StorageDone with its operation token.
//
// What the answers promise.
//   Write: visible to every later Read, survives SIGKILL.
//   Flush: what was written to that file before it survives power loss.
//   FlushDirectory: files and directories made, renamed or removed in it before survive power loss
//   as such.
//
// A shortage of descriptors or memory says nothing about a file and is no answer: a driver frees
// what it can, waits, and tries again, with all behind it in its place. To a machine the disk is
// slow.
#pragma once

#include <string>
#include <variant>

#include "engine/base/chain.h"
#include "engine/base/time.h"
#include "engine/runtime/ids.h"
#include "engine/runtime/occurrence.h"

namespace barnabas {

enum class OpenMode : std::uint8_t {
    existing,        // not_found when it is not there
    create,          // made empty when it is not there
    create_emptied,  // made, or cut to zero bytes
};

namespace effect {

// Fires once as TimerFired, not before `at`. Arming a token again replaces the deadline.
struct ArmTimer {
    Token timer;
    Instant at;
    static void describe(auto& field, auto& self) {
        field("timer", self.timer);
        field("at", self.at);
    }
};
struct DisarmTimer {
    Token timer;
    static void describe(auto& field, auto& self) { field("timer", self.timer); }
};

struct Listen {
    ListenerId listener;
    Endpoint at;
    static void describe(auto& field, auto& self) {
        field("listener", self.listener);
        field("at", self.at);
    }
};
// Accepts nobody any more on that listener. Connections stay.
struct Unlisten {
    ListenerId listener;
    static void describe(auto& field, auto& self) { field("listener", self.listener); }
};
// Answered by Connected or Disconnected. Needs: is_dialled(connection), never used before.
struct Dial {
    ConnectionId connection;
    Endpoint peer;
    static void describe(auto& field, auto& self) {
        field("connection", self.connection);
        field("peer", self.peer);
    }
};
// Adds credit (see event.h).
struct Admit {
    ConnectionId connection;
    std::uint64_t bytes = 0;
    static void describe(auto& field, auto& self) {
        field("connection", self.connection);
        field("bytes", self.bytes);
    }
};
// No Received and no Arriving until Resume. Frames already cut may be held back by the driver.
struct Pause {
    ConnectionId connection;
    static void describe(auto& field, auto& self) { field("connection", self.connection); }
};
struct Resume {
    ConnectionId connection;
    static void describe(auto& field, auto& self) { field("connection", self.connection); }
};
// Sends what was asked for before as far as the peer takes it at once, then closes.
// Disconnected{hung_up} follows; no other event of that connection comes before it.
struct HangUp {
    ConnectionId connection;
    static void describe(auto& field, auto& self) { field("connection", self.connection); }
};
// Raw bytes: the machine writes the length prefix itself. To a connection that is gone: nothing
// happens.
struct Send {
    ConnectionId connection;
    Chain bytes;
    static void describe(auto& field, auto& self) {
        field("connection", self.connection);
        field("bytes", self.bytes);
    }
};
// Sends file[position, position + length) without it passing through the machine. If the file turns
// out shorter, the connection is broken off: its promised length can no longer be kept.
struct SendFile {
    ConnectionId connection;
    FileId file;
    std::uint64_t position = 0;
    std::uint32_t length = 0;
    static void describe(auto& field, auto& self) {
        field("connection", self.connection);
        field("file", self.file);
        field("position", self.position);
        field("length", self.length);
    }
};

// Binds a file id to a path until Close. How many descriptors stand behind that is the driver's
// matter.
struct Open {
    Token operation;
    FileId file;
    std::string path;
    OpenMode mode = OpenMode::existing;
    static void describe(auto& field, auto& self) {
        field("operation", self.operation);
        field("file", self.file);
        field("path", self.path);
        field("mode", self.mode);
    }
};
// Frees the id, after what was asked for before. No answer.
struct Close {
    FileId file;
    static void describe(auto& field, auto& self) { field("file", self.file); }
};
struct Write {
    Token operation;
    FileId file;
    std::uint64_t position = 0;
    Chain bytes;
    static void describe(auto& field, auto& self) {
        field("operation", self.operation);
        field("file", self.file);
        field("position", self.position);
        field("bytes", self.bytes);
    }
};
struct Read {
    Token operation;
    FileId file;
    std::uint64_t position = 0;
    std::uint32_t length = 0;
    static void describe(auto& field, auto& self) {
        field("operation", self.operation);
        field("file", self.file);
        field("position", self.position);
        field("length", self.length);
    }
};
struct Flush {
    Token operation;
    FileId file;
    static void describe(auto& field, auto& self) {
        field("operation", self.operation);
        field("file", self.file);
    }
};
struct Truncate {
    Token operation;
    FileId file;
    std::uint64_t size = 0;
    static void describe(auto& field, auto& self) {
        field("operation", self.operation);
        field("file", self.file);
        field("size", self.size);
    }
};
// Gives the file another path, replacing what is there; the id stays bound to the file.
struct Rename {
    Token operation;
    FileId file;
    std::string path;
    static void describe(auto& field, auto& self) {
        field("operation", self.operation);
        field("file", self.file);
        field("path", self.path);
    }
};
// Removes the file from its directory and frees the id.
struct Remove {
    Token operation;
    FileId file;
    static void describe(auto& field, auto& self) {
        field("operation", self.operation);
        field("file", self.file);
    }
};

// Makes the directory and those above it; ok when it is there already.
struct MakeDirectory {
    Token operation;
    std::string path;
    static void describe(auto& field, auto& self) {
        field("operation", self.operation);
        field("path", self.path);
    }
};
struct List {
    Token operation;
    std::string path;
    static void describe(auto& field, auto& self) {
        field("operation", self.operation);
        field("path", self.path);
    }
};
struct FlushDirectory {
    Token operation;
    std::string path;
    static void describe(auto& field, auto& self) {
        field("operation", self.operation);
        field("path", self.path);
    }
};
// Gives a directory another path, and with it all that lies in it: ids of files there stay bound,
// and what was asked of them keeps its order around this. `exists` when something has that path
// already; not_found when there is no such directory, or none that the new path would lie in.
struct RenameDirectory {
    Token operation;
    std::string path;
    std::string to;
    static void describe(auto& field, auto& self) {
        field("operation", self.operation);
        field("path", self.path);
        field("to", self.to);
    }
};
// Removes an empty directory; `exists` when something lies in it.
struct RemoveDirectory {
    Token operation;
    std::string path;
    static void describe(auto& field, auto& self) {
        field("operation", self.operation);
        field("path", self.path);
    }
};
// Takes the directory's `.lock` for the life of this process (Kafka's own lock file).
struct LockDirectory {
    Token operation;
    std::string path;
    static void describe(auto& field, auto& self) {
        field("operation", self.operation);
        field("path", self.path);
    }
};

// A long job asks for its next turn, after the events that are ready.
struct Continue {
    Token job;
    static void describe(auto& field, auto& self) { field("job", self.job); }
};

// How long a computation may take: a driver lets neither kind wait for the other.
enum class Load : std::uint8_t {
    light,  // tens of milliseconds at most
    heavy,  // seconds
};

// Pure work that is too long for a turn: the machine's own function compute() (machine.h), called
// with this very value, by whichever thread. Answered by Computed; in no order, and not before
// later events. Short memory is no answer, as with storage: then the work is slow.
struct Compute {
    Token job;
    std::uint32_t what = 0;  // as the machine numbers its kinds of work
    Load load = Load::light;
    Bytes terms;  // what the work is to know: small
    Bytes input;  // what it is done to: shared, not copied
    static void describe(auto& field, auto& self) {
        field("job", self.job);
        field("what", self.what);
        field("load", self.load);
        field("terms", self.terms);
        field("input", self.input);
    }
};

struct Note {
    Occurrence what;
    static void describe(auto& field, auto& self) { field("what", self.what); }
};

// The node ends: nothing asked for afterwards is done.
struct Exit {
    int code = 0;
    static void describe(auto& field, auto& self) { field("code", self.code); }
};

}  // namespace effect

using Effect =
    std::variant<effect::ArmTimer, effect::DisarmTimer, effect::Listen, effect::Unlisten,
                 effect::Dial, effect::Admit, effect::Pause, effect::Resume, effect::HangUp,
                 effect::Send, effect::SendFile, effect::Open, effect::Close, effect::Write,
                 effect::Read, effect::Flush, effect::Truncate, effect::Rename, effect::Remove,
                 effect::MakeDirectory, effect::List, effect::FlushDirectory, effect::LockDirectory,
                 effect::Continue, effect::Note, effect::Exit, effect::Compute,
                 effect::RenameDirectory, effect::RemoveDirectory>;

}  // namespace barnabas
