// What is asked of a log and what it answers, and the stages of its life.
#pragma once

#include <cstdint>
#include <span>

#include "engine/protocol/types.h"
#include "engine/records/batch.h"
#include "engine/runtime/ids.h"

namespace barnabas::log {

enum class LogState : std::uint8_t {
    closed,
    opening,
    open,
    closing,
    cutting,  // its end goes, or all of it: then it is open again
    failed,
};

struct Appended {
    Offset base;
    Offset last;
    // A retry of a batch that is here already, at these offsets: nothing was appended.
    bool is_duplicate = false;
    std::int64_t timestamp = records::no_timestamp;  // of the batch that is here
};

enum class AppendRefusal : std::uint8_t {
    not_open,         // opening, closing, cutting or failed
    no_space,         // the disk is full
    batch_too_large,  // larger than a whole segment may be
    // What the producer did before does not allow it.
    producer_fenced,
    out_of_order_sequence,
    not_transactional,
    coordinator_fenced,
    // Of what a leader wrote.
    corrupt,
    out_of_order_offsets,  // it begins before the log's end
};

// Files that answers name which have not left yet, ascending.
using Promised = std::span<const FileId>;

}  // namespace barnabas::log
