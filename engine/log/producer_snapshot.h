// A snapshot of a log's producers as Kafka stores it, in NNN.snapshot: an int16 version, a CRC-32C
// of what follows it, and an entry for each producer, with the newest of its batches. NNN is the
// offset up to which the batches are in it.
#pragma once

#include <string>

#include "engine/base/result.h"
#include "engine/log/producer_states.h"

namespace barnabas::log {

Bytes encode_snapshot(const ProducerStates& states);
// An error says what is wrong with the file.
Result<ProducerStates, std::string> decode_snapshot(const Bytes& file);

// The size of a snapshot without a producer.
constexpr std::uint64_t empty_snapshot_bytes = 10;

}  // namespace barnabas::log
