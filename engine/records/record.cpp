#include "engine/records/record.h"

namespace barnabas::records {

FieldReader::LongVarint FieldReader::long_varint(const std::uint8_t* at, const std::uint8_t* end,
                                                 int bits) {
    std::size_t size = 0;
    const auto value = get_varint(ByteView(at, end), size, bits);
    return value ? LongVarint{*value, at + size} : LongVarint{0, nullptr};
}

std::optional<HeaderView> HeaderReader::next() {
    if (left_ == 0) return std::nullopt;
    --left_;
    const OptionalView key = fields_.run(fields_.int32());
    const OptionalView value = fields_.run(fields_.int32());
    if (!key || !fields_.is_good()) return std::nullopt;
    return HeaderView{*key, value};
}

namespace {

// One record's body, or nothing when it is not well formed.
std::optional<RecordView> read_record(const BatchHeader& header, ByteView body) {
    FieldReader fields(body);
    RecordView record;
    fields.byte();  // attributes: no bit has a meaning yet
    const auto delta = static_cast<std::uint64_t>(fields.int64());
    record.timestamp =
        header.timestamp_type() == TimestampType::log_append_time
            ? header.max_timestamp
            : static_cast<std::int64_t>(static_cast<std::uint64_t>(header.base_timestamp) + delta);
    record.offset = header.base_offset + fields.int32();
    record.key = fields.run(fields.int32());
    record.value = fields.run(fields.int32());
    record.header_count = fields.int32();
    if (!fields.is_good() || record.header_count < 0) return std::nullopt;
    record.headers = body.subspan(body.size() - fields.left());
    for (std::int32_t i = 0; i < record.header_count; ++i) {
        const OptionalView key = fields.run(fields.int32());
        fields.run(fields.int32());
        if (!key || !fields.is_good()) return std::nullopt;
    }
    if (fields.left() != 0) return std::nullopt;
    return record;
}

}  // namespace

std::optional<RecordView> RecordReader::next() {
    if (!good_) return std::nullopt;
    if (given_ >= header_.record_count) {
        good_ = fields_.left() == 0 && given_ == header_.record_count;  // which may be negative
        return std::nullopt;
    }
    const std::int32_t size = fields_.int32();
    is_too_large_ = size > bytes_max_;
    const OptionalView body = fields_.run(size);
    good_ = body && fields_.is_good() && !is_too_large_;
    if (!good_) return std::nullopt;
    const auto record = read_record(header_, *body);
    good_ = record.has_value();
    if (good_) ++given_;
    return record;
}

}  // namespace barnabas::records
