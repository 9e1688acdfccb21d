// All that an open log holds on account of producers and transactions. Most logs have no producer
// and then no such box.
#pragma once

#include <deque>
#include <map>

#include "engine/base/queue.h"
#include "engine/log/lookup.h"
#include "engine/log/producer_states.h"
#include "engine/runtime/whole_file.h"

namespace barnabas::log {

// A question for aborted transactions that needs a look into .txnindex files: one read at a time.
struct AbortedLookup {
    LookupId id;
    AbortedCollector collector;
    Offset segment{};                // whose index is read
    std::uint32_t bytes_read = 0;    // of it
    std::uint32_t bytes_asked = 0;   // on their way
    Offset next_marker{};            // no entry that was not read yet tells of one below
    bool is_void = false;            // the segment's files are others now

    void go_to(Offset base) {
        segment = next_marker = base;
        bytes_read = 0;
    }
    std::uint32_t entries_read() const { return bytes_read / transaction_entry_bytes; }

    static constexpr std::uint32_t page_bytes = 1024 * transaction_entry_bytes;
};

struct Producers {
    ProducerStates states;                       // with all that was appended
    Queue<ProducerStates::Undo> undos;           // of the batches that are not written yet
    std::map<Offset, TransactionIndex> indexes;  // of the active segment and those being sealed
    struct IndexWrite {
        Offset segment{};
        Token opening;           // of the file, asked for before
        bool is_unmade = false;  // there was no room for the file
    };
    std::map<Token, IndexWrite> index_writes;
    std::map<Token, AbortedLookup> lookups;

    struct Snapshot {
        Offset at{};
        Bytes bytes;
    };
    std::deque<Snapshot> snapshots;  // to be stored, in their order
    std::optional<ReplaceFile> snapshot_file;

    // Nothing here would be missed.
    bool is_idle() const {
        return states.empty() && undos.empty() && indexes.empty() && snapshots.empty() &&
               index_writes.empty() && lookups.empty();
    }
};

}  // namespace barnabas::log
