// Whether the disk has room for a log. A full disk refuses appends; reads go on. Once every
// probe_interval one append is let through to see whether there is room again.
#pragma once

#include <string_view>

#include "engine/base/hash.h"
#include "engine/runtime/turn.h"

namespace barnabas::log {

struct LogParts;

class Room {
  public:
    // Something found no room since the last time that an append found some.
    bool is_full() const { return is_full_; }
    void set_full() { is_full_ = true; }
    // Whether an append may go on: there is room, or it is the one that finds out.
    bool admits(const Turn& turn);
    // `what` found no room: appends are refused from now on. Says so in a note, once.
    void refuse(std::string_view what, const LogParts& log, Turn& turn);
    // There was room: says so in a note if there had been none.
    void note_room(const LogParts& log, Turn& turn);

    void digest(Hasher& hasher) const;

    static constexpr Duration probe_interval = std::chrono::seconds(1);

  private:
    bool is_full_ = false;
    bool is_probing_ = false;  // an append that finds out is under way
    Instant probe_at_{};       // the next one may be let through
};

}  // namespace barnabas::log
