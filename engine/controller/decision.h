// What the active controller decides for a client: the records that make it true, and the response.
#pragma once

#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/metadata/record.h"
#include "engine/protocol/errors.h"

namespace barnabas::controller {

template <class Response>
struct Decision {
    std::vector<metadata::Record> records;  // one atomic batch; empty when nothing is to change
    std::vector<Bytes> values;    // the same, as they are written
    Response response;
};

struct Refusal {
    protocol::ErrorCode code;
    std::string message;
};

// Kafka's bounds for what one request may change: its records, but for those of partitions, which
// have a bound of their own; and the bytes of one batch.
constexpr std::size_t records_max = 10'000;
constexpr std::size_t batch_bytes_max = 8u << 20;

// The first part of it, before anything is encoded.
std::optional<Refusal> why_too_many(const std::vector<metadata::Record>& records);
// The records as they are written. A decision is not made when they cannot be: together they are
// too large for a batch, or a text is longer than a string may be. Needs: they are as as_of() gives
// them at that level.
Result<std::vector<Bytes>, Refusal> values_of(const std::vector<metadata::Record>& records,
                                              std::int16_t level);

}  // namespace barnabas::controller
