// `bootstrap.checkpoint`: the records that a new metadata log begins with, as a snapshot file.
#pragma once

#include "engine/base/bytes.h"
#include "engine/base/time.h"
#include "engine/metadata/record.h"

namespace barnabas::metadata {

// The levels that a new log begins with: metadata.version alone. A feature that is not built stays
// at 0, which is the level of a feature that nobody names.
std::vector<Record> bootstrap_records();

// The whole file: a snapshot header, the records, a snapshot footer.
Bytes bootstrap_checkpoint(WallTime now);

// The first batch of a new log: these records as one metadata transaction, where the
// metadata.version among them has such.
std::vector<Record> bootstrap_transaction(std::vector<Record> records);

}  // namespace barnabas::metadata
