// Message formats 0 and 1: what Kafka wrote before record batches. Read, never written.
//
// A run of them is a message set. A compressed message is a wrapper: its value is a message set of
// its own, packed. In format 1 the messages within have offsets relative to one another, and the
// wrapper's offset is that of the last one.
#pragma once

#include <string>

#include "engine/records/compression.h"
#include "engine/records/record.h"

namespace barnabas::records {

constexpr std::size_t message_outer_bytes = 12;  // offset and size: not counted by the size

struct Message {
    Offset offset{};
    std::uint32_t crc = 0;  // CRC-32 of all that follows this field
    std::int8_t magic = 0;  // 0 or 1
    std::int8_t attributes = 0;
    std::int64_t timestamp = no_timestamp;
    std::optional<TimestampType> timestamp_type;  // nothing in format 0
    OptionalView key;                             // shows into `bytes`
    OptionalView value;
    Bytes bytes;  // the whole message, offset and size included

    // 5 to 7 are no codec: nothing.
    std::optional<Codec> codec() const;
    bool is_wrapper() const { return (attributes & BatchHeader::codec_mask) != 0; }
};

// Why a reader gives out no more messages.
enum class MessagesEnd : std::uint8_t {
    whole,         // the run ended behind a message
    torn,          // the last message goes on behind the end of the run, as fetched ones may
    record_batch,  // a record batch stands at position(): logs changed formats as they grew
    corrupt,       // trouble() says what
};

// Cuts a run into messages, wrappers as they stand. Sizes, the CRC and the fields are checked.
class WrappedMessageReader {
  public:
    explicit WrappedMessageReader(Bytes run) : run_(std::move(run)) {}

    // The next message, or nothing: then ending() says why.
    std::optional<Message> next();
    MessagesEnd ending() const { return ending_; }
    const std::string& trouble() const { return trouble_; }
    std::size_t position() const { return position_; }  // behind the last that was given out

  private:
    std::optional<Message> end(MessagesEnd why);
    std::optional<Message> refuse(std::string_view what);

    Bytes run_;
    std::size_t position_ = 0;
    MessagesEnd ending_ = MessagesEnd::whole;
    std::string trouble_;
};

// Reads a run of messages, those in wrappers one by one, with the offsets and timestamps that a
// consumer sees. A wrapper is checked as a whole before its first message is given out; no more
// than one is unpacked at a time, to no more than `bytes_max`.
class MessageSetReader {
  public:
    explicit MessageSetReader(Bytes set, std::size_t bytes_max = unpacked_bytes_max)
        : outer_(std::move(set)), bytes_max_(bytes_max) {}

    // The next message, never a wrapper, or nothing: then ending() says why.
    std::optional<Message> next();
    MessagesEnd ending() const { return trouble_.empty() ? outer_.ending() : MessagesEnd::corrupt; }
    const std::string& trouble() const { return trouble_.empty() ? outer_.trouble() : trouble_; }
    // Behind the last message of the run itself that was begun.
    std::size_t position() const { return outer_.position(); }

  private:
    struct Opened {
        WrappedMessageReader messages;
        std::int64_t base_offset = 0;
        Message wrapper;
    };
    static Result<Opened, std::string> open(const Message& wrapper, std::size_t bytes_max);

    WrappedMessageReader outer_;
    std::size_t bytes_max_;
    std::optional<Opened> opened_;
    std::string trouble_;  // with a wrapper; nothing is read behind it
};

}  // namespace barnabas::records
