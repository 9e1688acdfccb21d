// The questions about a log that its users ask: where records stand, and which offset a timestamp
// has. What needs a look into files is answered later, by take_found().
#pragma once

#include <map>
#include <variant>
#include <vector>

#include "engine/log/lookup.h"
#include "engine/runtime/event.h"
#include "engine/runtime/turn.h"

namespace barnabas::log {

struct LogParts;

class Lookups {
  public:
    // See PartitionLog::locate().
    std::variant<FileRange, Pending, OutOfRange> locate(Offset from, Offset below,
                                                        std::uint32_t bytes_max, LookupId id,
                                                        bool is_below_close, LogParts& log,
                                                        Turn& turn);
    void begin(Lookup lookup, LogParts& log, Turn& turn);
    // Looks for the largest timestamp of each segment, as its batches bear it out: what retention
    // goes by. This look leaves all of them known.
    void learn_timestamps(LogParts& log, Turn& turn);

    bool is_busy() const { return !under_way_.empty(); }
    // The segments from `begin` to `end` are others now: lookups in them begin anew.
    void replace_segments(Offset begin, Offset end);
    void on(const event::StorageDone& done, LogParts& log, Turn& turn);
    void on(const event::Computed& done, LogParts& log, Turn& turn);
    // All are answered: as void where the log is cut, else as unreadable.
    void give_up(LogParts& log);

    // An answer, to be taken.
    void add(Found found) { found_.push_back(std::move(found)); }
    void add_given_up(LookupId id, const LogParts& log);
    std::vector<Found> take_found() { return std::exchange(found_, {}); }

    // Needs: no entry of the segment is to be written any more.
    static void drop_time_index(Segment& segment, LogParts& log, Turn& turn);

    void digest(Hasher& hasher) const;

  private:
    static LookupView view(LogParts& log);
    void go_on(Lookup lookup, LogParts& log, Turn& turn);
    static void on_wrong_time_index(Offset segment, LogParts& log, Turn& turn);

    std::map<Token, Lookup> under_way_;
    std::vector<Found> found_;
    bool is_learning_timestamps_ = false;
};

}  // namespace barnabas::log
