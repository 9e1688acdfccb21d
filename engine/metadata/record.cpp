#include "engine/metadata/record.h"

#include <fmt/format.h>

#include <utility>

#include "engine/protocol/stored.h"

namespace barnabas::metadata {
namespace {

using protocol::MetadataFrame;

// Records are written in the latest version: this release writes metadata.version 4.3-IV0.
template <class One>
Result<Bytes, protocol::CodecError> encode_one(const One& record) {
    return protocol::encode_metadata(record, One::format.valid.latest);
}

template <class One>
bool decode_one(const Bytes& value, const MetadataFrame& frame, Result<Record, std::string>& out) {
    if (One::format.key != frame.key) return false;
    auto record = protocol::decode_metadata<One>(value, frame);
    if (record) {
        out = Record(*std::move(record));
    } else {
        out = unexpected(fmt::format("{} version {}: {}", protocol::name_of_type<One>(),
                                     frame.version, record.error().text()));
    }
    return true;
}

template <std::size_t... I>
Result<Record, std::string> decode_any(const Bytes& value, const MetadataFrame& frame,
                                       std::index_sequence<I...>) {
    Result<Record, std::string> out =
        unexpected(fmt::format("there is no metadata record with key {}", frame.key));
    static_cast<void>(
        (decode_one<std::variant_alternative_t<I, Record>>(value, frame, out) || ...));
    return out;
}

}  // namespace

Result<Bytes, protocol::CodecError> try_encode(const Record& record) {
    return std::visit([](const auto& one) { return encode_one(one); }, record);
}

Bytes encode(const Record& record) {
    auto bytes = try_encode(record);
    CHECK(bytes.has_value());
    return *std::move(bytes);
}

Result<Record, std::string> decode(const Bytes& value) {
    const auto frame = protocol::read_metadata_frame(value);
    if (!frame) return unexpected(frame.error().text());
    return decode_any(value, *frame, std::make_index_sequence<std::variant_size_v<Record>>());
}

std::vector<std::int32_t> numbers(const std::vector<NodeId>& nodes) {
    std::vector<std::int32_t> numbers;
    numbers.reserve(nodes.size());
    for (const NodeId node : nodes) numbers.push_back(node.value());
    return numbers;
}

std::string_view name_of(const Record& record) {
    return std::visit(
        [](const auto& one) {
            return protocol::name_of_type<std::remove_cvref_t<decltype(one)>>();
        },
        record);
}

}  // namespace barnabas::metadata
