// Messages to bytes and back, in any version that they have.
//
// Decoding hands out slices of its input: byte and record fields share the frame's storage and keep
// it alive. Tagged fields of a later Kafka are kept and written back.
//
// Memory: what decoding allocates never exceeds decode_memory_factor bytes for each byte of input
// (an array of empty strings comes near it), whatever the input claims.
//
// Work: who must not be held up reads and writes in slices.
#pragma once

#include "engine/base/result.h"
#include "engine/protocol/decoder.h"
#include "engine/protocol/encoder.h"
#include "engine/protocol/format.h"

namespace barnabas::protocol {

constexpr std::size_t decode_memory_factor = 128;

// The body alone, in one run. Fails for a version that the message does not have, for a value that
// the version cannot carry and may not drop, and for records that lie elsewhere.
template <class M>
Result<std::vector<std::uint8_t>, CodecError> encode(const M& message, std::int16_t version);

// The body alone; records stay pieces of their own, in memory or elsewhere, and nothing of them is
// copied.
template <class M>
Result<Gathered, CodecError> encode_gathered(const M& message, std::int16_t version);

// A whole body: bytes behind the message are an error. Kafka looks for them only behind metadata
// records and ignores them behind requests and responses. To us they say that the version or the
// framing was misread, which is better refused than acted on; no client that was captured sends any
// (tests/engine/protocol/data/captured).
template <class M>
Result<M, CodecError> decode(const Bytes& body, std::int16_t version);

// A message that begins at body[at]; moves `at` behind it when it succeeds.
template <class M>
Result<M, CodecError> decode_at(const Bytes& body, std::size_t& at, std::int16_t version);

// What one slice reads and writes, about: bytes of memory that the message takes, and of its form.
struct SliceBytes {
    std::size_t read = 128u << 10;
    std::size_t written = 64u << 10;
};

// Reads more of a message, from where `reading` stands: true when all of it is there. Tagged fields
// of a later Kafka are left out. Fails also when the message takes more memory than that.
template <class M>
Result<bool, CodecError> decode_some(const Bytes& body, std::int16_t version, std::size_t slice,
                                     std::uint64_t memory_bytes_max, M& message, Reading& reading);

// Writes more of a message behind what the writer holds, from where the trail leads: true when all
// of it stands. Needs: a version that the message has.
template <class M>
bool write_some(Writer& writer, const M& message, std::int16_t version, std::size_t slice,
                Trail& trail);

// The two steps below, for callers that write or read more than one thing. Both need a version that
// the message has.
template <class M>
void write_message(Writer& writer, const M& message, std::int16_t version) {
    Encoder::write(writer, message, version, format_of<M>().is_flexible(version));
}

template <class M>
void read_message(Reader& reader, M& message, std::int16_t version) {
    Decoder::read(reader, message, version, format_of<M>().is_flexible(version));
}

template <class M>
bool has_version(std::int16_t version) {
    return format_of<M>().valid.contains(version);
}

template <class M>
Result<std::vector<std::uint8_t>, CodecError> encode(const M& message, std::int16_t version) {
    if (!has_version<M>(version))
        return unexpected(CodecError{.reason = CodecError::Reason::unsupported_version});
    Writer writer;
    write_message(writer, message, version);
    return std::move(writer).flat();
}

template <class M>
Result<Gathered, CodecError> encode_gathered(const M& message, std::int16_t version) {
    if (!has_version<M>(version))
        return unexpected(CodecError{.reason = CodecError::Reason::unsupported_version});
    Writer writer;
    write_message(writer, message, version);
    return std::move(writer).gathered();
}

template <class M>
Result<M, CodecError> decode_at(const Bytes& body, std::size_t& at, std::int16_t version) {
    if (!has_version<M>(version))
        return unexpected(CodecError{.reason = CodecError::Reason::unsupported_version});
    Reader reader(body, at);
    M message;
    read_message(reader, message, version);
    if (reader.failed()) return unexpected(reader.trouble().error());
    at = reader.at();
    return message;
}

template <class M>
Result<bool, CodecError> decode_some(const Bytes& body, std::int16_t version, std::size_t slice,
                                     std::uint64_t memory_bytes_max, M& message, Reading& reading) {
    if (!has_version<M>(version))
        return unexpected(CodecError{.reason = CodecError::Reason::unsupported_version});
    Reader reader(body, reading.at);
    reader.slice(reading.trail, slice);
    read_message(reader, message, version);
    reading.memory_bytes +=
        static_cast<std::uint64_t>(static_cast<std::int64_t>(slice) - reader.room());
    reading.at = reader.at();
    const bool is_pause = reader.trouble().is_pause();
    if (reader.failed() && !is_pause) return unexpected(reader.trouble().error());
    if (reading.memory_bytes > memory_bytes_max)
        return unexpected(CodecError{CodecError::Reason::too_much_memory, {}, reading.at});
    return !is_pause;
}

template <class M>
bool write_some(Writer& writer, const M& message, std::int16_t version, std::size_t slice,
                Trail& trail) {
    writer.slice(trail, slice);
    write_message(writer, message, version);
    return !writer.trouble().is_pause();
}

template <class M>
Result<M, CodecError> decode(const Bytes& body, std::int16_t version) {
    std::size_t at = 0;
    auto message = decode_at<M>(body, at, version);
    if (message && at != body.size()) {
        return unexpected(CodecError{CodecError::Reason::left_over, {}, at});
    }
    return message;
}

}  // namespace barnabas::protocol
