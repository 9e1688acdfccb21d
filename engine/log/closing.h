// A clean stop of a log: all is written, indexes end as Kafka ends them, all is flushed, files are
// closed. What waits for an answer goes on when that comes: go_on() is called by every part whose
// work the stop may wait for.
#pragma once

#include "engine/base/hash.h"
#include "engine/runtime/turn.h"

namespace barnabas::log {

struct LogParts;

class Closing {
  public:
    void begin(LogParts& log, Turn& turn);
    // Likewise of a log that goes on afterwards. Needs: its state says that it is closing.
    void begin_rest(LogParts& log, Turn& turn);
    // Needs: begin() or begin_rest() was called.
    void go_on(LogParts& log, Turn& turn);

    void digest(Hasher& hasher) const;

  private:
    bool is_flushed_ = false;  // or asked to be
};

}  // namespace barnabas::log
