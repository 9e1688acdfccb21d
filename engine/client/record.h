// What the client machines speak of: acknowledgements asked for, records given and taken.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/time.h"
#include "engine/protocol/types.h"

namespace barnabas::client {

// Whose word a producer waits for; the numbers are Kafka's.
enum class Acks : std::int16_t { all = -1, none = 0, leader = 1 };

// Where a consumer begins, and begins again when its position is no longer there.
enum class Start : std::uint8_t { earliest, latest };

// What a consumer is shown: of transactions those that are committed, or all. The numbers are
// Kafka's.
enum class Isolation : std::int8_t { read_uncommitted = 0, read_committed = 1 };

struct Header {
    std::string key;
    Bytes value;
};

// A record to be sent, partition chosen. Without a timestamp it gets the time of send().
struct Record {
    TopicPartition to;
    std::optional<Bytes> key;
    std::optional<Bytes> value;
    std::optional<WallTime> timestamp;
    std::vector<Header> headers = {};
};

// A record as it was fetched.
struct Delivered {
    TopicPartition from;
    Offset offset;
    WallTime timestamp;
    std::optional<Bytes> key;
    std::optional<Bytes> value;
    std::vector<Header> headers = {};
};

}  // namespace barnabas::client
