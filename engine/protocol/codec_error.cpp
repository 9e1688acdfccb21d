#include "engine/protocol/codec_error.h"

namespace barnabas::protocol {

std::string_view words_for(CodecError::Reason reason) {
    using enum CodecError::Reason;
    switch (reason) {
        case ends_early: return "the bytes end too early";
        case bad_varint: return "a variable-length number is too long";
        case bad_length: return "a length is out of bounds";
        case null_not_allowed: return "null where this version allows none";
        case tags_out_of_order: return "tagged fields are not in ascending order";
        case bad_tag_size: return "a tagged field does not end where it said";
        case too_many_elements: return "more elements than an array or a struct may have";
        case too_much_memory: return "the message takes more memory than one may";
        case left_over: return "bytes are left over behind the message";
        case unknown_api: return "no such API key";
        case unsupported_version: return "no such version";
        case not_in_version: return "this version cannot carry the value";
        case external_bytes: return "records lie elsewhere and cannot be put in line";
        case bad_frame: return "the framing of the record is unknown";
        case bad_text: return "not a value of this field";
    }
    return "unknown trouble";
}

std::string CodecError::text() const {
    std::string line;
    if (!field.empty()) line += field + ": ";
    line += words_for(reason);
    if (at != 0) line += " (at byte " + std::to_string(at) + ")";
    return line;
}

}  // namespace barnabas::protocol
