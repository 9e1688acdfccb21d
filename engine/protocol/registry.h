// Every message and record by its name: bytes to JSON and back, and its table of fields.
//
// For commands, windows and tests; code that knows its message uses codec.h.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/protocol/codec_error.h"
#include "engine/protocol/format.h"
#include "engine/protocol/schema.h"

namespace barnabas::protocol {

struct MessageType {
    Format format;
    const Schema& (*schema)() = nullptr;

    std::string_view name() const { return schema().name; }  // "ProduceRequest"

    // A whole body as JSON of one line (json.h says which), and back.
    Result<std::string, CodecError> to_json(const Bytes& body, std::int16_t version) const;
    Result<Bytes, CodecError> from_json(std::string_view json, std::int16_t version) const;
    // A line for the message and one for each field.
    std::string table() const;
};

// All of them: requests and responses by key, then records and the rest.
const std::vector<MessageType>& all_messages();

// Nothing when there is none of that name.
const MessageType* find_message(std::string_view name);
// The request or the response of an API.
const MessageType* find_message(ApiKey key, Kind kind);

}  // namespace barnabas::protocol
