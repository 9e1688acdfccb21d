// Record batches, format 2: the 61 bytes that stand before the records, and the cutting of a run of
// bytes into batches.
//
// Base offset and leader epoch stand outside the CRC: a broker sets them and touches nothing else.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/base/bytes.h"
#include "engine/protocol/types.h"

namespace barnabas::records {

enum class Codec : std::uint8_t { none, gzip, snappy, lz4, zstd };
enum class TimestampType : std::uint8_t { create_time, log_append_time };

constexpr std::size_t batch_head_bytes = 61;   // all before the records
constexpr std::size_t batch_outer_bytes = 12;  // base offset and length: not counted by `length`
constexpr std::size_t stamped_bytes = 16;      // base offset, length, leader epoch
constexpr std::size_t crc_begins_at = 21;      // the attributes: the first bytes under the CRC
constexpr std::int8_t magic_served = 2;
constexpr std::int64_t no_timestamp = -1;
constexpr std::int32_t no_sequence = -1;
constexpr ProducerEpoch no_producer_epoch{-1};

struct BatchHeader {
    // Bits of `attributes`; the lowest three are the codec.
    static constexpr std::int16_t codec_mask = 0x07;
    static constexpr std::int16_t log_append_time_bit = 0x08;
    static constexpr std::int16_t transactional_bit = 0x10;
    static constexpr std::int16_t control_bit = 0x20;
    static constexpr std::int16_t delete_horizon_bit = 0x40;

    Offset base_offset{};
    std::int32_t length = 0;  // of all that follows this field
    LeaderEpoch leader_epoch = no_leader_epoch;
    std::int8_t magic = magic_served;
    std::uint32_t crc = 0;  // CRC-32C of all that follows this field
    std::int16_t attributes = 0;
    std::int32_t last_offset_delta = 0;
    std::int64_t base_timestamp = no_timestamp;  // or the delete horizon, as has_delete_horizon()
    std::int64_t max_timestamp = no_timestamp;
    ProducerId producer_id = no_producer;
    ProducerEpoch producer_epoch = no_producer_epoch;
    std::int32_t base_sequence = no_sequence;
    std::int32_t record_count = 0;

    // The fields as they stand there, unchecked. Nothing when `bytes` is shorter than a head.
    static std::optional<BatchHeader> parse(ByteView bytes);
    // Needs: room for batch_head_bytes at `to`.
    void store(std::uint8_t* to) const;

    std::size_t size() const {  // of the whole batch; needs is_plausible()
        return batch_outer_bytes + static_cast<std::size_t>(length);
    }
    Offset last_offset() const { return base_offset + last_offset_delta; }
    Offset next_offset() const { return last_offset() + 1; }
    // 5 to 7 are no codec: nothing.
    std::optional<Codec> codec() const;
    TimestampType timestamp_type() const {
        return attributes & log_append_time_bit ? TimestampType::log_append_time
                                                : TimestampType::create_time;
    }
    bool is_transactional() const { return (attributes & transactional_bit) != 0; }
    bool is_control() const { return (attributes & control_bit) != 0; }
    bool has_delete_horizon() const { return (attributes & delete_horizon_bit) != 0; }
    bool has_producer() const { return producer_id != no_producer; }
    // Length, magic and the last offset can be those of a batch: size() may be trusted to skip it.
    bool is_plausible() const {
        return length >= static_cast<std::int32_t>(batch_head_bytes - batch_outer_bytes) &&
               magic == magic_served && last_offset_delta >= 0 && base_offset >= Offset(0) &&
               base_offset.value() <= INT64_MAX - 1 - last_offset_delta;
    }

    friend bool operator==(const BatchHeader&, const BatchHeader&) = default;
};

// Needs: `batch` is one whole batch.
std::uint32_t crc_of(ByteView batch);

struct Batch {
    BatchHeader header;
    Bytes bytes;  // the whole batch, head included

    Bytes records() const { return bytes.from(batch_head_bytes); }
    bool has_good_crc() const { return crc_of(bytes) == header.crc; }
};

// Cuts a run of bytes into batches. Lengths are checked, CRCs are not.
class BatchReader {
  public:
    enum class Ending : std::uint8_t {
        whole,        // the run ended behind a batch
        torn,         // the last batch goes on behind the end of the run
        implausible,  // what stands there is no batch of this format
    };

    explicit BatchReader(Bytes run) : run_(std::move(run)) {}

    // The next batch, or nothing: then ending() says why.
    std::optional<Batch> next();
    Ending ending() const { return ending_; }
    std::size_t position() const { return position_; }  // behind the last batch that was given out

  private:
    Bytes run_;
    std::size_t position_ = 0;
    Ending ending_ = Ending::whole;
};

}  // namespace barnabas::records
