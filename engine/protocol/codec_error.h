// Why bytes are not a message, or a message cannot become bytes. A value, never an exception.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace barnabas::protocol {

struct CodecError {
    enum class Reason : std::uint8_t {
        ends_early,           // the bytes end within a field
        bad_varint,           // more bits than the field has
        bad_length,           // longer than the protocol allows
        null_not_allowed,     // null where the version has none
        tags_out_of_order,    // tagged fields must ascend
        bad_tag_size,         // a tagged field ends elsewhere than it said
        too_many_elements,    // of an array, or of the tagged fields of a struct
        too_much_memory,      // what the message becomes is beyond what its reader allows
        left_over,            // bytes behind the message
        unknown_api,          // no such API key
        unsupported_version,  // the message has no such version
        not_in_version,       // a value that the version cannot carry and may not drop
        external_bytes,       // plain bytes were asked for, and records are elsewhere
        bad_frame,            // the framing around a record is not Kafka's
        bad_text              // a text that is no value of its field (JSON)
    };

    Reason reason = Reason::ends_early;
    std::string field = {};  // "Topics[2].Name"; empty when it is not about a field
    std::size_t at = 0;      // position in the bytes, when decoding

    // One line for people.
    std::string text() const;
};

std::string_view words_for(CodecError::Reason reason);

}  // namespace barnabas::protocol
