// What stands in the batches of the metadata log and of its snapshots.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/protocol/messages/quorum_records.h"
#include "engine/records/batch.h"

namespace barnabas::quorum {

// One batch of the metadata log: the values of its records. Control batches do not come out.
struct Committed {
    Offset base_offset;  // in a snapshot: counted from its start
    Offset next_offset;
    LeaderEpoch epoch;
    std::vector<Bytes> values;
    std::int64_t timestamp = records::no_timestamp;  // the largest of its records
    std::uint32_t size = 0;                          // of the batch, in bytes
    bool is_of_snapshot = false;
};

// What the control records say of the quorum itself, so far.
struct ControlState {
    std::int16_t kraft_version = 0;
    std::optional<protocol::VotersRecord> voters;  // with kraft.version 1 and above
    std::optional<std::int64_t> header_timestamp;  // of a snapshot: of the last record in it
    bool has_header = false;                       // of a snapshot
    bool has_footer = false;
};

// Checks the batch, compressed ones too: a data batch comes out, a control batch goes into
// `control`. An error says what is wrong with it.
Result<std::optional<Committed>, std::string> read_batch(const records::Batch& batch,
                                                         ControlState& control);
// The same without a look into data batches, but for their CRCs. Says what is wrong with it.
std::optional<std::string> read_control(const records::Batch& batch, ControlState& control);

}  // namespace barnabas::quorum
