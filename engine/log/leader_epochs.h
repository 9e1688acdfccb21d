// Where each leader epoch began in one log: what lets a follower find the place where its log parts
// from the leader's.
#pragma once

#include <optional>

#include "engine/base/hash.h"
#include "engine/log/checkpoint.h"

namespace barnabas::log {

class LeaderEpochs {
  public:
    LeaderEpochs() = default;
    explicit LeaderEpochs(std::vector<EpochStart> entries);

    // `epoch` writes at `start`. True when that is news. Older epochs than the latest are none.
    bool assign(LeaderEpoch epoch, Offset start);
    // The log ends at `end` now. True when an entry went.
    bool cut_end(Offset end);
    // The log begins at `start` now: the epoch in force there begins there. True on a change.
    bool cut_start(Offset start);

    std::optional<LeaderEpoch> latest() const;
    // The epoch of the record at `offset`.
    std::optional<LeaderEpoch> epoch_of(Offset offset) const;
    // Kafka's OffsetForLeaderEpoch: the largest epoch not above `epoch`, and where it ends in a log
    // that ends at `log_end`. Nothing when the log has no such epoch.
    struct End {
        LeaderEpoch epoch;
        Offset end;
        friend bool operator==(const End&, const End&) = default;
    };
    std::optional<End> end_of(LeaderEpoch epoch, Offset log_end) const;

    const std::vector<EpochStart>& entries() const { return entries_; }

    void digest(Hasher& hasher) const;

  private:
    static constexpr LeaderEpoch none{-1};

    void settle_latest();

    LeaderEpoch latest_ = none;        // each append asks: it should not need a look at the entries
    std::vector<EpochStart> entries_;  // ascending in both
};

}  // namespace barnabas::log
