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

Bytes rewrite_batch(const BatchHeader& original, std::span<const RecordView> kept,
                    std::optional<std::int64_t> delete_horizon) {
    CHECK(!kept.empty());
    BatchHeader header = original;
    header.record_count = static_cast<std::int32_t>(kept.size());
    header.base_timestamp = delete_horizon.value_or(kept.front().timestamp);
    header.attributes = static_cast<std::int16_t>(
        delete_horizon ? original.attributes | BatchHeader::delete_horizon_bit
                       : original.attributes & ~BatchHeader::delete_horizon_bit);
    if (header.timestamp_type() == TimestampType::create_time) {
        header.max_timestamp =
            std::ranges::max_element(kept, {}, &RecordView::timestamp)->timestamp;
    }
    std::vector<std::uint8_t> plain;
    std::vector<std::uint8_t> body;
    for (const RecordView& record : kept) {
        body.clear();
        body.push_back(0);  // attributes
        put_signed(body, difference(record.timestamp, header.base_timestamp));
        put_signed(body, record.offset - header.base_offset);
        put_run(body, record.key);
        put_run(body, record.value);
        put_signed(body, record.header_count);
        body.insert(body.end(), record.headers.begin(), record.headers.end());
        put_signed(plain, static_cast<std::int64_t>(body.size()));
        plain.insert(plain.end(), body.begin(), body.end());
    }
    Compression compression;
    compression.codec = original.codec().value_or(Codec::none);
    return make_batch(header, plain, compression).batch;
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
