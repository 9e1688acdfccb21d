#include "engine/records/rewrite.h"

#include <algorithm>

#include "engine/records/build.h"
#include "engine/records/put_record.h"

namespace barnabas::records {

namespace {

std::int64_t difference(std::int64_t a, std::int64_t b) {  // of what others wrote: it may wrap
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}

}  // namespace

Bytes rewrite_batch(const BatchHeader& original, ByteView plain, const std::vector<bool>& stays,
                    std::optional<std::int64_t> delete_horizon) {
    BatchHeader header = original;
    header.record_count = 0;
    header.base_timestamp = delete_horizon.value_or(0);
    header.attributes = static_cast<std::int16_t>(
        delete_horizon ? original.attributes | BatchHeader::delete_horizon_bit
                       : original.attributes & ~BatchHeader::delete_horizon_bit);
    std::int64_t max_timestamp = INT64_MIN;
    std::vector<std::uint8_t> kept;
    std::vector<std::uint8_t> body;
    RecordReader reader(original, plain);
    for (const bool stay : stays) {
        const auto record = reader.next();
        if (!stay) continue;
        CHECK(record);
        if (header.record_count++ == 0 && !delete_horizon)
            header.base_timestamp = record->timestamp;
        max_timestamp = std::max(max_timestamp, record->timestamp);
        body.clear();
        body.push_back(0);  // attributes
        put_signed(body, difference(record->timestamp, header.base_timestamp));
        put_signed(body, record->offset - header.base_offset);
        put_run(body, record->key);
        put_run(body, record->value);
        put_signed(body, record->header_count);
        body.insert(body.end(), record->headers.begin(), record->headers.end());
        put_signed(kept, static_cast<std::int64_t>(body.size()));
        kept.insert(kept.end(), body.begin(), body.end());
    }
    CHECK(header.record_count > 0);
    if (header.timestamp_type() == TimestampType::create_time) header.max_timestamp = max_timestamp;
    Compression compression;
    compression.codec = original.codec().value_or(Codec::none);
    return make_batch(header, kept, compression).batch;
}

Bytes empty_batch(const BatchHeader& original) {
    BatchHeader header = original;
    header.record_count = 0;
    header.base_timestamp = no_timestamp;
    header.attributes =
        static_cast<std::int16_t>(original.attributes & ~BatchHeader::delete_horizon_bit);
    return make_batch(header, {}, {}).batch;
}

}  // namespace barnabas::records
