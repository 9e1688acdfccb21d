// What is asked of a partition, and what it answers. Values: a question may come from another
// shard, and its answer may take a look into files or a write to the disk.
//
// Each answer begins with an error code; where that is not `none`, nothing else of it counts but
// what is said so.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/log/lookup.h"
#include "engine/log/producer_states.h"
#include "engine/protocol/errors.h"
#include "engine/records/validate.h"

namespace barnabas::replication {

// Where a partition stands on this node, for good.
struct Slot {
    std::uint32_t number = 0;
    friend bool operator==(const Slot&, const Slot&) = default;
};

constexpr Slot nowhere{UINT32_MAX};

// Who asked, in the asker's own terms: a request, and which part of it.
struct Asker {
    ConnectionId connection;
    std::uint64_t request = 0;
    std::uint32_t topic = 0;
    std::uint32_t partition = 0;
    std::uint32_t number = 0;  // of the partition among all of the request
    friend auto operator<=>(const Asker&, const Asker&) = default;
};

// A client's batch is appended; the answer comes when it may be acknowledged, with acks=0 at once.
struct Append {
    Bytes records;
    std::int16_t acks = 0;
    std::int16_t version = 0;  // of the Produce request
};
struct Appended {
    protocol::ErrorCode code = protocol::ErrorCode::none;
    std::string message;  // beside an error, where it says more than the code
    std::vector<records::RecordError> record_errors;  // beside an error
    Offset base{-1};
    std::int64_t append_time = records::no_timestamp;  // where the broker gave it
    Offset log_start{-1};  // beside an error too, unless the partition is not led here
};

// Where records from an offset on stand that a client may see.
struct ReadFrom {
    Offset from{};
    std::int32_t leader_epoch = -1;  // that the client knows; -1 asks for no check
    // So much at most. Of the first partition of an answer that has records, a whole batch even
    // above that. With 0 and not the first, the answer only says whether there is something.
    std::uint32_t bytes_max = 0;
    bool is_first = false;
    bool is_committed_only = false;
};
struct Read {
    protocol::ErrorCode code = protocol::ErrorCode::none;
    // As it was when the question came. Unknown beside an error; log_start is, but for an offset
    // out of range.
    Offset high_watermark{-1};
    Offset last_stable{-1};
    Offset log_start{-1};
    bool has_records = false;  // there is something behind `from`
    log::FileRange range;      // its length is 0 when it was not looked for, or not found
    std::vector<log::AbortedTransaction> aborted;  // of a reader of committed records
    // As it was asked.
    std::uint32_t bytes_max = 0;
    bool is_first = false;
};

// The offset of a timestamp, or of one of the questions that stand for one.
struct FindOffset {
    enum class What : std::uint8_t { timestamp, largest_timestamp, earliest, latest, nothing };
    What what = What::timestamp;
    std::int64_t timestamp = 0;
    std::int32_t leader_epoch = -1;
    bool is_committed_only = false;
};
struct FoundOffset {
    protocol::ErrorCode code = protocol::ErrorCode::none;
    Offset offset{-1};  // -1: there is none
    std::int64_t timestamp = records::no_timestamp;
    std::optional<LeaderEpoch> epoch;  // with an offset
};

// The log begins there from now on, or at the high watermark.
struct DeleteBelow {
    std::optional<Offset> offset;  // nothing: at the high watermark
};
struct Deleted {
    protocol::ErrorCode code = protocol::ErrorCode::none;
    Offset log_start{-1};
};

// The producers that are known, some at a time in the order of their ids.
struct ListProducers {
    ProducerId from{0};
    std::uint32_t count_max = 0;
};
struct ListedProducers {
    protocol::ErrorCode code = protocol::ErrorCode::none;
    std::vector<std::pair<ProducerId, log::ProducerStates::Producer>> producers;
    std::size_t count = 0;           // of all that are known
    std::optional<ProducerId> next;  // where to go on
};

using Question = std::variant<Append, ReadFrom, FindOffset, DeleteBelow, ListProducers>;
using Answer = std::variant<Appended, Read, FoundOffset, Deleted, ListedProducers>;
struct Answered {
    Asker asker;
    Answer answer;
};

// There is more to read of a partition than there was, for who watches it.
struct News {
    Asker watcher;
    bool is_stable = false;  // for readers of committed records too
};

}  // namespace barnabas::replication
