// The settings that a partition's log gives effect to, by Kafka's names and with its defaults.
#pragma once

#include <cstdint>

namespace barnabas::log {

struct LogConfig {
    std::uint32_t segment_bytes = 1u << 30;          // segment.bytes
    std::int64_t segment_ms = 604'800'000;           // segment.ms
    std::int64_t segment_jitter_ms = 0;              // segment.jitter.ms
    std::uint32_t segment_index_bytes = 10'485'760;  // segment.index.bytes
    std::uint32_t index_interval_bytes = 4096;       // index.interval.bytes
    std::int64_t retention_bytes = -1;               // retention.bytes; -1 keeps all
    std::int64_t retention_ms = 604'800'000;         // retention.ms; -1 keeps all
    std::int64_t file_delete_delay_ms = 60'000;      // file.delete.delay.ms
    std::int64_t flush_messages = INT64_MAX;         // flush.messages
    std::int64_t flush_ms = INT64_MAX;               // flush.ms
    std::int32_t record_bytes_max = INT32_MAX;       // max.decompressed.message.bytes
    bool is_preallocated = false;                    // preallocate
    std::int64_t producer_expiration_ms = 86'400'000;  // producer.id.expiration.ms
    bool is_compacted = false;                         // cleanup.policy has compact
    bool is_deleted = true;                            // cleanup.policy has delete

    friend bool operator==(const LogConfig&, const LogConfig&) = default;
};

}  // namespace barnabas::log
