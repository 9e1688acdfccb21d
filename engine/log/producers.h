// All that an open log holds on account of producers and transactions. Most logs have no producer
// and then no such box.
#pragma once

#include <deque>
#include <map>

#include "engine/base/queue.h"
#include "engine/log/producer_states.h"
#include "engine/log/transaction_index.h"
#include "engine/runtime/whole_file.h"

namespace barnabas::log {

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

    struct Snapshot {
        Offset at{};
        Bytes bytes;
    };
    std::deque<Snapshot> snapshots;  // to be stored, in their order
    std::optional<ReplaceFile> snapshot_file;

    // Nothing here would be missed.
    bool is_idle() const {
        return states.empty() && undos.empty() && indexes.empty() && snapshots.empty() &&
               index_writes.empty();
    }
};

}  // namespace barnabas::log
