// Makes a batch anew of some of its own records, as compaction does: where it stands, whose it is
// and which offsets and sequences it takes up stay as they were.
#pragma once

#include <span>

#include "engine/records/compression.h"
#include "engine/records/record.h"

namespace barnabas::records {

// The batch with only these of its records, in its own codec. With a delete horizon that time takes
// the place of the base timestamp (KIP-534): tombstones and markers in it may go from then on.
// Needs: `kept` is not empty and shows into the batch's own records.
Bytes rewrite_batch(const BatchHeader& original, std::span<const RecordView> kept,
                    std::optional<std::int64_t> delete_horizon);

// The head alone: keeps the last offset and sequence when no record is left.
Bytes empty_batch(const BatchHeader& original);

}  // namespace barnabas::records
