#include "engine/records/batch.h"

#include "engine/base/big_endian.h"
#include "engine/base/crc32c.h"

namespace barnabas::records {

// Where each field begins.
namespace head_at {
constexpr std::size_t base_offset = 0, length = 8, leader_epoch = 12, magic = 16, crc = 17;
constexpr std::size_t attributes = 21, last_offset_delta = 23, base_timestamp = 27;
constexpr std::size_t max_timestamp = 35, producer_id = 43, producer_epoch = 51;
constexpr std::size_t base_sequence = 53, record_count = 57;
}  // namespace head_at

std::optional<BatchHeader> BatchHeader::parse(ByteView bytes) {
    if (bytes.size() < batch_head_bytes) return std::nullopt;
    const std::uint8_t* from = bytes.data();
    return BatchHeader{
        .base_offset = Offset(load_big<std::int64_t>(from + head_at::base_offset)),
        .length = load_big<std::int32_t>(from + head_at::length),
        .leader_epoch = LeaderEpoch(load_big<std::int32_t>(from + head_at::leader_epoch)),
        .magic = load_big<std::int8_t>(from + head_at::magic),
        .crc = load_big<std::uint32_t>(from + head_at::crc),
        .attributes = load_big<std::int16_t>(from + head_at::attributes),
        .last_offset_delta = load_big<std::int32_t>(from + head_at::last_offset_delta),
        .base_timestamp = load_big<std::int64_t>(from + head_at::base_timestamp),
        .max_timestamp = load_big<std::int64_t>(from + head_at::max_timestamp),
        .producer_id = ProducerId(load_big<std::int64_t>(from + head_at::producer_id)),
        .producer_epoch = ProducerEpoch(load_big<std::int16_t>(from + head_at::producer_epoch)),
        .base_sequence = load_big<std::int32_t>(from + head_at::base_sequence),
        .record_count = load_big<std::int32_t>(from + head_at::record_count),
    };
}

void BatchHeader::store(std::uint8_t* to) const {
    store_big(to + head_at::base_offset, base_offset.value());
    store_big(to + head_at::length, length);
    store_big(to + head_at::leader_epoch, leader_epoch.value());
    store_big(to + head_at::magic, magic);
    store_big(to + head_at::crc, crc);
    store_big(to + head_at::attributes, attributes);
    store_big(to + head_at::last_offset_delta, last_offset_delta);
    store_big(to + head_at::base_timestamp, base_timestamp);
    store_big(to + head_at::max_timestamp, max_timestamp);
    store_big(to + head_at::producer_id, producer_id.value());
    store_big(to + head_at::producer_epoch, producer_epoch.value());
    store_big(to + head_at::base_sequence, base_sequence);
    store_big(to + head_at::record_count, record_count);
}

std::optional<Codec> BatchHeader::codec() const {
    const int number = attributes & codec_mask;
    if (number > static_cast<int>(Codec::zstd)) return std::nullopt;
    return static_cast<Codec>(number);
}

std::uint32_t crc_of(ByteView batch) {
    CHECK(batch.size() >= batch_head_bytes);
    return crc32c(batch.subspan(crc_begins_at));
}

std::optional<Batch> BatchReader::next() {
    const std::size_t left = run_.size() - position_;
    if (left == 0) return std::nullopt;
    const auto header = BatchHeader::parse(run_.view().subspan(position_));
    if (!header) {
        ending_ = Ending::torn;
        return std::nullopt;
    }
    if (!header->is_plausible()) {
        ending_ = Ending::implausible;
        return std::nullopt;
    }
    if (header->size() > left) {
        ending_ = Ending::torn;
        return std::nullopt;
    }
    Batch batch{*header, run_.slice(position_, header->size())};
    position_ += header->size();
    return batch;
}

}  // namespace barnabas::records
