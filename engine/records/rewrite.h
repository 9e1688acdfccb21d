// Makes a batch anew of some of its own records, as compaction does: where it stands, whose it is
// and which offsets and sequences it takes up stay as they were.
#pragma once

#include <vector>

#include "engine/records/compression.h"
#include "engine/records/record.h"

namespace barnabas::records {

// The batch with only those of its records that stay, in its own codec. With a delete horizon that
// time takes the place of the base timestamp (KIP-534): tombstones and markers in it may go from
// then on. Needs: `plain` are its records, all of them good, and at least one stays.
Bytes rewrite_batch(const BatchHeader& original, ByteView plain, const std::vector<bool>& stays,
                    std::optional<std::int64_t> delete_horizon);

// The head alone: keeps the last offset and sequence when no record is left.
Bytes empty_batch(const BatchHeader& original);

}  // namespace barnabas::records
