#include "engine/protocol/stored.h"

namespace barnabas::protocol {

namespace {

constexpr std::uint32_t metadata_frame_version = 1;
constexpr std::int16_t control_key_version = 0;

}  // namespace

Result<MetadataFrame, CodecError> read_metadata_frame(const Bytes& value) {
    Reader reader(value, 0);
    const std::uint32_t frame_version = reader.varint();
    const std::uint32_t key = reader.varint();
    const std::uint32_t version = reader.varint();
    if (!reader.failed() && frame_version != metadata_frame_version) {
        reader.fail(CodecError::Reason::bad_frame);
    }
    if (!reader.failed() && (key > INT16_MAX || version > INT16_MAX)) {
        reader.fail(CodecError::Reason::bad_frame);
    }
    if (reader.failed()) return unexpected(reader.trouble().error());
    return MetadataFrame{.key = static_cast<std::int32_t>(key),
                         .version = static_cast<std::int16_t>(version),
                         .body_at = reader.at()};
}

void write_metadata_frame(Writer& writer, std::int16_t key, std::int16_t version) {
    writer.varint(metadata_frame_version);
    writer.varint(static_cast<std::uint32_t>(key));
    writer.varint(static_cast<std::uint32_t>(version));
}

std::optional<std::int16_t> leading_number(const Bytes& bytes) {
    if (bytes.size() < 2) return std::nullopt;
    return wire::load<std::int16_t>(bytes.data());
}

Result<ControlType, CodecError> decode_control_key(const Bytes& key) {
    Reader reader(key, 0);
    const auto version = reader.number<std::int16_t>();
    const auto type = reader.number<ControlType>();
    if (!reader.failed() && version < control_key_version) {
        reader.fail(CodecError::Reason::bad_frame);
    }
    if (reader.failed()) return unexpected(reader.trouble().error());
    return type;
}

Bytes encode_control_key(ControlType type) {
    std::vector<std::uint8_t> bytes(4);
    wire::store(bytes.data(), control_key_version);
    wire::store(bytes.data() + 2, type);
    return Bytes::own(std::move(bytes));
}

}  // namespace barnabas::protocol
