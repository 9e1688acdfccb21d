// Who waits for more of a partition to read, in the order in which they came: for each partition a
// list, all in one table, so that whoever leaves costs one step however many others wait.
#pragma once

#include <vector>

#include "engine/base/hash.h"
#include "engine/replication/question.h"

namespace barnabas::replication {

// A place in the table, until it is given back.
using WatchId = std::uint32_t;
constexpr WatchId no_watch = UINT32_MAX;

struct WatchList {  // of one partition
    WatchId first = no_watch;
    WatchId last = no_watch;
};

class Watches {
  public:
    WatchId add(WatchList& list, const Asker& watcher);
    // Gives the place back. Needs: `id` was added to that list, or to one that was cleared since,
    // and not removed since.
    void remove(WatchList& list, WatchId id);
    // The list is empty. Each place is still to be given back.
    void clear(WatchList& list);
    bool is_listed(WatchId id) const { return rows_.at(id).is_listed; }
    template <class Visit>
    void each(const WatchList& list, Visit visit) const {
        for (WatchId at = list.first; at != no_watch; at = rows_[at].next) visit(rows_[at].watcher);
    }

    void digest(Hasher& hasher) const;

  private:
    struct Row {
        Asker watcher;
        WatchId before = no_watch;
        WatchId next = no_watch;  // of a free row: the next free one
        bool is_listed = false;
    };

    std::vector<Row> rows_;
    WatchId free_ = no_watch;
};

}  // namespace barnabas::replication
