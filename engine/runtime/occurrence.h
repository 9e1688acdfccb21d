// What the engine says about itself. The host writes a log line, the world a trace line, the
// desktop a mark on the timeline. A checker may use one to find what changed, never as the truth.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace barnabas {

enum class Severity : std::uint8_t { debug, info, warning, error };

struct Occurrence {
    enum class Kind : std::uint8_t {
        started,         // the node answers
        stopped,         // it has stopped cleanly
        listening,       // a listener is open
        formatted,       // an empty directory became a log directory
        role,            // a quorum role changed
        metadata,        // a metadata record took effect
        partition,       // a partition came online, went offline, moved its epoch
        high_watermark,  // the high watermark moved
        segment,         // a segment was rolled, deleted
        recovered,       // a log was read back after an unclean stop
        truncated,       // bytes or records were cut off
        refused,         // a request, connection or file was refused
        storage,         // a disk failed, filled up, or came back
        setting,         // a setting is unknown or has no effect
        client,          // a client machine did something worth telling
    };

    Kind kind = Kind::started;
    Severity severity = Severity::info;
    std::string subject;  // what it is about: "orders-0", "listener PLAINTEXT", a peer's address
    std::string text;     // what happened and why, one line

    static void describe(auto& field, auto& self) {
        field("kind", self.kind);
        field("severity", self.severity);
        field("subject", self.subject);
        field("text", self.text);
    }
    friend bool operator==(const Occurrence&, const Occurrence&) = default;
};

std::string_view name_of(Occurrence::Kind kind);
std::string_view name_of(Severity severity);

}  // namespace barnabas
