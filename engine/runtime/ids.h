// Names that cross the door. The engine chooses tokens, file ids and the ids of connections it
// dials; the host chooses the ids of connections it accepts.
#pragma once

#include <cstdint>
#include <string>

#include "engine/base/id.h"

namespace barnabas {

using ConnectionId = Id<struct ConnectionTag, std::uint64_t>;
using ListenerId = Id<struct ListenerTag, std::uint32_t>;
using FileId = Id<struct FileTag, std::uint64_t>;
using Token = Id<struct TokenTag, std::uint64_t>;

// Connections that the engine dials have the top bit; accepted ones never do.
constexpr ConnectionId dialled(std::uint64_t number) { return ConnectionId(number | 1ull << 63); }
constexpr bool is_dialled(ConnectionId connection) { return connection.value() >> 63 != 0; }

struct Endpoint {
    std::string host;
    std::uint16_t port = 0;

    static void describe(auto& field, auto& self) {
        field("host", self.host);
        field("port", self.port);
    }
    friend auto operator<=>(const Endpoint&, const Endpoint&) = default;
};

// Who speaks on a connection, as Kafka names it.
struct Principal {
    std::string type = "User";
    std::string name = "ANONYMOUS";

    static void describe(auto& field, auto& self) {
        field("type", self.type);
        field("name", self.name);
    }
    friend auto operator<=>(const Principal&, const Principal&) = default;
};

}  // namespace barnabas
