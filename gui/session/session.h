// Where a window's state comes from. The window knows this interface and nothing behind it.
//
// A session works on a thread of its own and never waits for the window; the window looks at the
// newest snapshot whenever it draws a frame, and posts commands, which are carried out in order.
#pragma once

#include <chrono>
#include <variant>

#include "gui/store/snapshot.h"

namespace barnabas::gui {

namespace command {
struct Play {};
struct Pause {};
struct SetSpeed {
    double seconds_per_second = 1;
};
struct Step {  // events; backwards when negative
    std::int64_t events = 1;
};
struct SeekTime {  // the last position that is not after it
    Instant time;
};
struct SeekPosition {
    std::uint64_t position = 0;
};
struct SeekEnd {};
}  // namespace command

using Command = std::variant<command::Play, command::Pause, command::SetSpeed, command::Step,
                             command::SeekTime, command::SeekPosition, command::SeekEnd>;

class Session {
  public:
    virtual ~Session() = default;

    virtual const SessionInfo& info() const = 0;
    virtual const EventStore& events() const = 0;
    virtual SnapshotPointer snapshot() const = 0;

    // The command's number; a snapshot with this ticket or a later one shows it carried out.
    // A seek that a later command overtakes counts as carried out where it stopped.
    virtual std::uint64_t post(Command command) = 0;

    // Waits until that is so, at most `patience`; false when it still is not. For programs and
    // tests, never for a window.
    virtual bool wait(std::uint64_t ticket, std::chrono::milliseconds patience) const = 0;
};

}  // namespace barnabas::gui
