// What stands around a message that is stored in a record.
//
//   metadata record, tiered storage    value: varint frame version (1), varint key, varint version,
//                                      body
//   coordinators' records              key: int16 key, body (always version 0);
//                                      value: int16 version, body
//   control record                     key: int16 version (0), int16 type; value: body, whose first
//                                      field is its version
//   producer snapshot, subscription,   int16 version, body
//   assignment, principal
//
// Each reader comes in two steps: what it is, then the body as that message.
#pragma once

#include <optional>

#include "engine/protocol/codec.h"

namespace barnabas::protocol {

// --- records of the metadata log

struct MetadataFrame {
    std::int32_t key = 0;  // such as TopicRecord::format.key
    std::int16_t version = 0;
    std::size_t body_at = 0;  // where the body begins in the value
};

Result<MetadataFrame, CodecError> read_metadata_frame(const Bytes& value);
void write_metadata_frame(Writer& writer, std::int16_t key, std::int16_t version);

template <class Record>
Result<Bytes, CodecError> encode_metadata(const Record& record, std::int16_t version) {
    if (!has_version<Record>(version)) {
        return unexpected(CodecError{.reason = CodecError::Reason::unsupported_version});
    }
    Writer writer;
    write_metadata_frame(writer, Record::format.key, version);
    write_message(writer, record, version);
    return std::move(writer).bytes();
}

// Needs: frame.key is that of Record.
template <class Record>
Result<Record, CodecError> decode_metadata(const Bytes& value, const MetadataFrame& frame) {
    return decode<Record>(value.from(frame.body_at), frame.version);
}

// --- an int16 before the body: the key's number, or the version

// Nothing when there are no two bytes.
std::optional<std::int16_t> leading_number(const Bytes& bytes);

// The whole of a coordinator record's key.
template <class Key>
Result<Bytes, CodecError> encode_coordinator_key(const Key& key);

// The whole of a versioned value: version and body.
template <class Value>
Result<Bytes, CodecError> encode_versioned(const Value& value, std::int16_t version);

template <class Message>
Result<Bytes, CodecError> encode_behind(std::int16_t number, const Message& message,
                                        std::int16_t version) {
    if (!has_version<Message>(version)) {
        return unexpected(CodecError{.reason = CodecError::Reason::unsupported_version});
    }
    Writer writer;
    writer.number(number);
    write_message(writer, message, version);
    return std::move(writer).bytes();
}

template <class Key>
Result<Bytes, CodecError> encode_coordinator_key(const Key& key) {
    return encode_behind(Key::format.key, key, Key::format.valid.latest);
}

template <class Value>
Result<Bytes, CodecError> encode_versioned(const Value& value, std::int16_t version) {
    return encode_behind(version, value, version);
}

// Needs: leading_number(bytes) is Key::format.key.
template <class Key>
Result<Key, CodecError> decode_coordinator_key(const Bytes& bytes) {
    return decode<Key>(bytes.from(2), Key::format.valid.latest);
}

template <class Value>
Result<Value, CodecError> decode_versioned(const Bytes& bytes) {
    const auto version = leading_number(bytes);
    if (!version) return unexpected(CodecError{.reason = CodecError::Reason::ends_early});
    return decode<Value>(bytes.from(2), *version);
}

// --- control records

enum class ControlType : std::int16_t {
    abort = 0,
    commit = 1,
    leader_change = 2,
    snapshot_header = 3,
    snapshot_footer = 4,
    kraft_version = 5,
    kraft_voters = 6
};

// The key of a control record. A type that is not in the list belongs to a later Kafka.
Result<ControlType, CodecError> decode_control_key(const Bytes& key);
Bytes encode_control_key(ControlType type);

// The value of the quorum's control records: its first field is the version of the form.
template <class Message>
Result<Message, CodecError> decode_control_value(const Bytes& value) {
    const auto version = leading_number(value);
    if (!version) return unexpected(CodecError{.reason = CodecError::Reason::ends_early});
    return decode<Message>(value, *version);
}

}  // namespace barnabas::protocol
