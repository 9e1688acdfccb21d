#include "engine/records/message_set.h"

#include <xxhash.h>
#include <zlib.h>

#include <algorithm>

#include "engine/base/big_endian.h"

namespace barnabas::records {

namespace {

// Where the fields of a message begin.
namespace message_at {
constexpr std::size_t size = 8, crc = 12, magic = 16, attributes = 17, timestamp = 18;
}  // namespace message_at

// Of what the size counts: CRC, magic, attributes, the lengths of a null key and a null value.
constexpr std::int32_t message_size_min = 14;

using Fault = std::unexpected<std::string>;

// An int32 length and as many bytes, cut off the front of `left`; a negative length is null. False
// when they do not fit.
bool take_run(ByteView& left, OptionalView& run) {
    if (left.size() < 4) return false;
    const auto size = load_big<std::int32_t>(left.data());
    left = left.subspan(4);
    if (size < 0) return true;
    if (static_cast<std::size_t>(size) > left.size()) return false;
    run = left.first(static_cast<std::size_t>(size));
    left = left.subspan(static_cast<std::size_t>(size));
    return true;
}

// Timestamp, key and value. Kafka, too, lets bytes stand behind the value.
bool take_fields(Message& message) {
    ByteView left = message.bytes.view().subspan(message_at::timestamp);
    if (message.magic == 1) {
        if (left.size() < 8) return false;
        message.timestamp = load_big<std::int64_t>(left.data());
        message.timestamp_type = message.attributes & BatchHeader::log_append_time_bit
                                     ? TimestampType::log_append_time
                                     : TimestampType::create_time;
        left = left.subspan(8);
    }
    return take_run(left, message.key) && take_run(left, message.value);
}

std::uint32_t message_crc(const Bytes& message) {
    const ByteView covered = message.view().subspan(message_at::magic);
    return static_cast<std::uint32_t>(crc32_z(0, covered.data(), covered.size()));
}

// Clients of format 0 took the checksum of an lz4 frame's head over its magic number too. The same
// frame with the checksum that the head should have.
Bytes with_true_lz4_checksum(ByteView frame) {
    constexpr std::size_t flags_at = 4;
    constexpr std::uint8_t has_content_size = 0x08;
    if (frame.size() <= flags_at) return Bytes::copy(frame);
    const std::size_t described = 2 + (frame[flags_at] & has_content_size ? 8 : 0);
    if (frame.size() <= flags_at + described) return Bytes::copy(frame);
    const std::size_t checksum_at = flags_at + described;
    const std::uint32_t hash = XXH32(frame.data() + flags_at, described, 0);
    std::vector<std::uint8_t> mended;
    mended.reserve(frame.size());
    mended.insert(mended.end(), frame.begin(), frame.begin() + checksum_at);
    mended.push_back(static_cast<std::uint8_t>(hash >> 8));
    const ByteView rest = frame.subspan(checksum_at + 1);
    mended.insert(mended.end(), rest.begin(), rest.end());
    return Bytes::own(std::move(mended));
}

Result<Bytes, std::string> unpack_wrapper(const Message& wrapper, std::size_t bytes_max) {
    const auto codec = wrapper.codec();
    if (!codec || *codec == Codec::zstd) return Fault("no codec of these formats");
    if (!wrapper.value) return Fault("a wrapper has no value");
    if (wrapper.magic == 0 && *codec == Codec::lz4)
        return unpack(*codec, with_true_lz4_checksum(*wrapper.value), bytes_max);
    return unpack(*codec, *wrapper.value, bytes_max);
}

// What one walk over the messages of a wrapper learns.
struct Inside {
    std::int64_t least = 0;  // offset, and the greatest
    std::int64_t greatest = 0;
    std::int64_t last = 0;  // the offset of the last message
};

// As in Kafka, a torn message at the end does not count, and formats may be mixed.
Result<Inside, std::string> survey(const Bytes& messages) {
    WrappedMessageReader reader(messages);
    std::optional<Inside> inside;
    while (const auto message = reader.next()) {
        if (message->is_wrapper()) return Fault("a wrapper stands within a wrapper");
        const std::int64_t offset = message->offset.value();
        if (!inside) inside = Inside{offset, offset, offset};
        inside->least = std::min(inside->least, offset);
        inside->greatest = std::max(inside->greatest, offset);
        inside->last = offset;
    }
    if (reader.ending() == MessagesEnd::corrupt) return Fault("in a wrapper, " + reader.trouble());
    if (reader.ending() == MessagesEnd::record_batch) return Fault("a wrapper has a record batch");
    if (!inside) return Fault("a wrapper has no messages");
    return *inside;
}

// What is to be added to the offsets within.
Result<std::int64_t, std::string> base_offset_of(const Message& wrapper, const Inside& inside) {
    const std::int64_t outer = wrapper.offset.value();
    // Some versions of librdkafka send 0 on every wrapper.
    if (wrapper.magic == 0 || outer == 0) return 0;
    if (outer < inside.last) return Fault("a wrapper's offset is before its last message");
    std::int64_t base = 0;
    std::int64_t sum = 0;
    if (__builtin_sub_overflow(outer, inside.last, &base) ||
        __builtin_add_overflow(base, inside.least, &sum) ||
        __builtin_add_overflow(base, inside.greatest, &sum))
        return Fault("offsets in a wrapper are too far apart");
    return base;
}

}  // namespace

std::optional<Codec> Message::codec() const {
    const int number = attributes & BatchHeader::codec_mask;
    if (number > static_cast<int>(Codec::zstd)) return std::nullopt;
    return static_cast<Codec>(number);
}

std::optional<Message> WrappedMessageReader::end(MessagesEnd why) {
    ending_ = why;
    return std::nullopt;
}

std::optional<Message> WrappedMessageReader::refuse(std::string_view what) {
    trouble_ = "message at byte " + std::to_string(position_) + ": " + std::string(what);
    return end(MessagesEnd::corrupt);
}

std::optional<Message> WrappedMessageReader::next() {
    const ByteView left = run_.view().subspan(position_);
    if (left.empty()) return end(MessagesEnd::whole);
    if (left.size() < message_outer_bytes) return end(MessagesEnd::torn);
    const auto size = load_big<std::int32_t>(left.data() + message_at::size);
    if (size < message_size_min) return refuse("its size is too small");
    if (left.size() <= message_at::magic) return end(MessagesEnd::torn);
    const auto magic = load_big<std::int8_t>(left.data() + message_at::magic);
    if (magic == magic_served) return end(MessagesEnd::record_batch);
    if (magic != 0 && magic != 1) return refuse("its format is not known");
    const std::size_t whole = message_outer_bytes + static_cast<std::size_t>(size);
    if (left.size() < whole) return end(MessagesEnd::torn);

    Message message{
        .offset = Offset(load_big<std::int64_t>(left.data())),
        .crc = load_big<std::uint32_t>(left.data() + message_at::crc),
        .magic = magic,
        .attributes = load_big<std::int8_t>(left.data() + message_at::attributes),
        .bytes = run_.slice(position_, whole),
    };
    if (message_crc(message.bytes) != message.crc) return refuse("its CRC is wrong");
    if (!take_fields(message)) return refuse("its key or value does not fit");
    position_ += whole;
    return message;
}

Result<MessageSetReader::Opened, std::string> MessageSetReader::open(const Message& wrapper,
                                                                     std::size_t bytes_max) {
    auto plain = unpack_wrapper(wrapper, bytes_max);
    if (!plain) return Fault(std::move(plain.error()));
    const auto inside = survey(*plain);
    if (!inside) return Fault(inside.error());
    const auto base = base_offset_of(wrapper, *inside);
    if (!base) return Fault(base.error());
    return Opened{WrappedMessageReader(std::move(*plain)), *base, wrapper};
}

std::optional<Message> MessageSetReader::next() {
    while (trouble_.empty()) {
        if (opened_) {
            if (auto message = opened_->messages.next()) {
                message->offset = message->offset + opened_->base_offset;
                const Message& wrapper = opened_->wrapper;
                if (message->magic == 1) {
                    message->timestamp_type = wrapper.timestamp_type;
                    if (wrapper.timestamp_type == TimestampType::log_append_time)
                        message->timestamp = wrapper.timestamp;
                }
                return message;
            }
            opened_.reset();
        }
        auto message = outer_.next();
        if (!message || !message->is_wrapper()) return message;
        auto opened = open(*message, bytes_max_);
        if (opened) {
            opened_ = std::move(*opened);
        } else {
            trouble_ =
                "wrapper before byte " + std::to_string(outer_.position()) + ": " + opened.error();
        }
    }
    return std::nullopt;
}

}  // namespace barnabas::records
