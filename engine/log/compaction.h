// Compaction of one log: what there is to clean, a job that does it in slices (Cleaner), and each
// cleaned segment put in the place of the old ones (SegmentSwap).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/cow.h"
#include "engine/log/cleaning.h"
#include "engine/runtime/event.h"
#include "engine/runtime/turn.h"

namespace barnabas::log {

struct LogParts;

class Compaction {
  public:
    // What could be cleaned now, below `below`, when all below `first_dirty` was cleaned before.
    // Looks up timestamps that it lacks: then the next call knows more.
    Cleanable cleanable(Offset first_dirty, Offset below, const CleaningSettings& settings,
                        LogParts& log, Turn& turn);
    // Begins. Needs: `what` of this turn, not empty; none under way, and no result to take.
    void begin(const Cleanable& what, const CleaningSettings& settings, LogParts& log, Turn& turn);

    bool is_under_way() const { return cleaning_.has_value(); }
    // It stands still until go_on().
    bool is_waiting() const { return cleaning_ && (*cleaning_)->cleaner.is_waiting(); }
    std::uint64_t take_moved() { return cleaning_ ? cleaning_->edit().cleaner.take_moved() : 0; }
    void go_on(LogParts& log, Turn& turn);
    std::optional<CleaningResult> take_result() { return std::exchange(result_, std::nullopt); }

    // The transactions that were aborted, which a cleaning waits for first.
    void learn(const std::vector<AbortedTransaction>& aborted);
    // What was cleaned cannot be: nothing was swapped in yet.
    void give_up(std::string why, LogParts& log, Turn& turn);
    // The log is closed: what is not to be completed is given up.
    void stop(LogParts& log, Turn& turn);
    void drop() { cleaning_.reset(); }

    bool uses(std::uint32_t slot) const { return cleaning_ && (*cleaning_)->uses(slot); }
    // The segment's row is the log's already, and its files have their names not yet.
    bool is_swapping_in(const Segment& segment) const {
        return cleaning_ && (*cleaning_)->is_swapping_in(segment);
    }
    bool waits_for_room() const {
        return cleaning_ && (*cleaning_)->swap && (*cleaning_)->swap->is_refused();
    }
    void try_again(LogParts& log, Turn& turn);

    void on(const event::StorageDone& done, LogParts& log, Turn& turn);
    void on(const event::Computed& done, LogParts& log, Turn& turn);

    void digest(Hasher& hasher) const;

  private:
    static Offset sealed_end(const LogParts& log);
    void learn_first_timestamp(Segment& segment, LogParts& log, Turn& turn);
    bool on_head_read(const event::StorageDone& done, LogParts& log, Turn& turn);
    void look(LogParts& log, Turn& turn);
    void begin_swap(LogParts& log, Turn& turn);
    void go_on_swapping(LogParts& log, Turn& turn);
    static void replace_segments(const CleanedSegment& fresh,
                                 const std::vector<SegmentSwap::Old>& old, LogParts& log,
                                 Turn& turn);
    void finish(LogParts& log, Turn& turn);

    std::optional<Cow<Cleaning>> cleaning_;
    std::optional<CleaningResult> result_;
    std::map<Token, Offset> reading_heads_;  // of segments whose age is asked for
};

}  // namespace barnabas::log
