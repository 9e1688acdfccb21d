// A batch that is ready to be appended: checked, with all of its head decided but for the base
// offset and the leader epoch, which the log gives it at the last moment.
#pragma once

#include "engine/base/chain.h"
#include "engine/records/batch.h"

namespace barnabas::records {

struct Prepared {
    BatchHeader header;         // as it will be stored, at base offset 0
    Bytes batch;                // the whole batch as it came
    bool head_changed = false;  // `header` differs from the head in `batch` behind the stamp

    std::size_t size() const { return batch.size(); }
    std::int32_t offsets() const { return header.last_offset_delta + 1; }  // how many it takes up
};

// The batch at its place in a log: a fresh head and the slice that came, which is not copied.
Chain stamp(const Prepared& prepared, Offset base_offset, LeaderEpoch leader_epoch);

}  // namespace barnabas::records
