// What a leader checks of produced records before it stores them, as Kafka checks it: the head of
// the one batch, its CRC, and in one walk, in place, every record.
#pragma once

#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/base/time.h"
#include "engine/records/compression.h"
#include "engine/records/prepared.h"

namespace barnabas::records {

// The settings that bear on a produced batch, by Kafka's topic settings.
struct Rules {
    std::int16_t produce_version = 13;       // zstd needs 7
    std::int32_t batch_bytes_max = 1048588;  // max.message.bytes, of the batch as it came
    bool are_keys_required = false;          // cleanup.policy has compact
    TimestampType timestamp_type = TimestampType::create_time;  // message.timestamp.type
    std::int64_t timestamp_before_max = INT64_MAX;              // message.timestamp.before.max.ms
    std::int64_t timestamp_after_max = 3'600'000;               // message.timestamp.after.max.ms
    std::optional<Compression> compression{};  // compression.type; nothing is "producer"
    std::int32_t record_bytes_max = INT32_MAX;  // max.decompressed.message.bytes, where compressed
    std::size_t unpacked_bytes_max = records::unpacked_bytes_max;  // of a batch
    WallTime now{};
};

// How much work a check may still do here and now, in bytes unpacked: about three nanoseconds each.
class Effort {
  public:
    explicit Effort(std::uint64_t left) : left_(left) {}
    static Effort without_end() { return Effort(UINT64_MAX); }

    std::uint64_t left() const { return left_; }
    // False when there is less: then nothing is spent.
    bool spend(std::uint64_t work) {
        if (work > left_) return false;
        if (left_ != UINT64_MAX) left_ -= work;
        return true;
    }
    void spend_all() { left_ = 0; }

  private:
    std::uint64_t left_;
};

// Why, in the words of Kafka's error codes.
enum class RefusedAs : std::uint8_t {
    corrupt_message,
    invalid_record,
    invalid_timestamp,
    message_too_large,
    unsupported_compression_type,
};

struct RecordError {
    std::int32_t batch_index = 0;  // which record of the batch
    std::string message;
    friend bool operator==(const RecordError&, const RecordError&) = default;
};

struct Refusal {
    RefusedAs as = RefusedAs::invalid_record;
    std::string message;
    std::vector<RecordError> record_errors;  // what Produce 8 and later tells of each record
};

// `records` is what a producer sent for one partition: exactly one batch. With log_append_time the
// batch is given `rules.now`; a head that states a wrong max timestamp is put right. A compressed
// batch is unpacked for the walk and kept as it came, unless compression.type names another codec
// or its offset deltas are not 0, 1, 2, ...: then it is made anew.
//
// Less than a batch behind it is dropped.
//
// Stricter than Kafka in two things that no client sends: an uncompressed batch whose offset deltas
// do not count is refused (Kafka stores it, and consumers see its offsets out of order), and so is
// one that unpacks to more than unpacked_bytes_max (Kafka bounds single records only).
using Validated = Result<Prepared, Refusal>;
Validated validate_produce(const Bytes& records, const Rules& rules);

// The same, within that effort, of which it takes what it costs. Nothing when that is not enough:
// then all of it is to be begun again by who has more.
std::optional<Validated> validate_within(const Bytes& records, const Rules& rules, Effort& effort);

// The same as a job for another thread (effect::Compute): the terms and the batch go in, and what
// comes back is read with the batch at hand. Nothing: the effort was not enough.
Bytes validation_terms(const Rules& rules, Effort effort);
Bytes compute_validation(const Bytes& terms, const Bytes& records);
std::optional<Validated> read_validation(const Bytes& result, const Bytes& records);

}  // namespace barnabas::records
