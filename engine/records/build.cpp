#include "engine/records/build.h"

#include <array>

#include "engine/base/big_endian.h"
#include "engine/records/put_record.h"

namespace barnabas::records {

Prepared make_batch(BatchHeader header, ByteView plain, const Compression& compression) {
    const Bytes packed = compression.codec == Codec::none ? Bytes() : pack(plain, compression);
    const ByteView records = compression.codec == Codec::none ? plain : packed.view();
    std::vector<std::uint8_t> bytes(batch_head_bytes);
    bytes.reserve(batch_head_bytes + records.size());
    bytes.insert(bytes.end(), records.begin(), records.end());
    header.length = static_cast<std::int32_t>(bytes.size() - batch_outer_bytes);
    header.attributes = static_cast<std::int16_t>((header.attributes & ~BatchHeader::codec_mask) |
                                                  static_cast<std::int16_t>(compression.codec));
    header.store(bytes.data());
    header.crc = crc_of(bytes);
    header.store(bytes.data());
    return Prepared{header, Bytes::own(std::move(bytes)), false};
}

BatchBuilder::BatchBuilder(Producer producer, Compression compression)
    : producer_(producer), compression_(compression) {
    begin();
}

void BatchBuilder::begin() {
    header_ = BatchHeader{
        .attributes = producer_.is_transactional ? BatchHeader::transactional_bit : std::int16_t(0),
        .producer_id = producer_.id,
        .producer_epoch = producer_.epoch,
        .base_sequence = producer_.base_sequence,
    };
    bytes_.assign(batch_head_bytes, 0);
}

void BatchBuilder::add(std::int64_t timestamp, OptionalView key, OptionalView value,
                       std::span<const HeaderView> headers) {
    if (header_.record_count == 0) header_.base_timestamp = timestamp;
    header_.max_timestamp = std::max(header_.max_timestamp, timestamp);
    body_.clear();
    body_.push_back(0);  // attributes
    // Of what clients sent, when a batch is made anew: it may wrap.
    const auto base = static_cast<std::uint64_t>(header_.base_timestamp);
    put_signed(body_, static_cast<std::int64_t>(static_cast<std::uint64_t>(timestamp) - base));
    put_signed(body_, header_.record_count);
    put_run(body_, key);
    put_run(body_, value);
    put_signed(body_, static_cast<std::int64_t>(headers.size()));
    for (const HeaderView& header : headers) {
        put_run(body_, header.key);
        put_run(body_, header.value);
    }
    put_signed(bytes_, static_cast<std::int64_t>(body_.size()));
    bytes_.insert(bytes_.end(), body_.begin(), body_.end());
    ++header_.record_count;
}

Prepared BatchBuilder::finish() {
    CHECK(count() > 0);
    header_.last_offset_delta = header_.record_count - 1;
    Prepared prepared =
        make_batch(header_, ByteView(bytes_).subspan(batch_head_bytes), compression_);
    if (producer_.base_sequence != no_sequence) {
        // Sequences wrap to 0 behind the largest int32.
        const std::int64_t next = std::int64_t{producer_.base_sequence} + count();
        producer_.base_sequence = static_cast<std::int32_t>(next & INT32_MAX);
    }
    begin();
    return prepared;
}

Prepared control_batch(ControlType type, ByteView value, std::int64_t timestamp,
                       Producer producer) {
    std::array<std::uint8_t, 4> key;
    store_big<std::int16_t>(key.data(), 0);  // version
    store_big(key.data() + 2, static_cast<std::int16_t>(type));
    BatchBuilder builder(producer);
    builder.add(timestamp, ByteView(key), value);
    const Prepared plain = builder.finish();
    BatchHeader header = plain.header;
    header.attributes |= BatchHeader::control_bit;
    return make_batch(header, plain.batch.view().subspan(batch_head_bytes), {});
}

Prepared end_transaction_marker(bool is_commit, std::int32_t coordinator_epoch,
                                std::int64_t timestamp, ProducerId id, ProducerEpoch epoch) {
    std::array<std::uint8_t, 6> value;
    store_big<std::int16_t>(value.data(), 0);  // version
    store_big(value.data() + 2, coordinator_epoch);
    return control_batch(is_commit ? ControlType::commit : ControlType::abort, value, timestamp,
                         {id, epoch, no_sequence, true});
}

std::optional<ControlType> control_type_of(const RecordView& record) {
    if (!record.key || record.key->size() < 4) return std::nullopt;
    const auto type = load_big<std::int16_t>(record.key->data() + 2);
    if (type < 0 || type > static_cast<std::int16_t>(ControlType::kraft_voters))
        return std::nullopt;
    return static_cast<ControlType>(type);
}

}  // namespace barnabas::records
