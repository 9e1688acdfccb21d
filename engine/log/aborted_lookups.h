// Questions for the aborted transactions of a part of a log: out of memory at the tail, else out of
// .txnindex files, one read at a time.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "engine/log/lookup.h"
#include "engine/log/transaction_index.h"
#include "engine/runtime/event.h"
#include "engine/runtime/turn.h"

namespace barnabas::log {

struct LogParts;

// One of them.
struct AbortedLookup {
    LookupId id;
    AbortedCollector collector;
    Offset segment{};              // whose index is read
    std::uint32_t bytes_read = 0;  // of it
    std::uint32_t bytes_asked = 0;  // on their way
    Offset next_marker{};           // no entry that was not read yet tells of one below
    bool is_void = false;           // the segment's files are others now

    void go_to(Offset base) {
        segment = next_marker = base;
        bytes_read = 0;
    }
    std::uint32_t entries_read() const { return bytes_read / transaction_entry_bytes; }

    static constexpr std::uint32_t page_bytes = 1024 * transaction_entry_bytes;
};

class AbortedLookups {
  public:
    // The transactions that have records in [from, below); nothing when that needs a look into
    // files: then the answer comes later under that id.
    std::optional<std::vector<AbortedTransaction>> find(Offset from, Offset below, LookupId id,
                                                        LogParts& log, Turn& turn);
    // Likewise, and the compaction is told of the answer, now or later.
    void find_for_compaction(Offset below, LogParts& log, Turn& turn);

    // The segments from `begin` to `end` are others now.
    void replace_segments(Offset begin, Offset end);
    bool has(Token operation) const { return under_way_.contains(operation); }
    void on_read(const event::StorageDone& done, LogParts& log, Turn& turn);
    void give_up(LogParts& log);

    void digest(Hasher& hasher) const;

  private:
    static AbortedLookup begin(Offset from, Offset below, LookupId id, const LogParts& log);
    static bool collect(AbortedLookup& lookup, const LogParts& log);
    void go_on(AbortedLookup lookup, LogParts& log, Turn& turn);
    void read(AbortedLookup lookup, LogParts& log, Turn& turn);

    std::map<Token, AbortedLookup> under_way_;
};

}  // namespace barnabas::log
