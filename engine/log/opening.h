// The opening of a log: its directory is made or read by a Loader, and what that found becomes the
// log. Without room on the disk the log is closed again, to be opened later.
#pragma once

#include <optional>

#include "engine/base/cow.h"
#include "engine/log/loader.h"

namespace barnabas::log {

struct LogParts;

class Opening {
  public:
    void begin(bool was_clean_stop, std::optional<Offset> recovery_point, Offset log_start,
               LogParts& log, Turn& turn);
    // Of what a cut has left of a log that was closed, from `log_start` on.
    void begin_after_cut(Offset log_start, LogParts& log, Turn& turn);
    void on(const event::StorageDone& done, LogParts& log, Turn& turn);
    // Lets go of what is open: nothing is under way any more.
    void drop(LogParts& log, Turn& turn);

    void digest(Hasher& hasher) const;

  private:
    static Loader::Plan plan(Offset log_start, const LogParts& log);
    void wait_for_room(LogParts& log, Turn& turn);
    static void take(Loader::Loaded loaded, LogParts& log, Turn& turn);

    std::optional<Cow<Loader>> loader_;
};

}  // namespace barnabas::log
