// The codecs of record batches, in both directions. A batch's records are compressed as one.
//
// Bombs are bounded: unpacking stops with an error as soon as it would give more than `bytes_max`,
// and asks for no more memory than what came out so far justifies.
#pragma once

#include <string>

#include "engine/base/result.h"
#include "engine/records/batch.h"

namespace barnabas::records {

// How much a batch of records may unpack to, unless told otherwise.
constexpr std::size_t unpacked_bytes_max = std::size_t{128} << 20;

Result<Bytes, std::string> unpack(Codec codec, ByteView packed,
                                  std::size_t bytes_max = unpacked_bytes_max);

// The records of a batch, unpacked; those of an uncompressed one are not copied.
Result<Bytes, std::string> plain_records(const Batch& batch,
                                         std::size_t bytes_max = unpacked_bytes_max);

// A level of Kafka's settings compression.gzip.level, .lz4.level, .zstd.level; snappy has none.
struct CompressionLevels {
    int gzip = -1;
    int lz4 = 9;
    int zstd = 3;
};

// Snappy is written raw, as librdkafka does, or framed as the Java client does; both are read.
enum class SnappyFraming : std::uint8_t { raw, java };

struct Compression {
    Codec codec = Codec::none;
    CompressionLevels levels;
    SnappyFraming framing = SnappyFraming::java;
};

Bytes pack(ByteView plain, const Compression& how);

}  // namespace barnabas::records
