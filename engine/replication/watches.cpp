#include "engine/replication/watches.h"

#include "engine/base/digest.h"

namespace barnabas::replication {

WatchId Watches::add(WatchList& list, const Asker& watcher) {
    WatchId id = free_;
    if (id == no_watch) {
        id = static_cast<WatchId>(rows_.size());
        rows_.emplace_back();
    } else {
        free_ = rows_[id].next;
    }
    rows_[id] = {watcher, list.last, no_watch, true};
    (list.last == no_watch ? list.first : rows_[list.last].next) = id;
    list.last = id;
    return id;
}

void Watches::remove(WatchList& list, WatchId id) {
    Row& row = rows_.at(id);
    if (row.is_listed) {
        (row.before == no_watch ? list.first : rows_[row.before].next) = row.next;
        (row.next == no_watch ? list.last : rows_[row.next].before) = row.before;
    }
    row = {{}, no_watch, free_, false};
    free_ = id;
}

void Watches::clear(WatchList& list) {
    for (WatchId at = list.first; at != no_watch; at = rows_[at].next) rows_[at].is_listed = false;
    list = {};
}

void Watches::digest(Hasher& hasher) const { digest_all(hasher, rows_, free_); }

}  // namespace barnabas::replication
